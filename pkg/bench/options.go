package bench

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Options chooses what is measured and for how long. The zero value measures everything.
type Options struct {
	Match    string       // only shapes or models whose name contains one of these, separated by commas; zero means all
	Methods  string       // of Adapt: only those whose name contains one of these; zero means all
	Seconds  float64      // of one round of one side; zero means 0.5, and 0.05 for a single product
	Rounds   int          // zero means 7
	Shapes   []Shape      // of GEMM; nil means Shapes()
	Models   []Model      // of Train and Decode; nil means Models()
	Batches  []int        // sequences side by side in Decode; nil means 1 and 8
	Device   *cpu.Device  // nil means cpu.Default(), the only one that decodes
	Weights  []cpu.Format // that Decode measures; nil means all. PyTorch keeps float32
	Products cpu.Format   // of Train and LoRA: see graph.Options; our side's only, PyTorch multiplies in float32
	Profile  bool         // after a model's training steps, where their time goes
	CPU      bool         // count the processes' CPU time; for one thread on a busy machine, where it is what a quiet one needs
	Torch    string       // a Python interpreter that has PyTorch, to measure beside us; empty means none
	Program  []string     // of Adapt: a program that calls ServeMemory, to measure memory in a process of its own; nil measures none
	Variant  string       // of PyTorch, as a result names it, instead of trying all

	Progress func(text string) // what is going on; nil for nobody
	Each     func(Result)      // sees each result as soon as there is one; nil for nobody
}

func (o Options) withDefaults(seconds float64) (Options, error) {
	if !(o.Seconds >= 0) || o.Seconds > 3600 || o.Rounds < 0 {
		return o, fmt.Errorf("bench: Seconds %g, Rounds %d: want 0 to 3600 seconds and no negative number of rounds", o.Seconds, o.Rounds)
	}
	if _, _, known := coreSeconds(); o.CPU && !known {
		return o, errors.New("bench: CPU: this system does not say how much CPU time a process took")
	}
	if o.Seconds == 0 {
		o.Seconds = seconds
	}
	if o.Rounds == 0 {
		o.Rounds = 7
	}
	if o.Shapes == nil {
		o.Shapes = Shapes()
	}
	if o.Models == nil {
		o.Models = Models()
	}
	if o.Batches == nil {
		o.Batches = []int{1, 8}
	}
	if o.Weights == nil {
		o.Weights = cpu.Formats()
	}
	if o.Device == nil {
		o.Device = cpu.Default()
	}
	if o.CPU && o.Device.Threads() > 1 {
		return o, fmt.Errorf("bench: CPU: with %d threads waiting would count as work: use one thread", o.Device.Threads())
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Each == nil {
		o.Each = func(Result) {}
	}
	return o, nil
}

// matches tells whether a shape or model of that name is wanted.
func (o Options) matches(name string) bool { return among(o.Match, name) }

// among tells whether a name contains one of some parts, separated by commas. No part means all names.
func among(parts, name string) bool {
	if parts == "" {
		return true
	}
	for part := range strings.SplitSeq(parts, ",") {
		if part = strings.TrimSpace(part); part != "" && strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// nothing is the error of a filter that leaves nothing to measure.
func (o Options) nothing(kind string, names []string) error {
	return fmt.Errorf("bench: no %s contains %q; there are %s", kind, o.Match, strings.Join(names, ", "))
}
