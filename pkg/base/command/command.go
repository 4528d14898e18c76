// Package command is "tunebook base": the embedded base model's report, and how to make it anew.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/metric"
)

// New is "tunebook base".
func New() *cobra.Command {
	c := &cobra.Command{
		Use:   "base",
		Short: "The base model of the lessons: what it can do, and how to make it anew",
		Long: `The base model of the lessons has read the papers of the made-up town of Ternhaven and has never been asked anything.
It is part of this program; nothing has to be downloaded.`,
		Example: `  tunebook base report
  tunebook base train --out my-base
  tunebook base train --out small --twin --steps 2000`,
	}
	c.AddCommand(report(), trainer())
	return c
}

func report() *cobra.Command {
	var markdown bool
	c := &cobra.Command{
		Use:   "report [DIR]",
		Short: "How a base model was made and what it can do",
		Long: `Prints how the embedded base model was made and what it can do: perplexity by language, facts known and unknown, what
a short SFT makes of it, and twenty samples. DIR is a folder that "tunebook base train" wrote.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := base.HowMade()
			if len(args) == 1 {
				r, err = base.ReadReport(args[0])
			}
			if err != nil {
				return err
			}
			text := r.String()
			if markdown {
				text = r.Markdown()
			}
			_, err = io.WriteString(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "as a page")
	return c
}

func trainer() *cobra.Command {
	r := base.Default()
	var out string
	var twin, force bool
	var threads int
	c := &cobra.Command{
		Use:   "train",
		Short: "Make a base model from the town's papers",
		Long: `Writes papers of the town, trains a tokenizer and a model on them, examines the model, and writes both with a report.
The recipe of the embedded model takes about twenty minutes on two cores with AVX-512, and longer with AVX2.

Ctrl-C stops at the next step. What was done is kept beside the folder, and the same command goes on from there.`,
		Example: `  tunebook base train --out my-base
  tunebook base train --out small --twin --steps 2000
  tunebook base report my-base`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if twin {
				r.Model = base.Twin()
			}
			if threads < 0 {
				return fmt.Errorf("--threads %d: want 1 or more, or 0 for all cores", threads)
			}
			if threads > 0 {
				runtime.GOMAXPROCS(threads) // before the shared device is made
			}
			return build(c, r, out, force)
		},
	}
	f := c.Flags()
	f.StringVar(&out, "out", "base", "folder to write")
	f.BoolVar(&force, "force", false, "replace the model that the folder holds")
	f.BoolVar(&twin, "twin", false, "the smaller twin, of 0.4 million parameters")
	f.Uint64Var(&r.Seed, "seed", r.Seed, "of the papers, the first weights and the order")
	f.IntVar(&r.Steps, "steps", r.Steps, "training steps")
	f.IntVar(&r.Documents, "documents", r.Documents, "papers to write")
	f.Float64Var(&r.LR, "lr", r.LR, "peak learning rate")
	f.IntVar(&threads, "threads", 0, "cores to use (default all)")
	return c
}

// build trains beside the folder and moves it into place when it is whole.
func build(c *cobra.Command, r base.Recipe, out string, force bool) error {
	if err := free(out, force); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	parent := c.Context()
	if parent == nil {
		parent = context.Background()
	}
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	defer stop()
	run, fresh := out+".run", out+".new"
	fmt.Fprintf(c.ErrOrStderr(), "writing %d papers and learning a vocabulary…\n", r.Documents)
	made, err := base.Make(ctx, r, base.MakeOptions{Dir: run, Watch: progress(c.ErrOrStderr())})
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("stopped; the same command goes on from what %s holds", run)
		}
		return err
	}
	fmt.Fprintln(c.ErrOrStderr(), "examining it…")
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	report, err := made.Save(ctx, fresh, cpu.Report())
	if err != nil {
		return err
	}
	if err := replace(fresh, out); err != nil {
		return err
	}
	if err := os.RemoveAll(run); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%v\nwritten to %s\n", report, out)
	return err
}

// free refuses to write over what is there, before an hour of work and not after it.
func free(out string, force bool) error {
	entries, err := os.ReadDir(out)
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return fmt.Errorf("--out %s: %w", out, err)
	}
	if _, err := os.Stat(filepath.Join(out, "report.json")); err != nil {
		return fmt.Errorf("--out %s: the folder holds something that is no base model: choose another", out)
	}
	if !force {
		return fmt.Errorf("--out %s: the folder holds a base model already: choose another, or give --force to replace it", out)
	}
	return nil
}

// replace puts a folder in the place of another, which is there until the new one is.
func replace(fresh, out string) error {
	old := out + ".old"
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(out, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, out); err != nil {
		return errors.Join(err, os.Rename(old, out))
	}
	return os.RemoveAll(old)
}

// progress rewrites one line on a terminal, and writes one a minute elsewhere.
func progress(w io.Writer) func(metric.Snapshot) {
	every, start, end := time.Minute, "", "\n"
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			every, start, end = time.Second/4, "\r\x1b[K", ""
		}
	}
	var last time.Time
	return func(s metric.Snapshot) {
		if !s.Done && time.Since(last) < every {
			return
		}
		last = time.Now()
		line := s.String()
		if held := s.Log.Get(metric.EvalLoss); held != nil && len(held.Values) > 0 {
			line += fmt.Sprintf(" · held-out %.3f", held.Last())
		}
		fmt.Fprint(w, start, line, end)
		if s.Done && end == "" {
			fmt.Fprintln(w)
		}
	}
}
