//go:build !race

package train_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// seedsEnv is how many seeds the slow test of policies takes; one, and fewer steps, unless it is set.
const seedsEnv = "TUNEBOOK_SEEDS"

// mixed is the base after SFT on answers of every quality, right and wrong, polite and rude, brief and long; prompts of the people
// whom it has seen, and of others.
func mixed(t *testing.T, ctx context.Context, seed uint64) (sft *model.Model, practice, exam data.Set) {
	t.Helper()
	all := data.Must(world.Candidates(ctx, world.CandidateOptions{Seed: 3, Lang: world.English, Count: 400}))
	seen, unseen := all.Split(.8)
	r := train.Must(train.Run(ctx, train.Job{Model: model.Must(base.Load(ctx)), Method: method.SFT{}, Data: seen, Steps: 200, LR: 1e-3, Batch: 8, Seed: seed}))
	once := func(set data.Set) (out data.Set) { // the four answers to a prompt stand together
		for i, r := range set {
			if i == 0 || r.Prompt != set[i-1].Prompt {
				out = append(out, r)
			}
		}
		return out
	}
	return r.Model, once(seen).Shuffle(rand.New(rand.NewPCG(1, 1))), once(unseen)
}

// quality is the mean true quality of what a model answers.
func quality(t *testing.T, ctx context.Context, m *model.Model, set data.Set) (mean, ended float64) {
	t.Helper()
	rollouts, err := method.Sampling{Seed: 5}.Write(ctx, m, set)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rollouts {
		mean += truly(r.Record, r.Answer) / float64(len(rollouts))
		if r.Ended {
			ended += 1 / float64(len(rollouts))
		}
	}
	return mean, ended
}

// truly is the true quality of an answer.
func truly(r data.Record, answer string) float64 { return world.Town().Judge(r, answer).Score() }

// PPO raises the true quality of answers about people whom it has never been rewarded for, within two minutes and without leaving
// the model that it began with far behind. TUNEBOOK_SEEDS=5 takes five seeds: figures are in docs/benchmarks.md.
func TestPPORaisesTrueQuality(t *testing.T) {
	ctx, seeds, steps, gain := context.Background(), 1, 72, .12
	if text := os.Getenv(seedsEnv); text != "" {
		var err error
		if seeds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		steps, gain = 240, .3
	}
	scoring := method.Scoring{Reward: truly}
	var before, after, apart []float64
	for seed := range uint64(seeds) {
		seed++
		sft, practice, exam := mixed(t, ctx, seed)
		began := time.Now()
		r := train.Must(train.Run(ctx, train.Job{Model: sft, Method: method.PPO{Scoring: scoring}, Data: practice, Steps: steps, LR: 2e-4, Batch: 8, Seed: seed, Schedule: optim.Constant{}}))
		took := time.Since(began)
		a, _ := quality(t, ctx, sft, exam)
		b, ended := quality(t, ctx, r.Model, exam)
		kl := r.Log.Get(method.AnswerKL).Last()
		t.Logf("seed %d: true quality on unseen people %.3f after SFT, %.3f after PPO in %.0f s; %.1f nats an answer from SFT; %.0f%% end", seed, a, b, took.Seconds(), kl, 100*ended)
		before, after, apart = append(before, a), append(after, b), append(apart, kl)
		if b < a+gain || kl > 10 || ended < .95 {
			t.Errorf("seed %d: quality %.3f → %.3f, KL %.1f, %.0f%% end: want at least %.2f more, at most 10 nats, 95%%", seed, a, b, kl, 100*ended, gain)
		}
	}
	for name, values := range map[string][]float64{"SFT": before, "PPO": after, "KL": apart} {
		mean, std := metric.MeanStd(values)
		t.Logf("%s: %.3f ± %.3f over %d seeds", name, mean, std, len(values))
	}
}
