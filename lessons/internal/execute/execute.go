// Package execute runs notebooks with the tunebook command of this source tree, in a process of its own, as a learner
// would.
package execute

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// command is the package of the tunebook command.
const command = "github.com/tunebook/tunebook"

// A Runner runs notebooks.
type Runner struct {
	Progress io.Writer // gets a line for each cell; nil for none
	binary   string
	dir      string
}

// Build builds the command into dir, which the caller removes.
func Build(ctx context.Context, dir string) (*Runner, error) {
	r := &Runner{binary: filepath.Join(dir, "tunebook"), dir: dir}
	if runtime.GOOS == "windows" {
		r.binary += ".exe"
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", r.binary, command).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("lessons: building tunebook: %w\n%s", err, out)
	}
	return r, nil
}

// Run executes a notebook and returns it with its outputs. When a cell fails it returns what there is by then and an
// error that holds what the command said.
func (r *Runner) Run(ctx context.Context, notebook []byte) ([]byte, error) {
	dir, err := os.MkdirTemp(r.dir, "run-*")
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "in.ipynb"), filepath.Join(dir, "out.ipynb")
	if err := os.WriteFile(in, notebook, 0o600); err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	var said bytes.Buffer
	c := exec.CommandContext(ctx, r.binary, "run", in, "--out", out)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } // so that it can end its worker
	c.WaitDelay = 10 * time.Second
	c.Stdout, c.Stderr = &said, &said
	if r.Progress != nil {
		c.Stderr = io.MultiWriter(&said, r.Progress)
	}
	failed := c.Run()
	executed, err := os.ReadFile(out)
	if failed != nil {
		return executed, fmt.Errorf("lessons: %w:\n%s", failed, strings.ReplaceAll(said.String(), in, "the notebook"))
	}
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	return executed, nil
}
