// Package adapters asserts what the lesson claims.
package adapters

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

const seeds = 3

// trial is the lesson's base and its three jobs.
type trial struct {
	base            *model.Model
	names           []string
	practice, exams []data.Set
}

func begin(t *testing.T) trial {
	t.Helper()
	ctx := context.Background()
	practice, exam := data.Must(world.Questions(ctx)).Split(0.8)
	notices, noticeExam := data.Must(world.Labels(ctx, world.LabelOptions{Count: 600})).Split(0.8)
	chinese := map[string]string{"trade": "职业", "street": "街道", "village": "老家", "colour": "颜色", "food": "食物", "pet": "宠物"}
	sorted := func(questions data.Set) (out data.Set) {
		for _, r := range questions {
			r.Answer = r.Truth["attribute"]
			if r.Lang == world.Chinese {
				r.Answer = chinese[r.Answer]
			}
			if r.Answer == "" {
				t.Fatalf("%s: no drawer", r.Prompt)
			}
			out = append(out, r)
		}
		return out
	}
	exam = exam.Take(192)
	return trial{model.Must(base.Load(ctx)), []string{"answers", "notices", "drawers"},
		[]data.Set{practice, notices, sorted(practice)}, []data.Set{exam, noticeExam, sorted(exam)}}
}

