package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
)

// loop is a run under way.
type loop struct {
	job     Job
	model   *model.Model
	in      model.Inputs
	targets *graph.Node
	loss    *graph.Node
	dropout *graph.Node // its key; nil without dropout
	notes   model.Notes // what the loss reads beside ids and targets
	reports []model.Report
	values  []float64 // of the reports, after the last batches
	fit     *adapt.Attached
	stage   int      // of fit, whose plan is train
	names   []string // of the parameters that move, those first that moved first
	params  []*compute.Tensor
	grads   []*compute.Tensor
	sums    []*compute.Tensor // the mean of the gradients of a step's batches, where there are several
	train   *graph.Machine
	measure *graph.Machine
	batches *data.Batches
	held    []data.Example
	optim   *optim.AdamW
	batch   data.Batch
	result  *Result
	began   time.Time // as if it had run without a pause
	clock   clock

	aux      method.Auxiliary // what the method takes beside the model
	examples []data.Example   // of the data
	renewed  renewed          // what is read instead, where the method renews examples

	settings []setting // what a saved run must have been made with; nil without Job.Dir
}

// Run trains a copy of job.Model. The model it is given keeps its bits. When ctx is cancelled it stops within a step
// and returns what was reached together with an error that wraps ctx.Err(). With job.Dir, the same job run again goes
// on from there and ends as if it had never stopped, bit for bit.
func Run(ctx context.Context, job Job) (*Result, error) {
	job, err := job.withDefaults()
	if err != nil {
		return nil, err
	}
	l, err := newLoop(ctx, job)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", job.Name, err)
	}
	if err := l.resume(ctx); err != nil {
		return l.result, fmt.Errorf("train: %s: %w", job.Name, err)
	}
	if err := errors.Join(l.run(ctx), l.finish()); err != nil {
		err = fmt.Errorf("train: %s: after step %d of %d: %w", job.Name, l.result.Steps, job.Steps, err)
		l.report(true)
		if ctx.Err() != nil { // a run that diverged keeps its last good state
			err = errors.Join(err, l.save(context.WithoutCancel(ctx)))
		}
		return l.result, err
	}
	return l.result, nil
}

func newLoop(ctx context.Context, job Job) (*loop, error) {
	fit, err := adapt.Attach(job.Model, job.Adapt, adapt.Run{Steps: job.Steps, Seed: job.Seed})
	if err != nil {
		return nil, err
	}
	l := &loop{job: job, fit: fit, model: fit.Model}
	if err := l.ask(ctx, job.Model); err != nil {
		return nil, err
	}
	examples, err := l.encode(ctx)
	if err != nil {
		return nil, err
	}
	if trained(examples) == 0 {
		return nil, fmt.Errorf("no token of %d records is trained on: look at one with data.Masked", len(examples))
	}
	if l.batches, err = data.NewBatches(examples, job.Batch, l.job.Length, l.model.Tokenizer.PAD(), job.Seed); err != nil {
		return nil, err
	}
	l.examples = examples
	l.result = &Result{Name: job.Name, Model: l.model, Adapted: fit, Log: &metric.Log{Name: job.Name}}
	if err := l.enter(0); err != nil {
		return nil, err
	}
	if job.Dir != "" {
		l.settings = l.identity(examples)
	}
	l.began = time.Now()
	return l, nil
}

// run takes the steps that are left.
func (l *loop) run(ctx context.Context) error {
	// A run that was stopped while measuring has still to measure.
	if err := l.evaluate(ctx, l.result.Steps); err != nil {
		return err
	}
	if l.result.Steps == l.job.Steps {
		l.report(true)
	}
	for step := l.result.Steps + 1; step <= l.job.Steps; step++ {
		if at := l.fit.StageAt(step); at != l.stage {
			if err := l.enter(at); err != nil {
				return err
			}
		}
		if err := l.renew(ctx); err != nil {
			return err
		}
		if err := l.step(ctx, step); err != nil {
			return err
		}
		if err := l.evaluate(ctx, step); err != nil {
			return err
		}
		last := step == l.job.Steps
		if step%l.job.SaveEvery == 0 || last {
			if err := l.save(ctx); err != nil {
				return err
			}
		}
		if l.job.Peek != nil && (step%l.job.PeekEvery == 0 || last) {
			m, err := l.fit.Merged()
			if err != nil {
				return err
			}
			l.job.Peek(step, m)
		}
		l.report(last)
	}
	return nil
}

// never is the step of a run without dropout.
const never = -1

// feed gives a batch to a machine. Each batch of a run, by number, has dropouts of its own.
func (l *loop) feed(m *graph.Machine, b *data.Batch, number int) error {
	if l.dropout != nil {
		if err := m.SetInts(l.dropout, graph.DropoutKey(l.job.Seed, number)); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		node   *graph.Node
		values []int32
	}{{l.in.IDs, b.IDs}, {l.in.Positions, b.Positions}, {l.in.Segments, b.Segments}, {l.targets, b.Targets}} {
		if err := m.SetInts(f.node, f.values); err != nil {
			return err
		}
	}
	return l.notes.Feed(m, b.Examples, b.Present, b.Tokens, b.Numbers)
}

