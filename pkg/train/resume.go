package train

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/optim"
)

// stateFile holds a whole run: weights and moments as tensors, the rest as metadata. One file, because one rename is
// atomic and two are not.
const stateFile = "run.safetensors"

// ErrOtherJob says that Job.Dir holds the state of a run with other settings.
var ErrOtherJob = errors.New("the folder holds a run with other settings: choose another Job.Dir, or remove the folder to start anew")

// setting is one thing on which the curve of a run depends.
type setting struct{ Name, Value string }

// progress is what a state holds beside its tensors.
type progress struct {
	Settings []setting
	Steps    int
	Tokens   int
	Elapsed  time.Duration
	Log      *metric.Log
	Renewed  renewed // examples that the method made, if it does
}

// identity lists all that the curve depends on, so that a run is never continued as another one.
func (l *loop) identity(examples []data.Example) []setting {
	j := l.job
	return []setting{
		{"Model", j.Model.Hash()},
		{"Adapt", l.adaptation()},
		{"Method", fmt.Sprintf("%s %+v", j.Method.Name(), j.Method)},
		{"Data", digest(examples)},
		{"Eval", digest(l.held)},
		{"Steps", fmt.Sprint(j.Steps)},
		{"LR", fmt.Sprint(j.LR)},
		{"Batch", fmt.Sprint(j.Batch)},
		{"Accumulate", fmt.Sprint(j.Accumulate)},
		{"Length", fmt.Sprint(j.Length)},
		{"Seed", fmt.Sprint(j.Seed)},
		{"EvalEvery", fmt.Sprint(j.EvalEvery)},
		{"Schedule", fmt.Sprintf("%T%+v", j.Schedule, j.Schedule)},
		{"WeightDecay", fmt.Sprint(j.WeightDecay)},
		{"Clip", fmt.Sprint(j.Clip)},
		{"Products", j.Products.String()},
	}
}

// adaptation is all that decides what moves, and how.
func (l *loop) adaptation() string {
	h := sha256.New()
	fmt.Fprintln(h, l.fit.Stages)
	return fmt.Sprintf("%s, %d of %d parameters, names %x", l.fit.Adaptation, l.fit.Trainable(), l.fit.Count(), h.Sum(nil)[:8])
}

// digest is a hash of all that the examples hold, in order.
func digest(examples []data.Example) string {
	h := sha256.New()
	var b []byte
	for _, e := range examples {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(len(e.IDs)))
		for i, id := range e.IDs {
			b = binary.LittleEndian.AppendUint64(b, uint64(id))
			b = binary.LittleEndian.AppendUint64(b, uint64(e.Labels[i]))
		}
		for _, at := range e.Starts {
			b = binary.LittleEndian.AppendUint64(b, uint64(at))
		}
		for _, name := range slices.Sorted(maps.Keys(e.Tokens)) {
			b = append(b, name...)
			for _, v := range e.Tokens[name] {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(e.Numbers)) {
			b = binary.LittleEndian.AppendUint32(append(b, name...), math.Float32bits(e.Numbers[name]))
		}
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// save writes the run as it stands to Job.Dir, all of it or nothing.
func (l *loop) save(ctx context.Context) error {
	if l.job.Dir == "" {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	p := progress{l.settings, l.result.Steps, l.result.Tokens, time.Since(l.began), l.result.Log, l.renewed}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	state := l.optim.State()
	var tensors []checkpoint.Named
	for i, t := range l.params {
		name := l.names[i]
		tensors = append(tensors, checkpoint.Named{Name: name, Tensor: t},
			checkpoint.Named{Name: "adamw.m." + name, Tensor: &compute.Tensor{Shape: t.Shape, Data: state.M[i]}},
			checkpoint.Named{Name: "adamw.v." + name, Tensor: &compute.Tensor{Shape: t.Shape, Data: state.V[i]}})
	}
	err = checkpoint.SaveDir(l.job.Dir, []checkpoint.Part{{Name: stateFile, Write: func(w io.Writer) error {
		return checkpoint.Write(w, tensors, checkpoint.Options{Metadata: map[string]string{"run": string(text)}})
	}}})
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// resume takes over the run that Job.Dir holds, if it holds one.
func (l *loop) resume(ctx context.Context) error {
	if l.job.Dir == "" {
		return nil
	}
	f, err := checkpoint.Open(os.DirFS(l.job.Dir), stateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("resume from %s: %w", l.job.Dir, err)
	}
	defer f.Close()
	if err := l.restore(ctx, f); err != nil {
		return fmt.Errorf("resume from %s: %w", filepath.Join(l.job.Dir, stateFile), err)
	}
	return nil
}

func (l *loop) restore(ctx context.Context, f *checkpoint.File) error {
	var p progress
	if err := json.Unmarshal([]byte(f.Metadata()["run"]), &p); err != nil {
		return fmt.Errorf("this is not the state of a run: %w", err)
	}
	if len(p.Settings) != len(l.settings) || p.Log == nil || p.Steps < 0 || p.Steps > l.job.Steps {
		return ErrOtherJob
	}
	for i, s := range l.settings {
		if had := p.Settings[i]; had != s {
			return fmt.Errorf("%s was %s, is %s: %w", s.Name, had.Value, s.Value, ErrOtherJob)
		}
	}
	if at := l.fit.StageAt(p.Steps); at != l.stage { // that of the last step: the next one may begin another
		if err := l.enter(at); err != nil {
			return err
		}
	}
	state := optim.State{Step: p.Steps}
	weights := make([][]float32, len(l.params))
	for i, name := range l.names {
		var read [3][]float32
		for k, prefix := range []string{"", "adamw.m.", "adamw.v."} {
			t, err := f.Tensor(prefix + name)
			if err != nil {
				return err
			}
			if len(t.Data) != len(l.params[i].Data) {
				return fmt.Errorf("%s%s has %d values, want %d", prefix, name, len(t.Data), len(l.params[i].Data))
			}
			read[k] = t.Data
		}
		weights[i], state.M, state.V, state.Began = read[0], append(state.M, read[1]), append(state.V, read[2]), append(state.Began, l.beganAt(name))
	}
	if err := l.optim.Restore(state); err != nil {
		return err
	}
	for i, w := range weights {
		copy(l.params[i].Data, w)
	}
	// The order of the data follows from the seed: deal what was dealt.
	if len(p.Renewed.Examples) > 0 {
		if err := l.deal(p.Renewed); err != nil {
			return err
		}
	}
	for range (p.Steps - p.Renewed.Step) * l.job.Accumulate {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.batches.Next(&l.batch)
	}
	p.Log.Name = l.job.Name
	l.result.Steps, l.result.Tokens, l.result.Log = p.Steps, p.Tokens, p.Log
	l.began = time.Now().Add(-p.Elapsed)
	return nil
}
