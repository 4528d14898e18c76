package method

import (
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/tunebook/tunebook/pkg/metric"
)

// Finding is something that is wrong with a run of PPO, GRPO or RLOO.
type Finding struct {
	Name string // such as exploding ratio
	What string // what was seen, with its numbers, and what it means
	Try  string // what to do about it
}

// Findings are all that were found; HTML for a notebook, String for a terminal.
type Findings []Finding

// String has a line for each finding.
func (f Findings) String() string {
	if len(f) == 0 {
		return "nothing found: KL, scores, ratios, entropy, lengths and the critic look healthy\n"
	}
	var b strings.Builder
	for _, x := range f {
		fmt.Fprintf(&b, "%s: %s Try: %s\n", x.Name, x.What, x.Try)
	}
	return b.String()
}

// HTML is a list of the findings.
func (f Findings) HTML() string {
	if len(f) == 0 {
		return "<p>" + html.EscapeString(strings.TrimSpace(f.String())) + "</p>"
	}
	var b strings.Builder
	b.WriteString("<ul>")
	for _, x := range f {
		fmt.Fprintf(&b, "<li><b>%s</b>: %s <i>Try:</i> %s</li>", html.EscapeString(x.Name), html.EscapeString(x.What), html.EscapeString(x.Try))
	}
	b.WriteString("</ul>")
	return b.String()
}

// Names of findings.
const (
	NegativeKL      = "negative KL"
	FlatScores      = "zero reward variance"
	ExplodingRatio  = "exploding ratio"
	EntropyCollapse = "entropy collapse"
	NeverEnding     = "answers that never end"
	BlindCritic     = "blind critic"
	MuchClipping    = "much clipping"
)

// Diagnose looks for known troubles in what a run has logged and in the rollouts of a batch. Either may be nil.
func Diagnose(log *metric.Log, rollouts []Rollout) Findings {
	var out Findings
	for _, look := range []func(*metric.Log, []Rollout) *Finding{negativeKL, flatScores, explodingRatio, entropyCollapse, neverEnding, blindCritic, muchClipping} {
		if f := look(log, rollouts); f != nil {
			out = append(out, *f)
		}
	}
	return out
}

// late is the mean of the last quarter of a series, at least of one value; NaN when there is none.
func late(s *metric.Series) float64 {
	if s == nil || len(s.Values) == 0 {
		return math.NaN()
	}
	mean, _ := metric.MeanStd(s.Values[len(s.Values)-max(1, len(s.Values)/4):])
	return mean
}

// meanOver is a mean over rollouts, NaN when there are none.
func meanOver(rollouts []Rollout, of func(r Rollout) float64) float64 {
	var values []float64
	for _, r := range rollouts {
		values = append(values, of(r))
	}
	mean, _ := metric.MeanStd(values)
	return mean
}

// A KL is not negative. A mean of K1 over a batch may be, by chance, while the policy is near its reference: by a few hundredths of
// a nat with some dozens of answers.
func negativeKL(log *metric.Log, rollouts []Rollout) *Finding {
	least := math.NaN()
	if s := log.Get(AnswerKL); s != nil {
		for _, v := range s.Values {
			least = math.Min(v, orNaN(least, v))
		}
	}
	if len(rollouts) > 0 && len(rollouts[0].Reference) > 0 {
		var values []float64
		for _, r := range rollouts {
			values = append(values, sum(r.LogProbs)-sum(r.Reference))
		}
		mean, deviation := metric.MeanStd(values)
		if mean+2*deviation/math.Sqrt(float64(len(values))) < 0 { // not by chance
			least = math.Min(mean, orNaN(least, mean))
		}
	}
	if !(least < -.25) {
		return nil
	}
	return &Finding{NegativeKL, fmt.Sprintf("The estimated KL to the reference fell to %.2f nats per answer, and a KL is never below 0. Then the answers were not drawn from the distribution whose log-probabilities are compared, and the policy is paid for being unlikely.", least),
		"draw from all tokens (no top-k, no top-p, no forced end), read log-probabilities at the temperature of the draws, and leave dropout out."}
}

