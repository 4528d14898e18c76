package lab_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/tunebook/tunebook/kernel/lab"
)

// Lessons are copied to the work folder; what the learner changed there stays.
func ExampleCopyLessons() {
	dir, err := os.MkdirTemp("", "lessons")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	lessons := fstest.MapFS{"one.ipynb": {Data: []byte("first edition")}}
	copyAll := func() {
		changes, err := lab.CopyLessons(lessons, dir)
		if err != nil {
			fmt.Println(err)
		}
		for _, c := range changes {
			fmt.Println(c.Path, c.Action, filepath.Base(c.Beside))
		}
	}
	copyAll()
	if err := os.WriteFile(filepath.Join(dir, "one.ipynb"), []byte("my answers"), 0o600); err != nil {
		fmt.Println(err)
	}
	lessons["one.ipynb"] = &fstest.MapFile{Data: []byte("second edition")}
	copyAll()
	mine, err := os.ReadFile(filepath.Join(dir, "one.ipynb"))
	fmt.Println(string(mine), err)
	// Output:
	// one.ipynb added .
	// one.ipynb kept one.new.ipynb
	// my answers <nil>
}
