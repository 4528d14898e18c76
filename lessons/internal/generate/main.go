// Command generate writes the notebook of every lesson, not executed yet: go generate ./lessons runs it, then the
// notebooks. A notebook that has not drifted from its source is left alone, outputs and all, unless -force.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/tunebook/tunebook/lessons/internal/book"
)

func main() {
	force := flag.Bool("force", false, "write also what has not drifted")
	flag.Parse()
	if err := run(*force); err != nil {
		log.Fatal(err)
	}
}

func run(force bool) error {
	sources, err := filepath.Glob("[0-9][0-9]-*/lesson.md")
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		return errors.New("lessons: no NN-name/lesson.md here: run it in the lessons folder, as go generate ./lessons does")
	}
	for _, source := range sources {
		name := filepath.Base(filepath.Dir(source))
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		lesson, err := book.Parse(source, name, "en", string(text))
		if err != nil {
			return err
		}
		fresh, err := lesson.Notebook()
		if err != nil {
			return err
		}
		target := filepath.Join("..", "notebooks", "en", name+".ipynb")
		committed, err := os.ReadFile(target)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && !force {
			drift, err := book.Drift(fresh, committed)
			if err == nil && len(drift) == 0 {
				continue
			}
		}
		if err := os.WriteFile(target, fresh, 0o644); err != nil {
			return err
		}
		fmt.Println(target)
	}
	return nil
}
