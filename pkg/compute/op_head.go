package compute

import (
	"fmt"
	"math"
)

// The operators below have an output layer inside: their logits are x·wᵀ, (Rows, Vocab), and need not be stored.

// Ignore is the target of a token that does not count.
const Ignore = -100

// LinearCrossEntropy is the output layer and its loss, the mean over tokens, weighted, of −log softmax(x·wᵀ)[target], and its
// gradients. A token's share of the mean is its weight (without Weights 1) over the sum of the weights of the tokens that
// count; where that is zero, so are loss and gradients.
//
// In: x (Rows, Dim), w (Vocab, Dim), targets (Rows) of integers from 0 to Vocab−1 or Ignore, with Weights weights (Rows).
// Out: loss, a scalar; with DX dx (Rows, Dim); with DW dw (Vocab, Dim).
type LinearCrossEntropy struct {
	Rows, Dim, Vocab int
	Weights          bool
	DX, DW           bool
}

// LinearLogProb is each row's log softmax(x·wᵀ)[target], 0 where the target is Ignore.
//
// In: x (Rows, Dim), w (Vocab, Dim), targets (Rows) of integers from 0 to Vocab−1 or Ignore. Out: y (Rows).
type LinearLogProb struct{ Rows, Dim, Vocab int }

// LinearLogProbBack is its derivative, which computes the logits once more.
//
// In: dy (Rows), x (Rows, Dim), w (Vocab, Dim), targets (Rows). Out: dx (Rows, Dim), dw (Vocab, Dim).
type LinearLogProbBack struct{ Rows, Dim, Vocab int }

// LinearEntropy is the entropy in nats of each row's softmax(x·wᵀ).
//
// In: x (Rows, Dim), w (Vocab, Dim). Out: y (Rows).
type LinearEntropy struct{ Rows, Dim, Vocab int }

// LinearEntropyBack is its derivative, which computes the logits once more.
//
// In: dy (Rows), x (Rows, Dim), w (Vocab, Dim). Out: dx (Rows, Dim), dw (Vocab, Dim).
type LinearEntropyBack struct{ Rows, Dim, Vocab int }

// DivergenceKind says how far apart two distributions are: p, which is given, and q, which learns.
type DivergenceKind int

// The kinds.
const (
	ForwardKL     DivergenceKind = iota // KL(p‖q) = Σ p·log(p/q): q covers all that p does
	ReverseKL                           // KL(q‖p): q keeps to what p does most
	JensenShannon                       // Beta·KL(p‖m) + (1−Beta)·KL(q‖m) with m = Beta·p + (1−Beta)·q
)

func (k DivergenceKind) String() string {
	switch k {
	case ForwardKL:
		return "forward KL"
	case ReverseKL:
		return "reverse KL"
	case JensenShannon:
		return "Jensen-Shannon"
	}
	return "unknown divergence"
}

// Divergence is a kind with its numbers.
type Divergence struct {
	Kind        DivergenceKind
	Beta        float64 // of JensenShannon, above 0 and below 1; zero means ½
	Temperature float64 // of both distributions: softmax(logits/Temperature); zero means 1
}

// Numbers are Beta and Temperature with their defaults.
func (v Divergence) Numbers() (beta, temperature float64) {
	beta, temperature = v.Beta, v.Temperature
	if beta == 0 {
		beta = 0.5
	}
	if temperature == 0 {
		temperature = 1
	}
	return beta, temperature
}

func (v Divergence) limits() error { return v.Check() }

// Check refuses a kind that is none, and numbers outside their ranges.
func (v Divergence) Check() error {
	if v.Kind != ForwardKL && v.Kind != ReverseKL && v.Kind != JensenShannon {
		return fmt.Errorf("kind %d: want ForwardKL, ReverseKL or JensenShannon", v.Kind)
	}
	if !(v.Beta >= 0 && v.Beta < 1) {
		return fmt.Errorf("beta %g: want above 0 and below 1, or 0 for ½", v.Beta)
	}
	if !(v.Temperature >= 0) || math.IsInf(v.Temperature, 0) {
		return fmt.Errorf("temperature %g: want above 0, or 0 for 1", v.Temperature)
	}
	return nil
}

// LinearDivergence is the divergence in nats of each row's q = softmax(x·wᵀ/T) from p = softmax(xRef·wRefᵀ/T), T the
// temperature. It is not multiplied by T².
//
// In: x (Rows, Dim), w (Vocab, Dim), xRef (Rows, DimRef), wRef (Vocab, DimRef). Out: y (Rows).
type LinearDivergence struct {
	Rows, Dim, DimRef, Vocab int
	Divergence
}

// LinearDivergenceBack is its derivative by x and w, which computes all logits once more; p does not move.
//
// In: dy (Rows), and those of LinearDivergence. Out: dx (Rows, Dim), dw (Vocab, Dim).
type LinearDivergenceBack struct {
	Rows, Dim, DimRef, Vocab int
	Divergence
}

func (LinearCrossEntropy) Name() string   { return "cross-entropy" }
func (LinearLogProb) Name() string        { return "log-probability" }
func (LinearLogProbBack) Name() string    { return "log-probability.back" }
func (LinearEntropy) Name() string        { return "entropy" }
func (LinearEntropyBack) Name() string    { return "entropy.back" }
func (LinearDivergence) Name() string     { return "divergence" }
func (LinearDivergenceBack) Name() string { return "divergence.back" }

// head is the two sides of the logits, gradients what they are moved by.
func head(rows, dim, vocab int) []Arg { return []Arg{floats("x", rows, dim), floats("w", vocab, dim)} }
func gradients(rows, dim, vocab int) []Arg {
	return []Arg{floats("dx", rows, dim), floats("dw", vocab, dim)}
}

func (o LinearCrossEntropy) Args() (out, in []Arg) {
	out = append([]Arg{floats("loss")}, floats("dx", o.Rows, o.Dim).when(o.DX)...)
	out = append(out, floats("dw", o.Vocab, o.Dim).when(o.DW)...)
	in = append(head(o.Rows, o.Dim, o.Vocab), ints("targets", o.Rows))
	return out, append(in, floats("weights", o.Rows).when(o.Weights)...)
}

func (o LinearLogProb) Args() (out, in []Arg) {
	return []Arg{floats("y", o.Rows)}, append(head(o.Rows, o.Dim, o.Vocab), ints("targets", o.Rows))
}

func (o LinearLogProbBack) Args() (out, in []Arg) {
	in = append([]Arg{floats("dy", o.Rows)}, head(o.Rows, o.Dim, o.Vocab)...)
	return gradients(o.Rows, o.Dim, o.Vocab), append(in, ints("targets", o.Rows))
}

func (o LinearEntropy) Args() (out, in []Arg) {
	return []Arg{floats("y", o.Rows)}, head(o.Rows, o.Dim, o.Vocab)
}

func (o LinearEntropyBack) Args() (out, in []Arg) {
	return gradients(o.Rows, o.Dim, o.Vocab), append([]Arg{floats("dy", o.Rows)}, head(o.Rows, o.Dim, o.Vocab)...)
}

func (o LinearDivergence) Args() (out, in []Arg) {
	in = append(head(o.Rows, o.Dim, o.Vocab), floats("xRef", o.Rows, o.DimRef), floats("wRef", o.Vocab, o.DimRef))
	return []Arg{floats("y", o.Rows)}, in
}

func (o LinearDivergenceBack) Args() (out, in []Arg) {
	_, in = LinearDivergence(o).Args()
	return gradients(o.Rows, o.Dim, o.Vocab), append([]Arg{floats("dy", o.Rows)}, in...)
}
