package method

import (
	"errors"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/graph"
)

// Estimator is a way to estimate KL(policy‖reference) from the tokens that the policy drew (Schulman, Approximating KL
// Divergence, 2020). With d = log p − log q, p the policy's probability of the token and q the reference's:
type Estimator int

// The three of that note. The mean of K1 and of K3 is the KL; a single value, or a mean of few, may be negative with K1 and may not
// with K2 and K3.
const (
	K1 Estimator = 1 + iota // d: no bias, much noise
	K2                      // ½d²: little noise, some bias; its gradient is that of the KL
	K3                      // e^−d − 1 + d: no bias, little noise while the two are near
)

// String is k1, k2 or k3.
func (e Estimator) String() string { return fmt.Sprintf("k%d", int(e)) }

// Of is the estimate for one token, from its two log-probabilities, nats.
func (e Estimator) Of(policy, reference float64) float64 {
	d := policy - reference
	switch e {
	case K2:
		return d * d / 2
	case K3:
		return math.Expm1(-d) + d
	}
	return d
}

// node is Of for every token.
func (e Estimator) node(policy, reference *graph.Node) *graph.Node {
	back := graph.Sub(reference, policy) // −d
	if e == K2 {
		return graph.Scale(graph.Square(back), .5)
	}
	return graph.Shift(graph.Sub(graph.Exp(back), back), -1)
}

// KL keeps the policy near its reference: Coefficient times an estimate of the KL divergence is taken from every token's reward
// (Ouyang et al., arXiv:2203.02155, eq. 2) or added to the loss (Shao et al., arXiv:2402.03300, eq. 3). The zero value is the
// method's default.
type KL struct {
	Coefficient float64   // β, of the first batch where Target is set; zero means the method's default, negative means none
	Estimator   Estimator // zero means K1 in rewards and K3 in losses
	InLoss      bool      // in PPO and RLOO: not in the rewards; GRPO has it in the loss in any case

	// Target makes β adaptive (Ziegler et al., arXiv:1909.08593, section 2.2): after each batch of answers it grows where the mean
	// KL of an answer is above Target, nats, and shrinks where it is below. Zero means a fixed β.
	Target float64
	Gain   float64 // K of the same equations, how fast; zero means 0.1
}

// Next is β after a batch of answers whose mean KL was measured: β·(1 + Gain·e) with e = KL/Target − 1 clipped to ±0.2.
func (k KL) Next(beta, measured float64) float64 {
	if k.Target == 0 {
		return beta
	}
	gain := k.Gain
	if gain == 0 {
		gain = .1
	}
	return beta * (1 + gain*min(max(measured/k.Target-1, -.2), .2))
}

// withDefaults fills in beta and the estimator.
func (k KL) withDefaults(beta float64) KL {
	if k.Coefficient == 0 {
		k.Coefficient = beta
	}
	if k.Estimator == 0 {
		if k.Estimator = K1; k.InLoss {
			k.Estimator = K3
		}
	}
	return k
}

// first is β of the first batch.
func (k KL) first() float64 { return max(k.Coefficient, 0) }

func (k KL) check() error {
	switch {
	case math.IsNaN(k.Coefficient) || math.IsInf(k.Coefficient, 0):
		return fmt.Errorf("field KL.Coefficient is %g: want a number such as 0.05, or a negative one for no KL", k.Coefficient)
	case k.Estimator < 0 || k.Estimator > K3:
		return fmt.Errorf("field KL.Estimator is %d: want method.K1, K2 or K3", int(k.Estimator))
	case k.InLoss && k.Estimator == K1:
		return errors.New("field KL.Estimator is K1 in the loss: its gradient is zero on average, so it holds nothing back; use K2 or K3, or put the KL into the rewards")
	case !(k.Target >= 0) || math.IsInf(k.Target, 0) || !(k.Gain >= 0 && k.Gain <= 5):
		return fmt.Errorf("fields KL.Target %g, KL.Gain %g: want Target a KL in nats per answer, such as 5, and Gain 0 to 5", k.Target, k.Gain)
	case k.Target > 0 && k.Coefficient <= 0:
		return fmt.Errorf("field KL.Target is %g and KL.Coefficient %g: an adaptive coefficient is multiplied, so begin above 0", k.Target, k.Coefficient)
	}
	return nil
}

// String names every setting.
func (k KL) String() string {
	where := "rewards"
	if k.InLoss {
		where = "loss"
	}
	text := fmt.Sprintf("KL %g·%v in the %s", k.first(), k.Estimator, where)
	if k.Target > 0 {
		text += fmt.Sprintf(", target %g with gain %g", k.Target, k.Gain)
	}
	return text
}
