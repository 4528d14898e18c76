package compare

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// Run trains and marks what is not known yet and puts all runs side by side. watch, if there is one, sees the study as it goes
// on, at most ten times a second and whenever a run changes its phase, never twice at once; keep it short. When ctx is
// cancelled, runs under way are saved, and what is finished is returned with an error that wraps ctx.Err(): the same study
// run again goes on from there. A run that fails for another reason stops no other one; the error names it.
func Run(ctx context.Context, study Study, watch func(Snapshot)) (*Report, error) {
	s, err := study.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	r, err := run(ctx, s, watch)
	if err != nil {
		err = fmt.Errorf("compare: %s: %w", s.Name, err)
	}
	return r, err
}

// task is a run to be found or made.
type task struct {
	job   train.Job
	seed  uint64
	key   string
	fresh bool // nothing says whether two such runs are the same: it is made anew and not kept
	run   *Trial
	err   error
}

func run(ctx context.Context, s Study, watch func(Snapshot)) (report *Report, err error) {
	h := newHasher()
	var tasks []*task
	for _, j := range s.Jobs {
		for _, seed := range s.Seeds {
			t := &task{job: j, seed: seed}
			if t.key, err = h.key(&s, j, seed); errors.Is(err, errUnkeyable) {
				t.fresh, t.key = true, fmt.Sprintf("fresh-%s-%d", slug(j.Name), seed)
			} else if err != nil {
				return nil, err
			}
			tasks = append(tasks, t)
		}
	}
	keep, err := openStore(s.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, keep.close()) }()
	b := newBoard(s, watch)
	for i, t := range tasks {
		if err := t.recall(keep, b); err != nil {
			return nil, err
		}
		if t.run != nil {
			b.set(i, Progress{Name: t.run.Name, Seed: t.seed, Phase: Known, Step: b.s.Runs[i].Steps, Steps: b.s.Runs[i].Steps, Log: t.run.Log})
		}
	}
	before, err := s.before(ctx, h, keep, b)
	if err == nil {
		s.work(ctx, keep, tasks, b)
	}
	report = newReport(s, before, tasks, b.finish())
	err = errors.Join(err, ctx.Err())
	for _, t := range tasks {
		if t.err != nil && !errors.Is(t.err, context.Canceled) {
			err = errors.Join(err, fmt.Errorf("%s, seed %d: %w", t.job.Name, t.seed, t.err))
		}
	}
	return report, err
}

// recall looks for a run that is kept.
func (t *task) recall(keep *store, b *board) error {
	if t.fresh {
		b.note(fmt.Sprintf("%s, seed %d: its method holds a function, which has no content to compare: it is trained each time and not kept", t.job.Name, t.seed))
		return keep.drop(t.key)
	}
	r, err := keep.load(t.key)
	switch {
	case err == nil:
		t.run = r
		r.Name, r.Log.Name = t.job.Name, t.job.Name // which may have changed since
	case errors.Is(err, errCorrupt): // also where a file is missing
		b.note(fmt.Sprintf("%s, seed %d: %v: it is trained again", t.job.Name, t.seed, err))
		return keep.drop(t.key)
	case errors.Is(err, fs.ErrNotExist):
	default:
		return err
	}
	return nil
}

// work runs what is not known, several at a time.
func (s *Study) work(ctx context.Context, keep *store, tasks []*task, b *board) {
	queue := make(chan int)
	var all sync.WaitGroup
	for range s.Workers {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := range queue {
				t := tasks[i]
				if t.run, t.err = s.make(ctx, keep, t, func(p Progress) { b.set(i, p) }, b.note); t.run == nil {
					continue
				}
				p := Progress{Name: t.run.Name, Seed: t.seed, Phase: Finished, Log: t.run.Log}
				p.Steps = b.total(i)
				p.Step = p.Steps
				if t.run.Failed != "" {
					p.Phase = Failed
				}
				b.set(i, p)
			}
		}()
	}
	for i, t := range tasks {
		if t.run != nil {
			continue
		}
		select {
		case queue <- i:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(queue)
	all.Wait()
}

func (b *board) total(i int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.s.Runs[i].Steps
}

// make trains, marks and keeps a run. A saved state that it cannot go on from is thrown away, once.
func (s *Study) make(ctx context.Context, keep *store, t *task, told func(Progress), note func(string)) (*Trial, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	staged, err := keep.staging(t.key)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(staged)
	_, statErr := os.Stat(keep.state(t.key))
	at := place{state: keep.state(t.key), out: staged, threads: s.Threads, told: told}
	r, err := s.anywhere(ctx, t, at)
	if err != nil && statErr == nil && ctx.Err() == nil {
		note(fmt.Sprintf("%s, seed %d: it cannot go on from what was saved of it, and begins anew: %v", t.job.Name, t.seed, err))
		if err := os.RemoveAll(at.state); err != nil {
			return nil, err
		}
		r, err = s.anywhere(ctx, t, at)
	}
	if err != nil {
		return nil, err
	}
	r.Key, r.Beside = t.key, s.Workers-1
	if t.fresh {
		r.Key = ""
		return r, keep.drop(t.key)
	}
	r.model = nil // it is loaded again when somebody asks for it
	return r, keep.commit(ctx, t.key, staged, r)
}

// anywhere makes a run in a process of its own if the study has a program, in this one otherwise.
func (s *Study) anywhere(ctx context.Context, t *task, at place) (*Trial, error) {
	if len(s.Program) > 0 && !t.fresh {
		return s.apart(ctx, t, at)
	}
	return s.one(ctx, t.job, t.seed, at)
}

// before are the marks of the models that jobs start from, known ones from the folder.
func (s *Study) before(ctx context.Context, h *hasher, keep *store, b *board) (map[*model.Model]Marks, error) {
	out := map[*model.Model]Marks{}
	for _, j := range s.Jobs {
		if _, ok := out[j.Model]; ok {
			continue
		}
		key := h.baseKey(s, j.Model)
		r, err := keep.load(key)
		if errors.Is(err, errCorrupt) {
			b.note(fmt.Sprintf("the marks of the base: %v: they are taken again", err))
		}
		if err == nil {
			out[j.Model] = r.Marks
			continue
		}
		marks, err := mark(ctx, s, j.Model, func(string) {})
		if err != nil {
			return out, fmt.Errorf("the marks of the base: %w", err)
		}
		staged, err := keep.staging(key)
		if err != nil {
			return out, err
		}
		err = keep.commit(ctx, key, staged, &Trial{Name: "base", Key: key, Marks: marks})
		if err != nil {
			return out, errors.Join(err, os.RemoveAll(staged))
		}
		out[j.Model] = marks
	}
	return out, nil
}

// merged is the model of a run, from what was kept of it.
func (r *Report) merged(ctx context.Context, run *Trial, j train.Job) (*model.Model, error) {
	if run.model != nil {
		return run.model, nil
	}
	keep := &store{dir: r.dir}
	if _, err := keep.load(run.Key); err != nil {
		return nil, err
	}
	a := j.Adapt
	if a == nil {
		a = adapt.Full()
	}
	t, err := adapt.Load(ctx, keep.entry(run.Key), j.Model, a)
	if err != nil {
		return nil, err
	}
	return t.Merged()
}
