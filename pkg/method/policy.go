package method

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
)

// What PPO, GRPO and RLOO log of each batch of answers, before the steps that learn from it.
const (
	MeanScore    = "score"               // mean of the answers' scores, before any KL
	ScoreSpread  = "score deviation"     // their sample deviation
	AnswerKL     = "KL to the reference" // mean over answers of Σ log p − log q, nats per answer: an estimate, without bias
	KLBeta       = "KL coefficient"
	AnswerLength = "answer length" // tokens, the end included
	EndedShare   = "ended"         // share of answers that came to their end
	Entropy      = "entropy"       // of the policy at the tokens of its answers, nats per token
	ExplainedVar = "explained variance"
	FlatGroups   = "flat groups" // share of groups whose answers all have one score, so that they teach nothing
)

// What they log of each step.
const (
	RatioMean    = "ratio"          // mean of p/p(old): 1 at the first step of a batch
	ClipFraction = "clip fraction"  // share whose ratio is outside of 1 ± Clip
	ApproxKL     = "approximate KL" // mean of K3 between the policy that drew and the one that learns, nats
	PolicyLoss   = "policy loss"
	ValueLoss    = "value loss"
)

// policy is what they share within a run.
type policy struct {
	sampling Sampling
	scoring  Scoring
	kl       KL
	rollouts int // of a batch; zero means as many as fill the steps
	group    int // answers to each prompt
	epochs   int

	reference *model.Reader
	own       *model.Reader // of the policy, made anew where the model is another one
	of        *model.Model
	options   model.ReaderOptions
}

// prepare checks what the three have in common and makes the reference ready.
func (p *policy) prepare(run Run, reference *model.Model) error {
	if p.rollouts < 0 || p.epochs < 1 {
		return fmt.Errorf("fields Rollouts %d, Epochs %d: want positive numbers, or zero for the defaults", p.rollouts, p.epochs)
	}
	if err := errors.Join(p.sampling.check(), p.kl.check(), p.scoring.check(run.Model)); err != nil {
		return err
	}
	if run.Model.Extras != nil && run.Model.Extras.Prompt > 0 {
		return errors.New("the model has a prompt in front of its texts (adapt.Prompt), which answers cannot be read behind: choose another adaptation")
	}
	if reference == nil {
		reference = run.Base
	} else if err := sameVocabulary(reference, run.Model); err != nil {
		return fmt.Errorf("the reference reads what the policy wrote, in its tokens (what is said of a teacher holds for the reference): %w", err)
	}
	var err error
	p.reference, err = p.sampling.reader(reference, model.ReaderOptions{})
	return err
}

// prompted makes an example of every record that has room for the longest answer. What is learned from is what Renew gives.
func prompted(ctx context.Context, m *model.Model, set data.Set, length int, s Sampling) ([]data.Example, error) {
	if m.Tokenizer == nil {
		return nil, errors.New("method: the model has no tokenizer")
	}
	out := make([]data.Example, len(set))
	for i, r := range set {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("method: encode: %w", err)
		}
		if r.Prompt == "" {
			return nil, fmt.Errorf("record %d: %w", i, data.ErrNoPrompt)
		}
		ids := m.Tokenizer.ChatPrompt(r.Prompt)
		from := len(ids)
		if n := from + s.MaxTokens; n > length {
			return nil, fmt.Errorf("record %d: %w: a prompt of %d tokens and an answer of up to %d, rows have %d: set Job.Length to %d or more, or Sampling.MaxTokens lower", i, data.ErrTooLong, from, s.MaxTokens, length, n)
		}
		for range s.MaxTokens {
			ids = append(ids, m.Tokenizer.EOS())
		}
		out[i] = answer(ids, from)
	}
	return out, nil
}

// draw lets the policy answer as many prompts as the steps to come can read, scores the answers, and logs what they are like. beta is
// the KL coefficient of this batch.
func (p *policy) draw(ctx context.Context, r Renewal) (rollouts []Rollout, beta float64, err error) {
	rng := rand.New(rand.NewPCG(r.Seed+p.sampling.Seed, 0x9901<<32+uint64(r.Step)))
	s := p.sampling
	s.Seed = rng.Uint64()
	set, groups := p.prompts(r, rng)
	if rollouts, err = s.write(ctx, r.Model, set); err != nil {
		return nil, 0, err
	}
	tokens := 0
	for i := range rollouts {
		rollouts[i].Group = groups[i]
		tokens += len(rollouts[i].IDs)
	}
	if p.own == nil || p.of != r.Model {
		o := p.options
		o.Entropy = true
		if p.own, err = s.reader(r.Model, o); err != nil {
			return nil, 0, err
		}
		p.of = r.Model
	}
	err = errors.Join(drawn(ctx, p.own, rollouts), measureKL(ctx, p.reference, rollouts, p.kl.Estimator), p.scoring.Score(ctx, rollouts))
	if err != nil {
		return nil, 0, err
	}
	beta = p.kl.first()
	if kept, ok := r.State[stateBeta]; ok {
		beta = kept
	}
	measured := describeRollouts(r, rollouts)
	r.Log(KLBeta, "", beta)
	r.State[stateBeta] = p.kl.Next(beta, measured)
	r.State[stateTokens] = float64(tokens) / float64(len(rollouts))
	return rollouts, beta, nil
}

