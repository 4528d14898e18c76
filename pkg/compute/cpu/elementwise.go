package cpu

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// elementTask is a function of single values, in plain Go: what adapters are made of is narrow.
type elementTask struct {
	f        func(y, dy, x []float32)
	y, dy, x []float32 // dy is nil in the forward pass
}

func (t *elementTask) part(_ *worker, lo, hi int) {
	var dy []float32
	if t.dy != nil {
		dy = t.dy[lo:hi]
	}
	t.f(t.y[lo:hi], dy, t.x[lo:hi])
}

func (d *Device) elementwise(f func(y, dy, x []float32), y, dy, x []float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.element
	*t = elementTask{f, y[:n], dy, x[:n]}
	d.pool.run(t, n, elements)
	*t = elementTask{}
}

func relu(y, _, x []float32) {
	y = y[:len(x)]
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		y[i] = v
	}
}

func reluBack(dx, dy, x []float32) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	for i, v := range x {
		d := dy[i]
		if v <= 0 {
			d = 0
		}
		dx[i] = d
	}
}

func tanh(y, _, x []float32) {
	for i, v := range x {
		y[i] = float32(math.Tanh(float64(v)))
	}
}

func tanhBack(dx, dy, x []float32) {
	for i, v := range x {
		t := math.Tanh(float64(v))
		dx[i] = dy[i] * float32(1-t*t)
	}
}

// ReLU does y = max(0, x) over n values; y may be x.
func (d *Device) ReLU(y, x []float32, n int) { d.elementwise(relu, y, nil, x, n) }

// ReLUBackward gives dx from dy and the forward input, n values each; dx may be dy.
func (d *Device) ReLUBackward(dx, dy, x []float32, n int) { d.elementwise(reluBack, dx, dy[:n], x, n) }

// Tanh does y = tanh(x) over n values; y may be x.
func (d *Device) Tanh(y, x []float32, n int) { d.elementwise(tanh, y, nil, x, n) }

// TanhBackward gives dx from dy and the forward input, n values each; dx may be dy.
func (d *Device) TanhBackward(dx, dy, x []float32, n int) { d.elementwise(tanhBack, dx, dy[:n], x, n) }

func (b *binding) activations(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.ReLU:
		return func() { d.ReLU(out[0], in[0], op.N) }
	case compute.ReLUBack:
		return func() { d.ReLUBackward(out[0], in[0], in[1], op.N) }
	case compute.SiLU:
		return func() { d.SiLU(out[0], in[0], op.N) }
	case compute.SiLUBack:
		return func() { d.SiLUBackward(out[0], in[0], in[1], op.N) }
	case compute.Tanh:
		return func() { d.Tanh(out[0], in[0], op.N) }
	case compute.TanhBack:
		return func() { d.TanhBackward(out[0], in[0], in[1], op.N) }
	}
	return nil
}
