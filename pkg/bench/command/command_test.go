package command

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/bench"
)

func callBench(t *testing.T, arguments ...string) (out, progress string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := New()
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetIn(strings.NewReader(""))
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	c.SetArgs(arguments)
	err = c.Execute()
	return stdout.String(), stderr.String(), err
}

func TestBenchForPrograms(t *testing.T) {
	out, _, err := callBench(t, "gemm", "--json", "--shape", "NT 1024x128x128,TN 1024x128x128", "--rounds", "1", "--seconds", "0.001")
	if err != nil {
		t.Fatal(err)
	}
	shapes := map[string]bool{}
	for line := range strings.Lines(out) {
		var r bench.Result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		shapes[r.Bench+" "+r.Shape] = true
	}
	if len(shapes) != 3 || !shapes["peak "] || !shapes["gemm NT 1024x128x128"] || !shapes["gemm TN 1024x128x128"] {
		t.Errorf("got %v", shapes)
	}
}

// A profile's lines follow those of its model, for programs and for people.
func TestProfile(t *testing.T) {
	line := []string{"lora", "--model", "d128", "--rounds", "1", "--seconds", "0.001", "--profile"}
	out, _, err := callBench(t, append(line, "--json")...)
	if err != nil {
		t.Fatal(err)
	}
	var benches []string
	for line := range strings.Lines(out) {
		var r bench.Result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if len(benches) == 0 || benches[len(benches)-1] != r.Bench {
			benches = append(benches, r.Bench)
		}
	}
	if got := strings.Join(benches, " "); got != "lora profile" {
		t.Errorf("lines of %s", got)
	}
	if out, _, err = callBench(t, line...); err != nil || !strings.Contains(out, "d128 optimizer") {
		t.Errorf("%v\n%s", err, out)
	}
}

// One line a method, with what moves.
func TestMethods(t *testing.T) {
	out, _, err := callBench(t, "adapt", "--model", "d128", "--method", "lora,pfeiffer", "--rounds", "1", "--seconds", "0.001", "--memory=false")
	if err != nil || !strings.Contains(out, "lora") || !strings.Contains(out, "pfeiffer") || strings.Contains(out, "dora") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestBenchForPeople(t *testing.T) {
	out, progress, err := callBench(t, "gemm", "--shape", "NT 1024x128x128", "--rounds", "1", "--seconds", "0.001")
	if err != nil || !strings.Contains(out, "NT 1024x128x128") || !strings.Contains(progress, "(1 of 1)") {
		t.Errorf("%v\n%s\n%s", err, out, progress)
	}
}

func TestBenchMistakes(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"gemm --threads -1", "want 1 or more, or 0 for all cores"},
		{"gemm --shape nothing", `no shape contains "nothing"`},
		{"train --model nothing", `no model contains "nothing"; there are d128, d256, d512`},
		{"lora --model nothing", `no model contains "nothing"; there are d128, d256, d512`},
		{"adapt --method nothing", `no method contains "nothing"; there are full, lora, dora, houlsby, pfeiffer`},
		{"train --method lora", "unknown flag: --method"},
		{"memory", "reads an order from standard input"},
		{"decode --profile", "unknown flag: --profile"},
		{"decode --shape x", "unknown flag: --shape"},
		{"train --rounds x", "invalid argument"},
		{"decode --weights int8,int3", `--weights: cpu: there is no format "int3" of weights: want one of [float32 bfloat16 int8 int4]`},
		{"train extra", "unknown command"},
		{"decode --model d128 --torch no-such-python", "no-such-python"},
	} {
		if _, _, err := callBench(t, strings.Fields(c.line)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", c.line, err, c.want)
		}
	}
}
