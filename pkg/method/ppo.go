package method

import (
	"context"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// PPO is proximal policy optimization (Schulman et al., arXiv:1707.06347) as RLHF uses it (Ouyang et al., arXiv:2203.02155): the
// policy answers prompts, each answer gets a score, and every token a reward, minus KL.Coefficient times the estimate of its KL to
// the reference, the last one the score too. A critic says what it expected; GAE says how much better each token was. Then, for
// Epochs·Minibatches steps on these answers, the mean over their tokens of
//
//	max(−A·ratio, −A·clip(ratio, 1±Clip)) + ValueCoefficient·½·max((V−R)², (clip(V, V(old)±ValueClip)−R)²) − EntropyBonus·H
//
// falls, with ratio = p/p(old). A step reads Job.Batch rows, so that Job.Steps is the number of batches of answers times
// Epochs·Minibatches. Leave dropout out: with it, the ratio does not begin at 1.
type PPO struct {
	Sampling  Sampling
	Scoring   Scoring
	Reference *model.Model // what KL is measured to; nil means the model as the run began
	KL        KL           // zero means 0.05·K1 in the rewards

	Rollouts    int // answers in a batch; zero means as many as fill the steps' rows
	Epochs      int // times that each answer is learned from; zero means 4
	Minibatches int // steps of an epoch; zero means 4

	// Critic is a model that a separate critic begins as, with its scalar head if it has one: the judge, or the policy itself. Nil
	// means a value head on the policy's own layers, of zeros at first, which is smaller and faster.
	Critic *model.Model

	Gamma  float64 // γ; zero means 1
	Lambda float64 // λ of GAE; zero means 0.95, negative means 0

	Clip             float64 // ε; zero means 0.2, negative means none
	ValueClip        float64 // zero means 0.2, negative means none
	ValueCoefficient float64 // zero means 0.1
	EntropyBonus     float64 // Mnih et al., arXiv:1602.01783; zero means none
	RawAdvantages    bool    // advantages are not whitened over the batch

	Watch func(step int, rollouts []Rollout) // sees each batch of answers before the steps that learn from it
}

// critic is the name of the critic among the models that move, and value of the scalar head.
const (
	critic    = "critic"
	valueName = "value"
)

// Name is ppo.
func (PPO) Name() string { return "ppo" }

// String names every setting, models by the hash of their weights.
func (p PPO) String() string {
	p = p.withDefaults()
	return fmt.Sprintf("%v; %v; %s; %v; %d rollouts, %d epochs of %d minibatches; %s; gamma %g, lambda %g, clip %g, value clip %g, value coefficient %g, entropy bonus %g, raw advantages %t",
		p.Sampling, p.Scoring, hashOf("reference", p.Reference), p.KL, p.Rollouts, p.Epochs, p.Minibatches, hashOf(critic, p.Critic),
		p.Gamma, p.Lambda, p.Clip, p.ValueClip, p.ValueCoefficient, p.EntropyBonus, p.RawAdvantages)
}

func hashOf(what string, m *model.Model) string {
	if m == nil {
		return what + " the policy's"
	}
	return what + " " + m.Hash()
}

func orElse(v *float64, other float64) {
	if *v == 0 {
		*v = other
	}
}

func (p PPO) withDefaults() PPO {
	p.Sampling, p.Scoring, p.KL = p.Sampling.withDefaults(), p.Scoring.withDefaults(), p.KL.withDefaults(.05)
	if p.Epochs == 0 {
		p.Epochs = 4
	}
	if p.Minibatches == 0 {
		p.Minibatches = 4
	}
	orElse(&p.Gamma, 1)
	orElse(&p.Lambda, .95)
	orElse(&p.Clip, .2)
	orElse(&p.ValueClip, .2)
	orElse(&p.ValueCoefficient, .1)
	return p
}

// Examples has an example for each prompt; an answer in a record is not read.
func (p PPO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return prompted(ctx, m, set, length, p.Sampling.withDefaults())
}

// Loss is the sum above, and β times the KL where that is in the loss.
func (p PPO) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	p = p.withDefaults()
	mean := func(x *graph.Node) *graph.Node { return graph.MaskedMean(x, targets) }
	logp, old := p.Sampling.logProbs(out, targets), out.Token(tokenOld) // (B·T)
	surrogate, ratio := clipped(logp, old, out.Token(tokenAdvantage), p.Clip)
	policyLoss := mean(surrogate)
	valueLoss := mean(clippedValue(p.values(out), out.Token(tokenValue), out.Token(tokenReturn), p.ValueClip))
	reportRatio(out, ratio, logp, old, p.Clip, mean)
	out.Report(PolicyLoss, "", policyLoss)
	out.Report(ValueLoss, "", valueLoss)

	loss := graph.Add(policyLoss, graph.Scale(valueLoss, p.ValueCoefficient))
	if p.KL.InLoss && p.KL.first() > 0 {
		apart := p.KL.Estimator.node(logp, out.Token(tokenReference))
		loss = graph.Add(loss, mean(graph.Mul(apart, out.Token(tokenBeta))))
	}
	if p.EntropyBonus != 0 {
		hidden := graph.Scale(out.Hidden, 1/p.Sampling.Temperature)
		loss = graph.Sub(loss, graph.Scale(mean(graph.LinearEntropy(hidden, out.Head)), p.EntropyBonus))
	}
	return loss
}

// values are what the critic expects before each next token, (B·T).
func (p PPO) values(out *model.Outputs) *graph.Node {
	trunk := out
	if p.Critic != nil {
		trunk = &model.Outputs{Hidden: out.Beside[critic].Hidden}
	}
	return graph.Reshape(out.Own.Linear(valueName, trunk.Hidden), out.Tokens())
}