// What is kept from one batch of answers to the next.
const (
	stateBeta   = "KL coefficient"
	stateTokens = "tokens of a rollout"
)

// prompts are the records that are answered, each as often as a group is large, in an order drawn for the step.
func (p *policy) prompts(r Renewal, rng *rand.Rand) (set data.Set, groups []int) {
	n := p.rollouts
	if n == 0 {
		mean, known := r.State[stateTokens]
		if !known { // nobody has answered yet: as long as they may be
			for _, e := range r.Examples {
				mean += float64(len(e.IDs)) / float64(len(r.Examples))
			}
		}
		n = int(float64(r.Tokens/p.epochs) / mean)
	}
	order := rng.Perm(len(r.Data))
	for g := range max(1, n/p.group) {
		for range p.group {
			set, groups = append(set, r.Data[order[g%len(order)]]), append(groups, g)
		}
	}
	return set, groups
}

// describeRollouts logs what a batch of answers is like and returns its KL.
func describeRollouts(r Renewal, rollouts []Rollout) (kl float64) {
	n := float64(len(rollouts))
	var scores, entropy []float64
	var length, ended float64
	for _, x := range rollouts {
		scores = append(scores, x.Score)
		kl += (sum(x.LogProbs) - sum(x.Reference)) / n
		length += float64(x.Len()) / n
		if x.Ended {
			ended += 1 / n
		}
		entropy = append(entropy, x.Entropy...)
	}
	mean, deviation := metric.MeanStd(scores)
	r.Log(MeanScore, "", mean)
	r.Log(ScoreSpread, "", deviation)
	r.Log(AnswerKL, "nats per answer", kl)
	r.Log(AnswerLength, "tokens", length)
	r.Log(EndedShare, "", ended)
	mean, _ = metric.MeanStd(entropy)
	r.Log(Entropy, "nats per token", mean)
	return kl
}

// byGroup are the scores of each group, in order.
func byGroup(rollouts []Rollout, score func(r Rollout) float64) [][]float64 {
	var groups [][]float64
	for _, r := range rollouts {
		for len(groups) <= r.Group {
			groups = append(groups, nil)
		}
		groups[r.Group] = append(groups[r.Group], score(r))
	}
	return groups
}

// flatGroups is the share of groups whose scores are all equal.
func flatGroups(groups [][]float64) (share float64) {
	for _, g := range groups {
		if slices.Max(g)-slices.Min(g) < 1e-9 {
			share += 1 / float64(len(groups))
		}
	}
	return share
}

// Numbers that examples bring for every token of an answer.
const (
	tokenOld       = "old log p"
	tokenReference = "reference log p"
	tokenBeta      = "beta"
	tokenAdvantage = "advantage"
	tokenReturn    = "return"
	tokenValue     = "old value"
)

// logProbs are those of the targets at the temperature of the draws.
func (s Sampling) logProbs(out *model.Outputs, targets *graph.Node) *graph.Node {
	if s.Temperature == 1 {
		return out.LogProbs(targets)
	}
	return graph.LinearLogProb(graph.Scale(out.Hidden, 1/s.Temperature), out.Head, targets)
}

// clipped is PPO's surrogate (Schulman et al., arXiv:1707.06347, eq. 7) with its sign turned, −min(ratio·A, clip(ratio, 1±ε)·A),
// and the ratio, for every token or answer.
func clipped(logp, old, advantage *graph.Node, epsilon float64) (loss, ratio *graph.Node) {
	ratio = graph.Exp(graph.Sub(logp, old))
	gain := graph.Mul(ratio, advantage)
	if epsilon > 0 {
		gain = graph.Min(gain, graph.Mul(graph.Clamp(ratio, 1-epsilon, 1+epsilon), advantage))
	}
	return graph.Scale(gain, -1), ratio
}

// reportRatio reports how far the policy has moved since it drew the answers; mean is over what counts.
func reportRatio(out *model.Outputs, ratio, logp, old *graph.Node, epsilon float64, mean func(x *graph.Node) *graph.Node) {
	out.Report(RatioMean, "", mean(ratio))
	if epsilon > 0 {
		outside := graph.Max(graph.Shift(ratio, -1-epsilon), graph.Shift(graph.Scale(ratio, -1), 1-epsilon))
		out.Report(ClipFraction, "", mean(graph.Positive(outside)))
	}
	out.Report(ApproxKL, "nats", mean(K3.node(old, logp)))
}
