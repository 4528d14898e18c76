package bench

import (
	"bufio"
	"context"
	_ "embed" // for the script
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

//go:embed pytorch.py
var script []byte

//go:embed libraries.py
var libraries []byte

// peer is the process on the other side.
type peer struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  *tail
	dir     string // for its script and the weights that it reads
	threads int
	version string
}

// request is one line to it.
type request struct {
	Op      string  `json:"op"`
	Bench   string  `json:"bench,omitempty"`
	Threads int     `json:"threads,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	CPU     bool    `json:"cpu,omitempty"`
	Only    string  `json:"only,omitempty"`

	Kind string `json:"kind,omitempty"`
	M    int    `json:"m,omitempty"`
	N    int    `json:"n,omitempty"`
	K    int    `json:"k,omitempty"`

	Model     map[string]any `json:"model,omitempty"`
	Weights   string         `json:"weights,omitempty"`
	Batch     int            `json:"batch,omitempty"`
	Length    int            `json:"length,omitempty"`
	NewTokens int            `json:"new_tokens,omitempty"`
	Scale     float64        `json:"scale,omitempty"` // of adapters
	Method    string         `json:"method,omitempty"`
	Library   string         `json:"library,omitempty"`
	Rank      int            `json:"rank,omitempty"`
	Alpha     float64        `json:"alpha,omitempty"`
	Reduction int            `json:"reduction,omitempty"`
	Adapter   string         `json:"adapter,omitempty"` // a file of what moves beside the model
	IDs       []int32        `json:"ids,omitempty"`
	Targets   []int32        `json:"targets,omitempty"`

	Shape  Model           `json:"-"` // of source
	source *model.Model    // whose weights it reads
	fit    *adapt.Attached // and what was added to them; nil for nothing
}

// prepared is what it answers when it is ready for rounds.
type prepared struct {
	Variant string         `json:"variant"`
	Tried   map[string]any `json:"tried"`
	Params  int            `json:"params"`
	Trained int            `json:"trained"`
	Loss    float64        `json:"loss"`
	Norm    float64        `json:"norm"`
	First   int            `json:"first"`
}

// startTorch starts the other side, or returns nil if none is wanted.
func (o Options) startTorch(ctx context.Context) (*peer, error) {
	if o.Torch == "" {
		return nil, nil
	}
	o.Progress("PyTorch starts")
	dir, err := os.MkdirTemp("", "tunebook-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	p := &peer{dir: dir, errors: &tail{}, threads: o.Device.Threads()}
	if err := p.start(ctx, o.Torch, o.CPU); err != nil {
		p.close()
		return nil, fmt.Errorf("bench: PyTorch with %s: %w", o.Torch, err)
	}
	return p, nil
}

func (p *peer) start(ctx context.Context, python string, cpu bool) error {
	path := filepath.Join(p.dir, "pytorch.py")
	if err := errors.Join(os.WriteFile(path, script, 0o600), os.WriteFile(filepath.Join(p.dir, "libraries.py"), libraries, 0o600)); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, python, path)
	c.Env = append(os.Environ(), "THP_MEM_ALLOC_ENABLE=1") // huge pages, as ours
	c.Stderr = p.errors
	c.WaitDelay = time.Second
	var err error
	if p.in, err = c.StdinPipe(); err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	if err := c.Start(); err != nil {
		return err
	}
	p.process = c
	var hello struct {
		Torch, Capability, BLAS string
	}
	if err := p.ask(ctx, request{Op: "hello", Threads: p.threads, CPU: cpu}, &hello); err != nil {
		return err
	}
	p.version = fmt.Sprintf("%s, %s, %s", hello.Torch, hello.BLAS, hello.Capability)
	return nil
}

// ask sends a line and reads the answer.
func (p *peer) ask(ctx context.Context, r request, answer any) error {
	if r.Threads == 0 {
		r.Threads = p.threads
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = p.in.Write(append(line, '\n'))
	var text []byte
	if err == nil {
		text, err = p.out.ReadBytes('\n')
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		p.in.Close()
		_ = p.process.Wait() // so that all it wrote has been read
		return fmt.Errorf("it ended: %w; its last words:\n%s", err, p.errors)
	}
	var failed struct{ Error string }
	if err := errors.Join(json.Unmarshal(text, &failed), json.Unmarshal(text, answer)); err != nil {
		return fmt.Errorf("it answered %.200q: %w", text, err)
	}
	if failed.Error != "" {
		return errors.New(failed.Error)
	}
	return nil
}

// prepare makes it ready for rounds of what r asks for.
func (p *peer) prepare(ctx context.Context, r request) (prepared, error) {
	var out prepared
	r.Op = "prepare"
	return out, p.askWith(ctx, r, &out)
}

// askWith asks with the weights in files, which are gone afterwards.
func (p *peer) askWith(ctx context.Context, r request, answer any) error {
	if r.source != nil {
		dir := filepath.Join(p.dir, "model")
		if err := r.source.Save(ctx, dir); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		m, c := r.Shape, r.source.Config
		r.Weights = filepath.Join(dir, "model.safetensors")
		r.Model = map[string]any{"dim": m.Dim, "layers": m.Layers, "heads": m.Heads, "kv_heads": m.KVHeads, "hidden": m.Hidden,
			"vocab": m.Vocab, "context": c.Context, "rope_base": c.RopeBase, "norm_eps": c.NormEps}
	}
	if r.fit != nil {
		dir := filepath.Join(p.dir, "adapter")
		if err := r.fit.Save(ctx, dir); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		r.Adapter = filepath.Join(dir, "adapter.safetensors")
	}
	if err := p.ask(ctx, r, answer); err != nil {
		return fmt.Errorf("PyTorch: %w", err)
	}
	return nil
}

// round is its side of a round.
func (p *peer) round(ctx context.Context, seconds float64) ([]float64, error) {
	var out struct{ Times []float64 }
	if err := p.ask(ctx, request{Op: "round", Seconds: seconds}, &out); err != nil {
		return nil, fmt.Errorf("PyTorch: %w", err)
	}
	if len(out.Times) == 0 {
		return nil, errors.New("PyTorch: a round without times")
	}
	return out.Times, nil
}

func (p *peer) result(from prepared) *Torch {
	return &Torch{Version: p.version, Variant: from.Variant, Tried: from.Tried}
}

// close ends the process. A nil peer has none.
func (p *peer) close() {
	if p == nil {
		return
	}
	if p.process != nil {
		p.in.Close()
		_ = p.process.Wait() // it has nothing more to say
	}
	os.RemoveAll(p.dir)
}

// agree fails unless both sides hold the same model: as many parameters, and the same first loss, gradient or token within a
// part of it.
func agree(ours, theirs, tolerance float64, params, theirParams int) error {
	if params != theirParams {
		return fmt.Errorf("the two sides measure different models: %d parameters here, %d in PyTorch", params, theirParams)
	}
	if !(math.Abs(ours-theirs) <= tolerance*math.Abs(ours)) {
		return fmt.Errorf("the two sides compute different things: first loss, norm of the gradient or token %g here, %g in PyTorch", ours, theirs)
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-2000):]
	return len(b), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.text)) }
