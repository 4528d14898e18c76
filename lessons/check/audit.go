package check

import (
	"fmt"
	"strings"
)

// Audit is the environment variable that makes [All] try every test's known answers first: the right one must pass, and
// each mistake must get its own hint and no other's. The lessons' tests set it, so it happens on the data of the lesson.
const Audit = "TUNEBOOK_AUDIT"

// auditable is a test with known answers.
type auditable interface {
	name() string
	// right is what Check says of the right answer.
	right() error
	// mistakes are what Check says of each known mistake, with the hint that it should hold.
	mistakes() []mistake
}

type mistake struct {
	hint string
	said error
}

// audit panics, with nothing that [IsHint] takes for a hint, when a test does not know its own answers.
func audit(tests []Test) {
	for _, t := range tests {
		a, ok := t.(auditable)
		if !ok {
			continue
		}
		if err := audited(a); err != nil {
			panic(err)
		}
	}
}

func audited(a auditable) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("check: the exercise itself is wrong: %s: %s", a.name(), fmt.Sprintf(format, args...))
	}
	if err := a.right(); err != nil {
		_, why, _ := strings.Cut(strings.ReplaceAll(err.Error(), "：", ": "), ": ") // without the opening of a hint
		return wrong("the right answer is refused: %s", why)
	}
	seen := map[string]bool{}
	for i, m := range a.mistakes() {
		switch {
		case m.hint == "":
			return wrong("mistake %d has no hint", i+1)
		case seen[m.hint]:
			return wrong("mistake %d has the hint of another: %q", i+1, m.hint)
		case m.said == nil:
			return wrong("mistake %d is as good as the right answer; its hint is %q", i+1, m.hint)
		case !strings.Contains(m.said.Error(), m.hint):
			return wrong("mistake %d gets another hint than its own, %q", i+1, m.hint)
		}
		seen[m.hint] = true
	}
	return nil
}
