package compare

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// Study is a set of jobs to be run over several seeds on one task. Base, Practice, Exam and Jobs are needed.
type Study struct {
	Name string // zero means study; shown, and part of the default of Dir
	Task string // what the exam asks, in a few words; shown

	Base     *model.Model // what a job without a Model trains
	Practice data.Set     // what a job without Data learns from
	Exam     data.Set     // held-out questions; exact match is the quality

	// What the base could do before. Text is running text of the sort that it was made from and has not seen; Known are
	// beginnings (Prompt) and how the base goes on (Answer). Nil for what is not to be measured.
	Text  data.Set
	Known data.Set

	// Jobs are told apart by Name. Run sets Seed, Dir, Watch and Device. A job without a Method is supervised fine-tuning
	// (method.SFT), and its held-out loss is measured on Exam unless it has an Eval of its own.
	Jobs  []train.Job
	Seeds []uint64 // nil means 1, 2, 3

	Dir     string // where runs are kept; zero means tunebook/compare/<Name> in the user's folder for caches
	Threads int    // cores of one run; zero means all, or an equal share where Workers is given
	Workers int    // runs at the same time; zero means as many as Threads leaves cores for

	// Program is a program with its arguments that calls Serve: each run gets a process of its own, whose memory is measured.
	// That needs a study that a Config made, since a process cannot be handed Go values. Nil means that runs share this process.
	Program []string

	config *Config
}

// Must returns r or panics with err. For cells.
func Must(r *Report, err error) *Report {
	if err != nil {
		panic(err)
	}
	return r
}

// withDefaults is the study with all that was left open filled in, or what is wrong with it: mistakes of the last job should
// not wait until the first ones are trained.
func (s Study) withDefaults() (Study, error) {
	switch {
	case len(s.Jobs) == 0:
		return s, errors.New("Study.Jobs is empty: give it some, such as train.Job{Name: \"full\"}")
	case len(s.Exam) == 0:
		return s, errors.New("Study.Exam is empty: give it held-out questions, such as the second half of world.Questions(ctx) split")
	case s.Threads < 0 || s.Workers < 0:
		return s, fmt.Errorf("Study.Threads %d, Study.Workers %d: want 1 or more, or 0 for all cores", s.Threads, s.Workers)
	case len(s.Program) > 0 && s.config == nil:
		return s, errors.New("Study.Program needs a study that Config.Study made: another process cannot be handed Go values")
	}
	for i, r := range s.Exam {
		if r.Prompt == "" || r.Answer == "" {
			return s, fmt.Errorf("record %d of Study.Exam has no prompt or no answer", i)
		}
	}
	if s.Name == "" {
		s.Name = "study"
	}
	if s.Seeds == nil {
		s.Seeds = []uint64{1, 2, 3}
	}
	if len(s.Seeds) == 0 {
		return s, errors.New("Study.Seeds is empty: want some, or nil for 1, 2, 3")
	}
	for i, seed := range s.Seeds {
		if slices.Contains(s.Seeds[:i], seed) {
			return s, fmt.Errorf("seed %d stands twice in Study.Seeds: equal seeds give equal runs", seed)
		}
	}
	cores := runtime.GOMAXPROCS(0)
	switch {
	case s.Threads == 0 && s.Workers == 0:
		s.Threads, s.Workers = cores, 1
	case s.Threads == 0:
		s.Threads = max(1, cores/s.Workers)
	case s.Workers == 0:
		s.Workers = max(1, cores/s.Threads)
	}
	if s.Dir == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return s, fmt.Errorf("there is no folder for caches (%w): say where to keep runs with Study.Dir", err)
		}
		s.Dir = filepath.Join(caches, "tunebook", "compare", slug(s.Name))
	}
	return s.withJobs()
}

func (s Study) withJobs() (Study, error) {
	s.Jobs = slices.Clone(s.Jobs)
	for i := range s.Jobs {
		j := &s.Jobs[i]
		if j.Name == "" {
			j.Name = "full"
			if j.Adapt != nil {
				j.Name = j.Adapt.Name()
			}
		}
		if slices.ContainsFunc(s.Jobs[:i], func(o train.Job) bool { return o.Name == j.Name }) {
			return s, fmt.Errorf("two jobs are called %q: give each a Name of its own", j.Name)
		}
		if j.Model == nil {
			j.Model = s.Base
		}
		if j.Model == nil {
			return s, fmt.Errorf("job %q has no Model and the study no Base: give it one, such as base.Load(ctx)", j.Name)
		}
		if j.Data == nil {
			j.Data = s.Practice
		}
		if len(j.Data) == 0 {
			return s, fmt.Errorf("job %q has no Data and the study no Practice: give it records to learn from", j.Name)
		}
		if j.Method == nil {
			j.Method = method.SFT{}
			if j.Eval == nil {
				j.Eval = s.Exam
			}
		}
		if j.Dir != "" || j.Seed != 0 {
			return s, fmt.Errorf("job %q has a Dir or a Seed of its own: the study gives each run its own", j.Name)
		}
		// What moves is settled here, so that a pattern without a match does not wait for its turn.
		if _, err := adapt.Attach(j.Model, j.Adapt, adapt.Run{Steps: j.Steps}); err != nil {
			return s, fmt.Errorf("job %q: %w", j.Name, err)
		}
	}
	return s, nil
}

// slug is a name that every file system takes.
func slug(name string) string {
	out := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name)
	if out = strings.Trim(out, "-"); out == "" {
		return "study"
	}
	return out
}
