package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// Trial is what one job with one seed gave. Figures that were not measured are zero.
type Trial struct {
	Name string
	Seed uint64
	How  string // what moves, in words
	Key  string // of its content, under which it is kept

	Marks
	HeldOut float64 `json:",omitempty"` // loss in the end, nats per token

	Trainable  int   // parameters that moved in the end
	Parameters int   // all of them
	Size       int64 // bytes on disk of what must be kept beside the base, in float32

	Planned int64   // bytes that the largest training plan asks for: values, gradients, parameters; computed
	Peak    int64   `json:",omitempty"` // most bytes that the process had in memory; measured
	Idle    int64   `json:",omitempty"` // bytes that it had just before training
	PeakHow string  `json:",omitempty"` // how Peak was measured
	Seconds float64 // of training, in all sittings; what an interruption lost is not counted
	Step    float64 // milliseconds of a step, mean over the last sitting

	Threads int  // cores that it had
	Beside  int  `json:",omitempty"` // runs that could be at work beside it
	Resumed bool `json:",omitempty"` // it went on after an interruption

	Failed string      `json:",omitempty"` // why it has no marks: training diverged
	Log    *metric.Log // the curves

	model *model.Model // only of a run that cannot be kept
}

// Marks are what a model can do: the task, and what its base could.
type Marks struct {
	Right, Asked int
	Parts        []Part  `json:",omitempty"` // of the exam, where it has several
	Perplexity   float64 `json:",omitempty"` // of Study.Text
	Kept, Begun  int     `json:",omitempty"` // of Study.Known: ended rightly, and all
}

// Part is a part of the exam: the questions of one kind in one language.
type Part struct {
	Name         string
	Right, Asked int
}

// mark asks a model all that a study asks.
func mark(ctx context.Context, s *Study, m *model.Model, told func(what string)) (Marks, error) {
	var out Marks
	told("exam")
	exam, err := train.Exam(ctx, m, s.Exam)
	if err != nil {
		return out, err
	}
	out.Right, out.Asked = exam.Right(), len(exam.Answers)
	at := map[string]int{}
	for i, a := range exam.Answers {
		name := part(s.Exam[i])
		if _, ok := at[name]; !ok {
			at[name] = len(out.Parts)
			out.Parts = append(out.Parts, Part{Name: name})
		}
		p := &out.Parts[at[name]]
		p.Asked++
		if a.Right {
			p.Right++
		}
	}
	if len(out.Parts) == 1 {
		out.Parts = nil
	}
	if len(s.Text) > 0 {
		told("perplexity")
		loss, err := train.Measure(ctx, m, method.Causal{}, s.Text, min(textLength, m.Config.Context))
		if err != nil {
			return out, err
		}
		out.Perplexity = metric.Perplexity(loss)
	}
	if len(s.Known) > 0 {
		told("knowledge")
		if out.Kept, err = recalled(ctx, m, s.Known); err != nil {
			return out, err
		}
		out.Begun = len(s.Known)
	}
	return out, nil
}

// textLength is the tokens a row of Study.Text, which hold a paper of the town whole.
const textLength = 256

// part is the kind and language of a question.
func part(r data.Record) string {
	kind := r.Truth["task"]
	if kind == "" {
		kind = r.Truth["attribute"]
	}
	if kind == "" {
		kind = r.Kind
	}
	return strings.TrimSpace(kind + " " + r.Lang)
}

// recalled counts beginnings that the model goes on with rightly.
func recalled(ctx context.Context, m *model.Model, known data.Set) (int, error) {
	d, err := m.Decoder(ctx, model.Float32)
	if err != nil {
		return 0, err
	}
	right := 0
	for _, r := range known {
		said, err := d.Generate(ctx, r.Prompt, model.Generate{MaxTokens: len(m.Tokenizer.Encode(r.Answer)) + 2})
		if err != nil {
			return right, err
		}
		if strings.HasPrefix(strings.TrimSpace(said), r.Answer) {
			right++
		}
	}
	return right, nil
}

// A place is where a run works.
type place struct {
	state, out string // folders: of the run under way, of what must be stored
	apart      bool   // the process is the run's own
	threads    int
	told       func(Progress) // called after every step
}

// one trains a job with a seed and marks it. What went wrong with training itself is in Trial.Failed.
func (s *Study) one(ctx context.Context, j train.Job, seed uint64, at place) (*Trial, error) {
	device := cpu.Default()
	if at.threads != device.Threads() {
		var err error
		if device, err = cpu.New(cpu.Options{Threads: at.threads}); err != nil {
			return nil, err
		}
		defer device.Close()
	}
	run := &Trial{Name: j.Name, Seed: seed, Threads: at.threads}
	p := Progress{Name: j.Name, Seed: seed, Phase: Training, Steps: j.Steps}
	j.Seed, j.Dir, j.Device = seed, at.state, device
	j.Watch = func(m metric.Snapshot) {
		p.Step, p.Steps, p.Log = m.Step, m.Steps, m.Log
		at.told(p)
	}
	_, statErr := os.Stat(at.state)
	run.Resumed = at.state != "" && statErr == nil
	reset := false
	if at.apart {
		runtime.GC()
		debug.FreeOSMemory()
		run.Idle, reset = residentBytes(), resetPeak()
	}
	r, err := train.Run(ctx, j)
	if at.apart {
		if run.Peak = peakBytes(); run.Peak > 0 {
			run.PeakHow = "the whole process since its start"
			if reset {
				run.PeakHow = peakHow
			}
		}
	}
	if err != nil && !errors.Is(err, train.ErrDiverged) {
		return nil, err
	}
	if err != nil {
		run.Failed = err.Error()
	}
	run.How, run.Log, run.Seconds = r.Adapted.Adaptation.String(), r.Log, r.Elapsed.Seconds()
	run.Log.Name = j.Name
	c := r.Cost
	run.Trainable, run.Parameters, run.Planned, run.Step = c.Trainable, c.Parameters, int64(c.Plan), float64(c.Step.Microseconds())/1000
	if run.Failed != "" {
		return run, nil
	}
	if s := r.Log.Get(metric.EvalLoss); s != nil {
		run.HeldOut = s.Last()
	}
	if err := r.Adapted.Save(ctx, at.out); err != nil {
		return nil, err
	}
	files, err := listed(at.out)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		run.Size += f.Size
	}
	run.Marks, err = mark(ctx, s, r.Model, func(what string) {
		p.Phase, p.Doing = Marking, what
		at.told(p)
	})
	if err != nil {
		return nil, fmt.Errorf("%s, seed %d: %w", filepath.Base(j.Name), seed, err)
	}
	run.model = r.Model
	return run, nil
}
