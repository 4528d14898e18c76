package method

import "math"

// GAE is generalized advantage estimation (Schulman et al., arXiv:1506.02438, eq. 16): how much better than expected each token
// turned out, and what the value should have been. With δ(t) = r(t) + γ·V(t+1) − V(t), where V is 0 behind the last token,
//
//	A(t) = δ(t) + γλ·A(t+1)   and   return(t) = A(t) + V(t)
//
// lambda 1 gives the sum of rewards less the value, without bias and with much noise; lambda 0 trusts the next value. rewards and
// values are those of one answer, as many as it has tokens.
func GAE(rewards, values []float64, gamma, lambda float64) (advantages, returns []float64) {
	n := len(rewards)
	advantages, returns = make([]float64, n), make([]float64, n)
	next, value := 0.0, 0.0 // behind the last token
	for t := n - 1; t >= 0; t-- {
		delta := rewards[t] + gamma*value - values[t]
		next = delta + gamma*lambda*next
		advantages[t], returns[t], value = next, next+values[t], values[t]
	}
	return advantages, returns
}

// tiny keeps a division by a deviation of zero from giving nonsense.
const tiny = 1e-8

// Whiten moves and scales values in place so that over all the lists their mean is 0 and their variance (n−1) is 1. With keepMean
// they are scaled only about their mean. Values that are all equal become 0, or stay.
func Whiten(lists [][]float64, keepMean bool) {
	mean, variance := moments(lists)
	scale := 1 / math.Sqrt(variance+tiny)
	for _, list := range lists {
		for i, v := range list {
			if list[i] = (v - mean) * scale; keepMean {
				list[i] += mean
			}
		}
	}
}

// moments are the mean and the sample variance (n−1) over all the lists, the variance 0 where there are less than two values.
func moments(lists [][]float64) (mean, variance float64) {
	n := 0.0
	for _, list := range lists {
		for _, v := range list {
			n++
			mean += (v - mean) / n
		}
	}
	if n < 2 {
		return mean, 0
	}
	for _, list := range lists {
		for _, v := range list {
			variance += (v - mean) * (v - mean)
		}
	}
	return mean, variance / (n - 1)
}

// Explained is the share of the variance of the returns that the values foresaw, 1 − Var(return − value)/Var(return): 1 for a
// perfect critic, 0 for one that always says the mean, below 0 for one that is worse than that. It is NaN where all returns are equal.
func Explained(rollouts []Rollout) float64 {
	returns, missed := make([][]float64, len(rollouts)), make([][]float64, len(rollouts))
	for i, r := range rollouts {
		returns[i], missed[i] = r.Returns, make([]float64, len(r.Returns))
		for t, v := range r.Returns {
			missed[i][t] = v - r.Values[t]
		}
	}
	_, all := moments(returns)
	_, left := moments(missed)
	if all == 0 {
		return math.NaN()
	}
	return 1 - left/all
}
