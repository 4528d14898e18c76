package lab

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed requirements.txt
var requirements string

// complete is written last: an environment without it was interrupted while it was made.
const complete = "tunebook-complete"

// Environment is the private Python environment in a cache folder.
type Environment struct {
	Dir string
}

// PrivateEnvironment is where the environment of these versions is, or would be, in cache.
func PrivateEnvironment(cache string) Environment {
	return Environment{filepath.Join(cache, "jupyter-"+pins()[:12])}
}

func pins() string {
	sum := sha256.Sum256([]byte(requirements))
	return hex.EncodeToString(sum[:])
}

// bin is the path of a program of the environment.
func (e Environment) bin(name string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(e.Dir, "Scripts", name+".exe")
	}
	return filepath.Join(e.Dir, "bin", name)
}

// Find gives JupyterLab, if the environment is complete and runs.
func (e Environment) Find(ctx context.Context) (Program, error) {
	if _, err := os.Stat(filepath.Join(e.Dir, complete)); err != nil {
		return Program{}, fmt.Errorf("lab: the private environment is not complete: %w", err)
	}
	return checkLab(ctx, e.bin("jupyter-lab"))
}

// Make installs JupyterLab with a line of progress per step. One that was interrupted is taken up again if its Python
// still runs, and made anew if not.
func (e Environment) Make(ctx context.Context, python Program, progress io.Writer) (Program, error) {
	fmt.Fprintf(progress, "Making a private Python environment with JupyterLab (once, about 250 MB): %s\n", e.Dir)
	if _, err := ask(ctx, e.bin("python"), "-m", "pip", "--version"); err != nil {
		if err := os.RemoveAll(e.Dir); err != nil {
			return Program{}, fmt.Errorf("lab: %w", err)
		}
		if err := os.MkdirAll(filepath.Dir(e.Dir), 0o755); err != nil {
			return Program{}, fmt.Errorf("lab: %w", err)
		}
		if err := run(exec.CommandContext(ctx, python.Path, "-m", "venv", e.Dir), nil); err != nil {
			return Program{}, fmt.Errorf("lab: making a Python environment with %s: %w (Debian and Ubuntu: sudo apt install python3-venv)", python.Path, err)
		}
	} else {
		fmt.Fprintln(progress, "  taking up what an earlier start left behind")
	}
	list := filepath.Join(e.Dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirements), 0o644); err != nil {
		return Program{}, fmt.Errorf("lab: %w", err)
	}
	pip := exec.CommandContext(ctx, e.bin("python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
		"--progress-bar", "off", "-r", list)
	count := 0
	err := run(pip, func(line string) {
		if name, ok := strings.CutPrefix(line, "Collecting "); ok {
			count++
			name, _, _ = strings.Cut(name, " ")
			fmt.Fprintf(progress, "  %3d %s\n", count, name)
		} else if strings.HasPrefix(line, "Installing collected packages") {
			fmt.Fprintln(progress, "  installing")
		}
	})
	if ctx.Err() != nil {
		return Program{}, fmt.Errorf("lab: installing JupyterLab was interrupted; the next start goes on where it stopped: %w", ctx.Err())
	}
	if err != nil {
		return Program{}, fmt.Errorf("lab: installing JupyterLab: %w (start again to go on where it stopped)", err)
	}
	found, err := checkLab(ctx, e.bin("jupyter-lab"))
	if err != nil {
		return Program{}, err
	}
	if err := os.WriteFile(filepath.Join(e.Dir, complete), []byte(pins()+"\n"), 0o644); err != nil {
		return Program{}, fmt.Errorf("lab: %w", err)
	}
	return found, nil
}

// run runs a command and gives its lines to each. The error holds the last lines that were printed.
func run(command *exec.Cmd, each func(line string)) error {
	var last [][]byte
	out, in := io.Pipe()
	command.Stdout, command.Stderr = in, in
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for s := bufio.NewScanner(out); s.Scan(); {
			if each != nil {
				each(s.Text())
			}
			if last = append(last, bytes.Clone(s.Bytes())); len(last) > 8 {
				last = last[1:]
			}
		}
		_, _ = io.Copy(io.Discard, out) // a line beyond the scanner's limit must not block the command
	}()
	err := command.Run()
	in.Close()
	<-ended
	if err != nil {
		return errors.Join(err, errors.New(string(bytes.Join(last, []byte("\n")))))
	}
	return nil
}

// Cache is the folder for what can be made again: the environment, the kernelspec, a copy of this program.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("lab: no cache folder: %w (set HOME or XDG_CACHE_HOME)", err)
	}
	return filepath.Join(dir, "tunebook"), nil
}
