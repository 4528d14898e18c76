package cpu

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// entropyRows is the number of tokens whose logits exist at a time.
const entropyRows = 256

// Ignore is the target of a token that does not count in the loss.
const Ignore = compute.Ignore

// entropyTask turns ranges of rows of logits into losses and, with gradients, into dlogits in place.
type entropyTask struct {
	level     Level
	losses    []float32
	logits    []float32 // (rows, vocabulary)
	targets   []int32
	weights   []float32
	vocab     int
	gradients bool
}

func (t *entropyTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		row := t.logits[r*t.vocab : (r+1)*t.vocab]
		target := t.targets[r]
		if target == Ignore {
			t.losses[r] = 0
			if t.gradients {
				clear(row)
			}
			continue
		}
		weight := float32(1)
		if t.weights != nil {
			weight = t.weights[r]
		}
		at := row[target]
		m := t.level.maximum(row, hidden)
		sum := t.level.expSum(row, row, 1, m)
		t.losses[r] = weight * (m + float32(math.Log(float64(sum))) - at)
		if t.gradients {
			t.level.scale(row, row, weight/sum)
			row[target] -= weight
		}
	}
}

// CrossEntropy gives losses[r] = weights[r]·(logsumexp(logits[r]) − logits[r][targets[r]]), zero where the target is
// Ignore, and the gradient of their sum: logits (rows, vocab) becomes dlogits when gradients is set, and is scratch
// otherwise. weights nil means ones. Targets must be Ignore or in [0, vocab).
func (d *Device) CrossEntropy(losses, logits []float32, targets []int32, weights []float32, rows, vocab int, gradients bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.crossEntropy(losses, logits, targets, weights, rows, vocab, gradients)
}

func (d *Device) crossEntropy(losses, logits []float32, targets []int32, weights []float32, rows, vocab int, gradients bool) {
	if weights != nil {
		weights = weights[:rows]
	}
	t := &d.tasks.entropy
	*t = entropyTask{d.level, losses[:rows], logits[:rows*vocab], targets[:rows], weights, vocab, gradients}
	d.pool.run(t, rows, 8)
	*t = entropyTask{}
}

// LinearCrossEntropy is the output layer and its loss in one: logits = x·wᵀ exist for a few hundred tokens at a time
// and are never stored. x is (rows, dim), w (vocab, dim). losses (rows) is as in CrossEntropy. Where dx or dw
// is not nil it receives the gradient of the sum of losses, (rows, dim) and (vocab, dim).
func (d *Device) LinearCrossEntropy(losses, dx, dw, x, w []float32, targets []int32, weights []float32, rows, dim, vocab int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	gradients := dx != nil || dw != nil
	head := Matrix{Data: w[:vocab*dim], Rows: vocab, Cols: dim}
	across := d.across(2, head, 1)
	var along panels
	if dx != nil {
		along = d.along(1, head, 1)
	}
	if dw != nil && rows == 0 {
		clear(dw[:vocab*dim]) // otherwise the first chunk overwrites it
	}
	for lo := 0; lo < rows; lo += entropyRows {
		n := min(entropyRows, rows-lo)
		logits := d.scratch(3, n*vocab)
		in := x[lo*dim : (lo+n)*dim]
		d.multiply(Matrix{Data: logits, Rows: n, Cols: vocab}, operand{data: in, tile: dim, row: dim, depth: 1}, across, dim, Epilogue{})
		var some []float32
		if weights != nil {
			some = weights[lo : lo+n]
		}
		d.crossEntropy(losses[lo:lo+n], logits, targets[lo:lo+n], some, n, vocab, gradients)
		if dx != nil {
			d.multiply(Matrix{Data: dx[lo*dim : (lo+n)*dim], Rows: n, Cols: dim}, operand{data: logits, tile: vocab, row: vocab, depth: 1}, along, vocab, Epilogue{})
		}
		if dw != nil {
			d.weightGradient(Matrix{Data: dw, Rows: vocab, Cols: dim}, Matrix{Data: logits, Rows: n, Cols: vocab}, Matrix{Data: in, Rows: n, Cols: dim}, Epilogue{Accumulate: lo > 0})
		}
	}
}