// clippedValue is ½·max((V−R)², (clip(V, V(old)±c)−R)²) for every token: a critic that moves far in one batch gains nothing by it.
func clippedValue(v, old, returned *graph.Node, c float64) *graph.Node {
	loss := graph.Square(graph.Sub(v, returned))
	if c > 0 {
		near := graph.Add(old, graph.Clamp(graph.Sub(v, old), -c, c))
		loss = graph.Max(loss, graph.Square(graph.Sub(near, returned)))
	}
	return graph.Scale(loss, .5)
}

// Advantages fills in rewards, advantages and returns from scores, KL and values: rewards are −beta·KL, the last with the score
// too. Advantages are whitened over all rollouts, returns are not.
func (p PPO) Advantages(rollouts []Rollout, beta float64) {
	p = p.withDefaults()
	lists := make([][]float64, len(rollouts))
	for i := range rollouts {
		r := &rollouts[i]
		r.Rewards = make([]float64, r.Len())
		if !p.KL.InLoss {
			for t, kl := range r.KL {
				r.Rewards[t] = -beta * kl
			}
		}
		r.Rewards[r.Len()-1] += r.Score
		r.Advantages, r.Returns = GAE(r.Rewards, r.Values, p.Gamma, max(p.Lambda, 0))
		lists[i] = r.Advantages
	}
	if !p.RawAdvantages {
		Whiten(lists, false)
	}
}

// Auxiliary is the value head, the critic where it is a model of its own, and the writing.
func (p PPO) Auxiliary(_ context.Context, run Run) (*Auxiliary, error) {
	p = p.withDefaults()
	shared := &policy{sampling: p.Sampling, scoring: p.Scoring, kl: p.KL, rollouts: p.Rollouts, group: 1, epochs: p.Epochs}
	if err := p.check(run); err != nil {
		return nil, fmt.Errorf("method: ppo: %w", err)
	}
	if err := shared.prepare(run, p.Reference); err != nil {
		return nil, fmt.Errorf("method: ppo: %w", err)
	}
	head := compute.New(1, run.Model.Config.Dim)
	aux := &Auxiliary{Params: &nn.Params{}, Every: p.Epochs * p.Minibatches, Unit: "clipped surrogate and value loss"}
	var apart *model.Reader
	if p.Critic == nil {
		shared.options.Head = head
	} else {
		own := p.Critic.Clone()
		if head = compute.New(1, own.Config.Dim); own.Config.Score {
			copy(head.Data, own.Params.Get(model.ScoreName+".weight").Data)
		}
		aux.Moving = map[string]*model.Model{critic: own}
		var err error
		if apart, err = own.Reader(model.ReaderOptions{Head: head}); err != nil {
			return nil, fmt.Errorf("method: ppo: critic: %w", err)
		}
	}
	if err := aux.Params.Add(valueName+".weight", head); err != nil {
		return nil, fmt.Errorf("method: ppo: %w", err)
	}
	aux.Renew = func(ctx context.Context, r Renewal) ([]data.Example, error) {
		return p.renew(ctx, r, shared, apart)
	}
	return aux, nil
}

// renew draws a batch of answers and works out what the steps need; apart reads with the critic's own layers, if it has them.
func (p PPO) renew(ctx context.Context, r Renewal, shared *policy, apart *model.Reader) ([]data.Example, error) {
	rollouts, beta, err := shared.draw(ctx, r)
	if err == nil && apart != nil {
		err = value(ctx, apart, rollouts)
	}
	if err != nil {
		return nil, fmt.Errorf("method: ppo: %w", err)
	}
	p.Advantages(rollouts, beta)
	if explained := Explained(rollouts); !math.IsNaN(explained) {
		r.Log(ExplainedVar, "", explained)
	}
	if p.Watch != nil {
		p.Watch(r.Step, rollouts)
	}
	examples := make([]data.Example, len(rollouts))
	for i, x := range rollouts {
		tokens := map[string][]float64{tokenOld: x.LogProbs, tokenAdvantage: x.Advantages, tokenReturn: x.Returns, tokenValue: x.Values}
		if p.KL.InLoss {
			tokens[tokenReference], tokens[tokenBeta] = x.Reference, x.flat(beta)
		}
		examples[i] = x.example(tokens)
	}
	return examples, nil
}

func (p PPO) check(run Run) error {
	for _, f := range []struct {
		name        string
		value       float64
		least, most float64
	}{
		{"Gamma", p.Gamma, 0, 1}, {"Lambda", max(p.Lambda, 0), 0, 1}, {"Clip", max(p.Clip, 0), 0, 1}, {"ValueClip", max(p.ValueClip, 0), 0, math.MaxFloat32},
		{"ValueCoefficient", p.ValueCoefficient, 0, math.MaxFloat32}, {"EntropyBonus", p.EntropyBonus, 0, math.MaxFloat32},
	} {
		if !(f.value >= f.least && f.value <= f.most) {
			return fmt.Errorf("field %s is %g: want %g to %g", f.name, f.value, f.least, f.most)
		}
	}
	if p.Epochs < 1 || p.Minibatches < 1 {
		return fmt.Errorf("fields Epochs %d, Minibatches %d: want positive numbers, or zero for the defaults", p.Epochs, p.Minibatches)
	}
	if p.Critic == nil {
		return nil
	}
	if err := sameVocabulary(p.Critic, run.Model); err != nil {
		return fmt.Errorf("the critic reads what the policy wrote, in its tokens (what is said of a teacher holds for the critic): %w", err)
	}
	return nil
}

var _ Assisted = PPO{}
