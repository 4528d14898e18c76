package compare

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// The figures of a run are those that train, adapt and their exams give by themselves.
func TestReportSaysWhatTrainingGives(t *testing.T) {
	ctx := context.Background()
	s := study(t, small(t), smallConfig)
	r := mustRun(t, s, nil)
	for _, c := range []struct {
		name string
		a    adapt.Adaptation
	}{{"full", adapt.Full()}, {"last layers=1", adapt.Last(1)}} {
		job := s.Jobs[0].With(c.name, c.a)
		job.Model, job.Data, job.Seed = s.Base, s.Practice, 2
		want := train.Must(train.Run(ctx, job))
		got := r.Method(c.name).Run(2)
		if talk, err := r.Model(c.name, 2).Load(ctx); err != nil || talk.Hash() != want.Model.Hash() {
			t.Errorf("%s: the model of the report is another one (%v)", c.name, err)
		}
		exam, err := train.Exam(ctx, want.Model, s.Exam)
		if err != nil {
			t.Fatal(err)
		}
		if got.Right != exam.Right() || got.Asked != len(s.Exam) || len(got.Parts) != 2 || got.Parts[0].Asked+got.Parts[1].Asked != got.Asked {
			t.Errorf("%s: %d of %d, parts %v; want %d of %d", c.name, got.Right, got.Asked, got.Parts, exam.Right(), len(s.Exam))
		}
		if got.Trainable != want.Cost.Trainable || got.Planned != int64(want.Cost.Plan) || got.Perplexity <= 1 || got.Perplexity == r.Method(c.name).Before.Perplexity {
			t.Errorf("%s: %+v against %+v", c.name, got, want.Cost)
		}
		folder := t.TempDir()
		if err := want.Adapted.Save(ctx, folder); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(folder, "adapter.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if got.Size != info.Size() {
			t.Errorf("%s: %d bytes to store, the file has %d", c.name, got.Size, info.Size())
		}
		question := s.Exam[0].Prompt
		mine, err := want.Model.Answer(ctx, question, model.Generate{MaxTokens: 5})
		if err != nil {
			t.Fatal(err)
		}
		if said, err := r.Model(c.name, 2).Answer(ctx, question, model.Generate{MaxTokens: 5}); err != nil || said != mine {
			t.Errorf("%s says %q (%v), want %q", c.name, said, err, mine)
		}
		if got.Peak != 0 || got.PeakHow != "" {
			t.Errorf("%s: a peak of %d in a process that all share", c.name, got.Peak)
		}
	}
	if text := r.String(); !strings.Contains(text, "Peak memory was not measured") || !strings.Contains(text, "planned") {
		t.Errorf("the report does not say that memory was not measured:\n%s", text)
	}
}

// A changed setting trains what is new; names, threads and workers are no settings.
func TestOnlyWhatIsNewIsTrained(t *testing.T) {
	dir := small(t)
	s := study(t, dir, smallConfig)
	folder := s.Dir
	first := mustRun(t, s, nil)
	for _, c := range []struct {
		name        string
		change      func(*Study)
		known, made int
	}{
		{"nothing", func(*Study) {}, 4, 0},
		{"a name, threads, workers", func(s *Study) { s.Jobs[0].Name, s.Threads, s.Workers = "all", 2, 2 }, 4, 0},
		{"the rate of one job", func(s *Study) { s.Jobs[1].LR = 4e-3 }, 2, 2},
		{"back again", func(*Study) {}, 4, 0},
		{"a seed more", func(s *Study) { s.Seeds = []uint64{1, 2, 3} }, 4, 2},
		{"a job more", func(s *Study) { s.Jobs = append(s.Jobs, s.Jobs[0].With("norms", adapt.Norms())) }, 4, 2},
		{"other practice", func(s *Study) { s.Practice = s.Practice.Take(30) }, 0, 4},
		{"another exam", func(s *Study) { s.Exam = s.Exam.Take(5) }, 0, 4},
		{"other weights", func(s *Study) { s.Base = s.Base.Clone(); s.Base.Params.Get("model.norm.weight").Data[0]++ }, 0, 4},
	} {
		s := study(t, dir, smallConfig)
		s.Dir = folder
		c.change(&s)
		var count trained
		r := mustRun(t, s, count.watch)
		if count.known != c.known || count.made != c.made {
			t.Errorf("%s: %d known, %d trained; want %d and %d", c.name, count.known, count.made, c.known, c.made)
		}
		if c.name == "back again" && bits(t, r) != bits(t, first) {
			t.Errorf("%s: another report", c.name)
		}
	}
}

