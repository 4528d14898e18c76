package lessons_test

import (
	"testing"

	"github.com/tunebook/tunebook/lessons/internal/execute"
)

// Every exercise of every lesson, in the session that a learner has: its check fails on what the lesson hands out, with a
// message and not with a crash, and passes with the solution. Only cells that the exercise needs are run before it.
func TestExercises(t *testing.T) {
	var runner execute.Runner
	tried := 0
	for _, s := range sources(t) {
		lesson, err := s.Read()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range lesson.Assignments() {
			trial, err := lesson.Trial(a)
			if err != nil {
				t.Fatal(err)
			}
			executed, _, err := runner.Run(t.Context(), trial)
			if err != nil {
				t.Errorf("%s:%d: %v", s.Path, a.Exercise.Line, err)
				continue
			}
			if err := lesson.Tried(a, executed); err != nil {
				t.Errorf("%s: %v", s.Path, err)
			}
			tried++
		}
	}
	t.Logf("%d exercises tried", tried)
}
