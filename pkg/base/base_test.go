package base_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// The embedded weights have the perplexity that their report states, on documents made anew from the recipe.
func TestPerplexityIsAsReported(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	report, err := base.HowMade()
	if err != nil {
		t.Fatal(err)
	}
	held := data.Must(world.Text(ctx, world.TextOptions{Documents: report.Recipe.Held, Seed: report.Recipe.Seed + 1}))
	for lang, want := range report.Perplexity {
		loss, err := train.Measure(ctx, m, method.Causal{}, held.Filter(func(r data.Record) bool { return r.Lang == lang }), report.Recipe.Length)
		if err != nil {
			t.Fatal(err)
		}
		// Half precision and another processor move the last digits.
		if got := metric.Perplexity(loss); math.Abs(got-want) > 0.02*want {
			t.Errorf("%s: perplexity %.4f, the report says %.4f", lang, got, want)
		}
	}
}

func ExampleLoad() {
	m, err := base.Load(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	// Output: decoder of 2.76 million parameters: 6 layers, width 192, 6 heads (2 for keys and values), 2048 tokens known, context 256
}

// The twin is drawn from its seed alone and knows nothing: it bets about equally on all pieces.
func TestUntrained(t *testing.T) {
	ctx := context.Background()
	a, b, other := model.Must(base.Untrained(ctx, 1)), model.Must(base.Untrained(ctx, 1)), model.Must(base.Untrained(ctx, 2))
	if a.Hash() != b.Hash() || a.Hash() == other.Hash() {
		t.Error("weights do not depend on the seed, or on more than it")
	}
	if grown := model.Must(base.Load(ctx)); 5*a.Count() > grown.Count() {
		t.Errorf("the twin has %d parameters, the base %d", a.Count(), grown.Count())
	}
	held := data.Must(world.Text(ctx, world.TextOptions{Documents: 40, Seed: 2}))
	loss, err := train.Measure(ctx, a, method.Causal{}, held, 128)
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Log(float64(a.Config.Vocab)); math.Abs(loss-want) > 0.1 {
		t.Errorf("loss %.3f, equal bets cost %.3f", loss, want)
	}
}

// What the report says of facts is so: counted again, it differs by the roundings of another processor at most.
func TestFactsAreAsReported(t *testing.T) {
	ctx := context.Background()
	report, err := base.HowMade()
	if err != nil {
		t.Fatal(err)
	}
	var known, unknown base.Tally
	for _, f := range report.Facts {
		known.Right, known.Of = known.Right+f.Known.Right, known.Of+f.Known.Of
		unknown.Right, unknown.Of = unknown.Right+f.Unknown.Right, unknown.Of+f.Unknown.Of
	}
	counted, err := base.CountFacts(ctx, model.Must(base.Load(ctx)))
	if err != nil {
		t.Fatal(err)
	}
	var again base.Tally
	for _, f := range counted {
		again.Right, again.Of = again.Right+f.Known.Right, again.Of+f.Known.Of
	}
	if again.Of != known.Of || math.Abs(again.Share()-known.Share()) > 0.01 {
		t.Errorf("known facts: %v counted, %v reported", again, known)
	}
	// The base knows its town, and of what no text told it can only guess: the commonest of some twenty values.
	if known.Share() < 0.8 || unknown.Of != 2*len(world.Town().Unknown()) || unknown.Share() > 0.2 {
		t.Errorf("facts: known %v, unknown %v", known, unknown)
	}
	for _, r := range report.Readiness {
		if r.Before.Share() > 0.1 || r.After.Share() < 0.8 || r.Unknown.Share() > 0.2 {
			t.Errorf("%s: %v before SFT, %v after, %v of what no text told", r.Lang, r.Before, r.After, r.Unknown)
		}
	}
	if len(report.Samples) != 20 {
		t.Errorf("%d samples, want 20", len(report.Samples))
	}
}
