package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// manifestName is the file of the work folder that says what was copied there.
const manifestName = ".tunebook-lessons.json"

// manifest maps a path, with slashes, to the hash of the content that was last copied there.
type manifest map[string]string

// Change is what happened to one file of the work folder.
type Change struct {
	Path   string
	Action Action
	Beside string // for Kept: where the new version is, empty if there is none
}

// Action says what happened.
type Action string

// What can happen to a file.
const (
	Added   Action = "added"
	Updated Action = "updated" // the learner never changed it
	Same    Action = "same"
	Kept    Action = "kept" // the learner changed it; a new version, if any, was written beside it
)

// CopyLessons copies the files of lessons to dir. A file that the learner changed, which running a notebook and saving it
// does, is never written to: a newer version of it goes beside it, once, as NAME.new.ipynb.
func CopyLessons(lessons fs.FS, dir string) ([]Change, error) {
	known, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	var changes []Change
	err = fs.WalkDir(lessons, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(lessons, name)
		if err != nil {
			return err
		}
		change, err := known.place(dir, name, content)
		if err != nil {
			return err
		}
		changes = append(changes, change)
		return nil
	})
	// What was copied before a failure is noted, so that it is not taken for the learner's work.
	if err := errors.Join(err, known.write(dir)); err != nil {
		return changes, fmt.Errorf("lab: copying the lessons to %s: %w", dir, err)
	}
	return changes, nil
}

// place decides about one file. The comparison is of three versions: what is there, what was copied there, what is new.
func (m manifest) place(dir, name string, content []byte) (Change, error) {
	target := filepath.Join(dir, filepath.FromSlash(name))
	fresh, copied := hash(content), m[name]
	there, err := os.ReadFile(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m[name] = fresh
		return Change{Path: name, Action: Added}, writeFile(target, content)
	case err != nil:
		return Change{}, err
	}
	switch current := hash(there); {
	case current == fresh:
		m[name] = fresh
		return Change{Path: name, Action: Same}, nil
	case current == copied:
		m[name] = fresh
		return Change{Path: name, Action: Updated}, writeFile(target, content)
	case copied == fresh:
		return Change{Path: name, Action: Kept}, nil
	}
	beside, err := m.beside(dir, name, content)
	if err != nil {
		return Change{}, err
	}
	m[name] = fresh // told once
	return Change{Path: name, Action: Kept, Beside: beside}, nil
}

// beside writes content next to the file name, under a name that holds nothing of the learner.
func (m manifest) beside(dir, name string, content []byte) (string, error) {
	ext := path.Ext(name)
	for n := 1; ; n++ {
		candidate := strings.TrimSuffix(name, ext) + ".new" + ext
		if n > 1 {
			candidate = fmt.Sprintf("%s.new%d%s", strings.TrimSuffix(name, ext), n, ext)
		}
		target := filepath.Join(dir, filepath.FromSlash(candidate))
		there, err := os.ReadFile(target)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if err == nil && hash(there) != m[candidate] {
			continue
		}
		m[candidate] = hash(content)
		return candidate, writeFile(target, content)
	}
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func readManifest(dir string) (manifest, error) {
	m := manifest{}
	content, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	if valid := json.Unmarshal(content, &m) == nil; !valid || m == nil {
		m = manifest{} // nothing is known then, so every file that differs counts as the learner's: the safe side
	}
	return m, nil
}

func (m manifest) write(dir string) error {
	content, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, manifestName), append(content, '\n'))
}