// run is the lesson's job with an adaptation, on one of the three sets.
func (l trial) run(t *testing.T, m *model.Model, a adapt.Adaptation, of int, lr float64, steps int, seed uint64) *train.Result {
	t.Helper()
	r, err := train.Run(context.Background(), train.Job{Model: m, Method: method.SFT{}, Adapt: a, Data: l.practice[of], Steps: steps, LR: lr, Batch: 2, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// mark is the share of right answers in one of the three exams.
func (l trial) mark(t *testing.T, m *model.Model, of int) float64 {
	t.Helper()
	report, err := train.Exam(context.Background(), m, l.exams[of])
	if err != nil {
		t.Fatal(err)
	}
	return report.Accuracy()
}

// pfeiffer is what the lesson trains.
var pfeiffer = adapt.Pfeiffer{Size: 24}

// A fresh adapter changes no bit and has the size that was counted by hand; where up starts at random the model's text falls
// apart.
func TestFreshAdapterIsTheBase(t *testing.T) {
	ctx := context.Background()
	l := begin(t)
	fresh := adapt.Must(adapt.Attach(l.base, pfeiffer))
	if want := 6 * (24*192 + 24 + 192*24 + 192); fresh.Trainable() != want {
		t.Errorf("%d numbers move, by hand %d", fresh.Trainable(), want)
	}
	ids := l.base.Tokenizer.ChatPrompt(l.exams[0][0].Prompt)
	was, err := l.base.Logits(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	is, err := fresh.Model.Logits(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(was.Data, is.Data) {
		t.Error("a fresh adapter changes the logits")
	}
	papers := data.Must(world.Text(ctx, world.TextOptions{Documents: 20, Seed: base.Default().Seed + 1}))
	surprise := func(m *model.Model) float64 {
		loss, err := train.Measure(ctx, m, method.Causal{}, papers, 128)
		if err != nil {
			t.Fatal(err)
		}
		return metric.Perplexity(loss)
	}
	before := surprise(l.base)
	for seed := uint64(1); seed <= seeds; seed++ {
		loud := adapt.Must(adapt.Attach(l.base, pfeiffer))
		rng := rand.New(rand.NewPCG(seed, 1))
		for _, name := range loud.Stages[0].Moves {
			if strings.HasSuffix(name, ".up.weight") {
				for i := range loud.Tensor(name).Data {
					loud.Tensor(name).Data[i] = float32(2*rng.Float64() - 1)
				}
			}
		}
		after := surprise(loud.Model)
		t.Logf("seed %d: perplexity %.2f, with up at random %.1f", seed, before, after)
		if after < 5*before {
			t.Errorf("seed %d: perplexity goes from %.2f to %.2f: the lesson says that it says anything", seed, before, after)
		}
	}
}

// Three adapters on one base each do their own job and no other, side by side in one batch as alone, and the base keeps its
// bits. One model that is trained on the three jobs in turn is as good at each just after it, loses much of it to the
// second, though the two have nothing to do with each other, and all of it to the third, which answers the same questions otherwise.
func TestOneBaseThreeJobs(t *testing.T) {
	ctx := context.Background()
	l := begin(t)
	hash := l.base.Hash()
	for seed := uint64(1); seed <= seeds; seed++ {
		library, err := adapt.NewLibrary(l.base)
		if err != nil {
			t.Fatal(err)
		}
		var own []float64
		for i, name := range l.names {
			if err := library.Add(name, l.run(t, l.base, pfeiffer, i, 1e-2, 400, seed).Adapted); err != nil {
				t.Fatal(err)
			}
			m, err := library.Use(name)
			if err != nil {
				t.Fatal(err)
			}
			for k := range l.names {
				got := l.mark(t, m, k)
				if k == i {
					own = append(own, got)
				} else if got > 0.05 {
					t.Errorf("seed %d: the adapter for %s gets %.3f in %s", seed, name, got, l.names[k])
				}
			}
		}
		t.Logf("seed %d: adapters %.3f", seed, own)
		for i, least := range []float64{0.5, 0.7, 0.65} {
			if own[i] < least {
				t.Errorf("seed %d: %s: %.3f, want %g", seed, l.names[i], own[i], least)
			}
		}
		asked, by := []int{0, 1}, []int{2, 1} // a question about somebody for the post office, a notice for the harbour office
		mixed, err := library.Answers(ctx, []string{l.exams[asked[0]][0].Prompt, l.exams[asked[1]][0].Prompt}, []string{l.names[by[0]], l.names[by[1]]}, model.Generate{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range mixed {
			m, err := library.Use(l.names[by[i]])
			if err != nil {
				t.Fatal(err)
			}
			if alone, err := m.Answer(ctx, l.exams[asked[i]][0].Prompt, model.Generate{}); err != nil || alone != mixed[i] {
				t.Errorf("seed %d: side by side %q, alone %q, %v", seed, mixed[i], alone, err)
			}
		}

		m, first := l.base, []float64(nil)
		for i := range l.names {
			m = l.run(t, m, adapt.Full(), i, 5e-4, 200, seed).Model
			first = append(first, l.mark(t, m, 0))
			if got := l.mark(t, m, i); got < own[i]-0.1 {
				t.Errorf("seed %d: full gets %.3f in %s just after it, the adapter %.3f", seed, got, l.names[i], own[i])
			}
		}
		t.Logf("seed %d: full, the first job after each: %.3f", seed, first)
		if first[1] > first[0]-0.1 || first[2] > 0.05 {
			t.Errorf("seed %d: the first job goes %.3f: the lesson says a good part, then all", seed, first)
		}
	}
	if l.base.Hash() != hash {
		t.Error("training changed the base model")
	}
}

// Wider is better. Behind attention is where answering is learned fastest, at equal numbers; prefix and prompt, with a tenth of
// the numbers, come last. A scale of a hundred harms at the same rate, and not at a hundredth of it.
func TestWidthAndPlace(t *testing.T) {
	l := begin(t)
	for seed := uint64(1); seed <= seeds; seed++ {
		get := func(a adapt.Adaptation, lr float64, steps int) float64 {
			return l.mark(t, l.run(t, l.base, a, 0, lr, steps, seed).Model, 0)
		}
		one, wide := get(adapt.Pfeiffer{Size: 1}, 1e-2, 400), get(adapt.Pfeiffer{Size: 96}, 1e-2, 400)
		t.Logf("seed %d: 1 wide %.3f, 96 wide %.3f", seed, one, wide)
		if one < 0.05 || one > 0.45 || wide < one+0.3 {
			t.Errorf("seed %d: 1 wide %.3f, 96 wide %.3f", seed, one, wide)
		}
		houlsby, after, beside := get(adapt.Houlsby{Size: 12}, 1e-2, 100), get(pfeiffer, 1e-2, 100), get(adapt.Parallel{Size: 24}, 1e-2, 100)
		prefix, prompt := get(adapt.Prefix{}, 3e-2, 100), get(adapt.Prompt{}, 3e-2, 100)
		t.Logf("seed %d: houlsby %.3f, pfeiffer %.3f, parallel %.3f, prefix %.3f, prompt %.3f", seed, houlsby, after, beside, prefix, prompt)
		if houlsby < max(after, beside)+0.08 || max(prefix, prompt) > min(after, beside)-0.02 {
			t.Errorf("seed %d: houlsby %.3f, pfeiffer %.3f, parallel %.3f, prefix %.3f, prompt %.3f", seed, houlsby, after, beside, prefix, prompt)
		}
		shout := adapt.Pfeiffer{Size: 24, Scale: 100}
		same, gentle := get(shout, 1e-2, 100), get(shout, 1e-4, 100)
		t.Logf("seed %d: scale 100 %.3f, at a hundredth of the rate %.3f", seed, same, gentle)
		if same > after || gentle < same {
			t.Errorf("seed %d: scale 1 %.3f, scale 100 %.3f, at a hundredth of the rate %.3f", seed, after, same, gentle)
		}
	}
}
