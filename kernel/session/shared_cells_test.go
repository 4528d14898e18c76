package session

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"
)

// TestSharedCells runs a list of cells from outside of the repository, where CELLS names it.
func TestSharedCells(t *testing.T) {
	path := os.Getenv("TUNEBOOK_CELLS")
	if path == "" {
		t.Skip("set TUNEBOOK_CELLS to a file of cells to run them, too; cells_test.go has the repository's own")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name   string
		Cells  []string
		Expect string
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			s := newSession(t)
			var all, last string
			for _, cell := range c.Cells {
				last = output(s, cell)
				all += last + "\n"
			}
			if !regexp.MustCompile(c.Expect).MatchString(last) {
				t.Errorf("%q does not match %s", all, c.Expect)
			}
		})
	}
}
