package data

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// Batch is what one step trains on: Batch·Length tokens, row by row. Targets are Ignore where nothing is trained on;
// Positions restart with each text; Segments number the texts of a row, so that attention stays inside one.
type Batch struct {
	IDs, Targets, Positions, Segments []int32
	Batch, Length                     int
	Trained                           int // targets that count

	Examples []int32 // the number of each token's example in the batch, from 0; Ignore at the ends of rows
	Count    int     // examples in the batch
	Present  []int32 // 0 for each number below Count and Ignore above, Batch·Length of them, since there are never more examples

	Tokens  map[string][]float32 // the examples' numbers at every token, 0 at the ends of rows
	Numbers map[string][]float32 // the examples' numbers by the number of the example, 0 above Count
}

// Batches deals examples, packed into rows, in an order drawn anew each epoch. Equal seeds deal equally.
type Batches struct {
	examples      []Example
	batch, length int
	pad           int32
	rng           *rand.Rand
	rows          [][]int
	next          int
	Epoch         int // epochs begun
}

// NewBatches prepares batches of batch rows of length tokens. pad fills the ends of rows and never counts.
func NewBatches(examples []Example, batch, length, pad int, seed uint64) (*Batches, error) {
	if len(examples) == 0 {
		return nil, fmt.Errorf("data: there are no examples to make batches from")
	}
	if batch <= 0 || length <= 0 {
		return nil, fmt.Errorf("data: batches of %d rows of %d tokens: want positive sizes", batch, length)
	}
	for i, e := range examples {
		if err := e.check(length); err != nil {
			return nil, fmt.Errorf("data: example %d %w", i, err)
		}
		if !sameNames(e, examples[0]) {
			return nil, fmt.Errorf("data: examples %d and 0 bring other numbers: %v and %v", i, names(e), names(examples[0]))
		}
	}
	return &Batches{examples: examples, batch: batch, length: length, pad: int32(pad), rng: rand.New(rand.NewPCG(seed, 0xda7a))}, nil
}

// Next fills b, whose slices are made when they are nil and reused after.
func (s *Batches) Next(b *Batch) {
	n := s.batch * s.length
	if len(b.IDs) != n {
		*b = Batch{IDs: make([]int32, n), Targets: make([]int32, n), Positions: make([]int32, n), Segments: make([]int32, n), Examples: make([]int32, n), Present: make([]int32, n)}
	}
	s.numbers(b, n)
	b.Batch, b.Length, b.Trained, b.Count = s.batch, s.length, 0, 0
	for r := range s.batch {
		if s.next == len(s.rows) {
			s.deal()
		}
		s.fill(b, r, s.rows[s.next])
		s.next++
	}
	for i := range b.Present {
		b.Present[i] = 0
		if i >= b.Count {
			b.Present[i] = Ignore
		}
	}
}

// numbers makes room for what the examples bring, and clears it.
func (s *Batches) numbers(b *Batch, n int) {
	first := s.examples[0]
	if len(b.Tokens) != len(first.Tokens) || len(b.Numbers) != len(first.Numbers) {
		b.Tokens, b.Numbers = map[string][]float32{}, map[string][]float32{}
	}
	room := func(of map[string][]float32, name string) {
		if len(of[name]) != n {
			of[name] = make([]float32, n)
		}
		clear(of[name])
	}
	for name := range first.Tokens {
		room(b.Tokens, name)
	}
	for name := range first.Numbers {
		room(b.Numbers, name)
	}
}

// names are those of an example's numbers, in order.
func names(e Example) []string {
	return slices.Concat(slices.Sorted(maps.Keys(e.Tokens)), slices.Sorted(maps.Keys(e.Numbers)))
}

// sameNames says whether two examples bring the same numbers.
func sameNames(a, b Example) bool {
	for name := range a.Tokens {
		if _, ok := b.Tokens[name]; !ok {
			return false
		}
	}
	for name := range a.Numbers {
		if _, ok := b.Numbers[name]; !ok {
			return false
		}
	}
	return len(a.Tokens) == len(b.Tokens) && len(a.Numbers) == len(b.Numbers)
}

// deal shuffles the examples, packs them, and shuffles the rows, so that long examples do not come first.
func (s *Batches) deal() {
	order := s.rng.Perm(len(s.examples))
	lengths := make([]int, len(order))
	for i, e := range order {
		lengths[i] = len(s.examples[e].IDs)
	}
	s.rows = Pack(lengths, s.length)
	for _, row := range s.rows {
		for i, at := range row {
			row[i] = order[at]
		}
	}
	s.rng.Shuffle(len(s.rows), func(i, j int) { s.rows[i], s.rows[j] = s.rows[j], s.rows[i] })
	s.next = 0
	s.Epoch++
}

func (s *Batches) fill(b *Batch, r int, row []int) {
	at, end := r*s.length, (r+1)*s.length
	segment := int32(0)
	for _, i := range row {
		e := s.examples[i]
		for name, values := range e.Tokens {
			copy(b.Tokens[name][at:], values)
		}
		for name, value := range e.Numbers {
			b.Numbers[name][b.Count] = value
		}
		for _, text := range e.Texts() {
			for p := text[0]; p < text[1]; p++ {
				b.IDs[at], b.Targets[at], b.Positions[at], b.Segments[at] = int32(e.IDs[p]), int32(e.Labels[p]), int32(p-text[0]), segment
				b.Examples[at] = int32(b.Count)
				if e.Labels[p] != Ignore {
					b.Trained++
				}
				at++
			}
			segment++
		}
		b.Count++
	}
	for p := int32(0); at < end; at++ {
		b.IDs[at], b.Targets[at], b.Positions[at], b.Segments[at], b.Examples[at] = s.pad, Ignore, p, segment, Ignore
		p++
	}
}
