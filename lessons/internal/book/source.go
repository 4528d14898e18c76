package book

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// A Source is the file of one lesson in one language.
type Source struct {
	Path string
	Name string // the folder's: "03-sft"
	Lang string // "en" or "zh"
}

// files are the names of a lesson's sources. English comes first and every lesson has it.
var files = []struct{ name, lang string }{{"lesson.md", "en"}, {"lesson.zh.md", "zh"}}

// Sources finds the lessons in dir: NN-name/lesson.md, and lesson.zh.md where there is one. A folder that is named like a
// lesson and holds none is an error.
func Sources(dir string) ([]Source, error) {
	folders, err := filepath.Glob(filepath.Join(dir, "[0-9][0-9]-*"))
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	if len(folders) == 0 {
		return nil, fmt.Errorf("lessons: no folder NN-name in %s: run this in the lessons folder, as go generate ./lessons does", dir)
	}
	slices.Sort(folders)
	var out []Source
	for _, folder := range folders {
		for _, f := range files {
			path := filepath.Join(folder, f.name)
			switch _, err := os.Stat(path); {
			case err == nil:
				out = append(out, Source{path, filepath.Base(folder), f.lang})
			case f.lang == "en" || !errors.Is(err, os.ErrNotExist):
				return nil, fmt.Errorf("lessons: %w: every lesson has one", err)
			}
		}
	}
	return out, nil
}

// Target is where the notebook of the lesson belongs, seen from the folder of all notebooks.
func (s Source) Target() string { return filepath.Join(s.Lang, s.Name+".ipynb") }

// Read parses the file.
func (s Source) Read() (*Lesson, error) {
	text, err := os.ReadFile(s.Path)
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	return Parse(s.Path, s.Name, s.Lang, string(text))
}
