package train

import (
	"fmt"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
)

// Cost is what a run takes, to set against what it reaches.
type Cost struct {
	Trainable  int // parameters that moved in the end
	Parameters int // all of them

	Optimizer int           // bytes of AdamW's moments in the end
	Plan      int           // bytes of the largest training plan: values, gradients and parameters, without the device's scratch memory
	Step      time.Duration // mean of this call's steps; each plan's first, which takes memory, is left out where there are more
}

// Share is how much of the model moved, 0 to 1.
func (c Cost) Share() float64 {
	if c.Parameters == 0 {
		return 0
	}
	return float64(c.Trainable) / float64(c.Parameters)
}

// String is the cost in one line.
func (c Cost) String() string {
	return fmt.Sprintf("%d of %d parameters (%.3g%%), %.2f MB of moments, %.1f MB planned, %.1f ms a step",
		c.Trainable, c.Parameters, 100*c.Share(), float64(c.Optimizer)/1e6, float64(c.Plan)/1e6, milliseconds(c.Step))
}

// Costs puts runs side by side: share of parameters, memory and time against what they reached, their last held-out loss.
func Costs(results ...*Result) *metric.Table {
	t := &metric.Table{Header: []string{"run", "trainable", "share", "moments, MB", "plan, MB", "ms a step", "loss", "held-out loss"}}
	for _, r := range results {
		if r == nil {
			continue
		}
		held := "not measured"
		if s := r.Log.Get(metric.EvalLoss); s != nil {
			held = fmt.Sprintf("%.3f", s.Last())
		}
		c := r.Cost
		t.Add(r.Name, fmt.Sprint(c.Trainable), fmt.Sprintf("%.3g%%", 100*c.Share()), fmt.Sprintf("%.2f", float64(c.Optimizer)/1e6),
			fmt.Sprintf("%.1f", float64(c.Plan)/1e6), fmt.Sprintf("%.1f", milliseconds(c.Step)), fmt.Sprintf("%.3f", r.Log.Get(metric.Loss).Last()), held)
	}
	return t
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// clock adds up the time of steps.
type clock struct {
	began          time.Time
	first, rest    time.Duration // of the first step of each plan, and of the others
	firsts, others int
	warm           bool
}

func (c *clock) start() { c.began = time.Now() }

func (c *clock) stop() {
	took := time.Since(c.began)
	if c.warm {
		c.rest, c.others = c.rest+took, c.others+1
	} else {
		c.first, c.firsts, c.warm = c.first+took, c.firsts+1, true
	}
}

func (c *clock) mean() time.Duration {
	switch {
	case c.others > 0:
		return c.rest / time.Duration(c.others)
	case c.firsts > 0:
		return c.first / time.Duration(c.firsts)
	}
	return 0
}

// leave takes note of what the plan under way took.
func (l *loop) leave() {
	if l.train == nil {
		return
	}
	p := l.train.Plan()
	l.result.Cost.Plan = max(l.result.Cost.Plan, p.Arena+p.Bound+p.Own)
	l.clock.warm = false
}

// finish fills in the result of a run that ended, by itself or not.
func (l *loop) finish() (err error) {
	l.leave()
	c := &l.result.Cost
	c.Trainable, c.Parameters, c.Optimizer, c.Step = l.fit.TrainableAt(l.stage), l.fit.Count(), l.optim.Bytes(), l.clock.mean()
	l.result.Model, err = l.fit.Merged()
	return err
}
