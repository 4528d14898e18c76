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
	held := data.Must(world.Text(ctx, world.TextOptions{Documents: report.Recipe.Held, Seed: report.Recipe.Seed + 1, Plain: report.Recipe.Plain}))
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
	// Output: decoder of 1.44 million parameters: 6 layers, width 128, 4 heads (2 for keys and values), 2048 tokens known, context 256
}
