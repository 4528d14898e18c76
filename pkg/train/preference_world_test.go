//go:build !race

package train_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

var preferenceSeeds = flag.Int("preference-seeds", 0, "how many seeds TestPreferencesRaiseTheTrueQuality tries every method on; zero means one seed, and DPO alone")

// town is what one seed's experiment is made of: a policy that was fine-tuned on answers of mixed quality, pairs about the same people,
// and questions about others.
type town struct {
	policy      *model.Model
	pairs, exam data.Set
}

func settle(t *testing.T, seed uint64) town {
	t.Helper()
	ctx := context.Background()
	candidates := data.Must(world.Candidates(ctx, world.CandidateOptions{Seed: seed, Lang: world.English, Count: 1200, PerPrompt: 2}))
	practice, held := candidates.Split(.8)
	others := map[string]bool{}
	var exam data.Set
	asked := map[string]bool{}
	for _, r := range held {
		others[r.Entity] = true
		if !asked[r.Prompt] {
			asked[r.Prompt] = true
			exam = append(exam, r)
		}
	}
	known := func(r data.Record) bool { return !others[r.Entity] }
	plain := data.Must(world.Questions(ctx, world.QuestionOptions{Lang: world.English})).Filter(known).Shuffle(rand.New(rand.NewPCG(seed, 2)))
	pairs := data.Must(world.Preferences(ctx, world.PreferenceOptions{Seed: seed + 1000, Lang: world.English, Count: 1000, Raters: world.Raters()[:1]})).Filter(known)
	sft := train.Job{Model: model.Must(base.Load(ctx)), Method: method.SFT{}, Data: append(practice, plain.Take(2000)...), Steps: 300, LR: 1e-3, Batch: 4, Seed: seed}
	return town{train.Must(train.Run(ctx, sft)).Model, pairs.Take(800), exam.Shuffle(rand.New(rand.NewPCG(seed, 1))).Take(192)}
}

// quality is the true quality of answers that a model draws.
func (c town) quality(t *testing.T, m *model.Model, seed uint64) (q world.Quality) {
	t.Helper()
	var prompts []string
	for _, r := range c.exam {
		prompts = append(prompts, r.Prompt)
	}
	said, err := m.Answers(context.Background(), prompts, model.Generate{MaxTokens: 64, Temperature: 1, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	share := 1 / float64(len(said))
	for i, answer := range said {
		one := world.Town().Judge(c.exam[i], answer)
		q.Correct += share * one.Correct
		q.Polite += share * one.Polite
		q.Brief += share * one.Brief
		q.Length += share * one.Length
	}
	return q
}

// What preferences are for: a model that learned from right and wrong, kind and rude answers alike learns which are wanted from pairs that a
// careful rater chose. Asked about people whom neither it nor the pairs were about, its answers, drawn at temperature 1, are better by the
// town's own judgement. docs/decisions.md has more seeds.
func TestPreferencesRaiseTheTrueQuality(t *testing.T) {
	ways := []struct {
		name string
		how  method.Method
	}{
		{"dpo", method.DPO{Beta: .3}}, {"dpo, conservative", method.DPO{Beta: .3, Smoothing: .1}}, {"dpo, robust", method.DPO{Beta: .3, Kind: method.Robust, Smoothing: .1}}, {"dpo, hinge", method.DPO{Beta: .3, Kind: method.Hinge}},
		{"dpo, ipo", method.DPO{Kind: method.IPO}}, {"kto", method.KTO{}}, {"orpo", method.ORPO{Lambda: .5}}, {"simpo", method.SimPO{}}, {"sft on the chosen", method.SFT{}},
		{"online dpo, true reward", method.OnlineDPO{Every: 8, Sampling: method.Sampling{MaxTokens: 40}, Scoring: method.Scoring{NoEnd: .5, Reward: func(r data.Record, answer string) float64 {
			return world.Town().Judge(r, answer).Score()
		}}}},
	}
	seeds, steps := *preferenceSeeds, 150
	if seeds == 0 { // half of the time
		ways, seeds, steps = ways[:1], 1, 80
	}
	all := map[string][]float64{}
	for seed := uint64(1); seed <= uint64(seeds); seed++ {
		c := settle(t, seed)
		before := c.quality(t, c.policy, seed)
		t.Logf("seed %d: sft: quality %.3f, %+v", seed, before.Score(), before)
		all["sft"] = append(all["sft"], before.Score())
		for _, w := range ways {
			set := c.pairs
			if _, online := w.how.(method.OnlineDPO); online {
				set = nil
				for _, r := range c.pairs {
					r.Rejected = ""
					set = append(set, r)
				}
			}
			began := time.Now()
			r, err := train.Run(context.Background(), train.Job{Model: c.policy, Method: w.how, Data: set, Steps: steps, LR: 1e-4, Batch: 4, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			seconds := time.Since(began).Seconds()
			after := c.quality(t, r.Model, seed)
			t.Logf("seed %d: %s: quality %.3f, %+v, %.1f s", seed, w.name, after.Score(), after, seconds)
			all[w.name], all[w.name+", seconds"] = append(all[w.name], after.Score()), append(all[w.name+", seconds"], seconds)
			if w.name == "dpo" && after.Score() < before.Score()+.06 {
				t.Errorf("seed %d: quality %.3f after DPO, %.3f before: want .06 more", seed, after.Score(), before.Score())
			}
		}
	}
	for name, values := range all {
		mean, std := metric.MeanStd(values)
		t.Logf("%s: %.3f ± %.3f over %d seeds", name, mean, std, len(values))
	}
}
