package cpu

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// logitTask is a task on rows of logits: those of tokens lo and on, and those of another model where it compares with one.
type logitTask interface {
	task
	begin(lo int, logits, others []float32)
}

// head is an output layer: logits = x·wᵀ, x (rows, dim), w (vocab, dim).
type head struct {
	x, w []float32
	dim  int
}

// throughHeads runs t on the logits of all rows, which exist for entropyRows tokens at a time. With dx and dw not nil t
// leaves the gradients of the logits in their place, and dx (rows, dim) and dw (vocab, dim) receive those of x and w.
func (d *Device) throughHeads(t logitTask, dx, dw []float32, h, other head, rows, vocab int) {
	w := Matrix{Data: h.w[:vocab*h.dim], Rows: vocab, Cols: h.dim}
	across := d.across(2, w, 1)
	var along, acrossOther panels
	if other.w != nil {
		acrossOther = d.across(6, Matrix{Data: other.w[:vocab*other.dim], Rows: vocab, Cols: other.dim}, 1)
	}
	if dx != nil {
		along = d.along(1, w, 1)
		if rows == 0 {
			clear(dw[:vocab*h.dim]) // otherwise the first chunk overwrites it
		}
	}
	for lo := 0; lo < rows; lo += entropyRows {
		n := min(entropyRows, rows-lo)
		logits := Matrix{Data: d.scratch(3, n*vocab), Rows: n, Cols: vocab}
		in := h.x[lo*h.dim : (lo+n)*h.dim]
		d.multiply(logits, operand{data: in, tile: h.dim, row: h.dim, depth: 1}, across, h.dim, Epilogue{})
		var others []float32
		if other.w != nil {
			others = d.scratch(5, n*vocab)
			d.multiply(Matrix{Data: others, Rows: n, Cols: vocab}, operand{data: other.x[lo*other.dim : (lo+n)*other.dim], tile: other.dim, row: other.dim, depth: 1}, acrossOther, other.dim, Epilogue{})
		}
		t.begin(lo, logits.Data, others)
		d.pool.run(t, n, 8)
		if dx == nil {
			continue
		}
		d.multiply(Matrix{Data: dx[lo*h.dim : (lo+n)*h.dim], Rows: n, Cols: h.dim}, operand{data: logits.Data, tile: vocab, row: vocab, depth: 1}, along, vocab, Epilogue{})
		d.weightGradient(Matrix{Data: dw, Rows: vocab, Cols: h.dim}, logits, Matrix{Data: in, Rows: n, Cols: h.dim}, Epilogue{Accumulate: lo > 0})
	}
}

// tokenEntropyTask turns rows of logits into entropies or, with dy, into gradients of the logits.
type tokenEntropyTask struct {
	level            Level
	out, dy          []float32
	vocab            int
	logits           []float32
	outNow, gradient []float32 // of the rows at hand
}

func (t *tokenEntropyTask) begin(lo int, logits, _ []float32) {
	t.logits = logits
	if t.dy != nil {
		t.gradient = t.dy[lo:]
	} else {
		t.outNow = t.out[lo:]
	}
}

// With e = exp(x − max x), S = Σ e and T = Σ e·(x − max x): H = log S − T/S and ∂H/∂x = −e/S·(x − max x − T/S).
func (t *tokenEntropyTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		row := t.logits[r*t.vocab : (r+1)*t.vocab]
		if t.gradient != nil && t.gradient[r] == 0 {
			clear(row)
			continue
		}
		m := t.level.maximum(row, hidden)
		total, weighted := t.level.entropySums(row, m)
		if t.gradient == nil {
			t.outNow[r] = float32(math.Log(total) - weighted/total)
			continue
		}
		t.level.entropyBack(row, row, m, float32(-float64(t.gradient[r])/total), float32(weighted/total))
	}
}

// LinearEntropy gives the entropy in nats of each row's softmax(x·wᵀ), the distribution of the next token, without storing
// the logits. x is (rows, dim), w (vocab, dim), out (rows).
func (d *Device) LinearEntropy(out, x, w []float32, rows, dim, vocab int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.tokenEntropy
	*t = tokenEntropyTask{level: d.level, out: out[:rows], vocab: vocab}
	d.throughHeads(t, nil, nil, head{x, w, dim}, head{}, rows, vocab)
	*t = tokenEntropyTask{}
}

// LinearEntropyBackward gives dx (rows, dim) and dw (vocab, dim) from dy (rows) and the forward inputs; the logits are computed
// once more.
func (d *Device) LinearEntropyBackward(dx, dw, dy, x, w []float32, rows, dim, vocab int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.tokenEntropy
	*t = tokenEntropyTask{level: d.level, dy: dy[:rows], vocab: vocab}
	d.throughHeads(t, dx, dw, head{x, w, dim}, head{}, rows, vocab)
	*t = tokenEntropyTask{}
}

