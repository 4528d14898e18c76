package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

// ReaderOptions say what a Reader finds out.
type ReaderOptions struct {
	Head    *compute.Tensor // (1, D), of a scalar after every token; nil means the model's own, if it has one
	Entropy bool            // also how sure the model is
	// Temperature divides the logits, as a draw at that temperature does; zero means 1. Scores do not know of it.
	Temperature float64
	Device      *cpu.Device // nil means cpu.Default()
}

// Reader reads whole texts, many at once, and says how probable each token was: what preferences and rewards begin with. It
// works on the model's weights where they lie, so it follows training, and it writes no logits to memory. It belongs to one
// goroutine at a time.
type Reader struct {
	m        *Model
	o        ReaderOptions
	machines map[[2]int]*readerMachine
}

// Reading is what a Reader found out about one text of n tokens.
type Reading struct {
	LogProbs []float32 // log p(token i+1 | tokens 0 to i), nats: n−1 of them
	Scores   []float32 // of the scalar head after tokens 0 to i: n; nil without a head
	Entropy  []float32 // of the distribution after tokens 0 to i, nats: n; nil unless asked for
}

// Sum is the log-probability of the tokens from number from on, given those before them.
func (r Reading) Sum(from int) (sum float64) {
	for _, v := range r.LogProbs[max(from-1, 0):] {
		sum += float64(v)
	}
	return sum
}

// readerMachine reads rows of one length.
type readerMachine struct {
	in                           Inputs
	targets                      *graph.Node
	logprobs, scores, entropy    *graph.Node
	machine                      *graph.Machine
	ids, positions, seg, targetn []int32
}

// Reader makes a reader of the model. With a prompt of its own in front of texts (adapt.Prompt) there is none.
func (m *Model) Reader(o ReaderOptions) (*Reader, error) {
	switch {
	case m.Extras != nil && m.Extras.Prompt > 0:
		return nil, errors.New("model: reader: the model has a prompt in front of its texts (adapt.Prompt): use one without")
	case o.Head != nil && !slices.Equal(o.Head.Shape, []int{1, m.Config.Dim}):
		return nil, fmt.Errorf("model: reader: the head has shape %v, want [1 %d]", o.Head.Shape, m.Config.Dim)
	}
	if o.Temperature == 0 {
		o.Temperature = 1
	}
	if !(o.Temperature > 0) || math.IsInf(o.Temperature, 0) {
		return nil, fmt.Errorf("model: reader: the temperature is %g: want a number above 0", o.Temperature)
	}
	if o.Head == nil && m.Config.Score {
		o.Head = m.Params.Get(ScoreName + ".weight")
	}
	return &Reader{m: m, o: o, machines: map[[2]int]*readerMachine{}}, nil
}

// Rows are as long as the longest text in them, to the next multiple of readerBucket, and at most readerRows are read at a time.
const (
	readerBucket = 16
	readerRows   = 32
)

// Read reads texts of 2 tokens or more, in whatever lengths they come; each is read by itself.
func (r *Reader) Read(ctx context.Context, texts [][]int) ([]Reading, error) {
	most := r.m.Config.Context
	if e := r.m.Extras; e != nil {
		most -= e.Prefix
	}
	order := make([]int, len(texts))
	for i, ids := range texts {
		order[i] = i
		if len(ids) < 2 || len(ids) > most {
			return nil, fmt.Errorf("model: reader: text %d: %w: %d tokens, want 2 to %d", i, ErrContext, len(ids), most)
		}
		if err := r.m.checkIDs(ids); err != nil {
			return nil, fmt.Errorf("model: reader: text %d: %w", i, err)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(texts[b]) - len(texts[a]) })
	out := make([]Reading, len(texts))
	for part := range slices.Chunk(order, readerRows) {
		length := min(most, (len(texts[part[0]])+readerBucket-1)/readerBucket*readerBucket)
		rows := 1
		for rows < len(part) {
			rows *= 2
		}
		m, err := r.machine(rows, length)
		if err != nil {
			return nil, err
		}
		if err := m.read(ctx, texts, part, out); err != nil {
			return nil, fmt.Errorf("model: reader: %w", err)
		}
	}
	return out, nil
}

// machine is the plan for rows of a length.
func (r *Reader) machine(rows, length int) (*readerMachine, error) {
	key := [2]int{rows, length}
	if m := r.machines[key]; m != nil {
		return m, nil
	}
	g, n := graph.New(), rows*length
	m := &readerMachine{in: Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: rows, Length: length},
		targets: g.Ints("targets", n), ids: make([]int32, n), positions: make([]int32, n), seg: make([]int32, n), targetn: make([]int32, n)}
	out, err := r.m.Build(g, m.in, nn.Hooks{Trainable: func(string) bool { return false }})
	if err != nil {
		return nil, err
	}
	tempered := *out
	if r.o.Temperature != 1 {
		tempered.Hidden = graph.Scale(out.Hidden, 1/r.o.Temperature)
	}
	m.logprobs = tempered.LogProbs(m.targets)
	want := []*graph.Node{m.logprobs}
	if r.o.Head != nil {
		m.scores = graph.Reshape(graph.Linear(out.Hidden, g.Constant("head", r.o.Head), nil), n)
		want = append(want, m.scores)
	}
	if r.o.Entropy {
		m.entropy = graph.LinearEntropy(tempered.Hidden, out.Head)
		want = append(want, m.entropy)
	}
	o := graph.Options{}
	if r.o.Device != nil {
		o.Device = r.o.Device
	}
	if m.machine, err = g.Compile(o, want...); err != nil {
		return nil, fmt.Errorf("model: reader: %w", err)
	}
	r.machines[key] = m
	return m, nil
}

func (m *readerMachine) read(ctx context.Context, texts [][]int, part []int, out []Reading) error {
	length := m.in.Length
	for row := range m.in.Batch {
		var ids []int
		if row < len(part) {
			ids = texts[part[row]]
		}
		for p := range length {
			at := row*length + p
			m.ids[at], m.positions[at], m.seg[at], m.targetn[at] = 0, int32(p), 1, compute.Ignore
			if p < len(ids) {
				m.ids[at], m.seg[at] = int32(ids[p]), 0
			}
			if p+1 < len(ids) {
				m.targetn[at] = int32(ids[p+1])
			}
		}
	}
	for _, f := range []struct {
		node   *graph.Node
		values []int32
	}{{m.in.IDs, m.ids}, {m.in.Positions, m.positions}, {m.in.Segments, m.seg}, {m.targets, m.targetn}} {
		if err := m.machine.SetInts(f.node, f.values); err != nil {
			return err
		}
	}
	if err := m.machine.Run(ctx); err != nil {
		return err
	}
	for _, f := range []struct {
		node *graph.Node
		to   func(r *Reading, values []float32)
		less int
	}{
		{m.logprobs, func(r *Reading, v []float32) { r.LogProbs = v }, 1},
		{m.scores, func(r *Reading, v []float32) { r.Scores = v }, 0},
		{m.entropy, func(r *Reading, v []float32) { r.Entropy = v }, 0},
	} {
		if f.node == nil {
			continue
		}
		t, err := m.machine.Value(f.node)
		if err != nil {
			return err
		}
		for row, i := range part {
			f.to(&out[i], slices.Clone(t.Data[row*length:][:len(texts[i])-f.less]))
		}
	}
	return nil
}
