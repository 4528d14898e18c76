package lessons_test

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/tunebook/tunebook/lessons/internal/execute"
)

// TestMain makes the test binary the worker of its own sessions. Notebooks run on one core each, so there are as many at a
// time as cores, unless -parallel says otherwise.
func TestMain(m *testing.M) {
	execute.Serve()
	if err := flag.Set("test.parallel", strconv.Itoa(runtime.NumCPU())); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
