package graph

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// A profile runs the plan: the values are those of a run, every step has its time, and the table has every operator once.
func TestProfile(t *testing.T) {
	ctx := context.Background()
	d, outputs := trained(t, 4)
	ran, profiled := d.compile(t, Options{}, outputs...), d.compile(t, Options{}, outputs...)
	if err := ran.Run(ctx); err != nil {
		t.Fatal(err)
	}
	p, err := profiled.Profile(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range outputs {
		want, _ := ran.Value(n)
		got, err := profiled.Value(n)
		if err != nil || !slices.Equal(got.Data, want.Data) {
			t.Errorf("%v is %v after a profile, %v after a run (%v)", n, got, want, err)
		}
	}
	plan := profiled.Plan().Steps
	if len(p.Steps) != len(plan) || len(p.Seconds) != len(plan) {
		t.Fatalf("%d steps and %d times of a plan of %d", len(p.Steps), len(p.Seconds), len(plan))
	}
	ops := map[string]bool{}
	for i, s := range plan {
		ops[s.Op] = true
		if p.Steps[i].Name != s.Name || p.Seconds[i] <= 0 {
			t.Errorf("step %d is %q in %g s, the plan says %q", i, p.Steps[i].Name, p.Seconds[i], s.Name)
		}
	}
	lines := strings.Split(strings.TrimSpace(p.String()), "\n")
	if len(lines) != len(ops)+2 || !strings.HasPrefix(lines[0], "operator") || !strings.HasPrefix(lines[len(lines)-1], "total") {
		t.Errorf("%d operators, the table is\n%v", len(ops), p)
	}
	for _, line := range lines[1 : len(lines)-1] {
		if op := strings.Fields(line)[0]; !ops[op] {
			t.Errorf("%q is no operator of the plan, or stands there twice", op)
		}
		delete(ops, strings.Fields(line)[0])
	}
}

func TestProfileRefuses(t *testing.T) {
	d, outputs := trained(t, 4)
	m := d.compile(t, Options{}, outputs...)
	if _, err := m.Profile(context.Background(), 0); err == nil || !strings.Contains(err.Error(), "at least one") {
		t.Errorf("no runs: %v", err)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := m.Profile(stopped, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.Profile(context.Background(), 1); !errors.Is(err, ErrBusy) {
		t.Errorf("while it runs: %v", err)
	}
}

// Three steps of two operators by hand: 2 ms and 6 GFLOP, and 3 ms.
func TestOperatorsAreSums(t *testing.T) {
	p := Profile{Steps: []PlanStep{{Op: "linear", FLOPs: 4e9, Bytes: 64}, {Op: "add", Bytes: 128}, {Op: "linear", FLOPs: 2e9, Bytes: 64}},
		Seconds: []float64{0.0015, 0.003, 0.0005}}
	if got, want := p.Operators(), []OperatorTime{{"add", 1, 0.003, 0, 128}, {"linear", 2, 0.002, 6e9, 128}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
