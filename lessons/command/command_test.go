package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/lessons/internal/progress"
)

// says runs the command and returns what it prints, or its error.
func says(arguments ...string) string {
	var out bytes.Buffer
	c := New()
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(arguments)
	c.SetOut(&out)
	c.SetErr(&out)
	if err := c.Execute(); err != nil {
		return "error: " + err.Error()
	}
	return out.String()
}

func TestLessons(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	t.Setenv("LC_ALL", "C")
	journal := progress.At(filepath.Join(dir, "tunebook"))
	for _, done := range []bool{false, true} {
		if err := journal.Add(progress.Try{Time: time.Now(), Lesson: "03-sft", Exercise: "mask", Done: done}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{nil, "●○ 1 of 2 2"},
		{[]string{"--lang", "zh"}, "●○ 1 / 2 2"},
		{[]string{"--lang", "fr"}, `error: lessons: no lesson in the language "fr": there are en and zh`},
		{[]string{"03-sft"}, `error: "03-sft": only --measure takes names of lessons`},
		{[]string{"--measure", "99-none"}, `error: no lesson "99-none": tunebook lessons lists them`},
		{[]string{"--measure", "--reset"}, "error: --reset and --measure are two things"},
		{[]string{"--reset"}, "kept until the next reset: " + journal.Path() + ".old"},
		{nil, "○○ 0 of 2 0"},
		{[]string{"--reset"}, "There was nothing to forget."},
	} {
		got := says(c.arguments...)
		if one := strings.Join(strings.Fields(got), " "); !strings.Contains(one, c.want) { // columns are as wide as the widest lesson has them
			t.Errorf("tunebook lessons %s: got %s, want %s", strings.Join(c.arguments, " "), got, c.want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "file"))
	if got := says(); !strings.HasPrefix(got, "error: lessons: progress: ") {
		t.Errorf("an unreadable journal: %s", got)
	}
}
