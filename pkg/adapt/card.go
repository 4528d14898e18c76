package adapt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
)

// Count is the number of parameters, added ones included.
func (t *Attached) Count() int { return t.count(t.names()) }

// Trainable is how many of them move in the end.
func (t *Attached) Trainable() int { return t.TrainableAt(len(t.Stages) - 1) }

// TrainableAt is how many of them move in a stage.
func (t *Attached) TrainableAt(stage int) int { return t.count(t.Stages[stage].Moves) }

// Share is Trainable over Count, 0 to 1.
func (t *Attached) Share() float64 { return float64(t.Trainable()) / float64(t.Count()) }

func (t *Attached) count(names []string) int {
	n := 0
	for _, name := range names {
		n += t.size(name)
	}
	return n
}

// size is the number of values of a parameter.
func (t *Attached) size(name string) int {
	return model.Shape{Dims: t.Tensor(name).Shape}.Len() // also of a weight that is held in another form
}

// String is what moves in one line.
func (t *Attached) String() string {
	s := fmt.Sprintf("%s: %d of %d parameters move (%s)", t.Adaptation.Name(), t.Trainable(), t.Count(), percent(t.Share()))
	if len(t.Stages) > 1 {
		s += fmt.Sprintf(", %d of them from the start", t.TrainableAt(0))
	}
	return s + ": " + t.Adaptation.String()
}

// percent keeps two digits of small shares.
func percent(share float64) string {
	if share < 0.01 {
		return fmt.Sprintf("%.2g%%", 100*share)
	}
	return fmt.Sprintf("%.1f%%", 100*share)
}

// Table shows, part by part, how many parameters move and from which step on; of an adaptation of linear layers what matched,
// with ranks and scales.
func (t *Attached) Table() *metric.Table {
	if len(t.Layers) > 0 {
		return t.layers()
	}
	table := &metric.Table{Title: t.String(), Header: []string{"part", "parameters", "move", "share"}}
	if e := t.Model.Extras; e != nil { // what a task takes beside the base
		table.Title += fmt.Sprintf("; %v, %.1f KB to keep", e, kilobytes(e.Params.Count()))
	}
	if len(t.Stages) > 1 {
		table.Header = append(table.Header, "from step")
	}
	var parts []string
	all, moving, first := map[string]int{}, map[string]int{}, map[string]int{}
	for _, name := range t.names() {
		p := t.part(name)
		if !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
		all[p] += t.size(name)
		if after, moves := t.Begins(name); moves {
			if since, ok := first[p]; !ok || after < since {
				first[p] = after
			}
			moving[p] += t.size(name)
		}
	}
	for _, p := range parts {
		row := []string{p, fmt.Sprint(all[p]), fmt.Sprint(moving[p]), percent(float64(moving[p]) / float64(all[p]))}
		if after, ok := first[p]; len(t.Stages) > 1 {
			from := "never"
			if ok {
				from = fmt.Sprint(after + 1)
			}
			row = append(row, from)
		}
		table.Add(row...)
	}
	return table
}

// HTML is the table.
func (t *Attached) HTML() string { return t.Table().HTML() }

// Begins is how many steps come before a parameter moves, and whether it ever does.
func (t *Attached) Begins(name string) (after int, moves bool) {
	for _, s := range t.Stages {
		if slices.Contains(s.Moves, name) {
			return s.After, true
		}
	}
	return 0, false
}

// part is the row of the table to which a parameter belongs.
func (t *Attached) part(name string) string {
	if t.Model.Param(name) == nil {
		return "added"
	}
	l, ok := layerOf(name)
	if t.Model.Params.Get(name) == nil && ok {
		return fmt.Sprintf("extras of layer %d", l)
	}
	if t.Model.Params.Get(name) == nil {
		return "extras"
	}
	if ok {
		return fmt.Sprintf("layer %d", l)
	}
	switch {
	case strings.HasPrefix(name, embedding) && t.Model.Config.Tied:
		return "embedding, which is the head too"
	case strings.HasPrefix(name, embedding):
		return "embedding"
	case strings.HasPrefix(name, finalNorm):
		return "final norm"
	case strings.HasPrefix(name, ownHead):
		return "head"
	}
	return "other"
}
