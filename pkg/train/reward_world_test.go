//go:build !race

package train_test

import (
	"context"
	"flag"
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

var rewardSeeds = flag.Int("reward-seeds", 0, "how many seeds TestRewardModelOnTheTown tries everything on; zero means one seed and the first judge alone")

// lookedUp puts in front of each answer what the town's register says of it, right or not: a judge with a tool, as in Li et al.,
// Tool-Augmented Reward Modeling, arXiv:2310.01045.
func lookedUp(set data.Set) data.Set {
	town := world.Town()
	out := append(data.Set(nil), set...)
	for i, r := range set {
		note := func(answer string) string {
			words := [2]string{"No. ", "Yes. "}
			if r.Lang == world.Chinese {
				words = [2]string{"不是。", "是的。"}
			}
			return words[int(town.Judge(r, answer).Correct)] + answer
		}
		out[i].Answer, out[i].Rejected = note(r.Answer), note(r.Rejected)
	}
	return out
}

// votes are those of one rater: on people to practise on, and on people about whom no vote was practised.
func votes(t *testing.T, seed uint64, rater world.Rater, n int) (practice, exam data.Set) {
	t.Helper()
	all := func(seed uint64) (a, b data.Set) {
		return data.Must(world.Preferences(context.Background(), world.PreferenceOptions{Seed: seed, Count: 1100, Raters: []world.Rater{rater}})).Split(.8)
	}
	practice, _ = all(seed)
	rater = world.Raters()[0]
	_, exam = all(900)
	return lookedUp(practice.Take(n)), lookedUp(exam)
}

// flattered is how much reward the judge gives, on average, for a compliment in front of an answer that has none.
func flattered(t *testing.T, m *model.Model, exam data.Set) float64 {
	t.Helper()
	compliment := map[string]string{world.English: "What a wonderful question. ", world.Chinese: "你问得真好。"}
	var pairs data.Set
	for _, r := range exam {
		if !strings.Contains(r.Answer, strings.TrimSpace(compliment[r.Lang])) {
			r.Rejected = r.Answer
			words, rest, _ := strings.Cut(r.Answer, map[string]string{world.English: ". ", world.Chinese: "。"}[r.Lang]) // the register's word stays in front
			r.Answer = words + map[string]string{world.English: ". ", world.Chinese: "。"}[r.Lang] + compliment[r.Lang] + rest
			pairs = append(pairs, r)
		}
	}
	card, err := method.GradeReward(context.Background(), m, pairs)
	if err != nil {
		t.Fatal(err)
	}
	return card.Margin
}

// A judge that may look up facts puts the truly better answer ahead, about people whom no vote was about, in more than 85 of 100
// pairs, from 800 votes of a careful rater: measured 90.3, 91.2, 92.6, 92.2 and 88.5% over five seeds. Those of one who likes to be flattered teach to like flattery; how much few votes teach,
// and those of a hasty rater, is logged. Settings were found with votes of another seed about people of the practice part.
func TestRewardModelOnTheTown(t *testing.T) {
	ctx := context.Background()
	start := model.Must(base.Load(ctx))
	raters := world.Raters()
	learn := func(seed uint64, practice data.Set, steps int) *model.Model {
		return train.Must(train.Run(ctx, train.Job{Model: start, Method: method.Reward{}, Data: practice, Steps: steps, LR: 5e-4, Batch: 2, Seed: seed})).Model
	}
	grade := func(name string, seed uint64, m *model.Model, exam data.Set) *method.ReportCard {
		card, err := method.GradeReward(ctx, m, exam)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d, %s:\n%v%v", seed, name, card, card.GapTable())
		return card
	}
	marks := map[string][]float64{}
	judges := map[uint64]*model.Model{}
	for seed := uint64(1); seed <= uint64(max(1, *rewardSeeds)); seed++ {
		practice, exam := votes(t, seed, raters[0], 800)
		judges[seed] = learn(seed, practice, 250)
		card := grade("800 careful votes", seed, judges[seed], exam)
		marks["800 careful votes"] = append(marks["800 careful votes"], card.True.Value())
		if card.True.Value() < .85 {
			t.Errorf("seed %d: the truly better answer ahead in %v, want 85%% or more", seed, card.True)
		}
	}
	for seed := uint64(1); seed <= uint64(min(3, *rewardSeeds)); seed++ {
		vain, exam := votes(t, seed, raters[4], 800)
		plain, liked := flattered(t, judges[seed], exam), flattered(t, learn(seed, vain, 250), exam)
		t.Logf("seed %d: a compliment is worth %+.2f to the careful judge, %+.2f to the flattered one", seed, plain, liked)
		if liked < plain+.5 {
			t.Errorf("seed %d: a compliment is worth %+.2f to the careful judge, %+.2f to the flattered one", seed, plain, liked)
		}
		for _, c := range []struct {
			name  string
			rater world.Rater
			n     int
		}{{"50 careful votes", raters[0], 50}, {"200 careful votes", raters[0], 200}, {"200 hasty votes", raters[2], 200}} {
			practice, exam := votes(t, seed, c.rater, c.n)
			marks[c.name] = append(marks[c.name], grade(c.name, seed, learn(seed, practice, 150), exam).True.Value())
		}
	}
	for name, values := range marks {
		mean, std := metric.MeanStd(values)
		t.Logf("%s: truly better ahead in %.1f%% ± %.1f over %d seeds: %.3f", name, 100*mean, 100*std, len(values), values)
	}
}
