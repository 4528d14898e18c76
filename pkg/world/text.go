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
	if _, err := languages(o.Lang); err != nil {
		return nil, err
	}
	if o.Chinese < 0 || o.Chinese > 1 {
		return nil, fmt.Errorf("world: share of Chinese %g is not between 0 and 1", o.Chinese)
	}
	if o.Documents == 0 {
		o.Documents = 1000
	}
	if o.Documents < 0 {
		return nil, fmt.Errorf("world: %d documents", o.Documents)
	}
	records := make([]data.Record, 0, o.Documents)
	s := w.Stream(o)
	for range o.Documents {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("world: text stopped after %d of %d documents: %w", len(records), o.Documents, err)
		}
		records = append(records, s.Next())
	}
	return records, nil
}
