package check

import (
	"errors"
	"fmt"
	"html"
	"strings"
)

// ErrNotYet is wrapped by every error of a check that failed.
var ErrNotYet = errors.New("not yet")

// A Test is one thing that an exercise asks for.
type Test interface {
	// Check is nil when it holds; otherwise it says what is off and where to look.
	Check() error
}

// A Trap is a usual mistake: who gives Answer gets Hint.
type Trap struct {
	Answer float64
	Hint   string
}

// Passed shows that all tests of a cell hold.
type Passed struct{ held []string }

// All panics with what is off in the first test that fails. For cells, where a panic stops the cell and is shown.
func All(tests ...Test) Passed {
	var p Passed
	for _, t := range tests {
		if err := t.Check(); err != nil {
			panic(err)
		}
		p.held = append(p.held, fmt.Sprint(t))
	}
	return p
}

// HTML is a line for each test, with a tick.
func (p Passed) HTML() string {
	var b strings.Builder
	for _, h := range p.held {
		b.WriteString(`<div style="border-left:4px solid #1f8a2a;padding:2px 10px;margin:2px 0">✓ ` + html.EscapeString(h) + "</div>")
	}
	return b.String()
}

// String is the same as text.
func (p Passed) String() string { return "✓ " + strings.Join(p.held, "\n✓ ") }

// failure is one line of what is off and one of where to look.
func (w words) failure(see, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if see != "" {
		text += "\n" + w.see + see
	}
	return fmt.Errorf("%w: %s", ErrNotYet, text)
}
