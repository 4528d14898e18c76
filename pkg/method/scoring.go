package method

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
)

// Scoring says how good a whole answer is: by any Go function, by a reward model, or by both.
type Scoring struct {
	Reward       func(record data.Record, answer string) float64
	RewardWeight float64 // zero means 1

	Judge       *model.Model // a reward model (method.Reward): it reads prompt, answer and end
	JudgeWeight float64      // zero means 1

	NoEnd  float64 // taken from the score of an answer that was cut before its end
	Limit  float64 // the parts' sum is kept between −Limit and Limit; zero means no limit
	Whiten bool    // scores of a batch are moved and scaled to mean 0 and variance 1
}

// Parts of a score.
const (
	partReward = "reward"
	partJudge  = "judge"
	partNoEnd  = "no end"
)

// ErrNoReward says that nothing scores answers.
var ErrNoReward = errors.New("fields Scoring.Reward and Scoring.Judge are nil, so that no answer is better than another: give a function or a reward model, or both")

func (s Scoring) withDefaults() Scoring {
	if s.RewardWeight == 0 {
		s.RewardWeight = 1
	}
	if s.JudgeWeight == 0 {
		s.JudgeWeight = 1
	}
	return s
}

func (s Scoring) check(policy *model.Model) error {
	switch {
	case s.Reward == nil && s.Judge == nil:
		return ErrNoReward
	case !(s.NoEnd >= 0) || !(s.Limit >= 0) || math.IsInf(s.NoEnd+s.Limit, 0) || math.IsNaN(s.RewardWeight+s.JudgeWeight) || math.IsInf(s.RewardWeight+s.JudgeWeight, 0):
		return fmt.Errorf("fields Scoring.NoEnd %g, Limit %g, RewardWeight %g, JudgeWeight %g: want finite numbers, the first two not negative", s.NoEnd, s.Limit, s.RewardWeight, s.JudgeWeight)
	case s.Judge == nil:
		return nil
	case !s.Judge.Config.Score:
		return model.ErrNoScore
	}
	if err := sameVocabulary(s.Judge, policy); err != nil {
		return fmt.Errorf("the judge reads what the policy wrote, in its tokens (what is said of a teacher holds for the judge): %w", err)
	}
	return nil
}

// String names every setting but the function, which has no name: a run that is resumed must bring the same one.
func (s Scoring) String() string {
	text := "scores by"
	if s.Reward != nil {
		text += fmt.Sprintf(" %g·function", s.RewardWeight)
	}
	if s.Judge != nil {
		text += fmt.Sprintf(" %g·judge %s", s.JudgeWeight, s.Judge.Hash())
	}
	return text + fmt.Sprintf(", no end %g, limit %g, whiten %t", s.NoEnd, s.Limit, s.Whiten)
}

// Score fills in scores and parts.
func (s Scoring) Score(ctx context.Context, rollouts []Rollout) error {
	if s = s.withDefaults(); s.Reward == nil && s.Judge == nil {
		return fmt.Errorf("method: score: %w", ErrNoReward)
	}
	for i := range rollouts {
		rollouts[i].Score, rollouts[i].Parts = 0, map[string]float64{}
	}
	if s.Reward != nil {
		for i, r := range rollouts {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("method: score: %w", err)
			}
			v := s.Reward(r.Record, r.Answer)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("method: score: Scoring.Reward gives %g for %q, answered %q: want a finite number", v, r.Record.Prompt, r.Answer)
			}
			rollouts[i].Parts[partReward] = s.RewardWeight * v
		}
	}
	if s.Judge != nil {
		scores, err := s.judge(ctx, rollouts)
		if err != nil {
			return fmt.Errorf("method: score: %w", err)
		}
		for i, v := range scores {
			rollouts[i].Parts[partJudge] = s.JudgeWeight * v
		}
	}
	scores := [][]float64{make([]float64, len(rollouts))}
	for i, r := range rollouts {
		v := r.Parts[partReward] + r.Parts[partJudge]
		if s.Limit > 0 {
			v = min(max(v, -s.Limit), s.Limit)
		}
		if !r.Ended && s.NoEnd > 0 {
			r.Parts[partNoEnd] = -s.NoEnd
			v -= s.NoEnd
		}
		scores[0][i] = v
	}
	if s.Whiten {
		Whiten(scores, false)
	}
	for i := range rollouts {
		rollouts[i].Score = scores[0][i]
	}
	return nil
}

// judge is what the reward model says after each answer and its end, which a cut answer gets for that if there is room.
func (s Scoring) judge(ctx context.Context, rollouts []Rollout) ([]float64, error) {
	texts := make([][]int, len(rollouts))
	for i, r := range rollouts {
		texts[i] = r.IDs
		if !r.Ended && len(r.IDs) < s.Judge.Config.Context {
			texts[i] = append(slices.Clone(r.IDs), s.Judge.Tokenizer.EOS())
		}
	}
	return s.Judge.Scores(ctx, texts)
}
