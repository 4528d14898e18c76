package execute

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync/atomic"

	"github.com/tunebook/tunebook/kernel/symbols"
	"github.com/tunebook/tunebook/pkg/compare"
	"github.com/tunebook/tunebook/pkg/train"
)

// sharedFolder is the environment variable of [Share].
const sharedFolder = "TUNEBOOK_SHARED_RUNS"

// Share is what makes notebooks that run one after the other train once what all of them train, as an entry of their
// environment: the languages of a lesson. The first saves its runs in the folder, the second takes its own from there if
// they are the same job: that is for the library to say, which compares model, data, method and all else on which a curve
// depends (train.ErrOtherJob, and the key of a comparison). What is not the same is trained, in that notebook, too.
func Share(folder string) string { return sharedFolder + "=" + folder }

// shared is a table in which train.Run and compare.Run keep what they train in a folder; the table as it is without one.
func shared(t symbols.Table, folder string) symbols.Table {
	if folder == "" {
		return t
	}
	load, s := t.Load, &sharer{folder: folder}
	t.Load = func(path string) (symbols.Package, bool) {
		p, ok := load(path)
		switch path {
		case reflect.TypeFor[train.Job]().PkgPath():
			p.Symbols["Run"] = reflect.ValueOf(s.train)
		case reflect.TypeFor[compare.Study]().PkgPath():
			p.Symbols["Run"] = reflect.ValueOf(s.compare)
		}
		return p, ok
	}
	return t
}

// sharer counts the runs of a notebook: the nth of one language has to do with the nth of another.
type sharer struct {
	folder string
	runs   atomic.Int64
}

// train keeps a whole run, and none that says what it does on the way, or that is over sooner than it is read.
func (s *sharer) train(ctx context.Context, job train.Job) (*train.Result, error) {
	dir := filepath.Join(s.folder, fmt.Sprint(s.runs.Add(1)))
	if job.Dir != "" || job.Peek != nil || job.Steps > 0 && job.Steps < 20 {
		return train.Run(ctx, job)
	}
	kept := job
	kept.Dir, kept.SaveEvery = dir, max(job.Steps, 1<<20) // at the end alone
	if r, err := train.Run(ctx, kept); !errors.Is(err, train.ErrOtherJob) {
		return r, err
	}
	return train.Run(ctx, job)
}

func (s *sharer) compare(ctx context.Context, study compare.Study, watch func(compare.Snapshot)) (*compare.Report, error) {
	study.Dir = filepath.Join(s.folder, "studies")
	return compare.Run(ctx, study, watch)
}
