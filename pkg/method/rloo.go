package method

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// RLOO is REINFORCE with a leave-one-out baseline (Ahmadian et al., arXiv:2402.14740, section 3.3; Kool et al., 2019): a whole answer
// is one action, the policy answers each prompt Group times, and an answer's advantage is its reward, the score less
// KL.Coefficient times the answer's KL, less the mean reward of the group's others. The mean over answers of
//
//	max(−A·ratio, −A·clip(ratio, 1±Clip))
//
// falls, where ratio = p/p(old) is that of whole answers: at the first step on a batch its gradient is −A·∇log p, REINFORCE's.
type RLOO struct {
	Sampling  Sampling
	Scoring   Scoring
	Reference *model.Model // what KL is measured to; nil means the model as the run began
	KL        KL           // zero means 0.05·K1 in the rewards

	Group       int // answers to each prompt; zero means 8
	Rollouts    int // answers in a batch; zero means as many as fill the steps' rows
	Epochs      int // times that each answer is learned from; zero means 1
	Minibatches int // steps of an epoch; zero means 4

	Clip float64 // ε; zero means 0.2, negative means none

	Watch func(step int, rollouts []Rollout) // sees each batch of answers before the steps that learn from it
}

// Numbers that examples bring for whole answers.
const (
	numberOld       = "old log p of the answer"
	numberAdvantage = "advantage of the answer"
)

// Name is rloo.
func (RLOO) Name() string { return "rloo" }

// String names every setting, models by the hash of their weights.
func (p RLOO) String() string {
	p = p.withDefaults()
	return fmt.Sprintf("%v; %v; %s; %v; groups of %d, %d rollouts, %d epochs of %d minibatches; clip %g",
		p.Sampling, p.Scoring, hashOf("reference", p.Reference), p.KL, p.Group, p.Rollouts, p.Epochs, p.Minibatches, p.Clip)
}

func (p RLOO) withDefaults() RLOO {
	p.Sampling, p.Scoring, p.KL = p.Sampling.withDefaults(), p.Scoring.withDefaults(), p.KL.withDefaults(.05)
	p.Group, p.Epochs, p.Minibatches = groupDefaults(p.Group, p.Epochs, p.Minibatches)
	orElse(&p.Clip, .2)
	return p
}

// Examples has an example for each prompt; an answer in a record is not read.
func (p RLOO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return prompted(ctx, m, set, length, p.Sampling.withDefaults())
}

// Loss is the mean above, and β times the mean KL of a token where that is in the loss.
func (p RLOO) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	p = p.withDefaults()
	logp, old := p.Sampling.logProbs(out, targets), out.Number(numberOld)
	whole := out.SumExamples(logp) // log p of each answer
	surrogate, ratio := clipped(whole, old, out.Number(numberAdvantage), p.Clip)
	reportRatio(out, ratio, whole, old, p.Clip, out.MeanExamples)
	loss := out.MeanExamples(surrogate)
	if p.KL.InLoss && p.KL.first() > 0 {
		apart := p.KL.Estimator.node(logp, out.Token(tokenReference))
		loss = graph.Add(loss, graph.MaskedMean(graph.Mul(apart, out.Token(tokenBeta)), targets))
	}
	return loss
}

// Advantages fills in rewards and advantages: the reward of an answer stands at its last token, less beta times its KL, and every
// token has the answer's advantage.
func (p RLOO) Advantages(rollouts []Rollout, beta float64) {
	if p.KL.InLoss {
		beta = 0
	}
	groups := byGroup(rollouts, func(r Rollout) float64 { return r.Score - beta*sum(r.KL) })
	for i := range rollouts {
		r := &rollouts[i]
		reward := r.Score - beta*sum(r.KL)
		r.Rewards = make([]float64, r.Len())
		r.Rewards[r.Len()-1] = reward
		r.Advantages = r.flat(leaveOneOut(reward, groups[r.Group]))
	}
}

// leaveOneOut is a reward less the mean of the others of its group.
func leaveOneOut(reward float64, group []float64) float64 {
	n := float64(len(group))
	return reward - (sum(group)-reward)/(n-1)
}

// Auxiliary is the writing.
func (p RLOO) Auxiliary(_ context.Context, run Run) (*Auxiliary, error) {
	p = p.withDefaults()
	shared := &policy{sampling: p.Sampling, scoring: p.Scoring, kl: p.KL, rollouts: p.Rollouts, group: p.Group, epochs: p.Epochs}
	if err := checkGroups(p.Group, p.Minibatches, p.Clip); err != nil {
		return nil, fmt.Errorf("method: rloo: %w", err)
	}
	if err := shared.prepare(run, p.Reference); err != nil {
		return nil, fmt.Errorf("method: rloo: %w", err)
	}
	renew := func(ctx context.Context, r Renewal) ([]data.Example, error) { return p.renew(ctx, r, shared) }
	return &Auxiliary{Renew: renew, Every: p.Epochs * p.Minibatches, PerExample: true, Unit: "clipped surrogate"}, nil
}

func (p RLOO) renew(ctx context.Context, r Renewal, shared *policy) ([]data.Example, error) {
	rollouts, beta, err := shared.draw(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("method: rloo: %w", err)
	}
	p.Advantages(rollouts, beta)
	r.Log(FlatGroups, "", flatGroups(byGroup(rollouts, func(r Rollout) float64 { return r.Score })))
	if p.Watch != nil {
		p.Watch(r.Step, rollouts)
	}
	examples := make([]data.Example, len(rollouts))
	for i, x := range rollouts {
		tokens := map[string][]float64{}
		if p.KL.InLoss {
			tokens[tokenReference], tokens[tokenBeta] = x.Reference, x.flat(beta)
		}
		examples[i] = x.example(tokens)
		examples[i].Numbers = map[string]float32{numberOld: float32(sum(x.LogProbs)), numberAdvantage: float32(x.Advantages[0])}
	}
	return examples, nil
}

var _ Assisted = RLOO{}
