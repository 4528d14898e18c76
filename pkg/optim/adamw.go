package optim

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Options are the constants of AdamW (Loshchilov and Hutter, arXiv:1711.05101, algorithm 2).
type Options struct {
	Beta1       float64 // zero means 0.9
	Beta2       float64 // zero means 0.99
	Epsilon     float64 // zero means 1e-8
	WeightDecay float64 // of matrices; vectors, which are the weights of norms, do not decay
}

// AdamW keeps the moments of some tensors and moves them.
type AdamW struct {
	o      Options
	device *cpu.Device
	params []*compute.Tensor
	m, v   [][]float32
	began  []int     // steps that were taken before each tensor joined
	rates  []float64 // of each tensor, as multiples of the step's
	step   int
}

// NewAdamW prepares to move params in place.
func NewAdamW(d *cpu.Device, params []*compute.Tensor, o Options) *AdamW {
	if o.Beta1 == 0 {
		o.Beta1 = 0.9
	}
	if o.Beta2 == 0 {
		o.Beta2 = 0.99
	}
	if o.Epsilon == 0 {
		o.Epsilon = 1e-8
	}
	a := &AdamW{o: o, device: d}
	a.Add(params...)
	return a
}

// Add lets more tensors move from the next step on. Each counts its own steps, from one, as if it had an optimizer of its
// own: with zero moments and a late step, the correction of their start would be missing. Those that move already keep what
// they have. Step then wants their gradients after the others.
func (a *AdamW) Add(params ...*compute.Tensor) { a.AddAt(1, params...) }

// AddAt is Add for tensors whose learning rate is a multiple of the others', as B's in LoRA+ (Hayou et al.,
// arXiv:2402.12354). Weight decay follows the rate, as AdamW's does.
func (a *AdamW) AddAt(rate float64, params ...*compute.Tensor) {
	for _, p := range params {
		a.rates = append(a.rates, rate)
		a.params = append(a.params, p)
		a.m, a.v = append(a.m, compute.Floats(p.Len())), append(a.v, compute.Floats(p.Len()))
		a.began = append(a.began, a.step)
	}
}

// Bytes is the memory of the moments: two values for each that is moved.
func (a *AdamW) Bytes() int {
	floats := 0
	for i := range a.m {
		floats += len(a.m[i]) + len(a.v[i])
	}
	return 4 * floats
}

// Step moves every parameter against its gradient. When the norm of all gradients together is above maxNorm they are
// scaled down to it (Pascanu et al., arXiv:1211.5063, algorithm 1); zero means no limit. It returns the norm before
// scaling. When that is not a finite number nothing moves: one bad step would make every weight NaN for good.
func (a *AdamW) Step(grads []*compute.Tensor, rate, maxNorm float64) float64 {
	var sum float64
	for _, g := range grads {
		sum += a.device.SumSquares(g.Data, g.Len())
	}
	norm := math.Sqrt(sum)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return norm
	}
	clip := 1.0
	if maxNorm > 0 && norm > maxNorm {
		clip = maxNorm / norm
	}
	a.step++
	for i, p := range a.params {
		s := cpu.AdamWStep{Step: a.step - a.began[i], Rate: rate * a.rates[i], Beta1: a.o.Beta1, Beta2: a.o.Beta2, Epsilon: a.o.Epsilon, Clip: clip}
		if len(p.Shape) > 1 {
			s.WeightDecay = a.o.WeightDecay
		}
		a.device.AdamW(p.Data, grads[i].Data, a.m[i], a.v[i], p.Len(), s)
	}
	return norm
}
