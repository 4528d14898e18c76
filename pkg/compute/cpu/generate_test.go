package cpu_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed kernels are what the generator writes, so an edit of one without the other is noticed.
func TestGeneratedFilesMatchTheirGenerator(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command here, so the generated kernels are NOT compared with their generator")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), tool, "run", ".", "-pkg", "cpu", "-twins", dir,
		"-out", filepath.Join(dir, "kernels_amd64.s"), "-stubs", filepath.Join(dir, "kernels_amd64.go"))
	cmd.Dir = "internal/asm"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"kernels_amd64.s", "kernels_amd64.go", "kernels_other.go", "kernels_emulated.go"} {
		if !bytes.Equal(body(t, name), body(t, filepath.Join(dir, name))) {
			t.Errorf("%s differs from what internal/asm writes: run go generate ./pkg/compute/cpu", name)
		}
	}
}

// body is a file without its first line, which names the command.
func body(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	return rest
}
