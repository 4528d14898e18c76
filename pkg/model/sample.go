package model

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
)

// errNotNumbers is what a model whose training diverged gives.
var errNotNumbers = errors.New("model: logits are not numbers: the weights hold NaN or infinity, as after training with too large a learning rate")

// choice is a token with its probability.
type choice struct {
	id   int
	prob float64
}

// sampler picks the next token of one sequence. It is not shared between
// sequences, so a sequence's draws do not depend on its neighbours in a batch.
type sampler struct {
	temperature float64
	topK        int
	topP        float64
	rng         *rand.Rand
	choices     []choice // scratch
}

func newSampler(o Generate, sequence int) *sampler {
	return &sampler{
		temperature: o.Temperature, topK: o.TopK, topP: o.TopP,
		rng: rand.New(rand.NewPCG(o.Seed, uint64(sequence))),
	}
}

// pick chooses the token that follows, from logits (V).
func (s *sampler) pick(logits []float32) (int, error) {
	if s.temperature == 0 {
		return argmax(logits)
	}
	choices, err := s.distribution(logits)
	if err != nil {
		return 0, err
	}
	u := s.rng.Float64()
	for _, c := range choices {
		if u -= c.prob; u < 0 {
			return c.id, nil
		}
	}
	return choices[len(choices)-1].id, nil // rounding left a crumb
}

// distribution is softmax(logits/temperature), cut to the TopK most probable
// tokens, then to the nucleus of arXiv:1904.09751, eq. 2–3: the smallest set
// of most probable tokens whose probabilities reach TopP. What is left is
// scaled to sum to one.
func (s *sampler) distribution(logits []float32) ([]choice, error) {
	top, err := argmax(logits)
	if err != nil {
		return nil, err
	}
	s.choices = slices.Grow(s.choices[:0], len(logits))
	peak, sum := float64(logits[top]), 0.0
	for id, l := range logits {
		p := math.Exp((float64(l) - peak) / s.temperature)
		sum += p
		s.choices = append(s.choices, choice{id, p})
	}
	if s.topK > 0 && s.topK < len(s.choices) {
		slices.SortFunc(s.choices, moreProbable)
		s.choices = s.choices[:s.topK]
		sum = total(s.choices)
	}
	if s.topP > 0 && s.topP < 1 {
		sum = s.nucleus(sum)
	}
	for i := range s.choices {
		s.choices[i].prob /= sum
	}
	return s.choices, nil
}

// nucleus cuts the choices, whose weights sum to sum, and returns what the
// rest sums to.
func (s *sampler) nucleus(sum float64) float64 {
	// A token below (1-TopP)/(n-1) of the whole cannot be in the nucleus: it
	// and all the less probable ones together weigh less than 1-TopP. Leaving
	// these out first makes the sort short. The most probable one, whose weight
	// is 1, always stays.
	if n := len(s.choices); n > 1 {
		least := min(1, (1-s.topP)/float64(n-1)*sum)
		s.choices = slices.DeleteFunc(s.choices, func(c choice) bool { return c.prob < least })
	}
	slices.SortFunc(s.choices, moreProbable)
	kept := 0.0
	for i, c := range s.choices {
		kept += c.prob
		if kept >= s.topP*sum {
			s.choices = s.choices[:i+1]
			break
		}
	}
	return kept
}

// moreProbable orders by probability, then by id, so that ties are settled
// the same way on every run.
func moreProbable(a, b choice) int {
	if c := cmp.Compare(b.prob, a.prob); c != 0 {
		return c
	}
	return cmp.Compare(a.id, b.id)
}

func total(choices []choice) float64 {
	sum := 0.0
	for _, c := range choices {
		sum += c.prob
	}
	return sum
}

// argmax is the first of the largest logits.
func argmax(logits []float32) (int, error) {
	best := 0
	for i, l := range logits {
		if l > logits[best] {
			best = i
		}
		if l != l {
			return 0, errNotNumbers
		}
	}
	if len(logits) == 0 || math.IsInf(float64(logits[best]), 0) {
		return 0, errNotNumbers
	}
	return best, nil
}
