package display

import "errors"

// Kind says what an [Event] is.
type Kind string

// The kinds of events.
const (
	KindStream Kind = "stream" // text on stdout or stderr
	KindShow   Kind = "display"
	KindUpdate Kind = "update" // replaces what was shown at Data.ID()
	KindClear  Kind = "clear"  // clears the outputs of the cell
)

// Event is one thing that a running cell puts on the page. It encodes as JSON.
type Event struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"` // stream: "stdout" or "stderr"
	Text string `json:"text,omitempty"` // stream: what was written
	Data Bundle `json:"data,omitzero"`  // display and update
	Wait bool   `json:"wait,omitempty"` // clear: only when the next output arrives, so that nothing flickers
}

// Sink receives the events of the running cell in order. It is safe for concurrent use.
type Sink interface {
	Emit(Event) error
}

// Asker is a [Sink] whose front-end can also be asked for a line of text. secret asks without echo, for a password.
type Asker interface {
	Ask(prompt string, secret bool) (string, error)
}

// ErrNoInput says that a cell asked for input where nobody can answer: a notebook run without a front-end.
var ErrNoInput = errors.New("display: nobody can be asked for input here; run the cell in a notebook front-end that allows input")
