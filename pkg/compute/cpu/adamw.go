package cpu

import "math"

// AdamWStep is the arithmetic of one step, as in Loshchilov and Hutter, arXiv:1711.05101, algorithm 2.
type AdamWStep struct {
	Step                  int     // t, from 1
	Rate                  float64 // learning rate of this step
	Beta1, Beta2, Epsilon float64
	WeightDecay           float64 // λ; the weight shrinks by Rate·λ
	Clip                  float64 // the gradient is multiplied by this first; zero means 1
}

type adamwTask struct {
	level                                      Level
	p, g, m, v                                 []float32
	clip, b1, c1, b2, c2, rate, inv, eps, keep float32
}

func (t *adamwTask) part(_ *worker, lo, hi int) {
	p, g, m, v := t.p[lo:hi], t.g[lo:hi], t.m[lo:hi], t.v[lo:hi]
	n := t.level.whole(len(p))
	if n > 0 {
		if t.level == AVX512 {
			adamwAVX512(&p[0], &g[0], &m[0], &v[0], t.clip, t.b1, t.c1, t.b2, t.c2, t.rate, t.inv, t.eps, t.keep, uintptr(n))
		} else {
			adamwAVX2(&p[0], &g[0], &m[0], &v[0], t.clip, t.b1, t.c1, t.b2, t.c2, t.rate, t.inv, t.eps, t.keep, uintptr(n))
		}
	}
	for i := n; i < len(p); i++ {
		gi := g[i] * t.clip
		m[i] = t.b1*m[i] + t.c1*gi
		v[i] = t.b2*v[i] + t.c2*gi*gi
		p[i] = t.keep*p[i] - t.rate*m[i]/(float32(math.Sqrt(float64(v[i])))*t.inv+t.eps)
	}
}

// AdamW updates p with gradient g and keeps the moments m and v, n values each, in one pass over memory.
func (d *Device) AdamW(p, g, m, v []float32, n int, s AdamWStep) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clip := s.Clip
	if clip == 0 {
		clip = 1
	}
	first := 1 - math.Pow(s.Beta1, float64(s.Step))
	second := 1 - math.Pow(s.Beta2, float64(s.Step))
	t := &d.tasks.adamw
	*t = adamwTask{d.level, p[:n], g[:n], m[:n], v[:n], float32(clip), float32(s.Beta1), float32(1 - s.Beta1), float32(s.Beta2), float32(1 - s.Beta2),
		float32(s.Rate / first), float32(1 / math.Sqrt(second)), float32(s.Epsilon), float32(1 - s.Rate*s.WeightDecay)}
	d.pool.run(t, n, elements)
	*t = adamwTask{}
}
