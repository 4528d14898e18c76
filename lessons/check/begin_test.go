package check_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/lessons/internal/progress"
)

// attempt checks an answer to "2", whose untouched exercise is 0.
func attempt(t *testing.T, got float64) (passed, failed string) {
	t.Helper()
	defer func() {
		if err, ok := recover().(error); ok {
			failed = err.Error()
		}
	}()
	return check.All(check.Number{Name: "n", Got: got, Want: 2}).String(), ""
}

// Checks write into the journal what the learner tried and did: not an untouched exercise, not what is done already, and
// nothing without knowing which exercise it is.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	t.Cleanup(func() { check.Begin("", "", "") })
	journal := progress.At(filepath.Join(dir, "tunebook"))
	noted := func() []string {
		tries, err := journal.Tries()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, x := range tries {
			what := x.Lesson + "/" + x.Exercise + " " + x.Lang
			if x.Done {
				what += " done"
			}
			out = append(out, what)
		}
		return out
	}
	attempt(t, 3)
	if got := noted(); got != nil {
		t.Errorf("noted without an exercise: %v", got)
	}
	check.Begin("03-sft", "mask", "zh")
	for _, answer := range []float64{0, 3, 2, 3, 2} { // untouched, wrong, right, and both again
		attempt(t, answer)
	}
	check.Begin("04-frozen", "mask", "en")
	attempt(t, 2)
	want := []string{"03-sft/mask zh", "03-sft/mask zh done", "04-frozen/mask en done"}
	if d := cmp.Diff(want, noted()); d != "" {
		t.Error(d)
	}
	t.Setenv("NBGRADER_EXECUTION", "autograde")
	check.Begin("04-frozen", "other", "en")
	attempt(t, 2)
	if d := cmp.Diff(want, noted()); d != "" {
		t.Errorf("a teacher's run was noted: %s", d)
	}
}

// A right answer is right although it cannot be noted, and the learner is told.
func TestJournalThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", file)
	t.Cleanup(func() { check.Begin("", "", "") })
	check.Begin("03-sft", "mask", "en")
	if passed, failed := attempt(t, 2); !strings.HasPrefix(passed, "✓ n is 2, which is right\n(Your progress could not be noted: ") {
		t.Errorf("%q, %q", passed, failed)
	}
	if _, failed := attempt(t, 3); !check.IsHint(failed) {
		t.Errorf("%q", failed)
	}
}

// Messages follow the notebook's language, unless the test says otherwise.
func TestLanguageOfTheNotebook(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Cleanup(func() { check.Begin("", "", "") })
	n := check.Number{Name: "n", Got: 3, Want: 2}
	for lang, want := range map[string]string{"zh": "还没做对：n是 3，太大了", "en": "not yet: n is 3, which is too large"} {
		check.Begin("03-sft", "mask", lang)
		if check.Lang() != lang {
			t.Error(check.Lang())
		}
		if err := n.Check(); !errors.Is(err, check.ErrNotYet) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", lang, err)
		}
	}
	n.Lang = "zh"
	check.Begin("03-sft", "mask", "en")
	if err := n.Check(); !strings.HasPrefix(err.Error(), "还没做对") {
		t.Error(err)
	}
}
