package reference

import "math"

// logSoftmax is the log-probabilities of logits/temperature for row r.
func logSoftmax(logits []float64, r, vocab int, temperature float64) []float64 {
	out := make([]float64, vocab)
	largest := math.Inf(-1)
	for i, v := range logits[r*vocab : (r+1)*vocab] {
		out[i] = v / temperature
		largest = math.Max(largest, out[i])
	}
	var sum float64
	for _, v := range out {
		sum += math.Exp(v - largest)
	}
	for i := range out {
		out[i] -= largest + math.Log(sum)
	}
	return out
}

// Entropy gives each row's −Σ p·log p of p = softmax(logits).
func Entropy(values, logits []float64, rows, vocab int) {
	for r := range rows {
		values[r] = 0
		for _, u := range logSoftmax(logits, r, vocab, 1) {
			values[r] -= math.Exp(u) * u
		}
	}
}

// EntropyBackward gives dlogits: ∂H/∂x = −p·(log p + H).
func EntropyBackward(dlogits, dy, logits []float64, rows, vocab int) {
	values := make([]float64, rows)
	Entropy(values, logits, rows, vocab)
	for r := range rows {
		for i, u := range logSoftmax(logits, r, vocab, 1) {
			dlogits[r*vocab+i] = -dy[r] * math.Exp(u) * (u + values[r])
		}
	}
}

// relative is KL(a‖b) of log-probabilities.
func relative(a, b []float64) float64 {
	var sum float64
	for i, u := range a {
		sum += math.Exp(u) * (u - b[i])
	}
	return sum
}

// ForwardKL gives each row's KL(p‖q) of q = softmax(logits/temperature) and p = softmax(given/temperature)
// (arXiv:1503.02531, section 2, without the constant part).
func ForwardKL(values, logits, given []float64, rows, vocab int, temperature float64) {
	for r := range rows {
		values[r] = relative(logSoftmax(given, r, vocab, temperature), logSoftmax(logits, r, vocab, temperature))
	}
}

// ForwardKLBackward gives dlogits: ∂/∂x = (q − p)/temperature.
func ForwardKLBackward(dlogits, dy, logits, given []float64, rows, vocab int, temperature float64) {
	for r := range rows {
		p, q := logSoftmax(given, r, vocab, temperature), logSoftmax(logits, r, vocab, temperature)
		for i := range q {
			dlogits[r*vocab+i] = dy[r] * (math.Exp(q[i]) - math.Exp(p[i])) / temperature
		}
	}
}

// ReverseKL gives each row's KL(q‖p).
func ReverseKL(values, logits, given []float64, rows, vocab int, temperature float64) {
	for r := range rows {
		values[r] = relative(logSoftmax(logits, r, vocab, temperature), logSoftmax(given, r, vocab, temperature))
	}
}

// ReverseKLBackward gives dlogits: ∂/∂x = q·(log(q/p) − KL(q‖p))/temperature.
func ReverseKLBackward(dlogits, dy, logits, given []float64, rows, vocab int, temperature float64) {
	for r := range rows {
		p, q := logSoftmax(given, r, vocab, temperature), logSoftmax(logits, r, vocab, temperature)
		value := relative(q, p)
		for i := range q {
			dlogits[r*vocab+i] = dy[r] * math.Exp(q[i]) * (q[i] - p[i] - value) / temperature
		}
	}
}

// mixture is the logarithm of beta·p + (1−beta)·q.
func mixture(p, q []float64, beta float64) []float64 {
	m := make([]float64, len(p))
	for i := range m {
		m[i] = math.Log(beta*math.Exp(p[i]) + (1-beta)*math.Exp(q[i]))
	}
	return m
}

// JensenShannon gives each row's beta·KL(p‖m) + (1−beta)·KL(q‖m) with m = beta·p + (1−beta)·q (arXiv:2306.13649, eq. 1).
func JensenShannon(values, logits, given []float64, rows, vocab int, beta, temperature float64) {
	for r := range rows {
		p, q := logSoftmax(given, r, vocab, temperature), logSoftmax(logits, r, vocab, temperature)
		m := mixture(p, q, beta)
		values[r] = beta*relative(p, m) + (1-beta)*relative(q, m)
	}
}

// JensenShannonBackward gives dlogits: ∂/∂x = (1−beta)·q·(log(q/m) − KL(q‖m))/temperature.
func JensenShannonBackward(dlogits, dy, logits, given []float64, rows, vocab int, beta, temperature float64) {
	for r := range rows {
		p, q := logSoftmax(given, r, vocab, temperature), logSoftmax(logits, r, vocab, temperature)
		m := mixture(p, q, beta)
		value := relative(q, m)
		for i := range q {
			dlogits[r*vocab+i] = dy[r] * (1 - beta) * math.Exp(q[i]) * (q[i] - m[i] - value) / temperature
		}
	}
}
