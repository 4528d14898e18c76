package lessons_test

import (
	"os"
	"testing"

	"github.com/tunebook/tunebook/lessons/internal/execute"
)

// TestMain makes the test binary the worker of its own sessions.
func TestMain(m *testing.M) {
	execute.Serve()
	os.Exit(m.Run())
}