// Divergence is a kind of divergence with its numbers.
type Divergence = compute.Divergence

// DivergenceKind says how far apart two distributions are: p, which is given, and q, which learns.
type DivergenceKind = compute.DivergenceKind

// The kinds.
const (
	ForwardKL     = compute.ForwardKL
	ReverseKL     = compute.ReverseKL
	JensenShannon = compute.JensenShannon
)

// divergenceTask turns rows of logits and of others into divergences or, with dy, logits into their gradients.
type divergenceTask struct {
	level            Level
	kind             DivergenceKind
	a, beta          float32
	out, dy          []float32
	vocab            int
	logits, others   []float32
	outNow, gradient []float32 // of the rows at hand
}

func (t *divergenceTask) begin(lo int, logits, others []float32) {
	t.logits, t.others = logits, others
	if t.dy != nil {
		t.gradient = t.dy[lo:]
	} else {
		t.outNow = t.out[lo:]
	}
}

// normalizer are the m and s of a row's log-probabilities, (a·x − m) − s.
type normalizer struct{ m, s float32 }

func (l Level) normalizer(x []float32, a float32) normalizer {
	m := a * l.maximum(x, hidden)
	return normalizer{m, float32(math.Log(l.expTotal(x, a, m)))}
}

// With D the divergence and a one over the temperature, ∂D/∂x is a·(q − p) for the forward KL, a·q·(log(q/p) − D) for the
// reverse, and a·(1−β)·q·(log(q/m) − KL(q‖m)) for Jensen-Shannon.
func (t *divergenceTask) part(_ *worker, lo, hi int) {
	l, a, beta, rest := t.level, t.a, t.beta, 1-t.beta
	for r := lo; r < hi; r++ {
		x, p := t.logits[r*t.vocab:(r+1)*t.vocab], t.others[r*t.vocab:(r+1)*t.vocab]
		var by float32
		if t.gradient != nil {
			if by = a * t.gradient[r]; by == 0 {
				clear(x)
				continue
			}
		}
		np, nq := l.normalizer(p, a), l.normalizer(x, a)
		var value float64
		switch t.kind {
		case ForwardKL:
			if t.gradient != nil {
				l.forwardBack(x, p, a, np, nq, by)
				continue
			}
			value = l.relativeEntropy(p, x, a, np, nq)
		case ReverseKL:
			value = l.relativeEntropy(x, p, a, nq, np)
			if t.gradient != nil {
				l.reverseBack(x, p, a, np, nq, by, float32(value))
				continue
			}
		case JensenShannon:
			fromP, fromQ := l.mixedEntropies(p, x, a, np, nq, beta, rest)
			if t.gradient != nil {
				l.mixedBack(x, p, a, np, nq, beta, rest, by*rest, float32(fromQ))
				continue
			}
			value = float64(beta)*fromP + float64(rest)*fromQ
		}
		t.outNow[r] = float32(value)
	}
}

func (d *Device) divergence(out, dx, dw, dy []float32, q, p head, rows, vocab int, v Divergence) {
	d.mu.Lock()
	defer d.mu.Unlock()
	beta, temperature := v.Numbers()
	t := &d.tasks.divergence
	*t = divergenceTask{level: d.level, kind: v.Kind, a: float32(1 / temperature), beta: float32(beta), out: out, dy: dy, vocab: vocab}
	d.throughHeads(t, dx, dw, q, p, rows, vocab)
	*t = divergenceTask{}
}

// LinearDivergence gives the divergence in nats of each row's q = softmax(x·wᵀ/T) from p = softmax(xRef·wRefᵀ/T), without
// storing the logits. x is (rows, dim), w (vocab, dim), xRef (rows, dimRef), wRef (vocab, dimRef), out (rows). It is not
// multiplied by T².
func (d *Device) LinearDivergence(out, x, w, xRef, wRef []float32, rows, dim, dimRef, vocab int, v Divergence) {
	d.divergence(out[:rows], nil, nil, nil, head{x, w, dim}, head{xRef, wRef, dimRef}, rows, vocab, v)
}

// LinearDivergenceBackward gives dx (rows, dim) and dw (vocab, dim) from dy (rows) and the forward inputs; p does not move. The
// logits are computed once more.
func (d *Device) LinearDivergenceBackward(dx, dw, dy, x, w, xRef, wRef []float32, rows, dim, dimRef, vocab int, v Divergence) {
	d.divergence(nil, dx, dw, dy[:rows], head{x, w, dim}, head{xRef, wRef, dimRef}, rows, vocab, v)
}
