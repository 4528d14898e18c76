// Command generate writes the notebook of every lesson in every language, executed: go generate ./lessons. A notebook that
// has not drifted from its source is left alone, outputs and all, unless -force; where only prose changed, outputs stay. Every source is read before anything
// runs, and a notebook is replaced in one step, by one that ran whole: until then the old one stays as it is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/lessons/internal/book"
	"github.com/tunebook/tunebook/lessons/internal/execute"
)

func main() {
	execute.Serve() // the cells' process is this program, too
	log.SetFlags(0)
	force := flag.Bool("force", false, "execute also what has not drifted, after a change of the library")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: generate [-force] [LESSON…], such as 03-sft; without a name, all lessons")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*force, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func run(force bool, only []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r := execute.Runner{Progress: os.Stderr}
	return writer{sources: ".", target: filepath.Join("..", "notebooks"), force: force, only: only, run: func(ctx context.Context, notebook []byte) ([]byte, error) {
		executed, _, err := r.Run(ctx, notebook)
		return executed, err
	}}.write(ctx)
}

// writer knows where the lessons are and how a notebook is run.
type writer struct {
	sources, target string
	force           bool
	only            []string // names of lessons; none means all
	run             func(ctx context.Context, notebook []byte) ([]byte, error)
}

// job is a notebook to make.
type job struct {
	lesson *book.Lesson
	source string
	target string
	fresh  []byte

	reworded []byte // the notebook with its outputs, where only prose has changed
}

func (w writer) write(ctx context.Context) error {
	jobs, err := w.jobs()
	if err != nil {
		return err
	}
	for _, j := range jobs {
		fmt.Fprintln(os.Stderr, j.target)
		if err := w.make(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// jobs reads all sources, so that every mistake in them is told at once, and keeps what has drifted.
func (w writer) jobs() ([]job, error) {
	sources, err := book.Sources(w.sources)
	if err != nil {
		return nil, err
	}
	var jobs []job
	var wrong []error
	for _, name := range w.only {
		if !slices.ContainsFunc(sources, func(s book.Source) bool { return s.Name == name }) {
			return nil, fmt.Errorf("lessons: there is no lesson %q", name)
		}
	}
	for _, s := range sources {
		if len(w.only) > 0 && !slices.Contains(w.only, s.Name) {
			continue
		}
		j := job{source: s.Path, target: filepath.Join(w.target, s.Target())}
		if j.lesson, err = s.Read(); err != nil {
			wrong = append(wrong, err)
			continue
		}
		if j.fresh, err = j.lesson.Notebook(); err != nil {
			return nil, err
		}
		committed, err := os.ReadFile(j.target)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("lessons: %w", err)
		}
		if err == nil && !w.force {
			if drift, err := book.Drift(j.fresh, committed); err == nil && len(drift) == 0 {
				continue
			}
			if reworded, ok, err := book.Reword(j.fresh, committed); err == nil && ok {
				j.reworded = reworded
			}
		}
		jobs = append(jobs, j)
	}
	return jobs, errors.Join(wrong...)
}

// make runs a notebook and puts it in its place.
func (w writer) make(ctx context.Context, j job) error {
	if j.reworded != nil {
		if drift, err := book.Drift(j.fresh, j.reworded); err == nil && len(drift) == 0 {
			return replace(j.target, j.reworded)
		}
	}
	executed, err := w.run(ctx, j.fresh)
	if err != nil {
		return fmt.Errorf("%s: %w", j.source, errors.Join(j.failures(executed), err))
	}
	if err := j.failures(executed); err != nil {
		return err
	}
	if drift, err := book.Drift(j.fresh, executed); err != nil || len(drift) > 0 {
		return fmt.Errorf("%s: the executed notebook is not the lesson's: %w", j.source, errors.Join(err, errors.New(strings.Join(drift, "\n"))))
	}
	return replace(j.target, executed)
}

// failures says which lines of the lesson went wrong in an executed notebook.
func (j job) failures(executed []byte) error {
	if executed == nil {
		return nil
	}
	drift, err := book.Drift(j.fresh, executed)
	if err != nil {
		return fmt.Errorf("%s: %w", j.source, err)
	}
	var wrong []error
	for _, line := range drift {
		where := j.source
		for _, c := range j.lesson.Cells {
			if strings.HasPrefix(line, "cell "+c.ID+":") {
				where = fmt.Sprintf("%s:%d", j.source, c.Line)
			}
		}
		if !strings.HasSuffix(line, "was never run") { // those after the one that failed
			wrong = append(wrong, fmt.Errorf("%s: %s", where, line))
		}
	}
	return errors.Join(wrong...)
}

// replace writes a file beside its place and renames it, so that nobody ever reads half of one.
func replace(path string, content []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("lessons: %w", err)
	}
	t, err := os.CreateTemp(filepath.Dir(path), ".notebook-*")
	if err != nil {
		return fmt.Errorf("lessons: %w", err)
	}
	defer func() {
		if err != nil {
			t.Close()
			os.Remove(t.Name())
			err = fmt.Errorf("lessons: %s: %w", path, err)
		}
	}()
	if _, err = t.Write(content); err != nil {
		return err
	}
	if err = t.Chmod(0o644); err != nil {
		return err
	}
	if err = t.Close(); err != nil {
		return err
	}
	return os.Rename(t.Name(), path)
}
