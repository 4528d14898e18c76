// Command make trains the base model anew and writes ../weights: go generate ./pkg/base
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/metric"
)

func main() {
	r := base.Default()
	out := flag.String("out", "weights", "folder to write")
	flag.IntVar(&r.Steps, "steps", r.Steps, "training steps")
	flag.Float64Var(&r.LR, "lr", r.LR, "peak learning rate")
	flag.IntVar(&r.Documents, "documents", r.Documents, "documents of the world's text")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, r, *out); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, r base.Recipe, out string) error {
	last := time.Time{}
	made, err := base.Make(ctx, r, func(s metric.Snapshot) {
		if time.Since(last) > 10*time.Second || s.Done {
			last = time.Now()
			log.Println(s, "held-out", s.Log.Get(metric.EvalLoss).Last())
		}
	})
	if err != nil {
		return err
	}
	if err := made.Model.SaveAs(ctx, out, checkpoint.F16); err != nil {
		return err
	}
	curve := made.Log.Get(metric.EvalLoss)
	report, err := json.MarshalIndent(base.Report{
		Recipe: r, Kernels: cpu.Report(), Seconds: made.Elapsed.Seconds(), Tokens: made.Tokens,
		Perplexity: made.Perplexity, Steps: curve.Steps, HeldOutLoss: curve.Values,
	}, "", "  ")
	if err != nil {
		return err
	}
	fmt.Println(string(report))
	return os.WriteFile(filepath.Join(out, "report.json"), append(report, '\n'), 0o644)
}
