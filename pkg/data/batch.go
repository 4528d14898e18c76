package data

import (
	"fmt"
	"math/rand/v2"
)

// Batch is what one step trains on: Batch·Length tokens, row by row. Targets are Ignore where nothing is trained on;
// Positions restart with each example; Segments number the examples of a row, so that attention stays inside one.
type Batch struct {
	IDs, Targets, Positions, Segments []int32
	Batch, Length                     int
	Trained                           int // targets that count
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
		if len(e.IDs) > length {
			return nil, fmt.Errorf("data: example %d has %d tokens, rows have %d: %w", i, len(e.IDs), length, ErrTooLong)
		}
	}
	return &Batches{examples: examples, batch: batch, length: length, pad: int32(pad), rng: rand.New(rand.NewPCG(seed, 0xda7a))}, nil
}

// Next fills b, whose slices are made when they are nil and reused after.
func (s *Batches) Next(b *Batch) {
	n := s.batch * s.length
	if len(b.IDs) != n {
		*b = Batch{IDs: make([]int32, n), Targets: make([]int32, n), Positions: make([]int32, n), Segments: make([]int32, n)}
	}
	b.Batch, b.Length, b.Trained = s.batch, s.length, 0
	for r := range s.batch {
		if s.next == len(s.rows) {
			s.deal()
		}
		s.fill(b, r, s.rows[s.next])
		s.next++
	}
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
	for segment, i := range row {
		e := s.examples[i]
		for p, id := range e.IDs {
			b.IDs[at], b.Targets[at], b.Positions[at], b.Segments[at] = int32(id), int32(e.Labels[p]), int32(p), int32(segment)
			if e.Labels[p] != Ignore {
				b.Trained++
			}
			at++
		}
	}
	for p := int32(0); at < end; at++ {
		b.IDs[at], b.Targets[at], b.Positions[at], b.Segments[at] = s.pad, Ignore, p, int32(len(row))
		p++
	}
}
