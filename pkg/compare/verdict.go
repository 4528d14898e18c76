package compare

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/plot"
)

// level is what all intervals of a ranking hold together with.
const level = 0.95

// Ranking is what seeds say about a column.
type Ranking struct {
	Column Column
	Best   string // the job with the best mean; empty where nothing was measured
	Others []Difference
}

// Difference is how a job differs from the best one: the mean over the seeds of its value less the best one's with the same
// seed, and the interval around it.
type Difference struct {
	Name            string
	Mean, Low, High float64
	Pairs           int  // seeds that both have
	Tie             bool // the interval contains zero, or there is none: one pair says nothing
}

// Rank compares the job with the best mean with every other one, paired by seed: Student, "The probable error of a mean",
// Biometrika 6, 1908; the level is shared by all comparisons (Bonferroni). A deviation below what one question of an exam
// weighs is taken as that: three seeds with equal counts do not prove that a fourth would have them.
func (r *Report) Rank(name string) (Ranking, error) {
	c, err := ColumnOf(name)
	if err != nil {
		return Ranking{}, err
	}
	out := Ranking{Column: c}
	var best *Method
	value := math.NaN()
	others := -1
	for _, m := range r.Methods {
		values := c.Values(m)
		if len(values) == 0 {
			continue
		}
		others++
		mean, _ := metric.MeanStd(values)
		if best == nil || c.Better == plot.Higher && mean > value || c.Better == plot.Lower && mean < value {
			best, value = m, mean
		}
	}
	if best == nil {
		return out, nil
	}
	out.Best = best.Name
	for _, m := range r.Methods {
		if m == best || len(c.Values(m)) == 0 {
			continue
		}
		var differences []float64
		for _, run := range m.Runs {
			other := best.Run(run.Seed)
			if other == nil {
				continue
			}
			a, ok := c.Of(run)
			b, both := c.Of(other)
			if ok && both {
				differences = append(differences, a-b)
			}
		}
		out.Others = append(out.Others, difference(m.Name, differences, c.grain(best), 1-(1-level)/float64(others)))
	}
	return out, nil
}

// difference is a paired comparison. grain is the least deviation that is believed.
func difference(name string, d []float64, grain, confidence float64) Difference {
	out := Difference{Name: name, Pairs: len(d), Tie: true, Mean: math.NaN(), Low: math.Inf(-1), High: math.Inf(1)}
	if len(d) == 0 {
		return out
	}
	mean, std := metric.MeanStd(d)
	out.Mean = mean
	if len(d) == 1 {
		return out
	}
	n := float64(len(d))
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(1 - (1-confidence)/2)
	half := t * max(std, grain) / math.Sqrt(n)
	out.Low, out.High = mean-half, mean+half
	out.Tie = out.Low <= 0 && out.High >= 0
	return out
}

// grain is what one question weighs.
func (c Column) grain(m *Method) float64 {
	for _, r := range m.Runs {
		switch {
		case c.Name == "quality" && r.Asked > 0:
			return 1 / float64(r.Asked)
		case c.Name == "knowledge" && r.Begun > 0:
			return 1 / float64(r.Begun)
		}
	}
	return 0
}

// String tells the ranking in one or two sentences.
func (k Ranking) String() string {
	if k.Best == "" {
		return k.Column.Label + ": not measured."
	}
	var ties, worse, alone []string
	for _, d := range k.Others {
		switch {
		case d.Pairs < 2:
			alone = append(alone, d.Name)
		case d.Tie:
			ties = append(ties, d.tell(k.Column))
		default:
			worse = append(worse, d.tell(k.Column))
		}
	}
	text := k.Column.Label + ": " + k.Best + " has the best mean."
	if len(worse) > 0 {
		text += " Behind it: " + strings.Join(worse, "; ") + "."
	}
	if len(ties) > 0 {
		text += " A tie with it, which the seeds do not settle: " + strings.Join(ties, "; ") + "."
	}
	if len(alone) > 0 {
		text += " Nothing can be said about " + strings.Join(alone, ", ") + ": that takes two seeds or more."
	}
	return text
}

func (d Difference) tell(c Column) string {
	unit := c.Unit
	if c.percent {
		unit = "points"
	}
	mean := strings.TrimSpace(c.signed(d.Mean) + " " + unit)
	return fmt.Sprintf("%s (%s, interval %s to %s)", d.Name, mean, c.signed(d.Low), c.signed(d.High))
}

// signed is a difference, shares in percentage points.
func (c Column) signed(v float64) string {
	if c.percent {
		v *= 100
	}
	digits := max(c.digits, 1)
	if c.digits == 0 {
		digits = 0
	}
	text := fmt.Sprintf("%+.*f", digits, v)
	if strings.Trim(text, "+-0.") == "" {
		text = strings.TrimLeft(text, "+-")
	}
	return text
}

// Verdict says which job is best at the task, which forgets least, which of the best ones costs least, and how sure that is.
func (r *Report) Verdict() string {
	quality, _ := r.Rank("quality") // the column exists
	if quality.Best == "" {
		return "No run is finished: nothing can be said."
	}
	lines := []string{quality.String()}
	for _, name := range []string{"perplexity", "knowledge"} {
		if k, _ := r.Rank(name); k.Best != "" {
			lines = append(lines, k.String())
		}
	}
	if text := r.cheapest(quality); text != "" {
		lines = append(lines, text)
	}
	return strings.Join(append(lines, r.test(len(quality.Others))), "\n")
}

// cheapest names the least that must be stored among those that nothing is known to be better than.
func (r *Report) cheapest(quality Ranking) string {
	c, _ := ColumnOf("size")
	name, least, all := "", math.Inf(1), 1
	consider := func(m *Method) {
		if values := c.Values(m); len(values) > 0 {
			if mean, _ := metric.MeanStd(values); mean < least {
				name, least = m.Name, mean
			}
		}
	}
	consider(r.Method(quality.Best))
	for _, d := range quality.Others {
		if d.Tie && d.Pairs > 1 {
			all++
			consider(r.Method(d.Name))
		}
	}
	if all == 1 || name == "" {
		return ""
	}
	return fmt.Sprintf("Of the %d that the seeds do not tell apart at the task, %s stores least: %s MB.", all, name, c.format(least))
}

func (r *Report) test(others int) string {
	if len(r.Seeds) < 2 {
		return "One seed shows one run of each and ranks nothing: take three seeds or more."
	}
	text := fmt.Sprintf("How sure: differences to the best mean, paired by seed over %d seeds, with intervals of Student's t (n−1 degrees of freedom)", len(r.Seeds))
	if others > 1 {
		text += fmt.Sprintf("; the %d intervals of a line hold together with %.0f%% (Bonferroni)", others, 100*level)
	} else {
		text += fmt.Sprintf(" that hold with %.0f%%", 100*level)
	}
	return text + ". All runs sat the same exam with the settings shown: other questions or other learning rates may rank them otherwise."
}
