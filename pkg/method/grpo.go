package method

import (
	"context"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
)

// GRPO is group relative policy optimization (Shao et al., arXiv:2402.03300, eq. 3): the policy answers each prompt Group times, and
// an answer's advantage is its score less the group's mean, over the group's deviation. There is no critic: every token of an answer
// has that advantage. The mean over answers of the mean over their tokens of
//
//	max(−A·ratio, −A·clip(ratio, 1±Clip)) + KL.Coefficient·k3
//
// falls. Dividing by the deviation weighs prompts up that are nearly always answered alike, and the mean over tokens makes long
// wrong answers cheap: Corrected leaves both out, which is Dr. GRPO (Liu et al., arXiv:2503.20783, section 3.2).
type GRPO struct {
	Sampling  Sampling
	Scoring   Scoring
	Reference *model.Model // what KL is measured to; nil means the model as the run began
	KL        KL           // zero means 0.05·K3; always in the loss

	Group       int // answers to each prompt; zero means 8
	Rollouts    int // answers in a batch; zero means as many as fill the steps' rows
	Epochs      int // times that each answer is learned from; zero means 1
	Minibatches int // steps of an epoch; zero means 4

	Clip      float64 // ε; zero means 0.2, negative means none
	Corrected bool    // no deviation, and Sampling.MaxTokens in place of an answer's length

	Watch func(step int, rollouts []Rollout) // sees each batch of answers before the steps that learn from it
}

// tokenShare is what each token's term counts for in the loss.
const tokenShare = "share"

// Name is grpo.
func (GRPO) Name() string { return "grpo" }

// String names every setting, models by the hash of their weights.
func (p GRPO) String() string {
	p = p.withDefaults()
	return fmt.Sprintf("%v; %v; %s; %v; groups of %d, %d rollouts, %d epochs of %d minibatches; clip %g, corrected %t",
		p.Sampling, p.Scoring, hashOf("reference", p.Reference), p.KL, p.Group, p.Rollouts, p.Epochs, p.Minibatches, p.Clip, p.Corrected)
}

func (p GRPO) withDefaults() GRPO {
	p.KL.InLoss = true
	p.Sampling, p.Scoring, p.KL = p.Sampling.withDefaults(), p.Scoring.withDefaults(), p.KL.withDefaults(.05)
	p.Group, p.Epochs, p.Minibatches = groupDefaults(p.Group, p.Epochs, p.Minibatches)
	orElse(&p.Clip, .2)
	return p
}

// groupDefaults are those of methods that compare the answers of a group.
func groupDefaults(group, epochs, minibatches int) (int, int, int) {
	for _, f := range []struct {
		field *int
		other int
	}{{&group, 8}, {&epochs, 1}, {&minibatches, 4}} {
		if *f.field == 0 {
			*f.field = f.other
		}
	}
	return group, epochs, minibatches
}

// Examples has an example for each prompt; an answer in a record is not read.
func (p GRPO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return prompted(ctx, m, set, length, p.Sampling.withDefaults())
}

// Loss is the mean above. A token's share is 1 over its answer's length, or over Sampling.MaxTokens.
func (p GRPO) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	p = p.withDefaults()
	logp, old := p.Sampling.logProbs(out, targets), out.Token(tokenOld) // (B·T)
	loss, ratio := clipped(logp, old, out.Token(tokenAdvantage), p.Clip)
	reportRatio(out, ratio, logp, old, p.Clip, func(x *graph.Node) *graph.Node { return graph.MaskedMean(x, targets) })
	if p.KL.first() > 0 {
		apart := p.KL.Estimator.node(logp, out.Token(tokenReference))
		loss = graph.Add(loss, graph.Mul(apart, out.Token(tokenBeta)))
	}
	return out.MeanExamples(out.SumExamples(graph.Mul(loss, out.Token(tokenShare))))
}

// Advantages fills in advantages from the scores of each group.
func (p GRPO) Advantages(rollouts []Rollout) {
	groups := byGroup(rollouts, func(r Rollout) float64 { return r.Score })
	for i := range rollouts {
		r := &rollouts[i]
		r.Advantages = r.flat(groupAdvantage(r.Score, groups[r.Group], !p.Corrected))
	}
}

// groupAdvantage is a score less its group's mean, over the group's sample deviation (n−1) if divide.
func groupAdvantage(score float64, group []float64, divide bool) float64 {
	mean, deviation := metric.MeanStd(group)
	if !divide {
		return score - mean
	}
	return (score - mean) / (deviation + 1e-4) // the small number is that of published code; it keeps equal scores at 0
}

// Auxiliary is the writing.
func (p GRPO) Auxiliary(_ context.Context, run Run) (*Auxiliary, error) {
	p = p.withDefaults()
	shared := &policy{sampling: p.Sampling, scoring: p.Scoring, kl: p.KL, rollouts: p.Rollouts, group: p.Group, epochs: p.Epochs}
	if err := checkGroups(p.Group, p.Minibatches, p.Clip); err != nil {
		return nil, fmt.Errorf("method: grpo: %w", err)
	}
	if err := shared.prepare(run, p.Reference); err != nil {
		return nil, fmt.Errorf("method: grpo: %w", err)
	}
	renew := func(ctx context.Context, r Renewal) ([]data.Example, error) { return p.renew(ctx, r, shared) }
	return &Auxiliary{Renew: renew, Every: p.Epochs * p.Minibatches, PerExample: true, Unit: "clipped surrogate"}, nil
}

func checkGroups(group, minibatches int, clip float64) error {
	switch {
	case group < 2:
		return fmt.Errorf("field Group is %d: want 2 answers to each prompt or more, which are compared", group)
	case minibatches < 1:
		return fmt.Errorf("field Minibatches is %d: want a positive number, or zero for the default", minibatches)
	case math.IsNaN(clip) || clip >= 1:
		return fmt.Errorf("field Clip is %g: want a number below 1, such as 0.2, or a negative one for none", clip)
	}
	return nil
}

func (p GRPO) renew(ctx context.Context, r Renewal, shared *policy) ([]data.Example, error) {
	rollouts, beta, err := shared.draw(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("method: grpo: %w", err)
	}
	p.Advantages(rollouts)
	r.Log(FlatGroups, "", flatGroups(byGroup(rollouts, func(r Rollout) float64 { return r.Score })))
	if p.Watch != nil {
		p.Watch(r.Step, rollouts)
	}
	examples := make([]data.Example, len(rollouts))
	for i, x := range rollouts {
		share := 1 / float64(x.Len())
		if p.Corrected {
			share = 1 / float64(p.Sampling.MaxTokens)
		}
		tokens := map[string][]float64{tokenOld: x.LogProbs, tokenAdvantage: x.Advantages, tokenShare: x.flat(share)}
		if p.KL.first() > 0 {
			tokens[tokenReference], tokens[tokenBeta] = x.Reference, x.flat(beta)
		}
		examples[i] = x.example(tokens)
	}
	return examples, nil
}

var _ Assisted = GRPO{}
