package method

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
)

// Judged is a pair with the rewards of its answers. A pair's record has, beside its answers, what is known of it in Scores: gap,
// how much better the chosen answer truly is, and probability, with which its rater chooses so (world.Preferences).
type Judged struct {
	Record                       data.Record
	Chosen, Rejected             float64 // rewards
	ChosenLength, RejectedLength int     // of the answers, tokens
}

// margin is r(chosen) − r(rejected).
func (j Judged) margin() float64 { return j.Chosen - j.Rejected }

// ReportCard is what a judge is worth on pairs that it has not seen. Rewards that are equal choose neither answer, which
// counts as wrong.
type ReportCard struct {
	Pairs    []Judged
	Accuracy metric.Share // pairs whose chosen answer has more reward
	Loss     float64      // mean −ln σ(margin), nats per pair; ln 2 for who does not know
	Margin   float64      // mean of r(chosen) − r(rejected)
	Spread   float64      // its standard deviation

	// Calibration: a margin m says that its answer is chosen with probability σ(|m|). Bins are ten of equal width, from ½ to 1.
	Bins []CalibrationBin
	ECE  float64 // expected calibration error, mean distance of confidence and accuracy, by pairs (Guo et al., arXiv:1706.04599, eq. 3)

	// Length bias. Correlation is that of reward and length within pairs, −1 to 1: for differences of both, Σxy/√(Σx²Σy²), which does
	// not depend on which answer comes first. NaN where all lengths, or all rewards, are equal in each pair.
	Correlation     float64
	Shorter, Longer metric.Share // accuracy where the chosen answer is the shorter one, and the longer one

	// Where pairs have Scores. They need not all have them.
	True            metric.Share // pairs of which one is truly better in which that one has more reward
	Raters          metric.Share // and those in which the raters have chosen it
	Gaps            []GapBin     // the same, by how much better it is
	TrueCorrelation float64      // Correlation for the true quality in place of the reward; NaN where no pair has a gap
	Ceiling         float64      // most of Accuracy that is to be had: the mean over pairs of max(p, 1−p), p the rater's probability; NaN where it is not known
}

// CalibrationBin are the pairs for which confidence, σ(|margin|), is from Low to High.
type CalibrationBin struct {
	Low, High  float64
	Confidence float64      // its mean; NaN where the bin is empty
	Accuracy   metric.Share // pairs in which the answer with more reward was chosen
}

// GapBin are the pairs whose answers truly differ by more than Low, up to High.
type GapBin struct {
	Low, High    float64
	True, Raters metric.Share
}

// GradeReward lets a reward model judge pairs that it has not seen.
func GradeReward(ctx context.Context, m *model.Model, pairs data.Set) (*ReportCard, error) {
	switch {
	case m == nil:
		return nil, errors.New("method: report card: the model is nil: give it one that was trained with method.Reward")
	case m.Tokenizer == nil:
		return nil, errors.New("method: report card: the model has no tokenizer")
	}
	judged := make([]Judged, len(pairs))
	texts := make([][]int, 0, 2*len(pairs))
	for i, r := range pairs {
		e, err := pair(m, r, 2*m.Config.Context)
		if err != nil {
			return nil, fmt.Errorf("method: report card: record %d: %w", i, err)
		}
		texts = append(texts, e.IDs[:e.Starts[0]], e.IDs[e.Starts[0]:])
		judged[i] = Judged{Record: r, ChosenLength: len(m.Tokenizer.Encode(r.Answer)), RejectedLength: len(m.Tokenizer.Encode(r.Rejected))}
	}
	scores, err := m.Scores(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("method: report card: %w", err)
	}
	for i := range judged {
		judged[i].Chosen, judged[i].Rejected = scores[2*i], scores[2*i+1]
	}
	return NewReportCard(judged)
}

// Edges of GapBin.
var gapEdges = []float64{0, 0.1, 0.2, 0.4, 0.7, 1}

const calibrationBins = 10

// NewReportCard grades any judge by what it said of pairs.
func NewReportCard(pairs []Judged) (*ReportCard, error) {
	if len(pairs) == 0 {
		return nil, errors.New("method: report card: there are no pairs: give it some that the judge has not been trained on")
	}
	c := &ReportCard{Pairs: pairs, Bins: make([]CalibrationBin, calibrationBins), Gaps: make([]GapBin, len(gapEdges)-1)}
	for i := range c.Bins {
		c.Bins[i] = CalibrationBin{Low: .5 + .5*float64(i)/calibrationBins, High: .5 + .5*float64(i+1)/calibrationBins}
	}
	for i := range c.Gaps {
		c.Gaps[i] = GapBin{Low: gapEdges[i], High: gapEdges[i+1]}
	}
	var margins []float64
	var reward, truth correlation
	ceiling, known := 0.0, 0
	for i, j := range pairs {
		m := j.margin()
		if math.IsNaN(m) || math.IsInf(m, 0) {
			return nil, fmt.Errorf("method: report card: record %d: rewards %g and %g: want finite numbers", i, j.Chosen, j.Rejected)
		}
		margins = append(margins, m)
		c.Accuracy.Count(m > 0)
		c.Loss += softplus(-m) / float64(len(pairs))
		c.calibrate(m)
		longer := float64(j.ChosenLength - j.RejectedLength)
		reward.add(m, longer)
		switch {
		case longer < 0:
			c.Shorter.Count(m > 0)
		case longer > 0:
			c.Longer.Count(m > 0)
		}
		if gap, ok := j.Record.Scores["gap"]; ok {
			truth.add(gap, longer)
			c.know(m, gap)
		}
		if p, ok := j.Record.Scores["probability"]; ok {
			ceiling, known = ceiling+max(p, 1-p), known+1
		}
	}
	c.Margin, c.Spread = metric.MeanStd(margins)
	c.Correlation, c.TrueCorrelation, c.Ceiling = reward.value(), truth.value(), ceiling/float64(known)
	for i := range c.Bins {
		b := &c.Bins[i]
		b.Confidence /= float64(b.Accuracy.Of)
		if b.Accuracy.Of > 0 {
			c.ECE += float64(b.Accuracy.Of) / float64(len(pairs)) * math.Abs(b.Accuracy.Value()-b.Confidence)
		}
	}
	return c, nil
}

