// Package cloze has the two small models of the lesson: one guesses a token from its neighbours on the left, the other
// from its neighbours on both sides. They differ in nothing else.
package cloze

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/token"
)

// A Window is how many neighbours are seen: Left of the gap and Right of it. A causal model has none on the right
// (Bengio et al., A Neural Probabilistic Language Model, JMLR 3 (2003), section 2); with both it does what BERT is
// pre-trained for, fill in what was taken out (Devlin et al., arXiv:1810.04805, section 3.1), with a window in place of
// attention.
type Window struct{ Left, Right int }

// offsets are the places of the neighbours, seen from the gap.
func (w Window) offsets() []int {
	var out []int
	for o := -w.Left; o <= w.Right; o++ {
		if o != 0 {
			out = append(out, o)
		}
	}
	return out
}

// A Model scores tokens for a gap: with e(x) the embedding of a token,
//
//	h = GELU(Σ over neighbours at offset o of W_o·e(x_o)),   scores = E·W·h
//
// where E holds the embeddings of all tokens.
type Model struct {
	Window
	Tokenizer *token.Tokenizer
	Params    *nn.Params  // embedding (V, D), out (D, D), and for each offset (D, D)
	Log       *metric.Log // of its training
}

// Options of Train. Zero values are the defaults named.
type Options struct {
	Name  string  // of the run; zero means the window's
	Dim   int     // zero means 64
	Steps int     // zero means 600
	Batch int     // gaps in a step; zero means 512
	LR    float64 // peak learning rate; zero means 5e-3
	Seed  uint64  // of the weights and of the order of the gaps

	Watch func(metric.Snapshot) // called after every step
}

func (o Options) withDefaults(w Window) Options {
	if o.Name == "" {
		o.Name = fmt.Sprintf("%d left, %d right", w.Left, w.Right)
	}
	if o.Dim == 0 {
		o.Dim = 64
	}
	if o.Steps == 0 {
		o.Steps = 600
	}
	if o.Batch == 0 {
		o.Batch = 512
	}
	if o.LR == 0 {
		o.LR = 5e-3
	}
	return o
}

// New makes a model with random weights.
func New(w Window, tok *token.Tokenizer, dim int, rng *rand.Rand) (*Model, error) {
	if w.Left < 0 || w.Right < 0 || w.Left+w.Right == 0 || dim < 1 {
		return nil, fmt.Errorf("cloze: a window of %d and %d neighbours, width %d: want at least one neighbour and a positive width", w.Left, w.Right, dim)
	}
	m := &Model{Window: w, Tokenizer: tok, Params: &nn.Params{}, Log: &metric.Log{}}
	add := func(name string, rows int, std float64) error {
		return m.Params.Add(name, nn.Normal(rng, std, rows, dim))
	}
	err := add("embedding", tok.Size(), 0.1)
	for _, o := range w.offsets() {
		err = errors.Join(err, add(neighbour(o), dim, 1/math.Sqrt(float64(dim*(w.Left+w.Right)))))
	}
	return m, errors.Join(err, add("out", dim, 1/math.Sqrt(float64(dim))))
}

func neighbour(offset int) string { return fmt.Sprintf("neighbour %+d", offset) }

// A plan is the model written as a graph for a number of gaps.
type plan struct {
	g          *graph.Graph
	neighbours []*graph.Node // ids (rows) for each offset
	hidden     *graph.Node   // (rows, D)
	params     []*graph.Node
	embedding  *graph.Node
}

func (m *Model) plan(rows int) *plan {
	p := &plan{g: graph.New()}
	param := func(name string) *graph.Node {
		n := p.g.Param(name, m.Params.Get(name))
		p.params = append(p.params, n)
		return n
	}
	p.embedding = param("embedding")
	var sum *graph.Node
	for _, o := range m.offsets() {
		ids := p.g.Ints(fmt.Sprintf("ids %+d", o), rows)
		p.neighbours = append(p.neighbours, ids)
		x := graph.Linear(graph.Embedding(p.embedding, ids), param(neighbour(o)), nil) // (rows, D)
		if sum == nil {
			sum = x
		} else {
			sum = graph.Add(sum, x)
		}
	}
	p.hidden = graph.Linear(graph.GELU(sum), param("out"), nil)
	return p
}

// A text is tokens with room for a window at both ends.
type text struct{ ids []int32 }

