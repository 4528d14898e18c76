package lessons_test

import (
	"path/filepath"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/lessons/internal/execute"
	"github.com/tunebook/tunebook/lessons/internal/progress"
)

// Every exercise of every lesson, in the session that a learner has: its check fails on what the lesson hands out, with a
// message and not with a crash, passes with the solution, and knows its own mistakes: each gets its own hint, on the
// lesson's data. The untouched exercise is no try, the solution is noted. Only cells that the exercise needs are run before.
func TestExercises(t *testing.T) {
	tried := 0
	for _, s := range sources(t) {
		lesson, err := s.Read()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range lesson.Assignments() {
			tried++
			t.Run(s.Lang+"/"+s.Name+"/"+a.Exercise.Name, func(t *testing.T) {
				t.Parallel()
				trial, err := lesson.Trial(a)
				if err != nil {
					t.Fatal(err)
				}
				dir := t.TempDir()
				runner := execute.Runner{Env: []string{check.Audit + "=1", "XDG_DATA_HOME=" + dir, execute.OneCore}}
				executed, ran, err := runner.Run(t.Context(), trial)
				if err != nil {
					t.Fatalf("%s:%d: %v", s.Path, a.Exercise.Line, err)
				}
				t.Logf("\n%s", execute.Cells(a.Exercise.Name, ran))
				if err := lesson.Tried(a, executed); err != nil {
					t.Fatalf("%s: %v", s.Path, err)
				}
				noted, err := progress.At(filepath.Join(dir, "tunebook")).Tries()
				if err != nil {
					t.Fatal(err)
				}
				if len(noted) != 1 || noted[0].Lesson != s.Name || noted[0].Exercise != a.Exercise.Name || noted[0].Lang != s.Lang || !noted[0].Done {
					t.Errorf("%s:%d: noted %+v, want the solution and nothing else", s.Path, a.Exercise.Line, noted)
				}
			})
		}
	}
	t.Logf("%d exercises", tried)
}