// What is damaged is reported and made again, whatever was damaged.
func TestDamageIsFound(t *testing.T) {
	dir := small(t)
	s := study(t, dir, smallConfig)
	want := bits(t, mustRun(t, s, nil))
	key := mustRun(t, s, nil).Method("full").Run(1).Key
	entry := filepath.Join(s.Dir, "runs", key)
	flip := func(path string) func(*testing.T) {
		return func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text[len(text)/2] ^= 1
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, damage := range map[string]func(*testing.T){
		"a bit of the weights": flip(filepath.Join(entry, "adapter.safetensors")),
		"a bit of the record":  flip(filepath.Join(entry, "run.json")),
		"no weights":           func(t *testing.T) { remove(t, filepath.Join(entry, "adapter.safetensors")) },
		"no record":            func(t *testing.T) { remove(t, filepath.Join(entry, "run.json")) },
		"half a record": func(t *testing.T) {
			if err := os.Truncate(filepath.Join(entry, "run.json"), 100); err != nil {
				t.Fatal(err)
			}
		},
		"another run's record": func(t *testing.T) {
			other, err := os.ReadFile(filepath.Join(s.Dir, "runs", mustRun(t, s, nil).Method("full").Run(2).Key, "run.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(entry, "run.json"), other, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			damage(t)
			var count trained
			r := mustRun(t, s, count.watch)
			if count.known != 3 || count.made != 1 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "full, seed 1: what was kept of it is damaged") {
				t.Errorf("%d known, %d trained, notes %q", count.known, count.made, r.Notes)
			}
			if bits(t, r) != want {
				t.Error("another report than before the damage")
			}
		})
	}
	r := mustRun(t, s, nil)
	flip(filepath.Join(entry, "adapter.safetensors"))(t)
	if _, err := r.Model("full", 1).Answer(context.Background(), "say cat dog"); !errors.Is(err, errCorrupt) {
		t.Errorf("a model whose weights were damaged after the report answers (%v)", err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestTwoInOneFolder(t *testing.T) {
	s := study(t, small(t), smallConfig)
	held, err := openStore(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), s, nil); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), s.Dir) || !strings.Contains(err.Error(), "process ") {
		t.Errorf("two in one folder: %v", err)
	}
	if err := held.close(); err != nil {
		t.Fatal(err)
	}
	mustRun(t, s, nil)
}

// Cancelled in the middle, what is finished is returned, and the next call goes on; in this process and in others.
func TestCancelKeepsWhatIsFinished(t *testing.T) {
	dir := small(t)
	want := bits(t, mustRun(t, study(t, dir, smallConfig), nil))
	for _, apart := range []bool{false, true} {
		s := study(t, dir, smallConfig)
		if apart {
			s.Program = program(t)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var last Snapshot
		r, err := Run(ctx, s, func(now Snapshot) {
			if last = now; now.Count(Finished) == 1 && now.Count(Training) > 0 {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || r == nil || !last.Done || r.Whole() || len(r.Method("full").Runs) == 0 || !strings.Contains(r.String(), "Not finished") {
			t.Fatalf("apart %v: %v, %v", apart, err, r)
		}
		var count trained
		r = mustRun(t, s, count.watch)
		if count.known == 0 || count.made == 0 || count.known+count.made != 4 {
			t.Errorf("apart %v: %d known, %d trained", apart, count.known, count.made)
		}
		if got := bits(t, r); got != want {
			t.Errorf("apart %v: another report than without a pause\n%s\nwant\n%s", apart, got, want)
		}
	}
}

// Workers, threads and processes change no bit. A process of a run's own has a measured peak that holds what its plan asks for.
func TestParallelRunsAreTheSame(t *testing.T) {
	dir := small(t)
	want := bits(t, mustRun(t, study(t, dir, smallConfig), nil))
	for _, c := range []struct {
		threads, workers int
		apart            bool
	}{{2, 1, false}, {1, 3, false}, {1, 1, true}, {1, 2, true}} {
		s := study(t, dir, smallConfig)
		s.Threads, s.Workers = c.threads, c.workers
		if c.apart {
			s.Program = program(t)
		}
		r := mustRun(t, s, nil)
		if got := bits(t, r); got != want {
			t.Errorf("%+v: another report\n%s\nwant\n%s", c, got, want)
		}
		if !c.apart {
			continue
		}
		run := r.Method("full").Run(1)
		if run.Peak < run.Planned || run.Peak > 1<<30 || run.PeakHow == "" {
			t.Errorf("%+v: peak %d (%s) with a plan of %d", c, run.Peak, run.PeakHow, run.Planned)
		}
	}
}

// unkeyed is a method as a cell may write one, with a function inside.
type unkeyed struct {
	method.SFT
	Hook func()
}

func (u unkeyed) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	return u.SFT.Loss(out, targets)
}

func TestWhatHasNoContentIsNotKept(t *testing.T) {
	s := study(t, small(t), smallConfig)
	s.Jobs[0].Method = unkeyed{Hook: func() {}}
	s.Seeds = []uint64{1}
	for range 2 {
		var count trained
		r := mustRun(t, s, count.watch)
		if count.made == 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "holds a function") {
			t.Errorf("%d trained, notes %q", count.made, r.Notes)
		}
		if _, err := r.Model("full", 1).Answer(context.Background(), "say cat dog"); err != nil {
			t.Error(err)
		}
	}
	s.Jobs[0].Method = method.SFT{TrainOnPrompt: true}
	var count trained
	if mustRun(t, s, count.watch); count.made != 1 {
		t.Errorf("a setting of the method: %d trained, want 1", count.made)
	}
}

// One job that diverges leaves its line empty and the others alone.
func TestDivergence(t *testing.T) {
	s := study(t, small(t), smallConfig)
	s.Jobs[1].LR, s.Jobs[1].Clip = 1e30, -1
	s.Seeds = []uint64{1}
	r := mustRun(t, s, nil)
	if run := r.Method("last layers=1").Run(1); run.Failed == "" || !strings.Contains(r.String(), "Training diverged") {
		t.Errorf("%+v\n%s", run, r)
	}
	if _, err := r.Model("last layers=1", 1).Answer(context.Background(), "say cat dog"); !errors.Is(err, ErrNoRun) {
		t.Errorf("its model answers (%v)", err)
	}
	if _, err := r.JSON(); err != nil {
		t.Error(err)
	}
	if r.Method("full").Run(1).Asked == 0 {
		t.Error("the other job has no marks")
	}
}

// A saved state that is of no use is thrown away with a note.
func TestDamagedState(t *testing.T) {
	s := study(t, small(t), smallConfig)
	want := bits(t, mustRun(t, s, nil))
	key := mustRun(t, s, nil).Method("full").Run(1).Key
	state := filepath.Join(s.Dir, "state", key)
	if err := errors.Join(os.RemoveAll(filepath.Join(s.Dir, "runs", key)), os.MkdirAll(state, 0o700), os.WriteFile(filepath.Join(state, "run.safetensors"), []byte("no"), 0o600)); err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, s, nil)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "begins anew") || bits(t, r) != want {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestStudyRefuses(t *testing.T) {
	good := study(t, small(t), smallConfig)
	good.config = nil
	for want, change := range map[string]func(*Study){
		"Jobs is empty":                func(s *Study) { s.Jobs = nil },
		"Exam is empty":                func(s *Study) { s.Exam = nil },
		"has no prompt or no answer":   func(s *Study) { s.Exam = data.Set{{Prompt: "x"}} },
		"seed 1 stands twice":          func(s *Study) { s.Seeds = []uint64{1, 1} },
		"Seeds is empty":               func(s *Study) { s.Seeds = []uint64{} },
		`two jobs are called "full"`:   func(s *Study) { s.Jobs[1].Name = "full" },
		"has no Model":                 func(s *Study) { s.Base = nil },
		"has no Data":                  func(s *Study) { s.Practice = nil },
		"a Dir or a Seed of its own":   func(s *Study) { s.Jobs[0].Seed = 3 },
		"no parameter has such a name": func(s *Study) { s.Jobs[1].Adapt = adapt.Match("*.mpl.*") },
		"needs a study that Config":    func(s *Study) { s.Program = []string{"x"} },
		"want 1 or more":               func(s *Study) { s.Threads = -1 },
	} {
		s := good
		s.Jobs = append([]train.Job(nil), good.Jobs...)
		change(&s)
		if _, err := Run(context.Background(), s, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestProgramThatIsNoProgram(t *testing.T) {
	s := study(t, small(t), smallConfig)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.Program = []string{exe, "-test.run=^$"} // ends at once
	if _, err := Run(context.Background(), s, nil); err == nil || !strings.Contains(err.Error(), "ended without a result") {
		t.Errorf("%v", err)
	}
}

// Hand arithmetic: two runs done at 2 s a step; one waiting with 10 steps; another job at step 5 of 10 at 1 s a step so far:
// 20 + 5 seconds of work, for two workers 12.5, but no less than the 20 of one run.
func TestRemaining(t *testing.T) {
	runs := []Progress{{Name: "a", Phase: Finished, Step: 10, Steps: 10}, {Name: "a", Phase: Known, Step: 10, Steps: 10},
		{Name: "a", Phase: Waiting, Steps: 10}, {Name: "b", Phase: Training, Step: 5, Steps: 10}}
	rates, now := map[string][]float64{"a": {1.5, 2.5}}, map[string]float64{"b": 1}
	for workers, want := range map[int]time.Duration{1: 25 * time.Second, 2: 20 * time.Second} {
		if got := remaining(runs, rates, now, workers); got != want {
			t.Errorf("%d workers: %v, want %v", workers, got, want)
		}
	}
	if got := remaining(runs, nil, nil, 1); got != 0 {
		t.Errorf("nothing known: %v", got)
	}
}
