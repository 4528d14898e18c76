package check

import (
	"errors"
	"fmt"
	"html"
	"os"
	"strings"
)

// ErrNotYet is wrapped by every error of a check that failed.
var ErrNotYet = errors.New("not yet")

// ErrUntouched is wrapped, beside [ErrNotYet], by the error of an answer that is still as the exercise left it. Such an
// answer is no try.
var ErrUntouched = errors.New("untouched")

// A Test is one thing that an exercise asks for.
type Test interface {
	// Check is nil when it holds; otherwise it says what is off and where to look.
	Check() error
}

// Passed shows that all tests of a cell hold.
type Passed struct {
	held []string
	note string // why it could not be noted; empty when all is well
}

// All panics with what is off in the first test that fails. For cells, where a panic stops the cell and is shown. What
// came of it is noted in the learner's journal, if [Begin] has said of which exercise.
func All(tests ...Test) Passed {
	if os.Getenv(Audit) != "" {
		audit(tests)
	}
	var p Passed
	for _, t := range tests {
		if err := t.Check(); err != nil {
			if !errors.Is(err, ErrUntouched) {
				_ = note(false) // a journal that cannot be written is told when the exercise is done
			}
			panic(err)
		}
		p.held = append(p.held, fmt.Sprint(t))
	}
	if err := note(true); err != nil {
		p.note = fmt.Sprintf(of("").unsaved, err)
	}
	return p
}

// HTML is a line for each test, with a tick.
func (p Passed) HTML() string {
	var b strings.Builder
	for _, h := range p.held {
		b.WriteString(`<div style="border-left:4px solid #1f8a2a;padding:2px 10px;margin:2px 0">✓ ` + html.EscapeString(h) + "</div>")
	}
	if p.note != "" {
		b.WriteString(`<div style="border-left:4px solid #d94f00;padding:2px 10px;margin:2px 0">` + html.EscapeString(p.note) + "</div>")
	}
	return b.String()
}

// String is the same as text.
func (p Passed) String() string {
	text := "✓ " + strings.Join(p.held, "\n✓ ")
	if p.note != "" {
		text += "\n" + p.note
	}
	return text
}

// hint is the error of a check that failed.
type hint struct {
	text      string // with the opening of its language
	untouched bool
}

func (h *hint) Error() string { return h.text }

// Is makes it ErrNotYet in every language.
func (h *hint) Is(target error) bool {
	return target == ErrNotYet || h.untouched && target == ErrUntouched
}

// IsHint tells the message of a check that failed from that of a cell that broke.
func IsHint(message string) bool {
	return strings.Contains(message, of("en").notYet) || strings.Contains(message, of("zh").notYet)
}

// failure is one line of what is off and one of where to look.
func (w words) failure(see, format string, args ...any) error {
	return &hint{text: w.text(see, fmt.Sprintf(format, args...))}
}

// untried is the failure of an answer that nobody has changed.
func (w words) untried(see, format string, args ...any) error {
	return &hint{text: w.text(see, fmt.Sprintf(format, args...)), untouched: true}
}

func (w words) text(see, off string) string {
	if see == "" {
		return w.notYet + off
	}
	return w.notYet + off + "\n" + w.see + see
}
