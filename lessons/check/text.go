package check

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// Text asks for words, such as the token that a model says next. Case, the width of characters and spaces around and
// between words make no difference.
type Text struct {
	Name string
	Got  string
	Want string
	Also []string // other answers that are as right

	Start string
	Traps []TextTrap
	See   string
	Lang  string
}

// A TextTrap is a usual mistake: who gives Answer gets Hint.
type TextTrap struct{ Answer, Hint string }

var _ Test = Text{}

// Check compares Got with Want and Also.
func (t Text) Check() error {
	w := of(t.Lang)
	switch {
	case same(t.Got, t.Want) || slices.ContainsFunc(t.Also, func(s string) bool { return same(t.Got, s) }):
		return nil
	case same(t.Got, t.Start):
		return w.untried(t.See, w.untouchedText, t.Name, t.Got)
	}
	for _, trap := range t.Traps {
		if same(t.Got, trap.Answer) {
			return w.failure(t.See, w.trappedText, t.Name, t.Got, trap.Hint)
		}
	}
	return w.failure(t.See, w.wrongText, t.Name, t.Got)
}

// String is what held.
func (t Text) String() string { return fmt.Sprintf(of(t.Lang).passedText, t.Name, t.Got) }

func (t Text) name() string { return t.Name }

func (t Text) right() error { return t.with(t.Want) }

func (t Text) mistakes() []mistake {
	out := make([]mistake, len(t.Traps))
	for i, trap := range t.Traps {
		out[i] = mistake{trap.Hint, t.with(trap.Answer)}
	}
	return out
}

func (t Text) with(answer string) error {
	t.Got = answer
	return t.Check()
}

// same compares as a reader would.
func same(a, b string) bool {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(width.Fold.String(s)), " ")) }
	return plain(a) == plain(b)
}

// Choice asks for one of several answers. Each wrong one has its hint, so that guessing teaches something, too.
type Choice struct {
	Name    string
	Got     string
	Want    string            // the key of the right one
	Wrong   map[string]string // the keys of the others, with the hint of each
	Start   string
	See     string
	Lang    string
	Because string // why the right one is right; shown when it is given
}

var _ Test = Choice{}

// Check compares Got with the keys.
func (c Choice) Check() error {
	w := of(c.Lang)
	switch {
	case same(c.Got, c.Want):
		return nil
	case same(c.Got, c.Start):
		return w.untried(c.See, w.untouchedText, c.Name, c.Got)
	}
	for key, hint := range c.Wrong {
		if same(c.Got, key) {
			return w.failure(c.See, w.trappedText, c.Name, c.Got, hint)
		}
	}
	return w.failure(c.See, w.noChoice, c.Name, c.Got, strings.Join(c.keys(), w.comma))
}

// keys are all answers that can be given.
func (c Choice) keys() []string {
	keys := []string{c.Want}
	for key := range c.Wrong {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// String is what held.
func (c Choice) String() string {
	return strings.TrimSpace(fmt.Sprintf(of(c.Lang).passedText, c.Name, c.Got) + " " + c.Because)
}

func (c Choice) name() string { return c.Name }

func (c Choice) right() error { return c.with(c.Want) }

func (c Choice) mistakes() []mistake {
	var out []mistake
	for _, key := range c.keys() {
		if key != c.Want {
			out = append(out, mistake{c.Wrong[key], c.with(key)})
		}
	}
	return out
}

func (c Choice) with(answer string) error {
	c.Got = answer
	return c.Check()
}
