package feedback

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Simulated is a rater with known noise, who looks at the candidates' true scores. It draws a ranking from the model of Plackett and
// Luce (Plackett, "The Analysis of Permutations", Applied Statistics 24, 1975): the best is candidate i with probability
// exp(sᵢ/T) / Σ exp(sⱼ/T), the second best comes likewise from the rest, and so on. Of two candidates that is the model of Bradley
// and Terry, and so is every pair of a longer ranking. The same Seed gives the same ranking of the same item, whenever it is asked.
type Simulated struct {
	Rater string // the name in the ballots
	// Prefers is the probability that the first of two is chosen, from both scores, such as world.Rater.Prefers. It has to be
	// a model of Bradley and Terry: its log-odds are the differences sᵢ − sⱼ.
	Prefers     func(first, second map[string]float64) float64
	Temperature float64 // T on top of what Prefers has in it; zero means 1
}

// Name is Rater, or simulated.
func (s Simulated) Name() string {
	if s.Rater == "" {
		return "simulated"
	}
	return s.Rater
}

// Put draws a ranking.
func (s Simulated) Put(_ context.Context, q Question) (Answer, error) {
	t := s.Temperature
	if t == 0 {
		t = 1
	}
	switch {
	case s.Prefers == nil:
		return Answer{}, errors.New("Simulated.Prefers is nil: give it a probability, such as world.Raters()[0].Prefers")
	case !(t > 0) || math.IsInf(t, 0):
		return Answer{}, fmt.Errorf("Simulated.Temperature is %g: want a number above 0", s.Temperature)
	case q.Scale > 0:
		return Answer{}, errors.New("a simulated rater ranks and gives no scores: open the poll without Scale")
	}
	odds := make([]float64, len(q.Candidates))
	for i, c := range q.Candidates {
		if len(c.Scores) == 0 {
			return Answer{}, fmt.Errorf("candidate %q has no scores that a simulated rater could look at", c.Text)
		}
		ahead, behind := s.Prefers(c.Scores, q.Candidates[0].Scores), s.Prefers(q.Candidates[0].Scores, c.Scores)
		if !(ahead >= 0 && behind >= 0 && math.Abs(ahead+behind-1) < 1e-6) {
			return Answer{}, fmt.Errorf("Simulated.Prefers gives %g and, the other way round, %g: want two probabilities whose sum is 1", ahead, behind)
		}
		// Of two small numbers each is exact, where 1 − p would have lost its digits. The bound is that of float64.
		odds[i] = min(max(math.Log(ahead)-math.Log(behind), -700), 700) / t
	}
	// Seeded by what the question names, so nothing that was drawn before matters.
	return Ranked(plackettLuce(rand.New(rand.NewPCG(q.Seed, 0x706c)), odds)...), nil
}

// plackettLuce draws a ranking: the order of the utilities with Gumbel noise added is one (Yellott, Journal of Mathematical Psychology
// 15, 1977).
func plackettLuce(r *rand.Rand, utility []float64) [][]int {
	noisy := make([]float64, len(utility))
	for i, u := range utility {
		noisy[i] = u - math.Log(r.ExpFloat64())
	}
	ranking := make([][]int, 0, len(noisy))
	for range noisy {
		best := 0
		for i, u := range noisy {
			if u > noisy[best] {
				best = i
			}
		}
		ranking = append(ranking, []int{best})
		noisy[best] = math.Inf(-1)
	}
	return ranking
}

var _ Automatic = Simulated{}
