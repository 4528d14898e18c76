package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// Report is what a study found. After an interruption it holds the runs that are finished.
type Report struct {
	Name, Task, Base string
	Seeds            []uint64
	Apart            bool      // each run had a process of its own
	Workers, Threads int       // runs at a time and cores of each, of this call
	Methods          []*Method // in the order of the jobs
	Notes            []string  // what went otherwise than it should

	dir    string
	jobs   map[string]train.Job
	mu     sync.Mutex
	models map[*Trial]*model.Model // what was loaded to talk to
}

// Method is all runs of one job.
type Method struct {
	Name   string
	How    string   // what moves, in words; empty before its first run
	Before Marks    // of the model that it starts from
	Runs   []*Trial // by seed, finished ones
}

func newReport(s Study, before map[*model.Model]Marks, tasks []*task, notes []string) *Report {
	r := &Report{Name: s.Name, Task: s.Task, Seeds: s.Seeds, Apart: len(s.Program) > 0, Workers: s.Workers, Threads: s.Threads, Notes: notes,
		dir: s.Dir, jobs: map[string]train.Job{}, models: map[*Trial]*model.Model{}}
	if s.Base != nil {
		r.Base = s.Base.String()
	}
	for _, j := range s.Jobs {
		m := &Method{Name: j.Name, Before: before[j.Model]}
		for _, t := range tasks {
			if t.job.Name == j.Name && t.run != nil && t.err == nil {
				m.How = t.run.How
				m.Runs = append(m.Runs, t.run)
			}
		}
		r.Methods, r.jobs[j.Name] = append(r.Methods, m), j
	}
	return r
}

