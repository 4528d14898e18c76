// Package frozen asserts what the lesson claims.
package frozen

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/internal/trial"
	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

const seeds = 3

// lesson is the lesson's base, its questions and the marks that it gives.
type lesson struct{ trial.Trial }

func begin(t *testing.T) lesson {
	t.Helper()
	return lesson{trial.Begin(t)}
}

// run is the lesson's job with an adaptation.
func (l lesson) run(t *testing.T, a adapt.Adaptation, lr float64, seed uint64, change ...func(*train.Job)) *train.Result {
	t.Helper()
	j := train.Job{Model: l.Base, Method: method.SFT{}, Adapt: a, Data: l.Practice, Steps: 150, LR: lr, Batch: 4, Seed: seed}
	for _, c := range change {
		c(&j)
	}
	r, err := train.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// recalled is the share of sentences that the model ends with the right street or village.
func recalled(t *testing.T, m *model.Model) float64 {
	t.Helper()
	right, asked := 0, 0
	for _, person := range world.Town().People()[:32] {
		for _, b := range []struct {
			lang, words string
			fact        world.Attribute
		}{{"en", " lives in", world.Street}, {"zh", "住在", world.Street}, {"en", " comes from", world.Village}, {"zh", "来自", world.Village}} {
			said, err := m.Generate(context.Background(), person.Name.In(b.lang)+b.words, model.Generate{MaxTokens: 8})
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(strings.TrimSpace(said), person.Fact(b.fact, b.lang)) {
				right++
			}
			asked++
		}
	}
	return float64(right) / float64(asked)
}

// marks are those of one way to train, a value for each seed.
type marks struct{ answered, perplexity []float64 }

func (m marks) tell(t *testing.T, what string) {
	t.Helper()
	right, deviation := metric.MeanStd(m.answered)
	kept, spread := metric.MeanStd(m.perplexity)
	t.Logf("%-24s answers %5.1f%% ± %.1f, perplexity %.3f ± %.3f over %d seeds", what, 100*right, 100*deviation, kept, spread, len(m.answered))
}

// The lesson's claims, for each of three seeds: at one learning rate the last layer keeps more of the town's text than full
// fine-tuning and answers fewer questions; full fine-tuning at a fifth of the rate does better than the last layer in
// both. Norms forget more than full does, although a thousandth of the model moves; at the rate of full they learn nothing.
func TestWhatMovesDecidesWhatIsReachedAndForgotten(t *testing.T) {
	l := begin(t)
	before, knew := l.Perplexity(t, l.Base), recalled(t, l.Base)
	t.Logf("base: perplexity %.3f, %.1f%% of the sentences", before, 100*knew)
	if knew < 0.95 || l.Answered(t, l.Base) > 0.02 {
		t.Errorf("the base completes %.1f%% of the sentences: the lesson says that it knows the facts and answers nothing", 100*knew)
	}
	hash := l.Base.Hash()
	var full, last, slow, norms marks
	add := func(to *marks, m *model.Model) {
		to.answered, to.perplexity = append(to.answered, l.Answered(t, m)), append(to.perplexity, l.Perplexity(t, m))
	}
	for seed := uint64(1); seed <= seeds; seed++ {
		f := l.run(t, adapt.Full(), 8e-4, seed).Model
		add(&full, f)
		add(&last, l.run(t, adapt.Last(1), 8e-4, seed).Model)
		add(&slow, l.run(t, adapt.Full(), 1.6e-4, seed).Model)
		n := l.run(t, adapt.Norms(), 3e-2, seed).Model
		add(&norms, n)
		if kept, lost := recalled(t, f), recalled(t, n); kept < knew-0.08 || lost > kept-0.05 {
			t.Errorf("seed %d: full completes %.1f%% of the sentences, norms %.1f%%: the lesson says nearly all, and clearly fewer", seed, 100*kept, 100*lost)
		}
		i := seed - 1
		if full.answered[i] < last.answered[i]+0.2 || full.perplexity[i]-before < 1.3*(last.perplexity[i]-before) {
			t.Errorf("seed %d: full answers %.3f at perplexity %.3f, the last layer %.3f at %.3f", seed, full.answered[i], full.perplexity[i], last.answered[i], last.perplexity[i])
		}
		if slow.answered[i] < last.answered[i]+0.1 || slow.perplexity[i] > last.perplexity[i] {
			t.Errorf("seed %d: slowly full answers %.3f at perplexity %.3f, the last layer %.3f at %.3f", seed, slow.answered[i], slow.perplexity[i], last.answered[i], last.perplexity[i])
		}
		if norms.answered[i] < 0.2 || norms.perplexity[i] < full.perplexity[i]+0.3 {
			t.Errorf("seed %d: norms answer %.3f at perplexity %.3f, full forgets to %.3f", seed, norms.answered[i], norms.perplexity[i], full.perplexity[i])
		}
	}
	full.tell(t, "full, 8e-4")
	last.tell(t, "last layer, 8e-4")
	slow.tell(t, "full, 1.6e-4")
	norms.tell(t, "norms, 3e-2")
	timid := l.run(t, adapt.Norms(), 8e-4, 1).Model
	if a, p := l.Answered(t, timid), l.Perplexity(t, timid); a > 0.02 || math.Abs(p-before) > 0.02*before {
		t.Errorf("norms at the rate of full answer %.3f at perplexity %.3f", a, p)
	}
	if l.Base.Hash() != hash {
		t.Error("training changed the base model")
	}
}

// On thirty-six questions full fine-tuning's loss on practice goes to nothing while the held-out loss turns and climbs; the
// last layer's hardly climbs, but never gets as low.
func TestOverfittingIsSlowedNotCured(t *testing.T) {
	l := begin(t)
	for seed := uint64(1); seed <= seeds; seed++ {
		var lowest, end [2]float64
		for i, a := range []adapt.Adaptation{adapt.Full(), adapt.Last(1)} {
			r := l.run(t, a, 8e-4, seed, func(j *train.Job) { j.Data, j.Eval, j.Steps, j.EvalEvery = l.Practice.Take(36), l.Exam, 90, 10 })
			held := r.Log.Get(metric.EvalLoss)
			lowest[i], end[i] = math.Inf(1), held.Last()
			for _, v := range held.Values {
				lowest[i] = min(lowest[i], v)
			}
			if loss := r.Log.Get(metric.Loss).Last(); i == 0 && loss > 0.002 {
				t.Errorf("seed %d: full ends at a loss of %.4f on practice", seed, loss)
			}
		}
		t.Logf("seed %d: held-out loss full %.3f, then %.3f; last layer %.3f, then %.3f", seed, lowest[0], end[0], lowest[1], end[1])
		if end[0] < 1.05*lowest[0] || end[1] > 1.06*lowest[1] || lowest[1] < end[0] {
			t.Errorf("seed %d: the lesson says that full climbs, the last layer hardly does and is above it all along", seed)
		}
	}
}

// The tied head: moving its matrix moves the embedding as well, which answers more and forgets far more than an untied head,
// at more memory.
func TestTheTiedHeadIsTheEmbedding(t *testing.T) {
	l := begin(t)
	shorter := func(j *train.Job) { j.Steps = 100 }
	for seed := uint64(1); seed <= seeds; seed++ {
		alone := l.run(t, adapt.Untie(adapt.Head()), 5e-3, seed, shorter)
		both := l.run(t, adapt.Match("model.embed_tokens.weight"), 5e-3, seed, shorter)
		p, q := l.Perplexity(t, alone.Model), l.Perplexity(t, both.Model)
		a, b := l.Answered(t, alone.Model), l.Answered(t, both.Model)
		t.Logf("seed %d: alone %.3f at %.2f, with the embedding %.3f at %.2f", seed, a, p, b, q)
		if q < 1.2*p || b < a+0.05 || both.Cost.Plan < 3*alone.Cost.Plan/2 || both.Cost.Trainable != alone.Cost.Trainable {
			t.Errorf("seed %d: want more answers, a perplexity far higher and more memory for the same number of parameters; %v and %v", seed, alone.Cost, both.Cost)
		}
	}
}

// What is below the lowest layer that moves costs nothing: the last layer takes less memory than norms, which are a
// hundredth of it.
func TestHighUpIsCheap(t *testing.T) {
	l := begin(t)
	short := func(j *train.Job) { j.Steps = 2 }
	full := l.run(t, adapt.Full(), 8e-4, 1, short).Cost
	last := l.run(t, adapt.Last(1), 8e-4, 1, short).Cost
	norms := l.run(t, adapt.Norms(), 3e-2, 1, short).Cost
	t.Logf("full %v; last layer %v; norms %v", full, last, norms)
	if last.Trainable != 393792 || last.Optimizer != 8*393792 || norms.Trainable*100 > last.Trainable {
		t.Errorf("the last layer moves %d parameters with %d bytes of moments, norms %d", last.Trainable, last.Optimizer, norms.Trainable)
	}
	if 5*last.Plan > 3*norms.Plan || 5*last.Plan > 2*full.Plan || norms.Plan > full.Plan {
		t.Errorf("planned bytes: full %d, norms %d, last layer %d", full.Plan, norms.Plan, last.Plan)
	}
}
