package lab

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// KernelName is the name of the kernel in notebooks and on command lines.
const KernelName = "tunebook"

// KernelTitle is its name in menus.
const KernelTitle = "Go (Tunebook)"

//go:embed kernelspec
var logos embed.FS

// kernelspec is a kernel.json file.
type kernelspec struct {
	Argv          []string       `json:"argv"`
	Title         string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

// InstallKernelspec makes the kernel that executable runs known to the Jupyter whose data folder is data, which is
// PREFIX/share/jupyter or that of [UserData]. It returns the folder that it wrote.
func InstallKernelspec(data, executable string) (string, error) {
	dir := filepath.Join(data, "kernels", KernelName)
	if err := installKernelspec(dir, executable); err != nil {
		return "", fmt.Errorf("lab: installing the kernelspec: %w", err)
	}
	return dir, nil
}

func installKernelspec(dir, executable string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	spec, err := json.MarshalIndent(kernelspec{
		Argv: []string{executable, "kernel", "{connection_file}"}, Title: KernelTitle, Language: "go",
		InterruptMode: "message", Metadata: map[string]any{"debugger": false},
	}, "", " ")
	if err != nil {
		return err
	}
	pictures, err := fs.Sub(logos, "kernelspec")
	if err != nil {
		return err
	}
	entries, err := fs.ReadDir(pictures, ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		content, err := fs.ReadFile(pictures, entry.Name())
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, entry.Name()), content); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(dir, "kernel.json"), append(spec, '\n'))
}

// FindKernelspec says which executable the kernelspec in data runs, and whether that is still there.
func FindKernelspec(data string) (string, error) {
	path := filepath.Join(data, "kernels", KernelName, "kernel.json")
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("lab: %w", err)
	}
	var spec kernelspec
	if err := json.Unmarshal(content, &spec); err != nil || len(spec.Argv) == 0 {
		return "", fmt.Errorf("lab: %s is not a kernelspec", path)
	}
	if _, err := os.Stat(spec.Argv[0]); err != nil {
		return spec.Argv[0], fmt.Errorf("lab: the kernelspec in %s runs a program that is gone: %w", filepath.Dir(path), err)
	}
	return spec.Argv[0], nil
}

// SearchPath lists the folders in which Jupyter looks for kernels, first found first taken: JUPYTER_PATH, the user's,
// then those of the whole machine.
func SearchPath() ([]string, error) {
	user, err := UserData()
	if err != nil {
		return nil, err
	}
	folders := append(filepath.SplitList(os.Getenv("JUPYTER_PATH")), user)
	if runtime.GOOS == "windows" {
		return append(folders, filepath.Join(os.Getenv("PROGRAMDATA"), "jupyter")), nil
	}
	return append(folders, "/usr/local/share/jupyter", "/usr/share/jupyter"), nil
}

// UserData is the folder where Jupyter looks for the kernels of this user.
func UserData() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("APPDATA"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("lab: where Jupyter keeps its kernels: %w", err)
	}
	switch dir := os.Getenv("XDG_DATA_HOME"); {
	case runtime.GOOS == "windows":
		return filepath.Join(home, ".jupyter", "data"), nil
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Jupyter"), nil
	case dir != "":
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// writeFile writes a file whole or not at all.
func writeFile(path string, content []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