// softplus is ln(1 + eˣ), which is −ln σ(−x).
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// calibrate puts a margin into its bin.
func (c *ReportCard) calibrate(margin float64) {
	confidence := 1 / (1 + math.Exp(-math.Abs(margin)))
	b := &c.Bins[min(calibrationBins-1, int((confidence-.5)/.5*calibrationBins))]
	b.Confidence += confidence
	b.Accuracy.Count(margin > 0)
}

// tie is how much better an answer is that counts as no better: qualities are sums of a few decimal fractions.
const tie = 1e-9

// know compares a margin with the truth.
func (c *ReportCard) know(margin, gap float64) {
	if math.Abs(gap) < tie {
		return
	}
	right, rater := margin*gap > 0, gap > 0
	c.True.Count(right)
	c.Raters.Count(rater)
	for i := range c.Gaps {
		if g := &c.Gaps[i]; math.Abs(gap) <= g.High+tie || i == len(c.Gaps)-1 {
			g.True.Count(right)
			g.Raters.Count(rater)
			return
		}
	}
}

// correlation is that of differences within pairs.
type correlation struct{ xx, yy, xy float64 }

func (c *correlation) add(x, y float64) { c.xx, c.yy, c.xy = c.xx+x*x, c.yy+y*y, c.xy+x*y }

func (c *correlation) value() float64 { return c.xy / math.Sqrt(c.xx*c.yy) }

// Table is the card, without bins.
func (c *ReportCard) Table() *metric.Table {
	t := &metric.Table{Title: fmt.Sprintf("Report card on %d pairs", len(c.Pairs)), Header: []string{"", "value", "what it says"}}
	add := func(name, value, says string) { t.Add(name, value, says) }
	add("pair accuracy", c.Accuracy.String(), "pairs whose chosen answer has more reward; 95% interval")
	if !math.IsNaN(c.Ceiling) {
		add("ceiling", fmt.Sprintf("%.1f%%", 100*c.Ceiling), "the most that these raters' noise allows")
	}
	if c.True.Of > 0 {
		add("truly better", c.True.String(), "pairs whose truly better answer has more reward")
		add("raters", c.Raters.String(), "pairs in which the raters have chosen it")
	}
	add("loss", fmt.Sprintf("%.3f", c.Loss), "nats per pair; 0.693 for who does not know")
	add("margin", fmt.Sprintf("%.2f ± %.2f", c.Margin, c.Spread), "reward of the chosen answer less that of the other")
	add("calibration error", fmt.Sprintf("%.1f points", 100*c.ECE), "mean distance of confidence and accuracy")
	length := fmt.Sprintf("%+.2f", c.Correlation)
	if !math.IsNaN(c.TrueCorrelation) {
		length += fmt.Sprintf(" (true quality %+.2f)", c.TrueCorrelation)
	}
	add("reward and length", length, "their correlation within pairs")
	add("chosen is shorter", c.Shorter.String(), "pair accuracy there")
	add("chosen is longer", c.Longer.String(), "pair accuracy there")
	return t
}

// GapTable is accuracy against the truth by how much better the better answer is.
func (c *ReportCard) GapTable() *metric.Table {
	t := &metric.Table{Title: "By how much better one answer truly is", Header: []string{"gap", "pairs", "judge", "raters"}}
	for _, g := range c.Gaps {
		if g.True.Of > 0 {
			t.Add(fmt.Sprintf("%.1f to %.1f", g.Low, g.High), fmt.Sprint(g.True.Of), g.True.String(), g.Raters.String())
		}
	}
	return t
}

// Reliability are points of a reliability diagram (Guo et al., fig. 1): accuracy over confidence, for the bins that hold pairs.
func (c *ReportCard) Reliability() (confidence, accuracy []float64) {
	for _, b := range c.Bins {
		if b.Accuracy.Of > 0 {
			confidence, accuracy = append(confidence, b.Confidence), append(accuracy, b.Accuracy.Value())
		}
	}
	return confidence, accuracy
}

// String is the card as text.
func (c *ReportCard) String() string { return c.Table().String() }

// HTML is the card for a notebook.
func (c *ReportCard) HTML() string { return c.Table().HTML() }
