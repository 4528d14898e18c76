package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/pkg/bench"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// New is "tunebook bench", which measures the library.
func New() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure the engine on this machine, alone or beside PyTorch",
		Long: `Measure the engine on this machine, alone or beside PyTorch.

docs/benchmarks.md says what the figures are and what was measured where.`,
		Example: `  tunebook bench gemm
  tunebook bench train --model d128,d256
  tunebook bench adapt --model d256 --torch venv/bin/python
  tunebook bench decode --torch venv/bin/python --json`,
	}
	c.AddCommand(
		of("gemm", "shape", "Matrix products against the peak of this machine", bench.GEMM),
		of("train", "model", "Training steps", bench.Train),
		of("lora", "model", "Training steps of LoRA adapters, the rest frozen", bench.LoRA),
		of("adapt", "model", "Training steps and memory of full tuning, LoRA, DoRA and adapters", bench.Adapt),
		of("decode", "model", "Greedy decoding", bench.Decode),
		memory())
	return c
}

func of(name, filter, short string, run func(context.Context, bench.Options) ([]bench.Result, error)) *cobra.Command {
	var o bench.Options
	var asJSON bool
	var threads int
	var weights []string
	apart := true
	products := cpu.Float32.String()
	c := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if threads < 0 {
				return fmt.Errorf("--threads %d: want 1 or more, or 0 for all cores", threads)
			}
			var err error
			if o.Products, err = cpu.ParseFormat(products); err != nil {
				return fmt.Errorf("--products: %w", err)
			}
			for _, name := range weights {
				format, err := cpu.ParseFormat(name)
				if err != nil {
					return fmt.Errorf("--weights: %w", err)
				}
				o.Weights = append(o.Weights, format)
			}
			if threads > 0 {
				runtime.GOMAXPROCS(threads) // before the shared device is made
			}
			parent := c.Context()
			if parent == nil {
				parent = context.Background()
			}
			if name == "adapt" && apart && runtime.GOOS == "linux" { // elsewhere a process does not know the highest memory that it had
				if o.Program, err = bench.Self("bench", "memory"); err != nil {
					return err
				}
			}
			ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
			defer stop()
			o.Progress = func(text string) { fmt.Fprintf(c.ErrOrStderr(), "\r\x1b[K%s ", text) }
			encoder := json.NewEncoder(c.OutOrStdout())
			var broken error
			if asJSON {
				o.Each = func(r bench.Result) { broken = encoder.Encode(r) }
			}
			results, err := run(ctx, o)
			fmt.Fprint(c.ErrOrStderr(), "\r\x1b[K")
			if !asJSON {
				_, broken = fmt.Fprint(c.OutOrStdout(), bench.Table(results))
			}
			if err != nil {
				return err
			}
			return broken
		},
	}
	f := c.Flags()
	f.BoolVar(&asJSON, "json", false, "one object a line, for programs")
	f.StringVar(&o.Match, filter, "", "only a "+filter+" whose name contains this; several separated by commas")
	f.Float64Var(&o.Seconds, "seconds", 0, "of one round (default 0.5, and 0.05 for gemm)")
	f.IntVar(&o.Rounds, "rounds", 0, "rounds that medians are of (default 7)")
	f.IntVar(&threads, "threads", 0, "cores to use (default all)")
	if name == "decode" {
		f.StringSliceVar(&weights, "weights", nil, "how our weights are kept: float32, bfloat16, int8, int4 (default all); PyTorch keeps float32")
	}
	if name == "adapt" {
		f.BoolVar(&apart, "memory", true, "measure memory too, in processes of their own (Linux)")
		f.StringVar(&o.Methods, "method", "", "only methods whose name contains this; several separated by commas")
	}
	if name == "train" || name == "lora" || name == "adapt" {
		f.StringVar(&products, "products", products, "what our products multiply: float32, or bfloat16, where the processor has the instruction for it")
		f.BoolVar(&o.Profile, "profile", false, "after each model, where the time of a step goes")
	}
	f.BoolVar(&o.CPU, "cpu-time", false, "count CPU time instead of waiting time: with --threads 1, for busy machines")
	f.StringVar(&o.Torch, "torch", "", "a `PYTHON` that has PyTorch, to measure in turns with ours")
	f.StringVar(&o.Variant, "variant", "", "of PyTorch, as an earlier run printed it, instead of trying all")
	return c
}

// memory is what "tunebook bench adapt" starts for each method.
func memory() *cobra.Command {
	return &cobra.Command{
		Use: "memory", Short: "Measure the memory of one method's steps, for bench adapt", Args: cobra.NoArgs, Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			return bench.ServeMemory(c.Context(), c.InOrStdin(), c.OutOrStdout())
		},
	}
}
