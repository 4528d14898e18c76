package train_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/train"
)

// stopAt runs j and cancels it after a step.
func stopAt(t *testing.T, j train.Job, step int) *train.Result {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	j.Watch = func(s metric.Snapshot) {
		if s.Step == step && !s.Done {
			cancel()
		}
	}
	r, err := train.Run(ctx, j)
	if !errors.Is(err, context.Canceled) || r == nil || r.Steps != step {
		t.Fatalf("stopped with %v after %v", err, r)
	}
	return r
}

// A run stopped twice and resumed ends as one that was never stopped, to the last bit.
func TestResumeEqualsUninterrupted(t *testing.T) {
	for _, accumulate := range []int{1, 3} {
		checkResume(t, accumulate)
	}
}

func checkResume(t *testing.T, accumulate int) {
	t.Helper()
	j := job(t)
	j.Accumulate = accumulate
	j.Steps, j.EvalEvery, j.SaveEvery, j.WeightDecay = 24, 5, 4, 0.1
	whole := train.Must(train.Run(context.Background(), j))

	j.Dir = filepath.Join(t.TempDir(), "run")
	stopAt(t, j, 7)
	stopAt(t, j, 15)
	resumed, first := j, 0
	resumed.Watch = func(s metric.Snapshot) {
		if first == 0 {
			first = s.Step
		}
	}
	r, err := train.Run(context.Background(), resumed)
	if err != nil {
		t.Fatal(err)
	}
	if first != 16 {
		t.Errorf("went on at step %d, want 16", first)
	}
	if r.Model.Hash() != whole.Model.Hash() {
		t.Error("the weights differ")
	}
	if !reflect.DeepEqual(r.Log, whole.Log) {
		t.Errorf("the curves differ:\n%v\n%v", r.Log.Get(metric.EvalLoss), whole.Log.Get(metric.EvalLoss))
	}
	if r.Tokens != whole.Tokens || r.Steps != 24 {
		t.Errorf("%d tokens in %d steps, want %d in 24", r.Tokens, r.Steps, whole.Tokens)
	}

	// Run once more, it is done already.
	done := 0
	j.Watch = func(s metric.Snapshot) { done++ }
	if again := train.Must(train.Run(context.Background(), j)); again.Model.Hash() != whole.Model.Hash() || done != 1 {
		t.Errorf("a finished run gave other weights or %d snapshots", done)
	}
}

// A crash leaves the last saving; what came after is done again and comes out the same.
func TestResumeAfterACrash(t *testing.T) {
	j := job(t)
	j.Steps, j.EvalEvery, j.SaveEvery = 12, 4, 4
	whole := train.Must(train.Run(context.Background(), j))
	j.Dir = t.TempDir()
	kept := filepath.Join(j.Dir, "run.safetensors")
	var crashed []byte
	watched := j
	watched.Watch = func(s metric.Snapshot) {
		if s.Step == 6 { // two steps past a saving
			var err error
			if crashed, err = os.ReadFile(kept); err != nil {
				t.Error(err)
			}
		}
	}
	train.Must(train.Run(context.Background(), watched))
	if err := os.WriteFile(kept, crashed, 0o644); err != nil {
		t.Fatal(err)
	}
	if r := train.Must(train.Run(context.Background(), j)); r.Model.Hash() != whole.Model.Hash() || !reflect.DeepEqual(r.Log, whole.Log) {
		t.Error("the run after a crash differs")
	}
}

func TestResumeRefuses(t *testing.T) {
	j := job(t)
	j.Steps, j.Dir = 6, t.TempDir()
	stopAt(t, j, 3)
	for name, change := range map[string]func(*train.Job){
		"LR":       func(j *train.Job) { j.LR = 2e-2 },
		"Steps":    func(j *train.Job) { j.Steps = 7 },
		"Seed":     func(j *train.Job) { j.Seed = 9 },
		"Data":     func(j *train.Job) { j.Data = facts[:3] },
		"Eval":     func(j *train.Job) { j.Eval = facts[:3] },
		"Schedule": func(j *train.Job) { j.Schedule = optim.Linear{} },
		"Model":    func(j *train.Job) { j.Model = j.Model.Clone(); j.Model.Params.Get("model.norm.weight").Data[0] = 2 },
	} {
		other := j
		change(&other)
		if _, err := train.Run(context.Background(), other); !errors.Is(err, train.ErrOtherJob) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	kept := filepath.Join(j.Dir, "run.safetensors")
	text, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"cut": text[:len(text)/2], "empty": nil, "other file": []byte("not a checkpoint at all")} {
		if err := os.WriteFile(kept, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := train.Run(context.Background(), j); err == nil || !strings.Contains(err.Error(), "resume from "+j.Dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
	j.Dir = filepath.Join(kept, "below-a-file")
	if _, err := train.Run(context.Background(), j); err == nil {
		t.Error("saved below a file")
	}
}
