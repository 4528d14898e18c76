package world

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
)

// Next writes the next text as a record with Text, Kind, Lang and, for a biography,
// the person as Entity.
func (s *Stream) Next() data.Record {
	d := s.next()
	return data.Record{Text: d.text, Kind: d.kind, Lang: d.lang, Entity: d.entity}
}

// Text returns the first o.Documents texts of the stream with these options.
func (w *World) Text(ctx context.Context, o TextOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o TextOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	if _, err := languages(o.Lang); err != nil {
		return err
	}
	if o.Chinese < 0 || o.Chinese > 1 {
		return fmt.Errorf("world: share of Chinese %g is not between 0 and 1", o.Chinese)
	}
	if o.Documents == 0 {
		o.Documents = 1000
	}
	if o.Documents < 0 {
		return fmt.Errorf("world: %d documents", o.Documents)
	}
	s := w.Stream(o)
	for i := range o.Documents {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("world: text stopped after %d of %d documents: %w", i, o.Documents, err)
		}
		if !yield(s.Next()) {
			return nil
		}
	}
	return nil
}
