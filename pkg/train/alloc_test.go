//go:build !race

package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// records are enough for all steps of a test, so that no epoch ends in between: dealing the next one allocates.
func records(n int) data.Set {
	var set data.Set
	for i := range n {
		set = append(set, data.Record{Prompt: fmt.Sprintf("What is %d more than %d?", i%7, i), Answer: fmt.Sprint(i%7 + i)})
	}
	return set
}

func prepared(t *testing.T, job Job, c model.Config) *loop {
	t.Helper()
	tok, err := token.Train(context.Background(), nil, token.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	job.Model, job.Method = model.Must(model.New(c, tok, rand.New(rand.NewPCG(1, 2)))), method.SFT{}
	if job, err = job.withDefaults(); err != nil {
		t.Fatal(err)
	}
	l, err := newLoop(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// After the first ones, a whole step takes nothing from the runtime: reading batches, the forward and backward passes, the
// mean of their gradients, their norm, clipping and AdamW. It starts no goroutine either. The log of the losses, which grows,
// is beside it.
func TestStepsAllocateNothing(t *testing.T) {
	const warm, steps = 4, 20
	for _, a := range []adapt.Adaptation{adapt.Full(), adapt.Last(1), adapt.BitFit(), adapt.LoRA{Dropout: 0.1, DoRA: true}, adapt.QLoRA{}} {
		for _, threads := range []int{1, 2} {
			for _, recompute := range []bool{false, true} {
				for _, accumulate := range []int{1, 3} {
					t.Run(fmt.Sprintf("%s, %d threads, recompute %v, accumulate %d", a.Name(), threads, recompute, accumulate), func(t *testing.T) {
						device, err := cpu.New(cpu.Options{Threads: threads})
						if err != nil {
							t.Fatal(err)
						}
						defer device.Close()
						l := prepared(t, Job{Data: records(800), Adapt: a, Batch: 2, Length: 64, Accumulate: accumulate, Recompute: recompute, Device: device, Clip: 1e-3},
							model.Config{Dim: 32, Layers: 2, Heads: 2, KVHeads: 1, Context: 64, Tied: true})
						ctx := context.Background()
						clipped := 0
						step := func() {
							_, grads, err := l.gradients(ctx)
							if err != nil {
								t.Fatal(err)
							}
							if l.optim.Step(grads, 1e-3, l.job.Clip) > l.job.Clip {
								clipped++
							}
						}
						for range warm { // workers take their scratch memory when they first meet an operator
							step()
						}
						// The runtime itself starts a thread (2.7 kB in three pieces) or records a goroutine that waits (112 bytes) now and
						// then. What a step allocates is there once a step at least, and scratch memory that grows is larger.
						defer debug.SetGCPercent(debug.SetGCPercent(-1))
						var before, after runtime.MemStats
						goroutines := runtime.NumGoroutine()
						runtime.ReadMemStats(&before)
						for range steps {
							step()
						}
						runtime.ReadMemStats(&after)
						if n, bytes := after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc; n >= steps || bytes > 16<<10 {
							t.Errorf("%d allocations, %d bytes, in %d steps", n, bytes, steps)
						}
						if n := runtime.NumGoroutine(); n != goroutines {
							t.Errorf("%d goroutines, %d before", n, goroutines)
						}
						if l.batches.Epoch != 1 || clipped != warm+steps {
							t.Errorf("%d epochs and %d clipped steps: the test wants one, and all of %d", l.batches.Epoch, clipped, warm+steps)
						}
					})
				}
			}
		}
	}
}
