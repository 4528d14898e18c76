package model_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/token"
)

// gpt is the graph of a training step of a model that tunebook bench measures, and what to ask a machine for.
func gpt(b testing.TB, dim, layers, batch, length int) (*graph.Graph, []*graph.Node, func(*graph.Machine)) {
	b.Helper()
	tok, err := token.Train(context.Background(), nil, token.TrainOptions{})
	if err != nil {
		b.Fatal(err)
	}
	c := model.Config{Vocab: 2048, Dim: dim, Layers: layers, Heads: 4, KVHeads: 2, Hidden: (8*dim/3 + 31) / 32 * 32, Context: 256, Tied: true}
	m, err := model.New(c, tok, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		b.Fatal(err)
	}
	g, n := graph.New(), batch*length
	in := model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: batch, Length: length}
	targets := g.Ints("targets", n)
	out, err := m.Build(g, in, nn.Hooks{})
	if err != nil {
		b.Fatal(err)
	}
	loss := graph.LinearCrossEntropy(out.Hidden, out.Head, targets, nil)
	grads, err := g.Grad(loss, out.Params...)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(2, 2))
	ids, positions, wanted := make([]int32, n), make([]int32, n), make([]int32, n)
	for i := range n {
		ids[i], positions[i], wanted[i] = rng.Int32N(int32(c.Vocab)), int32(i%length), rng.Int32N(int32(c.Vocab))
	}
	return g, append(grads, loss), func(machine *graph.Machine) {
		for node, values := range map[*graph.Node][]int32{in.IDs: ids, in.Positions: positions, in.Segments: make([]int32, n), targets: wanted} {
			if err := machine.SetInts(node, values); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkPlans runs the forward and backward pass of a step under some options of Compile, in turns, and reports the best
// time of each and the memory of its values; with -v, where the time goes.
func BenchmarkPlans(b *testing.B) {
	ctx := context.Background()
	kinds := []struct {
		name string
		o    graph.Options
	}{{"fused", graph.Options{}}, {"unfused", graph.Options{Unfused: true}}, {"recompute", graph.Options{Recompute: true}}}
	for _, size := range []struct{ dim, layers int }{{128, 4}, {256, 6}, {512, 8}} {
		b.Run(fmt.Sprintf("d%d", size.dim), func(b *testing.B) {
			g, outputs, feed := gpt(b, size.dim, size.layers, 8, 128)
			var machines []*graph.Machine
			best := make([]time.Duration, len(kinds))
			for i, k := range kinds {
				m, err := g.Compile(k.o, outputs...)
				if err != nil {
					b.Fatal(err)
				}
				feed(m)
				if err := m.Run(ctx); err != nil {
					b.Fatal(err)
				}
				machines, best[i] = append(machines, m), time.Hour
			}
			for b.Loop() {
				for i, m := range machines {
					start := time.Now()
					if err := m.Run(ctx); err != nil {
						b.Fatal(err)
					}
					best[i] = min(best[i], time.Since(start))
				}
			}
			for i, k := range kinds {
				b.ReportMetric(best[i].Seconds()*1e3, k.name+"-ms")
				b.ReportMetric(float64(machines[i].Plan().Arena)/1e6, k.name+"-MB")
				if testing.Verbose() {
					p, err := machines[i].Profile(ctx, 9)
					if err != nil {
						b.Fatal(err)
					}
					b.Logf("%s, %.1f MB of values\n%v", k.name, float64(machines[i].Plan().Arena)/1e6, p)
				}
			}
		})
	}
}
