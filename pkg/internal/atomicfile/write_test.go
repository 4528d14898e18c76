package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A file is there whole, with the usual rights, or as it was; nothing else is left in the folder.
func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	half := errors.New("half-way")
	for _, c := range []struct {
		text string
		err  error
		want string
	}{{"first", nil, "first"}, {"broken", half, "first"}, {"second", nil, "second"}} {
		err := Write(path, func(w io.Writer) error {
			if _, err := io.WriteString(w, c.text); err != nil {
				return err
			}
			return c.err
		})
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want %v", c.text, err, c.err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != c.want {
			t.Errorf("%s: the file holds %q (%v), want %q", c.text, got, err, c.want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("rights %v, %v", info, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
	if err := Write(filepath.Join(path, "b"), func(io.Writer) error { return nil }); err == nil {
		t.Error("below a file: no error")
	}
}
