package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestKernelspec(t *testing.T) {
	data := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := InstallKernelspec(data, self)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec map[string]any
	if err := json.Unmarshal(content, &spec); err != nil {
		t.Fatal(err)
	}
	argv := spec["argv"].([]any)
	if argv[0] != self || argv[1] != "kernel" || argv[2] != "{connection_file}" || spec["language"] != "go" || spec["interrupt_mode"] != "message" {
		t.Errorf("%s", content)
	}
	for _, name := range []string{"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if found, err := FindKernelspec(data); err != nil || found != self {
		t.Errorf("found %q, %v", found, err)
	}
	if _, err := InstallKernelspec(data, filepath.Join(data, "gone")); err != nil {
		t.Fatal(err)
	}
	if _, err := FindKernelspec(data); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a kernelspec of a program that is gone: %v", err)
	}
	if _, err := FindKernelspec(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no kernelspec: %v", err)
	}
}

func TestUserData(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", "/x")
	if dir, err := UserData(); err != nil || dir != "/x" {
		t.Errorf("%q, %v", dir, err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	t.Setenv("JUPYTER_DATA_DIR", "")
	t.Setenv("HOME", "/home/a")
	t.Setenv("XDG_DATA_HOME", "")
	if dir, err := UserData(); err != nil || dir != "/home/a/.local/share/jupyter" {
		t.Errorf("%q, %v", dir, err)
	}
}

func TestStableExecutable(t *testing.T) {
	for path, want := range map[string]bool{
		"/tmp/go-build123/b001/exe/tunebook": true, "/usr/local/bin/tunebook": false, "/home/a/go-builder/x": true, "/home/go/bin/tunebook": false,
	} {
		if got := temporary(path); got != want {
			t.Errorf("temporary(%s) = %v", path, got)
		}
	}
	cache := t.TempDir()
	path, err := StableExecutable(cache) // go test builds like go run
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(path, cache) {
		t.Errorf("%s is not in the cache", path)
	}
	again, err := StableExecutable(cache)
	if err != nil || again != path {
		t.Errorf("a second start keeps it at %s, %v", again, err)
	}
	if left, _ := os.ReadDir(filepath.Join(cache, "bin")); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string][2]int{"4.6.6": {4, 6}, "3.11.2": {3, 11}, "5.0.0a1": {5, 0}} {
		if major, minor, ok := numbers(text); !ok || [2]int{major, minor} != want {
			t.Errorf("%s: %d %d %v", text, major, minor, ok)
		}
	}
	if _, _, ok := numbers("Traceback"); ok {
		t.Error("no version was read as one")
	}
}

// program puts a shell script on an otherwise empty PATH.
func program(t *testing.T, dir, name, script string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func unixOnly(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED on Windows: the stand-ins for Python are shell scripts")
	}
}

func TestWithoutPython(t *testing.T) {
	unixOnly(t)
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	var out bytes.Buffer
	err := Run(context.Background(), Options{Lessons: lessons(nil), Dir: t.TempDir(), Cache: t.TempDir(), Out: &out})
	if !errors.Is(err, ErrNoPython) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one clear line", err)
	}
	program(t, bin, "python3", "echo Python 3.8.1")
	if _, err := FindPython(t.Context()); !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), "3.8.1") {
		t.Errorf("too old: %v", err)
	}
	program(t, bin, "jupyter-lab", "echo 3.6.0")
	if _, err := FindJupyterLab(t.Context()); err == nil || !strings.Contains(err.Error(), "3.6.0") {
		t.Errorf("too old: %v", err)
	}
	program(t, bin, "jupyter-lab", "echo 4.6.6")
	if found, err := FindJupyterLab(t.Context()); err != nil || found.Version != "4.6.6" {
		t.Errorf("%v, %v", found, err)
	}
}

// The stand-in for Python makes an environment whose pip fails as long as a file "broken" is there.
func TestPrivateEnvironment(t *testing.T) {
	unixOnly(t)
	dir, cache := t.TempDir(), t.TempDir()
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("STATE", dir)
	program(t, dir, "python3", `
case "$*" in
--version) echo Python 3.12.1;;
"-m venv "*) echo venv >>$STATE/log; mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
"-m pip --version") [ -x "$0" ] && echo pip;;
"-m pip install"*)
  echo install >>$STATE/log; echo "Collecting jupyterlab==4 (from x)"
  [ -e $STATE/broken ] && { echo "no network"; exit 1; }
  printf '#!/bin/sh\necho 4.6.6\n' >"$(dirname "$0")/jupyter-lab"; chmod +x "$(dirname "$0")/jupyter-lab";;
esac`)
	python, err := FindPython(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := PrivateEnvironment(cache)
	if err := os.WriteFile(filepath.Join(dir, "broken"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := e.Make(t.Context(), python, &out); err == nil || !strings.Contains(err.Error(), "no network") {
		t.Errorf("a failed install: %v", err)
	}
	if !strings.Contains(out.String(), "1 jupyterlab==4") {
		t.Errorf("progress %q", &out)
	}
	if _, err := e.Find(t.Context()); err == nil {
		t.Error("a half-made environment was found complete")
	}
	os.Remove(filepath.Join(dir, "broken"))
	if _, err := e.Make(t.Context(), python, &out); err != nil { // taken up again
		t.Fatal(err)
	}
	if found, err := e.Find(t.Context()); err != nil || found.Version != "4.6.6" {
		t.Errorf("%v, %v", found, err)
	}
	os.Remove(e.bin("python")) // as after an upgrade of the system's Python
	os.Remove(filepath.Join(e.Dir, complete))
	if _, err := e.Make(t.Context(), python, &out); err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	if got, want := strings.Join(strings.Fields(string(log)), " "), "venv install install venv install"; got != want {
		t.Errorf("steps %q, want %q", got, want)
	}
}

func TestFreePort(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	if _, err := freePort(t.Context(), "127.0.0.1", taken); err == nil || !strings.Contains(err.Error(), "--port") {
		t.Errorf("a taken port: %v", err)
	}
	if port, err := freePort(t.Context(), "127.0.0.1", 0); err != nil || port == 0 {
		t.Errorf("port %d, %v", port, err)
	}
}

// The image for containers and the checks must not drift from the versions that learners get.
func TestPinsAgree(t *testing.T) {
	for _, path := range []string{"../../docker/requirements.txt", "../../.ci/requirements.txt"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		ours := strings.Split(requirements, "\n")
		for line := range strings.Lines(string(content)) {
			name, _, pinned := strings.Cut(strings.TrimSpace(line), "==")
			for _, our := range ours {
				if pinned && strings.HasPrefix(our, name+"==") && our != strings.TrimSpace(line) {
					t.Errorf("%s has %s, requirements.txt has %s", path, strings.TrimSpace(line), our)
				}
			}
		}
	}
}
