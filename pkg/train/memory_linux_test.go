//go:build !race

package train

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/model"
)

// status is a line of /proc/self/status in bytes: VmRSS, what the process has in memory, or VmHWM, the most it ever had.
func status(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("/proc/self/status has no %s", name)
	}
	kB, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return 1024 * kB
}

const childMemory = "TUNEBOOK_TEST_MEMORY"

// What a process takes from the system for training is within 1.3 of what its plan, its optimizer and the copy of the model
// that the run makes say together: nothing that grows with the model is left out. A process of its own does it, since memory
// that other tests have given back to the runtime would hide what is taken.
func TestProcessTakesWhatThePlanSays(t *testing.T) {
	for _, recompute := range []bool{false, true} {
		var out bytes.Buffer
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryInChild$", "-test.v")
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%v", childMemory, recompute), "GOMAXPROCS=2")
		child.Stdout, child.Stderr = &out, &out
		if err := child.Run(); err != nil {
			t.Fatalf("recompute %v: %v\n%s", recompute, err, out.Bytes())
		}
		found := regexp.MustCompile(`says (\d+) bytes, took (\d+)`).FindSubmatch(out.Bytes())
		if found == nil {
			t.Fatalf("recompute %v: no figures in\n%s", recompute, out.Bytes())
		}
		said, _ := strconv.Atoi(string(found[1]))
		took, _ := strconv.Atoi(string(found[2]))
		t.Logf("recompute %v: the plan says %.1f MB, the process took %.1f MB", recompute, float64(said)/1e6, float64(took)/1e6)
		if float64(took) > 1.3*float64(said) || float64(took) < 0.8*float64(said) {
			t.Errorf("recompute %v: the process took %d bytes, %.2f of the %d that the plan says", recompute, took, float64(took)/float64(said), said)
		}
	}
}

// TestMemoryInChild is what TestProcessTakesWhatThePlanSays runs in another process.
func TestMemoryInChild(t *testing.T) {
	how := os.Getenv(childMemory)
	if how == "" {
		t.Skip("runs inside of TestProcessTakesWhatThePlanSays")
	}
	device := cpu.Default()
	set := records(400)
	runtime.GC()
	debug.FreeOSMemory()
	before := status(t, "VmRSS")
	l := prepared(t, Job{Data: set, Batch: 16, Length: 128, Recompute: how == "true", Device: device},
		model.Config{Dim: 256, Layers: 6, Heads: 4, KVHeads: 2, Hidden: 704, Vocab: 2048, Context: 128, Tied: true})
	for step := range 2 {
		if err := l.step(context.Background(), step+1); err != nil {
			t.Fatal(err)
		}
	}
	weights := 4 * l.model.Count() // of the model that was given; the plan counts those of the copy
	fmt.Printf("says %d bytes, took %d\n", weights+l.train.Plan().Bytes()+l.optim.Bytes(), status(t, "VmHWM")-before)
}
