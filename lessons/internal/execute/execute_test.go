package execute

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/kernel/runner"
	"github.com/tunebook/tunebook/kernel/session"
)

// TestMain makes the test binary the worker of its own sessions.
func TestMain(m *testing.M) {
	Serve()
	os.Exit(m.Run())
}

func notebook(cells ...string) []byte {
	var b strings.Builder
	for i, c := range cells {
		fmt.Fprintf(&b, `{"cell_type": "code", "id": "c%d", "metadata": {}, "execution_count": null, "outputs": [], "source": %q},`, i+1, c)
	}
	return []byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [` + strings.TrimSuffix(b.String(), ",") + "]}")
}

// Cells of all rooms run, in a folder and with a data folder of their own, and each is measured.
func TestRun(t *testing.T) {
	r := Runner{Progress: io.Discard, Env: []string{"A=1"}}
	executed, ran, err := r.Run(t.Context(), notebook(
		`import "os"`+"\n"+`here, _ := os.Getwd()`+"\n"+`fmt.Println(os.Getenv("A"), os.Getenv("XDG_DATA_HOME") == here)`,
		`check.All(check.Number{Name: "n", Got: float64(data.Set{{Prompt: "a"}}.Len()), Want: 1})`))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`1 true`, "n is 1, which is right"} {
		if !strings.Contains(string(executed), want) {
			t.Errorf("no %q in %s", want, executed)
		}
	}
	if len(ran) != 2 || ran[0].ID != "c1" || ran[1].Wall <= 0 || ran[1].Used.Peak <= 0 {
		t.Errorf("%+v", ran)
	}
	executed, ran, err = r.Run(t.Context(), notebook("x := 1", "panic(\"no\")", "x"))
	if err == nil || !strings.Contains(err.Error(), "cell 2") || !strings.Contains(err.Error(), `in: panic("no")`) || len(ran) != 2 || !strings.Contains(string(executed), `"evalue": "no"`) {
		t.Errorf("%v, %v", err, ran)
	}
	if _, _, err := r.Run(t.Context(), []byte("{")); err == nil {
		t.Error("half a notebook ran")
	}
}

func took(id string, wall, cpu, wait time.Duration) runner.Ran {
	return runner.Ran{ID: id, Summary: "train()", Wall: wall, Used: session.Usage{CPU: cpu, Wait: wait, Peak: 300 << 20}}
}

// Limits hold for a quiet machine: who waits for a core half of the time is given twice the time.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name string
		ran  []runner.Ran
		want string // empty when all is well
	}{
		{"short", []runner.Ran{took("a", 50*time.Second, 99*time.Second, 0)}, ""},
		{"too long", []runner.Ran{took("a", 61*time.Second, 100*time.Second, 0)}, "code cell 1 (a) takes 61.00 s on a quiet machine, the limit is 1m0s: train()"},
		{"busy machine", []runner.Ran{took("a", 100*time.Second, 100*time.Second, 100*time.Second)}, ""},
		{"too long for a busy machine, too", []runner.Ran{took("a", 130*time.Second, 100*time.Second, 100*time.Second)}, "takes 65.00 s"},
		{"asleep", []runner.Ran{took("a", 61*time.Second, 10*time.Millisecond, 0)}, "takes 61.00 s"},
		{"a system that does not tell", []runner.Ran{took("a", 61*time.Second, 0, 0)}, "takes 61.00 s"},
		{"many cells", []runner.Ran{took("a", 55*time.Second, 1, 0), took("b", 55*time.Second, 1, 0), took("c", 55*time.Second, 1, 0), took("d", 55*time.Second, 1, 0)},
			"the lesson takes 220.00 s on a quiet machine, the limit is 3m0s"},
	} {
		if got := strings.Join(Over(c.ran, 1), "\n"); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func ExampleCells() {
	fmt.Print(Cells("03-sft", []runner.Ran{took("load", time.Second, time.Second, time.Second), took("train", 2*time.Second, 4*time.Second, 0)}))
	// Output:
	// 03-sft
	//            clock   CPU     no core  quiet   peak
	// ──────────────────────────────────────────────────
	// [1] load   1.00 s  1.00 s  1.00 s   0.50 s  300 MB
	// [2] train  2.00 s  4.00 s  0.00 s   2.00 s  300 MB
	// all        3.00 s  5.00 s  1.00 s   2.50 s  300 MB
}

// What ran on one core may take half as long again.
func TestOverOnOneCore(t *testing.T) {
	for seconds, want := range map[time.Duration]int{61: 0, 89: 0, 91: 1} {
		ran := []runner.Ran{{ID: "a", Wall: seconds * time.Second}}
		if got := Over(ran, Slower); len(got) != want {
			t.Errorf("a cell of %d s: %q, want %d lines", seconds, got, want)
		}
	}
}
