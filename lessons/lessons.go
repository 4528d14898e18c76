package lessons

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/tunebook/tunebook/notebooks"
)

// A Lesson is what a learner may want to know of one before opening it.
type Lesson struct {
	Name      string // "03-sft"
	Lang      string // "en" or "zh"
	Title     string
	Summary   string
	Time      string // how long it takes to run, in words
	Needs     string // what comes before; may be empty
	Exercises []Exercise
}

// An Exercise of a lesson, and how far the learner has come with it.
type Exercise struct {
	Name   string // "mask"; the same in every language
	Title  string
	Points int // what it is worth to a teacher

	Tries int       // answers that were checked until it was done; an untouched exercise is no try
	Done  time.Time // when its check passed first; zero while it has not
}

// Notebook is the path of the lesson's notebook in the folder of all of them: "en/03-sft.ipynb".
func (l Lesson) Notebook() string { return path.Join(l.Lang, l.Name+".ipynb") }

// Done is the number of exercises whose check has passed.
func (l Lesson) Done() int {
	n := 0
	for _, e := range l.Exercises {
		if !e.Done.IsZero() {
			n++
		}
	}
	return n
}

// Tries is the sum over its exercises.
func (l Lesson) Tries() int {
	n := 0
	for _, e := range l.Exercises {
		n += e.Tries
	}
	return n
}

// All lists the lessons of this binary in one language, in their order, without what the learner has done.
func All(lang string) ([]Lesson, error) { return list(notebooks.FS(), lang) }

func list(files fs.FS, lang string) ([]Lesson, error) {
	paths, err := fs.Glob(files, lang+"/*.ipynb") // sorted by name, which begins with the lesson's number
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("lessons: no lesson in the language %q: there are en and zh", lang)
	}
	var all []Lesson
	for _, file := range paths {
		content, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("lessons: %w", err)
		}
		var nb struct{ Metadata struct{ Tunebook Lesson } }
		if err := json.Unmarshal(content, &nb); err != nil {
			return nil, fmt.Errorf("lessons: %s: %w", file, err)
		}
		l := nb.Metadata.Tunebook
		if l.Lang, l.Name = lang, path.Base(file[:len(file)-len(".ipynb")]); l.Title == "" {
			return nil, fmt.Errorf("lessons: %s does not say what its lesson is called: go generate ./lessons writes it", file)
		}
		all = append(all, l)
	}
	return all, nil
}
