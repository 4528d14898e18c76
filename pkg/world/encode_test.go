package world

import (
	"context"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/token"
)

// Everything the town says fits into the base model's context, and every record
// becomes an example whose answer is trained on.
func TestRecordsFitTheContext(t *testing.T) {
	ctx := context.Background()
	texts := data.Must(Text(ctx, TextOptions{Documents: 1500}))
	questions := data.Must(Questions(ctx))
	var corpus []string
	for _, r := range append(texts, questions...) {
		corpus = append(corpus, r.Text+r.Prompt)
	}
	tok := token.Must(token.Train(ctx, corpus, token.TrainOptions{}))
	const context = 256
	sets := []data.Set{texts, questions}
	for _, plan := range plans {
		sets = append(sets, data.Must(Town().collect(ctx, plan)))
	}
	for _, set := range sets {
		for _, r := range set {
			e, err := data.Encode(tok, r, data.EncodeOptions{MaxLength: context})
			if err != nil {
				t.Fatal(err)
			}
			trained := 0
			for _, label := range e.Labels {
				if label >= 0 {
					trained++
				}
			}
			if trained < 2 {
				t.Errorf("%+v trains %d tokens", r, trained)
			}
		}
	}
}
