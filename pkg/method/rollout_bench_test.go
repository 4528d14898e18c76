package method_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/world"
)

// Thirty-two answers of the base model of up to 32 tokens, by decoding side by side with what was read kept, and by the training graph,
// which reads every text from its beginning for each token. Both in turn, so that the ratio holds on a busy machine.
func BenchmarkRollouts(b *testing.B) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	set := data.Must(world.Questions(ctx)).Take(32)
	reader, err := m.Reader(model.ReaderOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var decoded, graphed time.Duration
	tokens := 0
	for range b.N {
		began := time.Now()
		rollouts, err := method.Sampling{MaxTokens: 32, Seed: 1}.Write(ctx, m, set) // reads the answers once more, too
		if err != nil {
			b.Fatal(err)
		}
		decoded += time.Since(began)
		began = time.Now()
		for n := range 32 {
			var texts [][]int
			for _, r := range rollouts {
				if n < r.Len() { // the others have ended
					texts = append(texts, r.IDs[:r.From+n])
					tokens++
				}
			}
			if len(texts) == 0 {
				break
			}
			_, more := reader.Read(ctx, texts)
			err = errors.Join(err, more)
		}
		if err != nil {
			b.Fatal(err)
		}
		graphed += time.Since(began)
	}
	b.ReportMetric(float64(tokens)/decoded.Seconds(), "tokens/s")
	b.ReportMetric(float64(tokens)/graphed.Seconds(), "tokens/s-graph")
	b.ReportMetric(graphed.Seconds()/decoded.Seconds(), "times")
}
