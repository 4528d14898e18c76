//go:build unix

package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program writes a shell script that stands for a Python. It must never start what may start it again.
func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func beside(t *testing.T, text string) Options {
	t.Helper()
	o, err := Options{Torch: program(t, text), Shapes: []Shape{{"NN", 4, 4, 4}}, Rounds: 2, Seconds: 0.001}.withDefaults(1)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const hello = `read line; echo '{"torch": "9.9", "capability": "X", "blas": "Y"}'
`

// The script answers each request with a line; rounds of 2 s are far from what the product takes.
func TestRoundsAreTakenInTurns(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	o := beside(t, hello+`while read line; do
  echo "$line" >>`+log+`
  case "$line" in
  *prepare*) echo '{"variant": "fast", "tried": {"fast": 2, "slow": "no"}}';;
  *) echo '{"times": [1, 2, 3]}';;
  esac
done
`)
	results, err := GEMM(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	r := results[len(results)-1]
	if r.Torch == nil || r.Torch.MsPerStep != 2000 || r.Torch.Variant != "fast" || r.Torch.Version != "9.9, Y, X" || len(r.Torch.Tried) != 2 {
		t.Fatalf("%+v", r.Torch)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `"kind":"NN","m":4,"n":4,"k":4`) || !strings.Contains(lines[2], `"op":"round"`) {
		t.Errorf("it was asked %q, want one preparation and two rounds", lines)
	}
}

func TestTroubleOnTheOtherSideIsTold(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"echo no module named torch >&2; exit 1\n", "no module named torch"},
		{"read line; echo hello\n", `it answered "hello\n"`},
		{hello + `read line; echo '{"error": "RuntimeError: too small"}'` + "\n", "RuntimeError: too small"},
		{hello + `read line; echo '{"variant": "v"}'; read line; echo '{}'` + "\n", "a round without times"},
	} {
		o := beside(t, c.script)
		if _, err := GEMM(context.Background(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want something with %q", c.script, err, c.want)
		}
	}
}

// A side that says nothing any more does not keep an interrupted bench from ending.
func TestInterruptionEndsTheOtherSide(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	o := beside(t, hello+"exec sleep 60\n")
	start := time.Now()
	if _, err := GEMM(ctx, o); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}
