package train

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
)

// Job is one training run. Model, Method and Data are needed; every other zero value is a default.
type Job struct {
	Name   string // shown in progress and figures; zero means the names of the method and of the adaptation, if there is one
	Model  *model.Model
	Method method.Method
	Adapt  adapt.Adaptation // which parameters move; nil means adapt.Full(), all
	Data   data.Set
	Eval   data.Set // held-out records whose loss is measured along the way; nil for none

	Steps     int     // zero means 200
	LR        float64 // peak learning rate; zero means 1e-3
	Batch     int     // rows of a batch; zero means 16
	Length    int     // tokens a row, into which records are packed; zero means 128, or more when a record needs it
	Seed      uint64  // of the order of the data
	EvalEvery int     // steps between measurements on Eval; zero means a tenth of the steps

	// Accumulate is the number of batches whose gradients make one step, weighted by their trained tokens, as if they
	// were one batch: memory for Batch rows, the step of Batch·Accumulate. Zero means 1.
	Accumulate int

	// Recompute saves memory for time: what is inside of the model's blocks is computed again for the gradients instead of
	// being kept (Chen et al., arXiv:1604.06174). The result is the same, bit for bit.
	Recompute bool

	// Products is what the products of the model's layers multiply: cpu.Float32, or cpu.BFloat16, which rounds both sides to
	// eight significant binary digits and takes about half the time, where the processor has the instruction for it. Weights
	// and moments stay float32. The curve is another one, close by.
	Products cpu.Format

	Schedule    optim.Schedule // nil means optim.Cosine{}
	WeightDecay float64        // zero means none
	Clip        float64        // limit of the gradients' norm; zero means 1, negative means none

	Dir       string // where the run is saved, to go on from after an interruption; empty means nowhere
	SaveEvery int    // steps between savings; zero means EvalEvery

	Watch  func(metric.Snapshot) // called after every step, in the loop's goroutine; keep it short
	Device *cpu.Device           // nil means cpu.Default()

	// Peek is shown the model every PeekEvery steps and at the end, before Watch is called, as to let it write a sample. The
	// model is still at work: read it, and neither change nor keep it. What an adaptation adds is folded into it.
	Peek      func(step int, m *model.Model)
	PeekEvery int // zero means EvalEvery
}

// With is a copy of the job under another name and with another adaptation, nil for full fine-tuning. One that a cell defines
// is handed over here: in a struct literal the interpreter would lose its methods.
func (j Job) With(name string, a adapt.Adaptation) Job {
	j.Name, j.Adapt = name, a
	return j
}

// Result is what a run gave. After an interruption it holds what was reached.
type Result struct {
	Name    string
	Model   *model.Model    // the trained copy, with what the adaptation added folded in
	Adapted *adapt.Attached // what moved: Adapted.Save keeps it apart from the base
	Log     *metric.Log
	Steps   int // steps done
	Tokens  int // tokens read
	Elapsed time.Duration
	Cost    Cost
}

// String is the result in one line.
func (r *Result) String() string {
	return fmt.Sprintf("%s: %d steps, loss %.3f → %.3f, %.1f s, %.0f tokens/s", r.Name, r.Steps, r.first(), r.Log.Get(metric.Loss).Last(),
		r.Elapsed.Seconds(), float64(r.Tokens)/r.Elapsed.Seconds())
}

func (r *Result) first() float64 {
	if s := r.Log.Get(metric.Loss); s != nil && len(s.Values) > 0 {
		return s.Values[0]
	}
	return 0
}

// Must returns r or panics with err. For cells.
func Must(r *Result, err error) *Result {
	if err != nil {
		panic(err)
	}
	return r
}

// ErrDiverged says that the loss or its gradient is not a finite number any more.
var ErrDiverged = errors.New("the loss or its gradient is not a finite number: try a smaller LR, a longer warm-up or a smaller Clip")

func (j Job) withDefaults() (Job, error) {
	switch {
	case j.Model == nil:
		return j, errors.New("train: Job.Model is nil: give it a model, such as base.Load(ctx)")
	case j.Method == nil:
		return j, errors.New("train: Job.Method is nil: give it a method, such as method.SFT{}")
	case len(j.Data) == 0:
		return j, errors.New("train: Job.Data is empty: give it records, such as world.Questions(ctx)")
	case j.Model.Tokenizer == nil:
		return j, errors.New("train: the model has no tokenizer: put its tokenizer.json beside its weights")
	case j.Accumulate < 0:
		return j, fmt.Errorf("train: Job.Accumulate is %d: want the number of batches that make a step, or zero for one", j.Accumulate)
	case j.Steps < 0 || j.Batch < 0 || j.Length < 0 || j.EvalEvery < 0 || j.SaveEvery < 0 || j.PeekEvery < 0:
		return j, fmt.Errorf("train: Steps %d, Batch %d, Length %d, EvalEvery %d, SaveEvery %d, PeekEvery %d: none may be negative", j.Steps, j.Batch, j.Length, j.EvalEvery, j.SaveEvery, j.PeekEvery)
	case !(j.LR >= 0) || !(j.WeightDecay >= 0) || math.IsInf(j.LR+j.WeightDecay, 0) || math.IsNaN(j.Clip):
		return j, fmt.Errorf("train: LR %g, WeightDecay %g, Clip %g: want finite numbers, LR and WeightDecay not negative; 1e-3 is a usual LR here", j.LR, j.WeightDecay, j.Clip)
	case j.Length > j.Model.Config.Context:
		return j, fmt.Errorf("train: Job.Length is %d, the model's context holds %d", j.Length, j.Model.Config.Context)
	}
	if j.Name == "" {
		j.Name = j.Method.Name()
		if j.Adapt != nil {
			j.Name += " " + j.Adapt.Name()
		}
	}
	if j.Steps == 0 {
		j.Steps = 200
	}
	if j.LR == 0 {
		j.LR = 1e-3
	}
	if j.Batch == 0 {
		j.Batch = 16
	}
	if j.Accumulate == 0 {
		j.Accumulate = 1
	}
	if j.EvalEvery == 0 {
		j.EvalEvery = max(1, j.Steps/10)
	}
	if j.SaveEvery == 0 {
		j.SaveEvery = j.EvalEvery
	}
	if j.PeekEvery == 0 {
		j.PeekEvery = j.EvalEvery
	}
	if j.Schedule == nil {
		j.Schedule = optim.Cosine{}
	}
	if j.Clip == 0 {
		j.Clip = 1
	}
	if j.Device == nil {
		j.Device = cpu.Default()
	}
	return j, nil
}