// texts puts <|bos|> before each text and <|eos|> behind it; beyond them stands <|pad|>.
func (m *Model) texts(set data.Set) []text {
	edge := max(m.Left, m.Right)
	pad := slices.Repeat([]int32{int32(m.Tokenizer.PAD())}, edge)
	out := make([]text, len(set))
	for i, r := range set {
		ids := append(slices.Clone(pad), int32(m.Tokenizer.BOS()))
		for _, id := range m.Tokenizer.Encode(r.Text) {
			ids = append(ids, int32(id))
		}
		out[i] = text{append(append(ids, int32(m.Tokenizer.EOS())), pad...)}
	}
	return out
}

// A gap is a place in a text, counted in its ids.
type gap struct{ text, at int }

// gaps are all places between <|bos|> and <|eos|>.
func (m *Model) gaps(texts []text) []gap {
	edge := max(m.Left, m.Right)
	var out []gap
	for i, t := range texts {
		for at := edge + 1; at < len(t.ids)-edge-1; at++ {
			out = append(out, gap{i, at})
		}
	}
	return out
}

// feed gives the neighbours of gaps to a machine and returns what stood in the gaps.
func (m *Model) feed(machine *graph.Machine, p *plan, texts []text, gaps []gap) ([]int32, error) {
	targets, ids := make([]int32, len(gaps)), make([]int32, len(gaps))
	for k, o := range m.offsets() {
		for i, g := range gaps {
			ids[i] = texts[g.text].ids[g.at+o]
		}
		if err := machine.SetInts(p.neighbours[k], ids); err != nil {
			return nil, err
		}
	}
	for i, g := range gaps {
		targets[i] = texts[g.text].ids[g.at]
	}
	return targets, nil
}

// Train makes a model from random weights and trains it to fill gaps in the Text of the records, each gap alone: all other
// tokens are seen as they are. Equal options give equal weights. When ctx is cancelled it returns what was reached, and an
// error.
func Train(ctx context.Context, w Window, tok *token.Tokenizer, set data.Set, o Options) (*Model, error) {
	o = o.withDefaults(w)
	rng := rand.New(rand.NewPCG(o.Seed, 0xc102e))
	m, err := New(w, tok, o.Dim, rng)
	if err != nil {
		return nil, err
	}
	texts := m.texts(set)
	gaps := m.gaps(texts)
	if len(gaps) == 0 {
		return nil, errors.New("cloze: there is no text to take tokens out of")
	}
	p := m.plan(o.Batch)
	targets := p.g.Ints("targets", o.Batch)
	loss := graph.LinearCrossEntropy(p.hidden, p.embedding, targets, nil)
	grads, err := p.g.Grad(loss, p.params...)
	if err != nil {
		return nil, fmt.Errorf("cloze: %w", err)
	}
	machine, err := p.g.Compile(graph.Options{}, append(grads, loss)...)
	if err != nil {
		return nil, fmt.Errorf("cloze: %w", err)
	}
	var params, slopes []*compute.Tensor
	for i, n := range p.params {
		slope, err := machine.Value(grads[i])
		if err != nil {
			return nil, fmt.Errorf("cloze: %w", err)
		}
		params, slopes = append(params, m.Params.Get(n.Name())), append(slopes, slope)
	}
	adam, schedule := optim.NewAdamW(cpu.Default(), params, optim.Options{}), optim.Cosine{}
	m.Log.Name = o.Name
	began := time.Now()
	batch := make([]gap, o.Batch)
	for step := 1; step <= o.Steps; step++ {
		for i := range batch {
			batch[i] = gaps[rng.IntN(len(gaps))]
		}
		wanted, err := m.feed(machine, p, texts, batch)
		if err != nil {
			return nil, fmt.Errorf("cloze: %w", err)
		}
		if err := machine.SetInts(targets, wanted); err != nil {
			return nil, fmt.Errorf("cloze: %w", err)
		}
		if err := machine.Run(ctx); err != nil {
			return m, fmt.Errorf("cloze: %s: after step %d of %d: %w", o.Name, step-1, o.Steps, err)
		}
		value, err := machine.Scalar(loss)
		if err != nil {
			return nil, fmt.Errorf("cloze: %w", err)
		}
		adam.Step(slopes, o.LR*schedule.At(step, o.Steps), 1)
		m.Log.Add(metric.Loss, "nats per token", step, value)
		if o.Watch != nil {
			elapsed := time.Since(began)
			o.Watch(metric.Snapshot{
				Name: o.Name, Step: step, Steps: o.Steps, Log: m.Log, Elapsed: elapsed, Done: step == o.Steps,
				TokensPerSecond: float64(step*o.Batch) / elapsed.Seconds(),
				Remaining:       time.Duration(float64(elapsed) / float64(step) * float64(o.Steps-step)),
			})
		}
	}
	return m, nil
}

