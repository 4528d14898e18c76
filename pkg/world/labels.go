package world

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
)

// LabelOptions say how many sentences are labelled.
type LabelOptions struct {
	Seed  uint64 // zero means 1
	Lang  string // English or Chinese; empty means both, in turn
	Count int    // zero means 400
}

var labelPrompt = map[string]string{
	English: "What kind of notice is this? ",
	Chinese: "这是哪一类告示？",
}

// Labels asks what a harbour notice is about: an arrival, the weather, a sale,
// something lost and found, an event, or work that is offered. Every label comes equally often. Entity is the notice
// itself, and no notice comes twice. It fails if there are not Count different ones.
func (w *World) Labels(ctx context.Context, o LabelOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o LabelOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	langs, err := languages(o.Lang)
	if err != nil {
		return err
	}
	if o.Count == 0 {
		o.Count = 400
	}
	if o.Count < 0 {
		return fmt.Errorf("world: %d labelled sentences", o.Count)
	}
	r := source(o.Seed, 0x6c6162656c)
	pen := &writer{world: w, rng: r, used: make(map[string]bool)}
	seen := make(map[string]bool)
	for n, tries := 0, 0; n < o.Count; tries++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("world: labels: %w", err)
		}
		if tries > 20*o.Count+1000 {
			return fmt.Errorf("world: %d labelled sentences: only %d different ones were found", o.Count, n)
		}
		lang := langs[n%len(langs)]
		kind := notices[n/len(langs)%len(notices)]
		pen.tongue = tongueOf(lang)
		tellings := kind.tellings[lang]
		notice := pen.tongue.say(tellings[r.IntN(len(tellings))], w.noticeScene(pen))
		if seen[notice] {
			continue
		}
		seen[notice] = true
		n++
		if !yield(data.Record{
			Prompt: labelPrompt[lang] + notice, Answer: kind.label.In(lang),
			Kind: Label, Lang: lang, Entity: notice,
		}) {
			return nil
		}
	}
	return nil
}

// NoticeLabels returns the answers that [World.Labels] can give.
func NoticeLabels(lang string) []string {
	labels := make([]string, len(notices))
	for i, n := range notices {
		labels[i] = n.label.In(lang)
	}
	return labels
}
