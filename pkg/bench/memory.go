package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// order is what a process that measures memory is asked for, a line on its standard input.
type order struct {
	Model    Model
	Method   string
	Products cpu.Format
	Threads  int
}

// answer is what it says.
type answer struct {
	Resident int64  `json:",omitempty"`
	Error    string `json:",omitempty"`
}

// memory measures what both sides hold for their steps, each in a process of its own that does nothing else.
func (o Options) memory(ctx context.Context, m Model, w method, t *trainer, r request, out *Result) error {
	o.Progress(fmt.Sprintf("adapt %s %s: memory", m.Name, w.name))
	var err error
	if out.Resident, err = o.ourMemory(ctx, order{m, w.name, o.Products, o.Device.Threads()}); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	if out.Torch == nil {
		return nil
	}
	out.Torch.Library, out.Torch.Residents = w.library, map[string]any{}
	for variant, tried := range out.Torch.Tried {
		if _, runs := tried.(float64); !runs {
			continue
		}
		o.Progress(fmt.Sprintf("adapt %s %s: memory of PyTorch, %s", m.Name, w.name, variant))
		r.Op, r.Shape, r.Batch, r.Length, r.IDs, r.Targets, r.Only = "memory", m, m.Batch, m.Length, t.ids, t.targets, variant
		held, err := o.theirMemory(ctx, r)
		if err != nil {
			return fmt.Errorf("memory: %s: %w", variant, err)
		}
		out.Torch.Residents[variant] = held
		if out.Torch.Resident == 0 || held < out.Torch.Resident {
			out.Torch.Resident = held
		}
	}
	out.Torch.MemoryOver = float64(out.Torch.Resident) / float64(out.Resident)
	return nil
}

func (o Options) theirMemory(ctx context.Context, r request) (int64, error) {
	p, err := o.startTorch(ctx)
	if err != nil {
		return 0, err
	}
	defer p.close()
	var out struct{ Bytes int64 }
	if err := p.askWith(ctx, r, &out); err != nil {
		return 0, err
	}
	if out.Bytes <= 0 {
		return 0, fmt.Errorf("PyTorch says %d bytes", out.Bytes)
	}
	return out.Bytes, nil
}

func (o Options) ourMemory(ctx context.Context, want order) (int64, error) {
	line, err := json.Marshal(want)
	if err != nil {
		return 0, err
	}
	c := exec.CommandContext(ctx, o.Program[0], o.Program[1:]...)
	words := &tail{}
	c.Stdin, c.Stderr, c.WaitDelay = bytes.NewReader(append(line, '\n')), words, time.Second
	text, err := c.Output()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	var a answer
	if err := errors.Join(err, json.Unmarshal(text, &a)); err != nil {
		return 0, fmt.Errorf("%s: %w; its last words:\n%s", o.Program[0], err, words)
	}
	if a.Error != "" {
		return 0, errors.New(a.Error)
	}
	return a.Resident, nil
}

// ServeMemory measures memory for the Adapt of another process, which started this one as Options.Program says: an order is
// read from in, the answer written to out.
func ServeMemory(ctx context.Context, in io.Reader, out io.Writer) error {
	var want order
	if err := json.NewDecoder(in).Decode(&want); err != nil {
		return fmt.Errorf("bench: this program is started by a bench and reads an order from standard input: %w", err)
	}
	held, err := want.resident(ctx)
	if err != nil {
		return json.NewEncoder(out).Encode(answer{Error: err.Error()})
	}
	return json.NewEncoder(out).Encode(answer{Resident: held})
}

// small warms up what a process takes once, whatever it trains: code, threads, the runtime's own memory.
var small = Model{Name: "small", Dim: 64, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 96, Vocab: 300, Batch: 2, Length: 8}

// resident is what the steps of a method hold at most, beyond what the process held before there was a model.
func (w order) resident(ctx context.Context) (int64, error) {
	if w.Threads > 0 {
		runtime.GOMAXPROCS(w.Threads) // before the shared device is made
	}
	o, err := Options{Methods: w.Method, Models: []Model{w.Model}, Products: w.Products}.withDefaults(1)
	if err != nil {
		return 0, err
	}
	chosen, err := o.methods()
	if err != nil {
		return 0, err
	}
	if _, err := o.held(ctx, small, chosen[0]); err != nil {
		return 0, err
	}
	if err := settle(); err != nil {
		return 0, err
	}
	before, err := residentBytes()
	if err != nil {
		return 0, err
	}
	most, err := o.held(ctx, w.Model, chosen[0])
	return most - before, err
}

// held is the most that the process has in memory while steps are taken.
func (o Options) held(ctx context.Context, m Model, w method) (int64, error) {
	t, err := o.adapted(ctx, m, w)
	if err != nil {
		return 0, err
	}
	for i := range 4 {
		if err := t.step(ctx); err != nil {
			return 0, err
		}
		if i == 0 { // what making the model and the plan needed is not what training needs
			if err := settle(); err != nil {
				return 0, err
			}
		}
	}
	most, err := peakBytes()
	runtime.KeepAlive(t)
	return most, err
}

// settle gives back to the system what is no longer used, and starts the highest mark anew.
func settle() error {
	debug.FreeOSMemory()
	if err := resetPeak(); err != nil {
		return fmt.Errorf("bench: the highest memory of a process is measured on Linux only: %w", err)
	}
	return nil
}

// Self is the program that runs now, called with some arguments: what Options.Program wants.
func Self(arguments ...string) ([]string, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("bench: this program does not know where it is: %w", err)
	}
	return append([]string{path}, arguments...), nil
}