// A Score is how well gaps are filled.
type Score struct {
	Loss     float64 // mean −ln p of what stood in the gap, nats
	Accuracy float64 // how often that was the favourite, 0 to 1
	Gaps     int
}

// Measure takes each token of the Text of the records out in turn.
func (m *Model) Measure(ctx context.Context, set data.Set) (Score, error) {
	texts := m.texts(set)
	gaps := m.gaps(texts)
	s := Score{Gaps: len(gaps)}
	if len(gaps) == 0 {
		return s, errors.New("cloze: there is no text to take tokens out of")
	}
	for part := range slices.Chunk(gaps, 256) {
		scores, wanted, err := m.scores(ctx, texts, part)
		if err != nil {
			return s, err
		}
		for i, id := range wanted {
			row := scores.Row(i)
			best := 0
			for k, z := range row {
				if z > row[best] {
					best = k
				}
			}
			if best == int(id) {
				s.Accuracy += 1 / float64(len(gaps))
			}
			s.Loss += logSum(row, row[best]) / float64(len(gaps))
			s.Loss -= float64(row[id]-row[best]) / float64(len(gaps))
		}
	}
	return s, nil
}

// logSum is ln Σ exp(z − peak).
func logSum(row []float32, peak float32) float64 {
	sum := 0.0
	for _, z := range row {
		sum += math.Exp(float64(z - peak))
	}
	return math.Log(sum)
}

// scores of all tokens (gaps, V), and what stood in the gaps.
func (m *Model) scores(ctx context.Context, texts []text, gaps []gap) (*compute.Tensor, []int32, error) {
	p := m.plan(len(gaps))
	out := graph.Linear(p.hidden, p.embedding, nil)
	machine, err := p.g.Compile(graph.Options{}, out)
	if err != nil {
		return nil, nil, fmt.Errorf("cloze: %w", err)
	}
	wanted, err := m.feed(machine, p, texts, gaps)
	if err != nil {
		return nil, nil, fmt.Errorf("cloze: %w", err)
	}
	if err := machine.Run(ctx); err != nil {
		return nil, nil, fmt.Errorf("cloze: %w", err)
	}
	scores, err := machine.Value(out)
	if err != nil {
		return nil, nil, fmt.Errorf("cloze: %w", err)
	}
	return scores, wanted, nil
}

// Fill lists the k most probable tokens for the gap at token number at of a text, from zero, most probable first.
func (m *Model) Fill(ctx context.Context, line string, at, k int) ([]model.Candidate, error) {
	texts := m.texts(data.Set{{Text: line}})
	gaps := m.gaps(texts)
	if at < 0 || at >= len(gaps) {
		return nil, fmt.Errorf("cloze: token %d of a text that has %d", at, len(gaps))
	}
	scores, _, err := m.scores(ctx, texts, gaps[at:at+1])
	if err != nil {
		return nil, err
	}
	row := scores.Row(0)
	peak := slices.Max(row)
	log := logSum(row, peak)
	all := make([]model.Candidate, len(row))
	for id, z := range row {
		all[id] = model.Candidate{Token: m.Tokenizer.Token(id), ID: id, Prob: math.Exp(float64(z-peak) - log)}
	}
	slices.SortStableFunc(all, func(a, b model.Candidate) int {
		switch {
		case a.Prob > b.Prob:
			return -1
		case a.Prob < b.Prob:
			return 1
		}
		return 0
	})
	return all[:min(max(k, 0), len(all))], nil
}

// Continue writes n tokens behind a text, each the favourite for a gap at its end.
func (m *Model) Continue(ctx context.Context, line string, n int) (string, error) {
	t := m.texts(data.Set{{Text: line}})[0]
	edge := max(m.Left, m.Right)
	end := len(t.ids) - edge - 1 // where <|eos|> stands
	for range n {
		t.ids = slices.Insert(t.ids, end, int32(m.Tokenizer.PAD())) // what stands in a gap is not read
		scores, _, err := m.scores(ctx, []text{t}, []gap{{0, end}})
		if err != nil {
			return "", err
		}
		row := scores.Row(0)
		t.ids[end] = int32(slices.Index(row, slices.Max(row)))
		end++
	}
	var ids []int
	for _, id := range t.ids[edge+1 : end] {
		ids = append(ids, int(id))
	}
	return m.Tokenizer.Decode(ids), nil
}