// Method is the one of that name, nil if there is none.
func (r *Report) Method(name string) *Method {
	for _, m := range r.Methods {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Whole says whether every job has a run for every seed.
func (r *Report) Whole() bool {
	return !slices.ContainsFunc(r.Methods, func(m *Method) bool { return len(m.Runs) < len(r.Seeds) })
}

// Run is the one with that seed, nil if there is none.
func (m *Method) Run(seed uint64) *Trial {
	for _, r := range m.Runs {
		if r.Seed == seed {
			return r
		}
	}
	return nil
}

// ErrNoRun says that a report has no such model.
var ErrNoRun = errors.New("the report has no such run")

// Model is what a job trained with a seed, to talk to. It is loaded when it is first asked.
func (r *Report) Model(name string, seed uint64) *Trained { return &Trained{r, name, seed} }

// Trained is a model of a report.
type Trained struct {
	report *Report
	name   string
	seed   uint64
}

// Load is the model itself.
func (t *Trained) Load(ctx context.Context) (*model.Model, error) {
	m := t.report.Method(t.name)
	if m == nil {
		var names []string
		for _, m := range t.report.Methods {
			names = append(names, m.Name)
		}
		return nil, fmt.Errorf("compare: %q: %w: there are %s", t.name, ErrNoRun, strings.Join(names, ", "))
	}
	run := m.Run(t.seed)
	if run == nil || run.Failed != "" {
		var seeds []string
		for _, r := range m.Runs {
			if r.Failed == "" {
				seeds = append(seeds, fmt.Sprint(r.Seed))
			}
		}
		return nil, fmt.Errorf("compare: %q with seed %d: %w: it was trained with seeds %s", t.name, t.seed, ErrNoRun, strings.Join(seeds, ", "))
	}
	t.report.mu.Lock()
	defer t.report.mu.Unlock()
	if had := t.report.models[run]; had != nil {
		return had, nil
	}
	out, err := t.report.merged(ctx, run, t.report.jobs[t.name])
	if err != nil {
		return nil, fmt.Errorf("compare: %q with seed %d: %w", t.name, t.seed, err)
	}
	t.report.models[run] = out
	return out, nil
}

// Answer puts a question to the model.
func (t *Trained) Answer(ctx context.Context, question string, o ...model.Generate) (string, error) {
	m, err := t.Load(ctx)
	if err != nil {
		return "", err
	}
	var how model.Generate
	if len(o) > 0 {
		how = o[0]
	}
	return m.Answer(ctx, question, how)
}

// Generate lets the model continue raw text.
func (t *Trained) Generate(ctx context.Context, text string, o ...model.Generate) (string, error) {
	m, err := t.Load(ctx)
	if err != nil {
		return "", err
	}
	var how model.Generate
	if len(o) > 0 {
		how = o[0]
	}
	return m.Generate(ctx, text, how)
}

// Table is a row for each job: what the columns of these names say, mean ± standard deviation over the seeds. Without names
// it has all columns in which something was measured.
func (r *Report) Table(names ...string) (*metric.Table, error) {
	columns := r.Columns()
	if len(names) > 0 {
		columns = nil
		for _, name := range names {
			c, err := ColumnOf(name)
			if err != nil {
				return nil, err
			}
			columns = append(columns, c)
		}
	}
	t := &metric.Table{Title: r.title(), Header: []string{"method"}}
	for _, c := range columns {
		t.Header = append(t.Header, c.Title())
	}
	if row := r.baseRow(columns); row != nil {
		t.Rows = append(t.Rows, row)
	}
	for _, m := range r.Methods {
		row := []string{m.Name}
		for _, c := range columns {
			row = append(row, c.cell(m))
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// baseRow are the marks of the base, where all jobs start from the same.
func (r *Report) baseRow(columns []Column) []string {
	first := r.Methods[0].Before
	if first.Asked == 0 || slices.ContainsFunc(r.Methods, func(m *Method) bool { return !first.equal(m.Before) }) {
		return nil
	}
	row := []string{"(before)"}
	for _, c := range columns {
		text := ""
		if c.marks != nil {
			if v, ok := c.marks(first); ok {
				text = c.format(v)
			}
		}
		row = append(row, text)
	}
	return row
}

func (m Marks) equal(o Marks) bool {
	return m.Right == o.Right && m.Asked == o.Asked && m.Perplexity == o.Perplexity && m.Kept == o.Kept
}

func (r *Report) title() string {
	title := r.Name
	if r.Task != "" {
		title += ": " + r.Task
	}
	if n := len(r.Seeds); n > 1 {
		title += fmt.Sprintf(" (mean ± standard deviation over %d seeds)", n)
	} else {
		title += fmt.Sprintf(" (seed %d alone)", r.Seeds[0])
	}
	return title
}

// all is the table of all columns.
func (r *Report) all() *metric.Table {
	t, _ := r.Table() // only names can be wrong
	return t
}

// String is the table and the verdict.
func (r *Report) String() string {
	out := r.all().String() + "\n" + r.Verdict() + "\n"
	for _, n := range r.remarks() {
		out += "\n" + n
	}
	return strings.TrimRight(out, "\n") + "\n"
}

// remarks are what a reader of the figures has to know.
func (r *Report) remarks() []string {
	var out []string
	if !r.Whole() {
		missing := 0
		for _, m := range r.Methods {
			missing += len(r.Seeds) - len(m.Runs)
		}
		out = append(out, fmt.Sprintf("Not finished: %d of %d runs are missing.", missing, len(r.Methods)*len(r.Seeds)))
	}
	how, threads, beside := map[string]int{}, map[int]int{}, map[int]int{}
	resumed, failed := 0, []string(nil)
	for _, m := range r.Methods {
		for _, run := range m.Runs {
			how[run.PeakHow]++
			threads[run.Threads]++
			beside[run.Beside]++
			if run.Resumed {
				resumed++
			}
			if run.Failed != "" {
				failed = append(failed, fmt.Sprintf("%s, seed %d", m.Name, run.Seed))
			}
		}
	}
	if n := how[""]; n > 0 {
		out = append(out, fmt.Sprintf("Peak memory was not measured for %d of the runs, which shared a process; \"planned\" is what their plan asks for, computed.", n))
	}
	for _, text := range sortedKeys(how) {
		if text != "" {
			out = append(out, "Peak memory is "+text+", in a process for each run.")
		}
	}
	if len(threads) > 1 || len(beside) > 1 {
		out = append(out, "Times cannot be compared: runs were made with different numbers of cores, or of runs beside them.")
	} else if r.Workers > 1 && beside[0] == 0 {
		out = append(out, fmt.Sprintf("Times are those of runs that shared the machine, up to %d at once.", r.Workers))
	}
	if resumed > 0 {
		out = append(out, fmt.Sprintf("%d of the runs went on after an interruption: their time is the sum of all sittings without what was lost, their peak memory that of the last sitting.", resumed))
	}
	if len(failed) > 0 {
		out = append(out, "Training diverged, so there are no marks: "+strings.Join(failed, "; ")+".")
	}
	return append(out, r.Notes...)
}

func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
