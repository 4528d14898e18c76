package adapt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Library keeps what was trained for many tasks on one base, by name: adapters, prefixes, prompts and stacks of them. What it
// makes shares the base's weights. It is not for use by several goroutines at once.
type Library struct {
	base  *model.Model
	hash  string
	items []item
}

// item is one entry; its extras' parameters are called after it.
type item struct {
	name, told string
	extras     *model.Extras
}

// ErrNotKept is the mistake of a name that the library does not have.
var ErrNotKept = errors.New("the library keeps nothing of that name")

// NewLibrary is an empty library for a plain model.
func NewLibrary(base *model.Model) (*Library, error) {
	if base == nil || base.Params == nil {
		return nil, errors.New("adapt: NewLibrary: the model is nil: give it a model, such as base.Load(ctx)")
	}
	if base.Extras != nil {
		return nil, fmt.Errorf("adapt: NewLibrary: the model has %v: give it the plain one, and add these to the library", base.Extras)
	}
	return &Library{base: base, hash: base.Hash()}, nil
}

// Base is the plain model.
func (l *Library) Base() *model.Model { return l.base }

// Names lists what it keeps, in the order in which it came.
func (l *Library) Names() (names []string) {
	for _, it := range l.items {
		names = append(names, it.name)
	}
	return names
}

// Add keeps what a run trained, such as Result.Adapted, under a name. It must have left the base's own weights alone.
func (l *Library) Add(name string, t *Attached) error {
	if t == nil {
		return fmt.Errorf("adapt: library: %s is nil: give it a Result.Adapted", name)
	}
	m, err := t.Merged()
	if err != nil {
		return err
	}
	if m.Extras == nil || m.Params.Hash() != l.hash {
		return fmt.Errorf("adapt: library: %s: %s on this base changes its weights, or has another base: a library keeps what stands beside the weights, such as adapters", name, t.Adaptation.Name())
	}
	return l.Put(name, m.Extras, t.Adaptation.String())
}

// Put keeps a copy of extras under a name, with a line on what they are. This is how others join: low-rank updates that are not
// folded are Extras.Updates, stack by adding up, and are mixed in a batch with everything else.
func (l *Library) Put(name string, e *model.Extras, about string) error {
	switch {
	case name == "" || name != filepath.Base(name) || strings.ContainsAny(name, ". "):
		return fmt.Errorf("adapt: library: %q: want a name without dots, spaces and slashes", name)
	case l.find(name) >= 0:
		return fmt.Errorf("adapt: library: %s is there already: Drop it first", name)
	case e == nil:
		return fmt.Errorf("adapt: library: %s: there are no extras", name)
	}
	if err := e.Check(l.base.Config); err != nil {
		return fmt.Errorf("adapt: library: %s: %w", name, err)
	}
	l.items = append(l.items, item{name, about, called(e, name, l.base.Config)})
	return nil
}

// Drop forgets a name.
func (l *Library) Drop(name string) error {
	at := l.find(name)
	if at < 0 {
		return l.unknown(name)
	}
	l.items = slices.Delete(l.items, at, at+1)
	return nil
}

func (l *Library) find(name string) int {
	return slices.IndexFunc(l.items, func(it item) bool { return it.name == name })
}

func (l *Library) unknown(name string) error {
	return fmt.Errorf("adapt: %s: %w: it has %v", name, ErrNotKept, l.Names())
}

// called is a copy whose adapters' parameters have the name in theirs.
func called(e *model.Extras, name string, c model.Config) *model.Extras {
	was := e.Shapes(c)
	made := e.Clone()
	seen := map[string]int{}
	unique := func(base string) string {
		if seen[base]++; seen[base] > 1 {
			return fmt.Sprint(base, seen[base])
		}
		return base
	}
	for i := range made.Sites {
		s := &made.Sites[i]
		for k := range s.Adapters {
			s.Adapters[k].Name = unique(s.Sublayer + "." + name)
		}
		if s.Fusion != "" {
			s.Fusion = unique(s.Sublayer + "." + name + "-fusion")
		}
	}
	for i := range made.Updates {
		made.Updates[i].Name = unique(made.Updates[i].Layer + "." + name)
	}
	made.Params = &nn.Params{}
	for i, s := range made.Shapes(c) {
		_ = made.Params.Add(s.Name, e.Params.Get(was[i].Name).Clone()) // names are unique
	}
	return made
}

// Use is the base with some of what the library keeps: none gives the base, one switches to it, several are stacked, the later
// reading what the earlier gave (arXiv:2005.00052, section 3). Weights are shared, so use a Clone to change them.
func (l *Library) Use(names ...string) (*model.Model, error) {
	all := &model.Extras{Params: &nn.Params{}}
	for _, name := range names {
		at := l.find(name)
		if at < 0 {
			return nil, l.unknown(name)
		}
		e := l.items[at].extras
		if all.Prefix > 0 && e.Prefix > 0 || all.Prompt > 0 && e.Prompt > 0 {
			return nil, fmt.Errorf("adapt: library: %v: two of them stand in front of the text: use one", names)
		}
		all.Prefix, all.Prompt = all.Prefix+e.Prefix, all.Prompt+e.Prompt
		all.Sites, all.Updates = append(all.Sites, e.Sites...), append(all.Updates, e.Updates...)
		if err := share(all.Params, e.Params); err != nil {
			return nil, fmt.Errorf("adapt: library: %v: %w", names, err)
		}
	}
	if len(names) == 0 {
		all = nil
	}
	return l.with(all)
}

