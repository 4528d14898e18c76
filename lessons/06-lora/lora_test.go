// Package lora asserts what the lesson claims.
package lora

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/tunebook/tunebook/lessons/internal/trial"
	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/train"
)

const (
	seeds = 3
	rate  = 6e-3
	layer = "model.layers.3.self_attn.q_proj"
)

// of is the lesson's LoRA with a rank and alpha twice of it.
func of(rank int) adapt.LoRA {
	return adapt.LoRA{Rank: rank, Alpha: float64(2 * rank), On: []string{adapt.AllLinear}}
}

// lesson is the lesson's base, its questions and the marks that it gives.
type lesson struct{ trial.Trial }

func begin(t *testing.T) lesson {
	t.Helper()
	return lesson{trial.Begin(t)}
}

// run is the lesson's job with an adaptation.
func (l lesson) run(t *testing.T, a adapt.Adaptation, lr float64, steps int, seed uint64) *train.Result {
	t.Helper()
	r, err := train.Run(context.Background(), train.Job{Model: l.Base, Method: method.SFT{}, Adapt: a, Data: l.Practice, Steps: steps, LR: lr, Batch: 4, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// scores are those after the exam's first question, with what was added beside.
func (l lesson) scores(t *testing.T, a *adapt.Attached) []float32 {
	t.Helper()
	out, err := a.Logits(context.Background(), l.Base.Tokenizer.ChatPrompt(l.Exam[0].Prompt))
	if err != nil {
		t.Fatal(err)
	}
	return out[0].Data
}

// A fresh LoRA changes no bit of any score, and in the first step B moves and A cannot.
func TestItStartsAtTheBase(t *testing.T) {
	l := begin(t)
	for seed := uint64(1); seed <= seeds; seed++ {
		fresh := adapt.Must(adapt.Attach(l.Base, of(8), adapt.Run{Steps: 1, Seed: seed}))
		if !slices.Equal(l.scores(t, fresh), l.scores(t, adapt.Must(adapt.Attach(l.Base, adapt.Full())))) {
			t.Errorf("seed %d: a fresh LoRA changes scores", seed)
		}
		first := l.run(t, of(8), 1e-3, 1, seed).Adapted
		moved := func(name string) (n int) {
			was, is := fresh.Tensor(layer+name).Data, first.Tensor(layer+name).Data
			for i := range is {
				if was[i] != is[i] {
					n++
				}
			}
			return n
		}
		if a, b := moved(".lora_A.weight"), moved(".lora_B.weight"); a != 0 || b < 8*192*9/10 {
			t.Errorf("seed %d: one step moves %d numbers of A and %d of %d of B: the lesson says none, and B", seed, a, b, 8*192)
		}
	}
}

// The counts that the lesson works out, and the two slips that it shows.
func TestCountsAndTargets(t *testing.T) {
	l := begin(t)
	for _, c := range []struct {
		a    adapt.LoRA
		want int
	}{
		{adapt.LoRA{Rank: 8}, 6 * 8 * ((192 + 192) + (192 + 64))},
		{of(8), 6 * 8 * (2*(192+192) + 2*(192+64) + 3*(192+512))},
		{of(4), 6 * 4 * (2*(192+192) + 2*(192+64) + 3*(192+512))},
	} {
		if got := adapt.Must(adapt.Attach(l.Base, c.a)).Trainable(); got != c.want {
			t.Errorf("%v moves %d parameters, by hand %d", c.a, got, c.want)
		}
	}
	for _, on := range [][]string{{"query", "value"}, {"q_proj", "value"}} {
		if _, err := adapt.Attach(l.Base, adapt.LoRA{On: on}); !errors.Is(err, adapt.ErrNoMatch) || !strings.Contains(err.Error(), "q_proj") {
			t.Errorf("targets %q: %v", on, err)
		}
	}
}

// For each of three seeds: a few percent of the parameters reach nearly what all of them do, and more than the last layer,
// which has more; what is moved so hard is not spared forgetting. More rank answers more, with less and less gained. A
// change has exactly rank r, and that of full fine-tuning is mostly a few directions. Merging changes no score by more than
// 1e-4; at eight times its scale the change ruins the model.
func TestFewDirectionsReachFar(t *testing.T) {
	l := begin(t)
	ctx := context.Background()
	before, hash := l.Perplexity(t, l.Base), l.Base.Hash()
	for seed := uint64(1); seed <= seeds; seed++ {
		full, lora, last := l.run(t, adapt.Full(), 8e-4, 100, seed), l.run(t, of(8), rate, 100, seed), l.run(t, adapt.Last(1), 8e-4, 100, seed)
		all, few, top := l.Answered(t, full.Model), l.Answered(t, lora.Model), l.Answered(t, last.Model)
		p, q, s := l.Perplexity(t, full.Model), l.Perplexity(t, lora.Model), l.Perplexity(t, last.Model)
		t.Logf("seed %d: full answers %.3f at perplexity %.3f, LoRA %.3f at %.3f, the last layer %.3f at %.3f (base %.3f)", seed, all, p, few, q, top, s, before)
		if few < all-0.3 || few < top+0.3 || lora.Cost.Trainable >= last.Cost.Trainable {
			t.Errorf("seed %d: full answers %.3f, LoRA %.3f, the last layer %.3f", seed, all, few, top)
		}
		if q < p || s > p || s < before {
			t.Errorf("seed %d: perplexity %.3f before, full %.3f, LoRA %.3f, last layer %.3f: another order than the lesson's", seed, before, p, q, s)
		}
		l.sweep(t, seed)
		l.spectra(t, full, lora)
		l.merges(t, lora)
		set := adapt.NewSet(l.Base)
		if err := set.Add("lora", lora.Adapted); err != nil {
			t.Fatal(err)
		}
		loud, err := set.Sum(map[string]float64{"lora": 8})
		if err != nil {
			t.Fatal(err)
		}
		if right, lost := l.Answered(t, loud), l.Perplexity(t, loud); right > 0.1 || lost < 10*before {
			t.Errorf("seed %d: at eight times its scale it answers %.3f at perplexity %.3f", seed, right, lost)
		}
		if seed == 1 {
			costs(t, ctx, full, lora)
		}
	}
	if l.Base.Hash() != hash {
		t.Error("training changed the base model")
	}
}

// sweep asserts what more rank brings.
func (l lesson) sweep(t *testing.T, seed uint64) {
	t.Helper()
	var right []float64
	for _, r := range []int{1, 4, 16} {
		right = append(right, l.Answered(t, l.run(t, of(r), rate, 100, seed).Model))
	}
	t.Logf("seed %d: ranks 1, 4 and 16 answer %.3f after 100 steps", seed, right)
	if right[1] < right[0]+0.05 || right[2] < right[0]+0.1 {
		t.Errorf("seed %d: ranks 1, 4 and 16 answer %.3f: the lesson says that more rank answers more", seed, right)
	}
}

// spectra asserts the ranks of two changes.
func (l lesson) spectra(t *testing.T, full, lora *train.Result) {
	t.Helper()
	var byFull, byLoRA mat.Dense
	byFull.Sub(dense(full.Model.Params.Get(layer+".weight")), dense(l.Base.Params.Get(layer+".weight")))
	byLoRA.Mul(dense(lora.Adapted.Tensor(layer+".lora_B.weight")), dense(lora.Adapted.Tensor(layer+".lora_A.weight")))
	byLoRA.Scale(2, &byLoRA)
	f, r := spectrum(t, &byFull), spectrum(t, &byLoRA)
	if r[7] < 1e-3*r[0] || r[8] > 1e-6*r[0] || f[len(f)-1] < 1e-6*f[0] {
		t.Errorf("LoRA's change: singular values 8 and 9 are %.3g and %.3g of %.3g; full's last is %.3g of %.3g", r[7], r[8], r[0], f[len(f)-1], f[0])
	}
	all, top := 0.0, 0.0
	for i, s := range f {
		all += s * s
		if i < 8 {
			top += s * s
		}
	}
	t.Logf("eight directions hold %.1f%% of full's change; the longest is %.3g, LoRA's %.3g", 100*top/all, f[0], r[0])
	if top < 0.4*all || r[0] < f[0] {
		t.Errorf("eight directions hold %.1f%% of full's change, the longest is %.3g; LoRA's longest is %.3g", 100*top/all, f[0], r[0])
	}
}

func dense(w *compute.Tensor) *mat.Dense {
	m := mat.NewDense(w.Shape[0], w.Shape[1], nil)
	for i, v := range w.Data {
		m.RawMatrix().Data[i] = float64(v)
	}
	return m
}

func spectrum(t *testing.T, m mat.Matrix) []float64 {
	t.Helper()
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		t.Fatal("no singular values")
	}
	return svd.Values(nil)
}

// merges asserts that the merged model scores as the adapter beside the base does.
func (l lesson) merges(t *testing.T, lora *train.Result) {
	t.Helper()
	merged, err := lora.Adapted.Merged()
	if err != nil {
		t.Fatal(err)
	}
	beside, inside := l.scores(t, lora.Adapted), l.scores(t, adapt.Must(adapt.Attach(merged, adapt.Full())))
	most := 0.0
	for i := range beside {
		most = math.Max(most, math.Abs(float64(beside[i]-inside[i])))
	}
	if most > 1e-4 {
		t.Errorf("merged, a score is off by %.3g", most)
	}
	if lora.Adapted.Unmerged().Hash() != l.Base.Hash() {
		t.Error("unmerged, it is another model than the base")
	}
}

// costs asserts that the file and the moments shrink with the parameters, and the plan less.
func costs(t *testing.T, ctx context.Context, full, lora *train.Result) {
	t.Helper()
	size := func(r *train.Result) int64 {
		dir := t.TempDir()
		if err := r.Adapted.Save(ctx, dir); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(dir, "adapter.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	a, b := size(full), size(lora)
	t.Logf("full: %v, file of %d bytes; LoRA: %v, file of %d bytes", full.Cost, a, lora.Cost, b)
	if 12*b > a || 12*lora.Cost.Optimizer > full.Cost.Optimizer || lora.Cost.Plan > full.Cost.Plan || 2*lora.Cost.Plan < full.Cost.Plan {
		t.Errorf("full: %v, file of %d bytes; LoRA: %v, file of %d bytes", full.Cost, a, lora.Cost, b)
	}
}
