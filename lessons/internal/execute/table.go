package execute

import (
	"fmt"
	"time"

	"github.com/tunebook/tunebook/kernel/runner"
	"github.com/tunebook/tunebook/pkg/metric"
)

// What a lesson promises on two cores that have nothing else to do.
const (
	LessonLimit = 3 * time.Minute
	CellLimit   = time.Minute
)

// What cells run on, however many cores there are, as an entry of their environment. Two are what lessons promise for. On one
// they take half as long again, and less of a busy machine: nobody waits for a thread that has lost its core.
const (
	OneCore  = "GOMAXPROCS=1"
	TwoCores = "GOMAXPROCS=2"
)

// Slower is how many times as long a lesson takes on one core as on the two that it promises for: lesson 03's trainings took 41.6 s
// and 27.2 s.
const Slower = 1.5

// Quiet is about how long a cell would have taken with nobody else on the machine. Its threads were ready to run for its
// CPU time and for the time that they waited for a core, and ran for the first: the clock goes faster by that share. Where
// the system does not tell, it is the time by the clock.
func Quiet(r runner.Ran) time.Duration {
	ready := r.Used.CPU + r.Used.Wait
	if ready <= 0 {
		return r.Wall
	}
	return time.Duration(float64(r.Wall) * float64(r.Used.CPU) / float64(ready))
}

// Sum is what all cells took: their times together, and the highest of their peaks.
func Sum(ran []runner.Ran) (all runner.Ran, quiet time.Duration) {
	for _, r := range ran {
		all.Wall += r.Wall
		all.Used.CPU += r.Used.CPU
		all.Used.Wait += r.Used.Wait
		all.Used.Peak = max(all.Used.Peak, r.Used.Peak)
		quiet += Quiet(r)
	}
	return all, quiet
}

// Over says which limits a lesson's cells break, one line each. slower is 1 where they ran on two cores, and Slower on one.
func Over(ran []runner.Ran, slower float64) (broken []string) {
	limit := func(d time.Duration) time.Duration { return time.Duration(float64(d) * slower) }
	for i, r := range ran {
		if q := Quiet(r); q > limit(CellLimit) {
			broken = append(broken, fmt.Sprintf("code cell %d (%s) takes %s on a quiet machine, the limit is %v: %s", i+1, r.ID, seconds(q), limit(CellLimit), r.Summary))
		}
	}
	if _, q := Sum(ran); q > limit(LessonLimit) {
		broken = append(broken, fmt.Sprintf("the lesson takes %s on a quiet machine, the limit is %v", seconds(q), limit(LessonLimit)))
	}
	return broken
}

// header of the tables.
var header = []string{"", "clock", "CPU", "no core", "quiet", "peak"}

// Cells is a table of what each cell took.
func Cells(title string, ran []runner.Ran) *metric.Table {
	t := &metric.Table{Title: title, Header: header}
	for i, r := range ran {
		t.Add(row(fmt.Sprintf("[%d] %s", i+1, r.ID), r, Quiet(r))...)
	}
	all, quiet := Sum(ran)
	t.Add(row("all", all, quiet)...)
	return t
}

// Lessons is a table with a row a lesson.
type Lessons struct{ metric.Table }

// Add appends a lesson.
func (t *Lessons) Add(name string, ran []runner.Ran) {
	t.Header = header
	all, quiet := Sum(ran)
	t.Table.Add(row(name, all, quiet)...)
}

func row(name string, r runner.Ran, quiet time.Duration) []string {
	peak := "?"
	if r.Used.Peak > 0 {
		peak = fmt.Sprintf("%d MB", r.Used.Peak>>20)
	}
	return []string{name, seconds(r.Wall), seconds(r.Used.CPU), seconds(r.Used.Wait), seconds(quiet), peak}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
