package feedback

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Where nothing may be written the error says so, before anybody is asked; what is there can still be read.
func TestReadOnlyFolder(t *testing.T) {
	path := file0(t)
	collect(t, open(t, path, Options{}), 1, "123")
	dir := filepath.Dir(path)
	for name, mode := range map[string]os.FileMode{path: 0o444, filepath.Dir(dir): 0o755, dir: 0o555} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) }) // so that it can be removed
	errs, votes := make([]error, 3), 0
	done := make(chan bool)
	go func() {
		defer close(done)
		if os.Geteuid() == 0 { // to root nothing is read-only: this thread, which ends with the goroutine, reads files as nobody does
			runtime.LockOSThread()
			if errs[2] = unix.Setfsuid(65534); errs[2] != nil {
				return
			}
		}
		_, errs[0] = Open(filepath.Join(dir, "more.jsonl"), Options{Rater: "ann"})
		_, errs[1] = Open(path, Options{Rater: "ann"})
		var all Ballots
		all, _, errs[2] = Load(ctx, path)
		votes = len(all)
	}()
	<-done
	for _, err := range errs[:2] {
		if err == nil || !strings.HasPrefix(err.Error(), "feedback: votes cannot be kept in "+dir) || !strings.Contains(err.Error(), "permission denied: name a file in a folder that you may write to") {
			t.Errorf("%v", err)
		}
	}
	if errs[2] != nil || votes != 1 {
		t.Errorf("read %d votes, %v", votes, errs[2])
	}
}
