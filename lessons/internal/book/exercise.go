package book

import (
	"fmt"
	"strconv"

	"github.com/tunebook/tunebook/lessons/check"
)

// An Assignment is an exercise with what checks it and a solution. The solution declares what the exercise declares, so
// that it can stand in its place.
type Assignment struct{ Exercise, Check, Solution Cell }

// Assignments are the exercises of the lesson in order.
func (l *Lesson) Assignments() []Assignment {
	var out []Assignment
	for _, c := range l.Cells {
		switch c.Role {
		case Exercise:
			out = append(out, Assignment{Exercise: c})
		case Check:
			out[len(out)-1].Check = c
		case Solution:
			out[len(out)-1].Solution = c
		}
	}
	return out
}

// exercises demands that each exercise is followed by one check and one solution before the next one, and gives all three
// the exercise's name.
func (p *parser) exercises() error {
	var open *Cell
	has := map[Role]int{}
	names, number := map[string]bool{}, 0
	close := func() error {
		for _, r := range []Role{Check, Solution} {
			if open != nil && has[r] != 1 {
				return p.wrong(open.Line-1, "an exercise wants one fence {%s} after it, found %d", r, has[r])
			}
		}
		return nil
	}
	for i, c := range p.lesson.Cells {
		switch c.Role {
		case Exercise:
			if err := close(); err != nil {
				return err
			}
			open, has = &p.lesson.Cells[i], map[Role]int{}
			number++
			if open.Name == "" {
				open.Name = strconv.Itoa(number)
			}
			if names[open.Name] {
				return p.wrong(c.Line-1, "a second exercise named %q", open.Name)
			}
			names[open.Name] = true
			open.ID = "exercise-" + open.Name
		case Check, Solution:
			if open == nil {
				return p.wrong(c.Line-1, "{%s} without an {exercise} before it", c.Role)
			}
			has[c.Role]++
			own := &p.lesson.Cells[i]
			own.ID, own.Name, own.Points = c.Role.String()+"-"+open.Name, open.Name, open.Points
		}
	}
	return close()
}

// Trial is a notebook that tries an assignment out: the cells that it needs, the untouched exercise and its check, which
// must fail, then the solution and the check again, which must pass. [Lesson.Tried] reads what came of it.
func (l *Lesson) Trial(a Assignment) ([]byte, error) {
	cells := l.needed(a)
	again := a.Check
	again.ID += "-again"
	solution := a.Solution
	solution.Role = Code
	return l.encode(append(cells, a.Exercise, a.Check, solution, again))
}

// Tried reads an executed [Lesson.Trial] and returns what is wrong with the assignment.
func (l *Lesson) Tried(a Assignment, executed []byte) error {
	nb, err := read(executed)
	if err != nil {
		return err
	}
	failed := map[string]string{}
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			if o.Type == "error" {
				failed[c.ID] = o.Name + ": " + o.Text
			}
		}
	}
	where := fmt.Sprintf("lessons: %s (%s), line %d", l.Name, l.Lang, a.Exercise.Line)
	switch first, second := failed[a.Check.ID], failed[a.Check.ID+"-again"]; {
	case first == "":
		return fmt.Errorf("%s: the check passes although nobody has done the exercise", where)
	case !check.IsHint(first):
		return fmt.Errorf("%s: the check of the untouched exercise breaks instead of saying what to do: %s", where, first)
	case second != "":
		return fmt.Errorf("%s: the check fails with the solution of line %d: %s", where, a.Solution.Line, second)
	}
	return nil
}
