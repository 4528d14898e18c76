package lab

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The versions that the lessons need.
const (
	labMajor    = 4
	pythonMinor = 10 // of Python 3
)

// ErrNoPython says what to do on a machine without Python.
var ErrNoPython = errors.New("no Python 3.10 or newer was found: install it from https://www.python.org/downloads/ " +
	"(Debian and Ubuntu: sudo apt install python3-venv) and start again; tunebook run LESSON.ipynb works without it")

// Program is an executable and its version.
type Program struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// FindJupyterLab finds JupyterLab 4 on PATH. The error says what was found instead.
func FindJupyterLab(ctx context.Context) (Program, error) {
	path, err := exec.LookPath("jupyter-lab")
	if err != nil {
		return Program{}, fmt.Errorf("lab: JupyterLab is not on PATH: %w", err)
	}
	return checkLab(ctx, path)
}

func checkLab(ctx context.Context, path string) (Program, error) {
	p := Program{Path: path}
	var err error
	if p.Version, err = ask(ctx, path, "--version"); err != nil {
		return p, fmt.Errorf("lab: %s does not run: %w", path, err)
	}
	if major, _, ok := numbers(p.Version); !ok || major != labMajor {
		return p, fmt.Errorf("lab: %s is version %s; JupyterLab %d is needed", path, p.Version, labMajor)
	}
	return p, nil
}

// FindPython finds a Python that can make the private environment. The error is [ErrNoPython] or wraps it.
func FindPython(ctx context.Context) (Program, error) {
	var seen []string
	for _, name := range []string{"python3", "python", "py"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		version, err := ask(ctx, path, "--version")
		if err != nil {
			continue
		}
		p := Program{path, strings.TrimPrefix(version, "Python ")}
		if major, minor, ok := numbers(p.Version); ok && major == 3 && minor >= pythonMinor {
			return p, nil
		}
		seen = append(seen, p.Version)
	}
	if len(seen) > 0 {
		return Program{}, fmt.Errorf("lab: only Python %s is here: %w", strings.Join(seen, ", "), ErrNoPython)
	}
	return Program{}, ErrNoPython
}

// ask runs a program and gives the last line that it prints.
func ask(ctx context.Context, path string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // a cold start from a slow disk
	defer cancel()
	out, err := exec.CommandContext(ctx, path, arguments...).Output()
	if err != nil {
		return "", err
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1]), nil
}

var version = regexp.MustCompile(`^(\d+)\.(\d+)`)

// numbers reads the first two numbers of a version.
func numbers(text string) (major, minor int, ok bool) {
	m := version.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, false
	}
	major, err := strconv.Atoi(m[1])
	minor, err2 := strconv.Atoi(m[2])
	return major, minor, err == nil && err2 == nil
}
