package optim

import "math"

// Schedule gives the share of the peak learning rate at a step: step counts from 1 to steps.
type Schedule interface {
	At(step, steps int) float64
}

// Constant keeps the peak after the warm-up.
type Constant struct {
	Warmup int // steps of linear warm-up; zero means none
}

// At is the share of the peak.
func (s Constant) At(step, _ int) float64 { return warm(step, s.Warmup) }

// Cosine falls along half a cosine to Floor after the warm-up (Loshchilov and Hutter, arXiv:1608.03983, eq. 5).
type Cosine struct {
	Warmup int     // steps; zero means a twentieth of all
	Floor  float64 // share of the peak at the end
}

// At is the share of the peak.
func (s Cosine) At(step, steps int) float64 {
	w := orTwentieth(s.Warmup, steps)
	if step <= w {
		return warm(step, w)
	}
	return s.Floor + (1-s.Floor)*0.5*(1+math.Cos(math.Pi*past(step, w, steps)))
}

// Linear falls in a straight line to Floor after the warm-up.
type Linear struct {
	Warmup int     // steps; zero means a twentieth of all
	Floor  float64 // share of the peak at the end
}

// At is the share of the peak.
func (s Linear) At(step, steps int) float64 {
	w := orTwentieth(s.Warmup, steps)
	if step <= w {
		return warm(step, w)
	}
	return 1 - (1-s.Floor)*past(step, w, steps)
}

// WSD warms up, stays, and falls to zero in the last Decay share of the steps (Hu et al., arXiv:2404.06395, section 4).
type WSD struct {
	Warmup int     // steps; zero means a twentieth of all
	Decay  float64 // zero means 0.2
}

// At is the share of the peak.
func (s WSD) At(step, steps int) float64 {
	w := orTwentieth(s.Warmup, steps)
	if step <= w {
		return warm(step, w)
	}
	decay := s.Decay
	if decay == 0 {
		decay = 0.2
	}
	start := float64(steps) * (1 - decay)
	if float64(step) <= start {
		return 1
	}
	return math.Max(0, (float64(steps)-float64(step))/(float64(steps)-start))
}

func orTwentieth(warmup, steps int) int {
	if warmup == 0 {
		return max(1, steps/20)
	}
	return warmup
}

func warm(step, warmup int) float64 {
	if warmup <= 0 || step >= warmup {
		return 1
	}
	return float64(step) / float64(warmup)
}

// past is how much of the steps after the warm-up is gone, 0 to 1.
func past(step, warmup, steps int) float64 {
	if steps <= warmup {
		return 1
	}
	return math.Min(1, float64(step-warmup)/float64(steps-warmup))
}
