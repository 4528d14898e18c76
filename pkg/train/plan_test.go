package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/token"
)

// at is a run ready for its first step.
func at(t testing.TB, c model.Config, job Job) *loop {
	t.Helper()
	tok := token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	job.Model, job.Method = model.Must(model.New(c, tok, rand.New(rand.NewPCG(1, 2)))), method.SFT{}
	for i := range 200 {
		job.Data = append(job.Data, data.Record{Prompt: fmt.Sprintf("What is %d more than %d?", i%7, i), Answer: fmt.Sprint(i%7 + i)})
	}
	job, err := job.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLoop(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// The plan has the products that what moves needs, counted by hand, and no other: below what moves nothing flows back. Only
// weights that move have gradients.
func TestPlanIsPruned(t *testing.T) {
	const d, depth, heads, kv, wide, rows, length = 32, 4, 4, 16, 48, 2, 64
	const n, qkv, linear = rows * length, d*d + 2*kv*d, 2*d*d + 2*kv*d + 3*d*wide
	c := model.Config{Dim: d, Layers: depth, Heads: heads, KVHeads: 2, Hidden: wide, Context: length, Tied: true}
	var arena []int
	for _, x := range []struct {
		a           adapt.Adaptation
		dx, dw      int // weights of the blocks through which gradients flow, and that have gradients
		attention   int // layers whose attention is differentiated
		headOutputs int // gradients of the head: of its input, of its weight
	}{
		{adapt.Full(), depth * linear, depth * linear, depth, 2},
		{adapt.Last(3), 3 * linear, 3 * linear, 3, 1},
		{adapt.Last(2), 2 * linear, 2 * linear, 2, 1},
		{adapt.Last(1), linear, linear, 1, 1},
		{adapt.Untie(adapt.Head()), 0, 0, 0, 1},
		{adapt.Norms(), depth * linear, 0, depth, 1},
		{adapt.BitFit(), depth*linear - qkv, 0, depth, 1}, // below the first biases nothing moves
	} {
		l := at(t, c, Job{Adapt: x.a, Batch: rows, Length: length})
		vocab := l.model.Config.Vocab
		want := 2*n*(depth*linear+x.dx+x.dw+(1+x.headOutputs)*vocab*d) + (2*depth+5*x.attention)*rows*d*length*length
		p := l.train.Plan()
		if got := p.FLOPs(); got != float64(want) {
			t.Errorf("%v: %.0f operations, want %d", x.a, got, want)
		}
		gradients := 0
		for _, s := range p.Steps {
			if strings.HasSuffix(s.Op, ".dw") {
				gradients++
			}
		}
		if want := 7 * x.dw / linear; gradients != want {
			t.Errorf("%v: %d gradients of weights, want %d", x.a, gradients, want)
		}
		arena = append(arena, p.Arena)
	}
	for i := range 4 { // from all to the head alone
		if arena[i+1] >= arena[i] {
			t.Errorf("memory for values goes %v from all layers to none: want less each time", arena[:5])
		}
	}
}

// LoRA's plan has, beside the frozen products forward and for the gradients of inputs down to the lowest adapters, those of A
// and B three times, and no gradient of a frozen weight; it takes less memory and less work than Full. QLoRA's has the same
// products, and holds the weights of the blocks in 4.5 bits.
func TestPlanOfLoRA(t *testing.T) {
	const d, depth, heads, kv, wide, rows, length, r = 32, 4, 4, 16, 48, 2, 64, 8
	const n, qkv, linear = rows * length, d*d + 2*kv*d, 2*d*d + 2*kv*d + 3*d*wide
	const pair, low = r*(d+d) + r*(d+kv), 2 * r * d // A and B of q and v; their A
	c := model.Config{Dim: d, Layers: depth, Heads: heads, KVHeads: 2, Hidden: wide, Context: length, Tied: true}
	full := at(t, c, Job{Batch: rows, Length: length})
	plain := at(t, c, Job{Batch: rows, Length: length, Adapt: adapt.LoRA{}})
	vocab := full.model.Config.Vocab
	// Below the first adapters nothing moves: no gradient of the input of q, k, v or of their A there.
	frozen := 2*n*(depth*linear+depth*linear-qkv+2*vocab*d) + 7*depth*rows*d*length*length
	for _, x := range []struct {
		a     adapt.Adaptation
		extra int // products of A with W and with A
	}{
		{adapt.LoRA{}, 0}, {adapt.LoRA{PiSSA: true, LoRAPlus: 4}, 0}, {adapt.QLoRA{LoRA: adapt.LoRA{On: []string{"q_proj", "v_proj"}}}, 0},
		{adapt.LoRA{DoRA: true}, 2 * depth * (r*d*(d+kv) + 2*r*r*d)},
	} {
		l := at(t, c, Job{Adapt: x.a, Batch: rows, Length: length})
		p := l.train.Plan()
		want := frozen + 2*n*(3*depth*pair-low) + x.extra
		if got := p.FLOPs(); got != float64(want) {
			t.Errorf("%v: %.0f operations, want %d", x.a, got, want)
		}
		for _, s := range p.Steps {
			if strings.HasSuffix(s.Op, ".dw") && s.Shape[0] != r && s.Shape[1] != r {
				t.Errorf("%v: %s %v is the gradient of a frozen weight", x.a, s.Name, s.Shape)
			}
		}
		if f := full.train.Plan(); p.Arena >= f.Arena || p.FLOPs() > 0.8*f.FLOPs() || l.optim.Bytes() != 8*l.fit.Trainable() {
			t.Errorf("%v: %d bytes of values and %.0f operations, full takes %d and %.0f; %d bytes of moments", x.a, p.Arena, p.FLOPs(), f.Arena, f.FLOPs(), l.optim.Bytes())
		}
		if _, q := x.a.(adapt.QLoRA); q {
			const was, is = 4 * depth * linear, depth * linear / 2 * 9 / 8
			if got := plain.train.Plan().Bound - p.Bound; got != was-is {
				t.Errorf("%v: %d bytes fewer than LoRA, want %d", x.a, got, was-is)
			}
		}
	}
}

// Gradual unfreezing, done again by hand: gradients of everything at each step, and an optimizer for each group of parameters
// that begins when the group does. So what moves keeps its moments when others join, and who joins has its own beginning.
func TestUnfreezingKeepsMoments(t *testing.T) {
	const steps, every = 9, 3
	ctx := context.Background()
	c := model.Config{Dim: 32, Layers: 2, Heads: 2, KVHeads: 1, Context: 64, Tied: true}
	j := Job{Batch: 2, Length: 64, Steps: steps, LR: 3e-3, Clip: -1, Adapt: adapt.Unfreeze(every)}
	l := at(t, c, j)
	if err := l.run(ctx); err != nil {
		t.Fatal(err)
	}
	j.Adapt = nil
	hand := at(t, c, j)
	var groups []*optim.AdamW
	grads := make([][]*compute.Tensor, 3)
	for g := range grads {
		var params []*compute.Tensor
		for i, name := range hand.names {
			group := 2 // the embedding
			if n := strings.TrimPrefix(name, "model.layers."); n != name {
				group = 1 - int(n[0]-'0')
			} else if name == "model.norm.weight" {
				group = 0
			}
			if group == g {
				params, grads[g] = append(params, hand.params[i]), append(grads[g], hand.grads[i])
			}
		}
		groups = append(groups, optim.NewAdamW(hand.job.Device, params, optim.Options{}))
	}
	var losses []float64
	for step := 1; step <= steps; step++ {
		loss, _, err := hand.gradients(ctx)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, loss)
		for g := range 1 + (step-1)/every {
			groups[g].Step(grads[g], hand.job.LR*hand.job.Schedule.At(step, steps), 0)
		}
	}
	for i, got := range l.result.Log.Get("loss").Values {
		if math.Abs(got-losses[i]) > 1e-5*losses[i] {
			t.Errorf("step %d: loss %.7f, by hand %.7f", i+1, got, losses[i])
		}
	}
	if len(l.names) != len(hand.names) || !slices.Equal(slices.Sorted(slices.Values(l.names)), slices.Sorted(slices.Values(hand.names))) {
		t.Fatalf("in the end %v move", l.names)
	}
	for i, name := range hand.names {
		var off, size float64
		for k, want := range hand.params[i].Data {
			delta := float64(l.model.Params.Get(name).Data[k] - want)
			off, size = off+delta*delta, size+float64(want)*float64(want)
		}
		if math.Sqrt(off/size) > 1e-4 {
			t.Errorf("%s is off by %.1e of its norm", name, math.Sqrt(off/size))
		}
	}
}

// BenchmarkAdapt is a step of the base model's shape and how it compares with full fine-tuning, whose steps are done in turn
// with those measured, so that other programs slow both. The time is the median's.
//
//	go test ./pkg/train -run - -bench Adapt -benchtime 40x
func BenchmarkAdapt(b *testing.B) {
	c := model.Config{Vocab: 2048, Dim: 128, Layers: 6, Heads: 4, KVHeads: 2, Hidden: 384, Context: 256, Tied: true}
	for _, a := range []adapt.Adaptation{adapt.Full(), adapt.Last(4), adapt.Last(2), adapt.Last(1), adapt.Untie(adapt.Head()), adapt.BitFit(), adapt.Norms(),
		adapt.LoRA{}, adapt.LoRA{DoRA: true}, adapt.LoRA{On: []string{adapt.AllLinear}}, adapt.QLoRA{}, adapt.IA3{}} {
		b.Run(a.Name(), func(b *testing.B) {
			ctx := context.Background()
			l, full := at(b, c, Job{Adapt: a, Batch: 8, Length: 128}), at(b, c, Job{Batch: 8, Length: 128})
			step := func(l *loop) time.Duration {
				began := time.Now()
				_, grads, err := l.gradients(ctx)
				if err != nil {
					b.Fatal(err)
				}
				l.optim.Step(grads, 1e-4, 1)
				return time.Since(began)
			}
			step(l)
			step(full)
			var mine, theirs []time.Duration
			for b.Loop() {
				mine, theirs = append(mine, step(l)), append(theirs, step(full))
			}
			slices.Sort(mine)
			slices.Sort(theirs)
			median, arena := float64(mine[len(mine)/2]), float64(l.train.Plan().Arena)
			b.ReportMetric(median, "ns/op")
			b.ReportMetric(median/float64(theirs[len(theirs)/2]), "time/full")
			b.ReportMetric(100*l.fit.Share(), "%trainable")
			b.ReportMetric(arena/1e6, "MB-arena")
			b.ReportMetric(arena/float64(full.train.Plan().Arena), "arena/full")
			b.ReportMetric(float64(l.optim.Bytes())/1e6, "MB-moments")
		})
	}
}