// orNaN is v, or other where v is no number.
func orNaN(v, other float64) float64 {
	if math.IsNaN(v) {
		return other
	}
	return v
}

func flatScores(log *metric.Log, rollouts []Rollout) *Finding {
	try := "give a reward with more steps than right and wrong, answer harder or easier prompts, raise Sampling.Temperature or the answers to each prompt, and look whether Scoring.Limit cuts everything off."
	if v := late(log.Get(FlatGroups)); v > .5 {
		return &Finding{FlatScores, fmt.Sprintf("In %.0f%% of the groups all answers had one score, so their advantages are 0 and they teach nothing.", 100*v), try}
	}
	v := late(log.Get(ScoreSpread))
	if len(rollouts) > 1 {
		var scores []float64
		for _, r := range rollouts {
			scores = append(scores, r.Score)
		}
		_, v = metric.MeanStd(scores)
	}
	if !(v < 1e-6) {
		return nil
	}
	return &Finding{FlatScores, "All answers of a batch have the same score, so no answer is better than another and what is learned is noise.", try}
}

func explodingRatio(log *metric.Log, rollouts []Rollout) *Finding {
	most := math.NaN()
	see := func(v float64) { most = math.Max(v, orNaN(most, v)) }
	if s := log.Get(RatioMean); s != nil {
		for _, v := range s.Values {
			see(v)
		}
	}
	for _, r := range rollouts {
		for _, v := range r.Ratios {
			see(v / 5) // single tokens move more than means do
		}
	}
	if !(most > 2 || math.IsInf(most, 1)) {
		return nil
	}
	return &Finding{ExplodingRatio, fmt.Sprintf("The policy's probabilities grew to %.3g times those that the answers were drawn with. So far from them, advantages say nothing any more; clipping stops the gain and not the harm where the advantage is negative.", most),
		"a smaller LR, fewer Epochs or Minibatches, a smaller Job.Clip; and no dropout."}
}

func entropyCollapse(log *metric.Log, _ []Rollout) *Finding {
	s := log.Get(Entropy)
	if s == nil || len(s.Values) < 2 || !(late(s) < .15*s.Values[0]) {
		return nil
	}
	return &Finding{EntropyCollapse, fmt.Sprintf("The entropy of the policy fell from %.3f to %.3f nats per token: it says nearly the same each time, and finds nothing new.", s.Values[0], late(s)),
		"a larger KL.Coefficient, an EntropyBonus such as 0.01, a smaller LR, or stop earlier: it may be done."}
}

func neverEnding(log *metric.Log, rollouts []Rollout) *Finding {
	share := orNaN(late(log.Get(EndedShare)), meanOver(rollouts, func(r Rollout) float64 {
		if r.Ended {
			return 1
		}
		return 0
	}))
	if !(share < .7) {
		return nil
	}
	return &Finding{NeverEnding, fmt.Sprintf("Only %.0f%% of the answers come to their end; the others were cut, and scored on what was there.", 100*share),
		"Scoring.NoEnd above the scores' deviation, a larger Sampling.MaxTokens, more SFT first; and see that the end is trained on and is not the padding."}
}

func blindCritic(log *metric.Log, _ []Rollout) *Finding {
	s := log.Get(ExplainedVar)
	if s == nil || len(s.Values) < 4 || !(late(s) < -.2) {
		return nil
	}
	return &Finding{BlindCritic, fmt.Sprintf("The critic explains %.2f of the variance of the returns: below 0, saying their mean would be better, and it adds noise to the advantages.", late(s)),
		"a larger ValueCoefficient, a ValueClip that lets it move (or a negative one, none), a Critic of its own that begins as the judge, scores near 1 in size, or GRPO and RLOO, which have no critic."}
}

func muchClipping(log *metric.Log, _ []Rollout) *Finding {
	v := late(log.Get(ClipFraction))
	if !(v > .3) {
		return nil
	}
	return &Finding{MuchClipping, fmt.Sprintf("%.0f%% of the ratios are outside of the clipping range, so that most of what was drawn is not learned from.", 100*v),
		"a smaller LR, fewer Epochs, or a larger batch of answers."}
}
