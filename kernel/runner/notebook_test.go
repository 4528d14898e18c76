package runner

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testdata/jupyter.ipynb was written by nbformat 5.11 (testdata/make.py), so its bytes are what Jupyter writes.
func TestUnchangedNotebookIsWrittenAsJupyterWritesIt(t *testing.T) {
	want, err := os.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	n, err := Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestIdsFollowTheFormat(t *testing.T) {
	for minor, want := range map[string]bool{"4": false, "5": true} {
		n, err := Parse([]byte(`{"nbformat":4,"nbformat_minor":` + minor + `,"cells":[{"cell_type":"code","source":["a\n","b"]}],"x":{"kept":1}}`))
		if err != nil {
			t.Fatal(err)
		}
		if n.Cells[0].Source != "a\nb" {
			t.Errorf("source %q", n.Cells[0].Source)
		}
		out, err := n.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Cells []map[string]any `json:"cells"`
			X     map[string]int   `json:"x"`
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if _, ok := got.Cells[0]["id"]; ok != want {
			t.Errorf("4.%s: id %v, want %v", minor, ok, want)
		}
		if got.X["kept"] != 1 {
			t.Error("an unknown field was lost")
		}
		for _, name := range []string{"metadata", "outputs", "execution_count"} {
			if _, ok := got.Cells[0][name]; !ok {
				t.Errorf("4.%s: %s is required and missing", minor, name)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	seed, err := os.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"nbformat":4,"nbformat_minor":5,"cells":[{"cell_type":"code","source":"","outputs":[{"output_type":"error"}]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		n, err := Parse(in)
		if err != nil {
			return
		}
		out, err := n.Bytes()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if _, err := Parse(out); err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, out)
		}
		if _, err := n.HTML("x", t.TempDir()); err != nil && !strings.Contains(err.Error(), "markdown") {
			t.Fatal(err)
		}
	})
}
