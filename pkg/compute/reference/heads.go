package reference

import "github.com/tunebook/tunebook/pkg/compute"

// head is the logits of an output layer: x·wᵀ.
func head(x, w []float64, rows, dim, vocab int) []float64 {
	logits := make([]float64, rows*vocab)
	Linear(logits, x, w, nil, rows, dim, vocab)
	return logits
}

// Shares fills out with each token's part of a mean: its weight over the sum of the weights of the tokens that count.
// weights nil means ones.
func Shares(out []float64, targets []int32, weights []float64) {
	var sum float64
	for r, target := range targets {
		out[r] = 0
		if target != Ignore {
			out[r] = weight(weights, r)
			sum += out[r]
		}
	}
	for r := range out {
		if sum != 0 {
			out[r] /= sum
		}
	}
}

// LinearCrossEntropy is the weighted mean of −log softmax(x·wᵀ)[target] over the tokens that count, 0 where none does.
func LinearCrossEntropy(x, w []float64, targets []int32, weights []float64, rows, dim, vocab int) (loss float64) {
	losses, shares := make([]float64, rows), make([]float64, rows)
	Shares(shares, targets, weights)
	CrossEntropy(losses, head(x, w, rows, dim, vocab), targets, shares, rows, vocab)
	for _, v := range losses {
		loss += v
	}
	return loss
}

// LinearCrossEntropyBackward gives dx and dw from the gradient of the loss; either may be nil.
func LinearCrossEntropyBackward(dx, dw []float64, dy float64, x, w []float64, targets []int32, weights []float64, rows, dim, vocab int) {
	shares, dlogits := make([]float64, rows), make([]float64, rows*vocab)
	Shares(shares, targets, weights)
	for r := range shares {
		shares[r] *= dy
	}
	CrossEntropyBackward(dlogits, head(x, w, rows, dim, vocab), targets, shares, rows, vocab)
	LinearBackward(dx, dw, nil, dlogits, x, w, rows, dim, vocab)
}

// LinearLogProb is each row's log softmax(x·wᵀ)[target], 0 where the target does not count.
func LinearLogProb(values, x, w []float64, targets []int32, rows, dim, vocab int) {
	CrossEntropy(values, head(x, w, rows, dim, vocab), targets, nil, rows, vocab)
	for r := range values {
		values[r] = -values[r]
	}
}

// LinearLogProbBackward gives dx and dw.
func LinearLogProbBackward(dx, dw, dy, x, w []float64, targets []int32, rows, dim, vocab int) {
	weights, dlogits := make([]float64, rows), make([]float64, rows*vocab)
	for r, v := range dy {
		weights[r] = -v
	}
	CrossEntropyBackward(dlogits, head(x, w, rows, dim, vocab), targets, weights, rows, vocab)
	LinearBackward(dx, dw, nil, dlogits, x, w, rows, dim, vocab)
}

// LinearEntropy is the entropy of each row's softmax(x·wᵀ).
func LinearEntropy(values, x, w []float64, rows, dim, vocab int) {
	Entropy(values, head(x, w, rows, dim, vocab), rows, vocab)
}

// LinearEntropyBackward gives dx and dw.
func LinearEntropyBackward(dx, dw, dy, x, w []float64, rows, dim, vocab int) {
	dlogits := make([]float64, rows*vocab)
	EntropyBackward(dlogits, dy, head(x, w, rows, dim, vocab), rows, vocab)
	LinearBackward(dx, dw, nil, dlogits, x, w, rows, dim, vocab)
}

// LinearDivergence is the divergence of each row's softmax(x·wᵀ/T) from softmax(xRef·wRefᵀ/T).
func LinearDivergence(values, x, w, xRef, wRef []float64, rows, dim, dimRef, vocab int, v compute.Divergence) {
	q, p := head(x, w, rows, dim, vocab), head(xRef, wRef, rows, dimRef, vocab)
	switch beta, temperature := v.Numbers(); v.Kind {
	case compute.ForwardKL:
		ForwardKL(values, q, p, rows, vocab, temperature)
	case compute.ReverseKL:
		ReverseKL(values, q, p, rows, vocab, temperature)
	case compute.JensenShannon:
		JensenShannon(values, q, p, rows, vocab, beta, temperature)
	}
}

// LinearDivergenceBackward gives dx and dw.
func LinearDivergenceBackward(dx, dw, dy, x, w, xRef, wRef []float64, rows, dim, dimRef, vocab int, v compute.Divergence) {
	q, p := head(x, w, rows, dim, vocab), head(xRef, wRef, rows, dimRef, vocab)
	dlogits := make([]float64, rows*vocab)
	switch beta, temperature := v.Numbers(); v.Kind {
	case compute.ForwardKL:
		ForwardKLBackward(dlogits, dy, q, p, rows, vocab, temperature)
	case compute.ReverseKL:
		ReverseKLBackward(dlogits, dy, q, p, rows, vocab, temperature)
	case compute.JensenShannon:
		JensenShannonBackward(dlogits, dy, q, p, rows, vocab, beta, temperature)
	}
	LinearBackward(dx, dw, nil, dlogits, x, w, rows, dim, vocab)
}
