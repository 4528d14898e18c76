package method_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
)

// known is a pair whose answers have these rewards and lengths, that truly differ by gap, and of which the raters chose so with
// probability p.
func known(chosen, rejected float64, long, other int, gap, p float64) method.Judged {
	return method.Judged{Record: data.Record{Scores: map[string]float64{"gap": gap, "probability": p}}, Chosen: chosen, Rejected: rejected, ChosenLength: long, RejectedLength: other}
}

// Four pairs with margins 1, −1, 3 and 0, by hand. Their losses are ln(1 + e^−1) = .313262, 1.313262, .048587 and ln 2; their
// confidences .731059 twice, .952574 and .5, so the calibration error is ½·|.5 − .731059| + ¼·(1 − .952574) + ¼·.5 = .252386. Lengths
// differ by −2, 2, 0 and −6: Σxy = −4, Σx² = 11, Σy² = 44, the correlation −4/22; of the gaps it is −1.1/√(.3425·44).
func TestReportCardByHand(t *testing.T) {
	card, err := method.NewReportCard([]method.Judged{known(2, 1, 3, 5, .5, .9), known(0, 1, 6, 4, -.05, .4), known(3, 0, 4, 4, .3, .8), known(1, 1, 2, 8, 0, .5)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]float64{
		"loss": {card.Loss, .592065}, "margin": {card.Margin, .75}, "spread": {card.Spread, 1.707825}, "calibration error": {card.ECE, .252386},
		"correlation": {card.Correlation, -.181818}, "true correlation": {card.TrueCorrelation, -.283359}, "ceiling": {card.Ceiling, .7},
	} {
		if math.Abs(c[0]-c[1]) > 1e-6 {
			t.Errorf("%s is %.6f, want %.6f", name, c[0], c[1])
		}
	}
	for name, c := range map[string][2]metric.Share{
		"accuracy": {card.Accuracy, {Right: 2, Of: 4}}, "shorter": {card.Shorter, {Right: 1, Of: 2}}, "longer": {card.Longer, {Right: 0, Of: 1}},
		"true": {card.True, {Right: 3, Of: 3}}, "raters": {card.Raters, {Right: 2, Of: 3}},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %+v, want %+v", name, c[0], c[1])
		}
	}
	for i, b := range card.Bins {
		want := map[int]metric.Share{0: {Right: 0, Of: 1}, 4: {Right: 1, Of: 2}, 9: {Right: 1, Of: 1}}[i]
		if b.Accuracy != want || math.Abs(b.Low-(.5+.05*float64(i))) > 1e-12 || math.Abs(b.High-b.Low-.05) > 1e-12 {
			t.Errorf("bin %d is %+v, want %+v", i, b, want)
		}
	}
	for i, g := range card.Gaps {
		want := [][2]metric.Share{{{Right: 1, Of: 1}, {Right: 0, Of: 1}}, {}, {{Right: 1, Of: 1}, {Right: 1, Of: 1}}, {{Right: 1, Of: 1}, {Right: 1, Of: 1}}, {}}[i]
		if g.True != want[0] || g.Raters != want[1] {
			t.Errorf("gaps from %g are %+v, want %+v", g.Low, g, want)
		}
	}
	confidence, accuracy := card.Reliability()
	if len(confidence) != 3 || math.Abs(confidence[1]-.731059) > 1e-6 || accuracy[1] != .5 {
		t.Errorf("reliability %v, %v", confidence, accuracy)
	}
	for _, want := range []string{"50.0% (15.0 to 85.0)", "70.0%", "0.592", "25.2 points", "-0.18 (true quality -0.28)", "Report card on 4 pairs"} {
		if !strings.Contains(card.String(), want) || !strings.Contains(card.HTML(), want) {
			t.Errorf("no %q in\n%s", want, card)
		}
	}
	if n := len(card.GapTable().Rows); n != 3 {
		t.Errorf("%d gaps in the table, want those that hold pairs", n)
	}
}

// A judge that is sure and always right has no calibration error; one that cannot be told from a coin has ln 2.
func TestReportCardExtremes(t *testing.T) {
	sure, err := method.NewReportCard([]method.Judged{{Chosen: 800, Rejected: -800}, {Chosen: 900, Rejected: 0}})
	if err != nil || sure.ECE != 0 || sure.Loss != 0 || sure.Accuracy.Value() != 1 {
		t.Errorf("sure: %v\n%v", err, sure)
	}
	// Nothing is known of these pairs, and they are as long as each other.
	if !math.IsNaN(sure.Ceiling) || !math.IsNaN(sure.Correlation) || !math.IsNaN(sure.TrueCorrelation) || sure.True.Of != 0 || strings.Contains(sure.String(), "ceiling") {
		t.Errorf("what is not known: %+v", sure)
	}
	coin, err := method.NewReportCard(make([]method.Judged, 3))
	if err != nil || math.Abs(coin.Loss-math.Ln2) > 1e-12 || coin.Accuracy.Right != 0 {
		t.Errorf("coin: %v\n%v", err, coin)
	}
	if _, err := method.NewReportCard(nil); err == nil {
		t.Error("no pairs were accepted")
	}
	if _, err := method.NewReportCard([]method.Judged{{}, {Chosen: math.NaN()}}); err == nil || !strings.Contains(err.Error(), "record 1") {
		t.Errorf("not a number: %v", err)
	}
}

// A model's card has the scores that transformers give (testdata/reward.py), and lengths without prompt and marks.
func TestGradeReward(t *testing.T) {
	ctx, m, v := context.Background(), judge(t), readRewardVectors(t)
	card, err := method.GradeReward(ctx, m, v.Pairs)
	if err != nil {
		t.Fatal(err)
	}
	for i, j := range card.Pairs {
		if math.Abs(j.Chosen-v.Scores[i]) > 2e-6 || math.Abs(j.Rejected-v.Scores[len(v.Pairs)+i]) > 2e-6 {
			t.Errorf("pair %d: %g and %g, want %g and %g", i, j.Chosen, j.Rejected, v.Scores[i], v.Scores[len(v.Pairs)+i])
		}
		if j.ChosenLength != len(v.Pairs[i].Answer) || j.RejectedLength != len(v.Pairs[i].Rejected) { // tokens are bytes
			t.Errorf("pair %d: lengths %d and %d", i, j.ChosenLength, j.RejectedLength)
		}
	}
	if math.Abs(card.Accuracy.Value()-v.Accuracy) > 1e-6 || math.Abs(card.Margin-v.Apart) > 2e-6 {
		t.Errorf("%v\nTRL has %g and %g", card, v.Accuracy, v.Apart)
	}
	for name, c := range map[string]struct {
		m     *model.Model
		pairs data.Set
		is    error
	}{"no head": {small(), v.Pairs, model.ErrNoScore}, "no pairs": {m, nil, nil}, "no model": {nil, v.Pairs, nil}, "no rejected": {m, data.Set{{Prompt: "a", Answer: "b"}}, method.ErrNoRejected}} {
		if _, err := method.GradeReward(ctx, c.m, c.pairs); err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