// with is the base with extras.
func (l *Library) with(e *model.Extras) (*model.Model, error) {
	m := *l.base
	if err := m.Extend(e); err != nil {
		return nil, fmt.Errorf("adapt: library: %w", err)
	}
	return &m, nil
}

func share(to, from *nn.Params) error {
	for _, name := range from.Names() {
		if err := to.Add(name, from.Get(name)); err != nil {
			return err
		}
	}
	return nil
}

// adapters are the extras of that name, which must be adapters alone, one at a sublayer.
func (l *Library) adapters(name string) (*model.Extras, error) {
	at := l.find(name)
	if at < 0 {
		return nil, l.unknown(name)
	}
	e, seen := l.items[at].extras, map[string]bool{}
	for _, s := range e.Sites {
		if s.Fusion != "" || seen[s.Sublayer] {
			return nil, fmt.Errorf("adapt: library: %s is a stack or a fusion: only single adapters stand side by side", name)
		}
		seen[s.Sublayer] = true
	}
	if e.Front() > 0 || len(e.Sites) == 0 || len(e.Updates) > 0 {
		return nil, fmt.Errorf("adapt: library: %s is %v: only adapters stand side by side", name, e)
	}
	return e, nil
}

// beside puts adapters side by side: one site for each sublayer that one of them has, from the bottom.
func (l *Library) beside(names []string) (*model.Extras, error) {
	all := &model.Extras{Params: &nn.Params{}}
	sites := map[string][]model.Bottleneck{}
	for _, name := range names {
		e, err := l.adapters(name)
		if err != nil {
			return nil, err
		}
		for _, s := range e.Sites {
			sites[s.Sublayer] = append(sites[s.Sublayer], s.Adapters...)
		}
		if err := share(all.Params, e.Params); err != nil {
			return nil, fmt.Errorf("adapt: library: %v: %w", names, err)
		}
	}
	for _, place := range l.base.Config.Sublayers() {
		if b := sites[place]; b != nil {
			all.Sites = append(all.Sites, model.Site{Sublayer: place, Adapters: b})
		}
	}
	return all, nil
}

// Average is the base with adapters side by side, the mean of what they give taken at every sublayer.
func (l *Library) Average(names ...string) (*model.Model, error) {
	if len(names) == 0 {
		return nil, errors.New("adapt: library: there is nothing to average")
	}
	e, err := l.beside(names)
	if err != nil {
		return nil, err
	}
	for i := range e.Sites {
		for k := range e.Sites[i].Adapters {
			e.Sites[i].Adapters[k].Scale /= float64(len(names))
		}
	}
	return l.with(e)
}

// AverageWeights is the base with one adapter, or one prefix or prompt, whose numbers are the mean of those of several of one
// shape (Chronopoulou et al., arXiv:2302.07027, AdapterSoup): it costs what one costs.
func (l *Library) AverageWeights(names ...string) (*model.Model, error) {
	if len(names) == 0 {
		return nil, errors.New("adapt: library: there is nothing to average")
	}
	var mean *model.Extras
	for _, name := range names {
		at := l.find(name)
		if at < 0 {
			return nil, l.unknown(name)
		}
		e := called(l.items[at].extras, "mean", l.base.Config)
		if mean == nil {
			mean = e
			for _, p := range mean.Params.Names() {
				clear(mean.Params.Get(p).Data)
			}
			e = called(l.items[at].extras, "mean", l.base.Config)
		}
		if a, b := describe(mean), describe(e); a != b {
			return nil, fmt.Errorf("adapt: library: %s and %s have other shapes: only numbers of one shape have a mean", names[0], name)
		}
		for _, p := range mean.Params.Names() {
			to := mean.Params.Get(p).Data
			for i, v := range e.Params.Get(p).Data {
				to[i] += v / float32(len(names))
			}
		}
	}
	return l.with(mean)
}

func describe(e *model.Extras) string {
	text, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Answers answers each question with what the library keeps under a name of its own, "" for the base, all side by side on one
// set of weights. Each answer is what that question gets alone.
func (l *Library) Answers(ctx context.Context, questions, by []string, o model.Generate) ([]string, error) {
	kinds := []*model.Extras{nil}
	for _, it := range l.items {
		kinds = append(kinds, it.extras)
	}
	of := make([]int, len(by))
	for i, name := range by {
		if name == "" {
			continue
		}
		at := l.find(name)
		if at < 0 {
			return nil, l.unknown(name)
		}
		of[i] = at + 1
	}
	d, err := l.base.MixedDecoder(ctx, o.Weights, kinds...)
	if err != nil {
		return nil, err
	}
	return d.AnswersBy(ctx, questions, of, o)
}

// Table shows each entry with its size.
func (l *Library) Table() *metric.Table {
	t := &metric.Table{Title: fmt.Sprintf("%d on one base of %d parameters, %.0f KB", len(l.items), l.base.Count(), kilobytes(l.base.Count())),
		Header: []string{"name", "parameters", "share", "KB", "what"}}
	for _, it := range l.items {
		n := it.extras.Params.Count()
		t.Add(it.name, fmt.Sprint(n), percent(float64(n)/float64(l.base.Count())), fmt.Sprintf("%.1f", kilobytes(n)), it.told)
	}
	return t
}

// kilobytes is the memory of n numbers, of 1000 bytes each.
func kilobytes(n int) float64 { return math.Round(float64(n)*4/100) / 10 }

// String is the table as text.
func (l *Library) String() string { return l.Table().String() }

// HTML is the table.
func (l *Library) HTML() string { return l.Table().HTML() }

const extrasKey = "tunebook.extras"
