// Package sft asserts what the lesson claims.
package sft

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

const seeds = 3

// job is the lesson's.
func job(m *model.Model, practice data.Set, steps int, seed uint64) train.Job {
	return train.Job{Model: m, Method: method.SFT{}, Data: practice, Steps: steps, LR: 5e-4, Batch: 4, Seed: seed}
}

func piles() (practice, exam data.Set) {
	return data.Must(world.Questions(context.Background())).Split(0.8)
}

func accuracy(t *testing.T, m *model.Model, set data.Set) float64 {
	t.Helper()
	report, err := train.Exam(context.Background(), m, set)
	if err != nil {
		t.Fatal(err)
	}
	return report.Accuracy()
}

// tell logs the mean over the seeds and returns the lowest and the highest.
func tell(t *testing.T, what string, values []float64) (low, high float64) {
	t.Helper()
	mean, std := metric.MeanStd(values)
	t.Logf("%-40s %5.1f%% ± %.1f over %d seeds", what, 100*mean, 100*std, len(values))
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// One number by hand: the mean of −ln p over the trained tokens is what the engine measures, to four digits, and nearly
// all of it is the manner of answering, not the fact.
func TestOneNumberByHand(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	practice, _ := piles()
	for _, c := range []struct {
		record data.Record
		opens  string // the pieces before the fact
	}{{practice[0], "He·is·a"}, {practice[6], "他是"}} { // the English lesson's example, the Chinese one's
		words, costs := byHand(t, m, c.record)
		sum := 0.0
		for _, cost := range costs {
			sum += cost
		}
		mean := sum / float64(len(costs))
		engine, err := train.Measure(ctx, m, method.SFT{}, data.Set{c.record}, m.Config.Context)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: by hand %.6f, engine %.6f", c.record.Answer, mean, engine)
		if math.Abs(mean-engine) > 5e-5*engine {
			t.Errorf("%s: by hand %.6f, engine %.6f: they differ within four digits", c.record.Answer, mean, engine)
		}
		fact, said := 0.0, ""
		for i, cost := range costs[:len(costs)-1] {
			if strings.HasPrefix(said, c.opens) {
				fact += cost
			}
			said += words[i]
		}
		if !strings.HasPrefix(said, c.opens) || words[len(words)-1] != "<|eos|>" {
			t.Fatalf("the example is another one: %q", said)
		}
		if fact > sum/8 {
			t.Errorf("%s: the fact costs %.3f of %.3f: the lesson says a small part", c.record.Answer, fact, sum)
		}
	}
}

// byHand is −ln p for each trained token of a record.
func byHand(t *testing.T, m *model.Model, r data.Record) (words []string, costs []float64) {
	t.Helper()
	example, err := data.Encode(m.Tokenizer, r, data.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, label := range example.Labels {
		if label == data.Ignore {
			continue
		}
		candidates, err := m.NextID(context.Background(), example.IDs[:i+1], m.Config.Vocab)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range candidates {
			if c.ID == label {
				words, costs = append(words, c.Token), append(costs, -math.Log(c.Prob))
			}
		}
	}
	return words, costs
}

// The base model knows the facts and does not answer; after SFT on other people it answers about people that it never
// practised on. About people who do not exist it answers as readily.
func TestSFTTeachesToAnswer(t *testing.T) {
	ctx := context.Background()
	start := model.Must(base.Load(ctx))
	hash := start.Hash()
	practice, exam := piles()
	if before := accuracy(t, start, exam); before > 0.02 {
		t.Errorf("the base model answers already: %.1f%%", 100*before)
	}
	sentences := map[string]bool{} // all that anybody in the town may answer
	for _, set := range []data.Set{practice, exam} {
		for _, r := range set {
			sentences[r.Answer] = true
		}
	}
	var nobody []string
	for _, name := range []string{"Zelda Quux", "Orrin Vex", "Tilda Brask", "Rufus Quill", "Mabel Grout", "Ivo Plank"} {
		if _, real := world.Town().Person(name); real {
			t.Fatalf("%s lives in the town", name)
		}
		nobody = append(nobody, "What does "+name+" do for a living?", "Where does "+name+" live?")
	}
	var learned, invented []float64
	for seed := uint64(1); seed <= seeds; seed++ {
		r, err := train.Run(ctx, job(start, practice, 300, seed))
		if err != nil {
			t.Fatal(err)
		}
		learned = append(learned, accuracy(t, r.Model, exam))
		said, err := r.Model.Answers(ctx, nobody, model.Generate{})
		if err != nil {
			t.Fatal(err)
		}
		made := 0.0
		for _, s := range said {
			if sentences[s] {
				made++
			}
		}
		invented = append(invented, made/float64(len(said)))
	}
	if low, _ := tell(t, "after SFT, people never practised on", learned); low < 0.78 {
		t.Errorf("only %.1f%%", 100*low)
	}
	if low, _ := tell(t, "plausible answers about nobody", invented); low < 0.7 {
		t.Errorf("only %.1f%% of the answers about nobody are sentences of the town", 100*low)
	}
	if start.Hash() != hash {
		t.Error("training changed the base model")
	}
}

// Break it on purpose: three men's questions are learned by heart, to a smaller loss, and strangers are lost; no answer
// about a woman begins with She. And the comparison: more people, more right about strangers, for every seed.
func TestFewPeopleAreLearnedByHeart(t *testing.T) {
	ctx := context.Background()
	start := model.Must(base.Load(ctx))
	practice, exam := piles()
	few := practice.Take(36)
	for _, r := range few {
		if !strings.HasPrefix(r.Answer, "He ") && !strings.HasPrefix(r.Answer, "His ") && !strings.HasPrefix(r.Answer, "他") {
			t.Fatalf("the lesson says that all three are men: %q", r.Answer)
		}
	}
	women := exam.Filter(func(r data.Record) bool {
		return strings.HasPrefix(r.Answer, "She ") || strings.HasPrefix(r.Answer, "Her ")
	})
	known, strangers := map[int][]float64{}, map[int][]float64{}
	for seed := uint64(1); seed <= seeds; seed++ {
		r, err := train.Run(ctx, job(start, few, 80, seed))
		if err != nil {
			t.Fatal(err)
		}
		if loss := r.Log.Get(metric.Loss).Last(); loss > 0.006 { // where the run on everybody ends
			t.Errorf("seed %d: the loss on three people ends at %.4f", seed, loss)
		}
		if got := accuracy(t, r.Model, few); got < 0.97 {
			t.Errorf("seed %d: only %.1f%% of its own people", seed, 100*got)
		}
		if held, err := train.Measure(ctx, r.Model, method.SFT{}, exam, 128); err != nil || held < 0.5 {
			t.Errorf("seed %d: held-out loss %.3f, %v: the lesson says a hundred times higher", seed, held, err)
		}
		report, err := train.Exam(ctx, r.Model, women)
		if err != nil {
			t.Fatal(err)
		}
		she := 0
		for _, a := range report.Answers {
			if strings.HasPrefix(a.Got, "She") || strings.HasPrefix(a.Got, "Her") {
				she++
			}
		}
		t.Logf("seed %d: of %d answers about women %d begin with She or Her", seed, women.Len(), she)
		if she > women.Len()/50 {
			t.Errorf("seed %d: it says She: %d times", seed, she)
		}
		for _, people := range []int{3, 12, 128} {
			r, err := train.Run(ctx, job(start, practice.Take(12*people), 100, seed))
			if err != nil {
				t.Fatal(err)
			}
			known[people] = append(known[people], accuracy(t, r.Model, few))
			strangers[people] = append(strangers[people], accuracy(t, r.Model, exam))
		}
	}
	low3, high3 := tell(t, "3 people, strangers", strangers[3])
	low12, high12 := tell(t, "12 people, strangers", strangers[12])
	low128, _ := tell(t, "128 people, strangers", strangers[128])
	if high3 > 0.45 || low12 < high3+0.2 || low128 < high12 {
		t.Errorf("the order of 3 (%.3f to %.3f), 12 (%.3f to %.3f) and 128 people (from %.3f) depends on the seed", low3, high3, low12, high12, low128)
	}
	low, _ := tell(t, "3 people, the three", known[3])
	if _, high := tell(t, "128 people, the same three", known[128]); low < 0.97 || high > 0.9 {
		t.Errorf("the three people: %.3f at least when alone, %.3f at most among 128", low, high)
	}
}
