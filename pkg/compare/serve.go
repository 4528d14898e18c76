package compare

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
)

// order is what a process is asked to do: one line on its standard input, which stays open for as long as the answer is
// wanted.
type order struct {
	Config  string // YAML
	Dir     string // that paths in it are relative to
	Name    string // of the job
	Seed    uint64
	Key     string // that the run must have: both sides see the same data
	State   string
	Out     string
	Threads int
}

// event is what it answers, a line each: progress, in the end a run or an error.
type event struct {
	Progress *Progress `json:",omitempty"` // with the points of its curves that are new
	Run      *Trial    `json:",omitempty"`
	Error    string    `json:",omitempty"`
}

// Serve makes one run for the Run of another process, which started this one as Study.Program says: an order is read from in,
// and progress and the run are written to out. When in ends, so does the run, after saving itself.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	text, err := lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("compare: this program is started by a comparison and reads an order from standard input: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, lines) // ends when the other process is done with this one, or is no more
		cancel()
	}()
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		return fmt.Errorf("compare: the order: %w", err)
	}
	e := json.NewEncoder(out)
	run, err := o.serve(ctx, e)
	if err != nil {
		return errors.Join(e.Encode(event{Error: err.Error()}), ctx.Err())
	}
	return e.Encode(event{Run: run})
}

func (o order) serve(ctx context.Context, e *json.Encoder) (*Trial, error) {
	c, err := ParseConfig([]byte(o.Config), o.Dir)
	if err != nil {
		return nil, err
	}
	s, err := c.Study(ctx)
	if err != nil {
		return nil, err
	}
	s.Threads, s.Workers, s.Dir = o.Threads, 1, o.State
	if s, err = s.withDefaults(); err != nil {
		return nil, err
	}
	for _, j := range s.Jobs {
		if j.Name != o.Name {
			continue
		}
		key, err := newHasher().key(&s, j, o.Seed)
		if err != nil {
			return nil, err
		}
		if key != o.Key {
			return nil, errors.New("data, base or program changed since the comparison began: start it again")
		}
		var t teller
		return s.one(ctx, j, o.Seed, place{state: o.State, out: o.Out, apart: true, threads: o.Threads, told: func(p Progress) {
			if p, due := t.tell(p); due {
				_ = e.Encode(event{Progress: &p}) // who does not listen any more ends this by closing the input
			}
		}})
	}
	return nil, fmt.Errorf("the configuration has no method called %q", o.Name)
}

// teller thins out progress and sends each point of a curve once.
type teller struct {
	last  time.Time
	phase Phase
	doing string
	sent  map[string]int
}

func (t *teller) tell(p Progress) (Progress, bool) {
	if time.Since(t.last) < frame && p.Phase == t.phase && p.Doing == t.doing && p.Step < p.Steps {
		return p, false
	}
	t.last, t.phase, t.doing = time.Now(), p.Phase, p.Doing
	if t.sent == nil {
		t.sent = map[string]int{}
	}
	all := p.Log
	p.Log = nil
	if all == nil {
		return p, true
	}
	p.Log = &metric.Log{Name: all.Name}
	for _, s := range all.Series {
		if from := t.sent[s.Name]; from < len(s.Steps) {
			p.Log.Series = append(p.Log.Series, &metric.Series{Name: s.Name, Unit: s.Unit, Steps: s.Steps[from:], Values: s.Values[from:]})
			t.sent[s.Name] = len(s.Steps)
		}
	}
	return p, true
}

// patience is how long a process may take to save its run when it is asked to stop.
const patience = 20 * time.Second

// apart makes a run in a process of its own.
func (s *Study) apart(ctx context.Context, t *task, at place) (*Trial, error) {
	text, err := json.Marshal(order{Config: s.config.text, Dir: s.config.dir, Name: t.job.Name, Seed: t.seed, Key: t.key, State: at.state, Out: at.out, Threads: at.threads})
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, s.Program[0], s.Program[1:]...)
	c.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", at.threads))
	var errors tail
	c.Stderr = &errors
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.Cancel = in.Close // so that it saves itself
	c.WaitDelay = patience
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	_, err = in.Write(append(text, '\n'))
	run, failed := (*Trial)(nil), ""
	log := &metric.Log{Name: t.job.Name}
	for d := json.NewDecoder(out); err == nil && run == nil && failed == ""; {
		var e event
		if err = d.Decode(&e); err != nil {
			break
		}
		if e.Progress != nil {
			merge(log, e.Progress.Log)
			e.Progress.Log = log
			at.told(*e.Progress)
		}
		run, failed = e.Run, e.Error
	}
	in.Close()
	_, _ = io.Copy(io.Discard, out)
	wait := c.Wait()
	switch {
	case run != nil:
		return run, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case failed != "":
		return nil, fmt.Errorf("%s", failed)
	}
	return nil, fmt.Errorf("its process ended without a result: %w; its last words:\n%s", cmp.Or(wait, err, io.ErrUnexpectedEOF), errors.String())
}

// merge appends points to a log.
func merge(to, more *metric.Log) {
	if more == nil {
		return
	}
	for _, s := range more.Series {
		for i, step := range s.Steps {
			to.Add(s.Name, s.Unit, step, s.Values[i])
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-2000):]
	return len(b), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.text)) }
