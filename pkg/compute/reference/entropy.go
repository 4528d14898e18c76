package reference

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Ignore is the target of a token that does not count.
const Ignore = compute.Ignore

// CrossEntropy gives each row's weighted loss; weights nil means ones.
func CrossEntropy(losses, logits []float64, targets []int32, weights []float64, rows, vocab int) {
	for r := range rows {
		losses[r] = 0
		if targets[r] == Ignore {
			continue
		}
		row := logits[r*vocab : (r+1)*vocab]
		largest := math.Inf(-1)
		for _, v := range row {
			largest = math.Max(largest, v)
		}
		var sum float64
		for _, v := range row {
			sum += math.Exp(v - largest)
		}
		losses[r] = weight(weights, r) * (largest + math.Log(sum) - row[targets[r]])
	}
}

func weight(weights []float64, r int) float64 {
	if weights == nil {
		return 1
	}
	return weights[r]
}

// CrossEntropyBackward gives the gradient of the sum of losses with respect to the logits.
func CrossEntropyBackward(dlogits, logits []float64, targets []int32, weights []float64, rows, vocab int) {
	for r := range rows {
		row := dlogits[r*vocab : (r+1)*vocab]
		if targets[r] == Ignore {
			clear(row)
			continue
		}
		copy(row, logits[r*vocab:(r+1)*vocab])
		softmax(row)
		row[targets[r]]--
		for i := range row {
			row[i] *= weight(weights, r)
		}
	}
}

// AdamW is one step (arXiv:1711.05101, algorithm 2).
func AdamW(p, g, m, v []float64, step int, rate, beta1, beta2, eps, decay float64) {
	for i := range p {
		m[i] = beta1*m[i] + (1-beta1)*g[i]
		v[i] = beta2*v[i] + (1-beta2)*g[i]*g[i]
		mean := m[i] / (1 - math.Pow(beta1, float64(step)))
		square := v[i] / (1 - math.Pow(beta2, float64(step)))
		p[i] -= rate * (mean/(math.Sqrt(square)+eps) + decay*p[i])
	}
}
