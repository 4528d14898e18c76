package progress

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain makes the test binary a writer that never stops, for the test that kills it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("TUNEBOOK_TEST_WRITER"); dir != "" {
		for i := 0; ; i++ {
			if err := At(dir).Add(try(i, false)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}
	os.Exit(m.Run())
}

func try(i int, done bool) Try {
	return Try{Time: time.Date(2025, 1, 2, 3, 4, i, 0, time.UTC), Lesson: "03-sft", Exercise: fmt.Sprintf("e%d", i), Lang: "en", Done: done}
}

func tries(t *testing.T, j Journal) []Try {
	t.Helper()
	got, err := j.Tries()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestJournal(t *testing.T) {
	j := At(filepath.Join(t.TempDir(), "not", "yet"))
	if got := tries(t, j); got != nil {
		t.Errorf("before the first try: %v", got)
	}
	if kept, err := j.Reset(); kept != "" || err != nil {
		t.Errorf("nothing to reset: %q, %v", kept, err)
	}
	want := []Try{try(1, false), try(1, true), try(2, false)}
	for _, x := range want {
		if err := j.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(want, tries(t, j)); d != "" {
		t.Error(d)
	}
	info, err := os.Stat(j.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
	kept, err := j.Reset()
	if err != nil || len(tries(t, j)) != 0 {
		t.Errorf("after the reset: %v, %v", tries(t, j), err)
	}
	if got := tries(t, Journal{kept}); len(got) != 3 {
		t.Errorf("the old journal holds %v", got)
	}
}

// A crash tears a line at any of its bytes: what was noted before and after it stays.
func TestTornLine(t *testing.T) {
	whole := At(t.TempDir())
	for _, x := range []Try{try(1, false), try(2, true)} {
		if err := whole.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(whole.Path())
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Index(string(content), "\n") + 1
	for cut := first; cut < len(content)-1; cut++ {
		j := At(t.TempDir())
		if err := os.WriteFile(j.Path(), content[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]Try{try(1, false)}, tries(t, j)); d != "" {
			t.Fatalf("cut at %d: %s", cut, d)
		}
		if err := j.Add(try(3, true)); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]Try{try(1, false), try(3, true)}, tries(t, j)); d != "" {
			t.Fatalf("cut at %d, then another: %s", cut, d)
		}
	}
}

// A writer that is killed at any moment leaves a journal without gaps.
func TestKilledWriter(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		j := At(t.TempDir())
		c := exec.CommandContext(t.Context(), self)
		c.Env = append(os.Environ(), "TUNEBOOK_TEST_WRITER="+filepath.Dir(j.Path()))
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for len(tries(t, j)) < 3 { // it has begun
			if t.Context().Err() != nil {
				t.Fatal("it wrote nothing")
			}
			time.Sleep(time.Millisecond)
		}
		_ = c.Process.Kill()
		var exit *exec.ExitError
		if err := c.Wait(); !errors.As(err, &exit) || exit.ExitCode() == 1 {
			t.Fatalf("it ended by itself: %v", err)
		}
		for i, got := range tries(t, j) {
			if got.Exercise != fmt.Sprintf("e%d", i) {
				t.Fatalf("line %d is %v", i, got)
			}
		}
	}
}

// Two notebooks write at the same time and nothing is lost.
func TestTwoWriters(t *testing.T) {
	j := At(t.TempDir())
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for i := range 50 {
				if err := j.Add(try(i, false)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	if got := len(tries(t, j)); got != 100 {
		t.Errorf("%d of 100 tries", got)
	}
}

func TestFolder(t *testing.T) {
	home := func() (string, error) { return "/home/ada", nil }
	for _, c := range []struct {
		system string
		env    map[string]string
		want   string
	}{
		{"linux", nil, "/home/ada/.local/share"},
		{"linux", map[string]string{"XDG_DATA_HOME": "/data"}, "/data"},
		{"linux", map[string]string{"XDG_DATA_HOME": "data"}, "/home/ada/.local/share"},
		{"linux", map[string]string{"LocalAppData": "/windows"}, "/home/ada/.local/share"},
		{"darwin", nil, "/home/ada/Library/Application Support"},
		{"windows", map[string]string{"LocalAppData": "/local"}, "/local"},
	} {
		got, err := folder(c.system, func(name string) string { return c.env[name] }, home)
		if err != nil || filepath.ToSlash(got) != c.want {
			t.Errorf("%s %v: %s, %v, want %s", c.system, c.env, got, err, c.want)
		}
	}
	nobody := func() (string, error) { return "", errors.New("$HOME is not defined") }
	if _, err := folder("linux", func(string) string { return "" }, nobody); err == nil {
		t.Error("no home, no error")
	}
}
