package link

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
)

// Request is what the kernel asks of the worker.
type Request struct {
	Kind    string            `json:"kind"` // one of the constants below
	ID      int               `json:"id,omitempty"`
	Code    string            `json:"code,omitempty"`    // run: lowered Go
	Entry   string            `json:"entry,omitempty"`   // run: the function to call
	Imports map[string]string `json:"imports,omitempty"` // run: path → name of the compiled packages that Code uses
	Stdin   bool              `json:"stdin,omitempty"`   // run: the learner may be asked for input
	Measure bool              `json:"measure,omitempty"` // run: the outcome says what the cell used
	Text    string            `json:"text,omitempty"`    // answer: the line that was typed
	Error   string            `json:"error,omitempty"`   // answer: why there is none
}

// The kinds of requests.
const (
	Run       = "run"
	Interrupt = "interrupt"
	Answer    = "answer"
)

// Reply is what the worker tells the kernel.
type Reply struct {
	Kind   string        `json:"kind"` // one of the constants below
	ID     int           `json:"id,omitempty"`
	Mark   int           `json:"mark,omitempty"` // written to stdout and stderr before this: what was printed earlier stands before it
	Event  display.Event `json:"event,omitzero"`
	Done   *Outcome      `json:"done,omitempty"`
	Prompt string        `json:"prompt,omitempty"` // ask
	Secret bool          `json:"secret,omitempty"`
	Fault  *Fault        `json:"fault,omitempty"` // goroutine: it panicked
}

// The kinds of replies.
const (
	Ready     = "ready"
	Shown     = "event"
	Finished  = "done"
	Ask       = "ask"
	Goroutine = "goroutine"
)

// Outcome says how a cell ended.
type Outcome struct {
	Values      []display.Bundle `json:"values,omitempty"`
	Fault       *Fault           `json:"fault,omitempty"`   // it panicked
	Refused     string           `json:"refused,omitempty"` // the interpreter did not take the code
	Interrupted bool             `json:"interrupted,omitempty"`
	NoInput     string           `json:"no_input,omitempty"` // it read standard input, and why it could not
	Used        Usage            `json:"used,omitzero"`      // where the request asked for it
}

// Usage is what a cell took of the machine. What a system does not tell is zero.
type Usage struct {
	CPU  time.Duration `json:"cpu"`  // of all threads together
	Wait time.Duration `json:"wait"` // that threads were ready to run and had no core, all together
	Peak int64         `json:"peak"` // bytes of memory at its highest, with what earlier cells still hold
}

// Fault is a panic.
type Fault struct {
	Message string  `json:"message"`
	Places  []Place `json:"places,omitempty"` // innermost first
}

// Place is a line of a cell.
type Place struct {
	Cell         string `json:"cell"`
	Line, Column int
	Function     string `json:"function,omitempty"`
}

// Writer sends values. It is safe for concurrent use.
type Writer struct {
	mu sync.Mutex
	e  *json.Encoder
}

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{e: json.NewEncoder(w)} }

// Send writes one value.
func (w *Writer) Send(v any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.e.Encode(v)
}

// Mark is the text that stands for mark number n in the streams; secret is chosen by the kernel, so that no output is
// taken for one.
func Mark(secret string, n int) string {
	return "\x00" + secret + string(rune('0'+n%10)) + "\x00"
}
