package lab

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// tree reads all files of a folder but the manifest.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == manifestName {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func lessons(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, content := range files {
		m[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return m
}

// A start is what the lessons hold then, and what the learner does before it.
type step struct {
	edit    map[string]string // "" deletes
	lessons map[string]string
}

func TestCopyLessons(t *testing.T) {
	const f = "en/a.ipynb"
	v1, v2, v3 := map[string]string{f: "v1"}, map[string]string{f: "v2"}, map[string]string{f: "v3"}
	mine := map[string]string{f: "mine"}
	for _, c := range []struct {
		name  string
		steps []step
		files map[string]string
		last  Change
	}{
		{"first start", []step{{nil, v1}}, v1, Change{f, Added, ""}},
		{"nothing new", []step{{nil, v1}, {nil, v1}}, v1, Change{f, Same, ""}},
		{"new version, unedited", []step{{nil, v1}, {nil, v2}}, v2, Change{f, Updated, ""}},
		{"edited", []step{{nil, v1}, {mine, v1}}, mine, Change{f, Kept, ""}},
		{"edited and a new version", []step{{nil, v1}, {mine, v2}},
			map[string]string{f: "mine", "en/a.new.ipynb": "v2"}, Change{f, Kept, "en/a.new.ipynb"}},
		{"told once", []step{{nil, v1}, {mine, v2}, {nil, v2}},
			map[string]string{f: "mine", "en/a.new.ipynb": "v2"}, Change{f, Kept, ""}},
		{"two new versions", []step{{nil, v1}, {mine, v2}, {nil, v3}},
			map[string]string{f: "mine", "en/a.new.ipynb": "v3"}, Change{f, Kept, "en/a.new.ipynb"}},
		{"the copy beside was edited, too", []step{{nil, v1}, {mine, v2}, {map[string]string{"en/a.new.ipynb": "also mine"}, v3}},
			map[string]string{f: "mine", "en/a.new.ipynb": "also mine", "en/a.new2.ipynb": "v3"}, Change{f, Kept, "en/a.new2.ipynb"}},
		{"deleted comes back", []step{{nil, v1}, {map[string]string{f: ""}, v1}}, v1, Change{f, Added, ""}},
		{"edited into the new version", []step{{nil, v1}, {map[string]string{f: "v2"}, v2}}, v2, Change{f, Same, ""}},
		{"there before the first start", []step{{mine, v1}},
			map[string]string{f: "mine", "en/a.new.ipynb": "v1"}, Change{f, Kept, "en/a.new.ipynb"}},
		{"manifest lost, unedited", []step{{nil, v1}, {map[string]string{manifestName: ""}, v1}}, v1, Change{f, Same, ""}},
		{"manifest broken", []step{{nil, v1}, {map[string]string{manifestName: "{"}, v2}},
			map[string]string{f: "v1", "en/a.new.ipynb": "v2"}, Change{f, Kept, "en/a.new.ipynb"}},
		{"lesson withdrawn", []step{{nil, map[string]string{f: "v1", "old.md": "x"}}, {nil, v1}},
			map[string]string{f: "v1", "old.md": "x"}, Change{f, Same, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			var changes []Change
			for _, s := range c.steps {
				for name, content := range s.edit {
					path := filepath.Join(dir, name)
					if content == "" {
						if err := os.Remove(path); err != nil {
							t.Fatal(err)
						}
						continue
					}
					if err := writeFile(path, []byte(content)); err != nil {
						t.Fatal(err)
					}
				}
				var err error
				if changes, err = CopyLessons(lessons(s.lessons), dir); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(c.files, tree(t, dir)); d != "" {
				t.Errorf("files -want +got\n%s", d)
			}
			if d := cmp.Diff([]Change{c.last}, changes); d != "" {
				t.Errorf("changes -want +got\n%s", d)
			}
		})
	}
}

func TestCopyLessonsNotesWhatItDidBeforeAFailure(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "b"), []byte("a file where a folder should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := CopyLessons(lessons(map[string]string{"a": "1", "b/c": "2"}), dir); err == nil {
		t.Fatal("no error")
	}
	m, err := readManifest(dir)
	if err != nil || m["a"] != hash([]byte("1")) {
		t.Errorf("manifest %v, %v", m, err)
	}
}

func TestWriteFileLeavesNothingHalf(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "x", "y"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(filepath.Join(dir, "x"), []byte("a")); err == nil {
		t.Error("a folder was replaced")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
	if _, err := os.ReadFile(filepath.Join(dir, "no")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