func (l *loop) step(ctx context.Context, step int) error {
	l.clock.start()
	loss, grads, err := l.gradients(ctx)
	if err != nil {
		return err
	}
	rate := l.job.LR * l.job.Schedule.At(step, l.job.Steps)
	norm := l.optim.Step(grads, rate, math.Max(0, l.job.Clip))
	if math.IsNaN(norm) || math.IsInf(norm, 0) { // the optimizer has not moved, so the model is as it was
		return ErrDiverged
	}
	l.clock.stop()
	l.result.Steps = step
	l.result.Tokens += l.job.Accumulate * len(l.batch.IDs)
	log := l.result.Log
	log.Add(metric.Loss, l.unit(), step, loss)
	for i, r := range l.reports {
		log.Add(r.Name, r.Unit, step, l.values[i])
	}
	log.Add(metric.Rate, "", step, rate)
	log.Add(metric.GradNorm, "", step, norm)
	if stages := l.fit.Stages; len(stages) > 1 && step == stages[l.stage].After+1 {
		log.Add(metric.Moving, "", step, float64(l.fit.TrainableAt(l.stage)))
	}
	return nil
}

// gradients runs the batches of a step and returns their loss and its gradients: means over what counts in all of them.
func (l *loop) gradients(ctx context.Context) (loss float64, grads []*compute.Tensor, err error) {
	seen := 0.0
	clear(l.values)
	for i := range l.job.Accumulate {
		l.batches.Next(&l.batch)
		if err := l.feed(l.train, &l.batch, l.result.Steps*l.job.Accumulate+i); err != nil {
			return 0, nil, err
		}
		value, err := l.read(ctx, l.train)
		if err != nil {
			return 0, nil, err
		}
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return 0, nil, ErrDiverged
		}
		if l.job.Accumulate == 1 {
			return value, l.grads, l.collect(l.train, 1)
		}
		counts := l.counts(&l.batch)
		if counts == 0 {
			continue // its loss is zero and so is its weight
		}
		seen += counts
		part := counts / seen
		loss += part * (value - loss)
		if err := l.collect(l.train, part); err != nil {
			return 0, nil, err
		}
		for i, sum := range l.sums {
			l.job.Device.Blend(sum.Data, l.grads[i].Data, float32(1-part), float32(part), sum.Len())
		}
	}
	if seen == 0 { // nothing to learn from in any of the batches
		for _, sum := range l.sums {
			clear(sum.Data)
		}
	}
	return loss, l.sums, nil
}

// read runs a machine and gives its loss.
func (l *loop) read(ctx context.Context, m *graph.Machine) (float64, error) {
	if err := m.Run(ctx); err != nil {
		return 0, err
	}
	return m.Scalar(l.loss)
}

// collect takes the reports of a run into their means, of which it is a part.
func (l *loop) collect(m *graph.Machine, part float64) error {
	for i, r := range l.reports {
		value, err := m.Scalar(r.Node)
		if err != nil {
			return err
		}
		l.values[i] += part * (value - l.values[i])
	}
	return nil
}

// counts is what the loss of a batch is a mean over.
func (l *loop) counts(b *data.Batch) float64 {
	if l.aux.PerExample {
		return float64(b.Count)
	}
	return float64(b.Trained)
}

// unit is the loss's.
func (l *loop) unit() string {
	if l.aux.Unit != "" {
		return l.aux.Unit
	}
	return "nats per token"
}

// evaluate measures on the held-out records when the step asks for it and it was not done yet.
func (l *loop) evaluate(ctx context.Context, step int) error {
	due := step > 0 && (step%l.job.EvalEvery == 0 || step == l.job.Steps)
	if s := l.result.Log.Get(metric.EvalLoss); !due || len(l.held) == 0 || s != nil && s.Steps[len(s.Steps)-1] == step {
		return nil
	}
	held, err := l.heldOut(ctx)
	if err != nil {
		return err
	}
	l.result.Log.Add(metric.EvalLoss, l.unit(), step, held)
	for i, r := range l.reports {
		l.result.Log.Add(metric.HeldOut(r.Name), r.Unit, step, l.values[i])
	}
	return nil
}

// heldBatches bounds how long a measurement takes.
const heldBatches = 4

// heldOut is the mean loss over the same few batches of held-out records each time, weighted by what it is a mean over; the
// reports are in l.values.
func (l *loop) heldOut(ctx context.Context) (float64, error) {
	batches, err := data.NewBatches(l.held, l.job.Batch, l.job.Length, l.model.Tokenizer.PAD(), 0)
	if err != nil {
		return 0, err
	}
	var b data.Batch
	var mean, seen float64
	clear(l.values)
	for range heldBatches {
		batches.Next(&b)
		if err := l.feed(l.measure, &b, never); err != nil {
			return 0, err
		}
		loss, err := l.read(ctx, l.measure)
		if err != nil {
			return 0, err
		}
		counts := l.counts(&b)
		if counts == 0 {
			continue
		}
		seen += counts
		mean += counts / seen * (loss - mean)
		if err := l.collect(l.measure, counts/seen); err != nil {
			return 0, err
		}
	}
	if seen == 0 {
		return 0, errors.New("no held-out token is trained on")
	}
	return mean, nil
}

// report tells the watcher.
func (l *loop) report(done bool) {
	step := l.result.Steps
	l.result.Elapsed = time.Since(l.began)
	if l.job.Watch == nil {
		return
	}
	s := metric.Snapshot{Name: l.job.Name, Step: step, Steps: l.job.Steps, Log: l.result.Log, Elapsed: l.result.Elapsed, Done: done}
	if seconds := s.Elapsed.Seconds(); seconds > 0 && step > 0 {
		s.TokensPerSecond = float64(l.result.Tokens) / seconds
		s.Remaining = time.Duration(float64(s.Elapsed) / float64(step) * float64(l.job.Steps-step))
	}
	l.job.Watch(s)
}
