package adapt

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/model"
)

// Match moves the parameters whose whole name one of the patterns fits. In a pattern * stands for any characters, dots
// included, ? for one, [0-3] for one of a range: "*.mlp.*", "model.layers.[45].*", "*norm.weight". A pattern that fits no
// name is an error that lists near ones.
func Match(patterns ...string) Adaptation { return match{patterns: patterns} }

// Freeze moves everything but the parameters that Match with the same patterns would move.
func Freeze(patterns ...string) Adaptation { return match{patterns: patterns, freeze: true} }

type match struct {
	patterns []string
	freeze   bool
}

func (a match) verb() string {
	if a.freeze {
		return "freeze"
	}
	return "match"
}

func (a match) Name() string { return a.verb() + " " + strings.Join(a.patterns, " ") }
func (a match) String() string {
	if a.freeze {
		return "everything moves but the parameters named " + quoted(a.patterns)
	}
	return "only the parameters named " + quoted(a.patterns) + " move"
}

func (a match) Attach(m *model.Model, _ Run) (*Attached, error) {
	names := m.Names()
	if len(a.patterns) == 0 {
		return nil, errors.New(`no pattern was given: want some, such as "*.mlp.*"`)
	}
	fits := map[string]bool{}
	for _, pattern := range a.patterns {
		some := false
		for _, name := range names {
			ok, err := path.Match(pattern, name)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w: a [ needs its ], and \\ stands before a character that is meant itself", pattern, err)
			}
			if ok {
				fits[name], some = true, true
			}
		}
		if !some {
			return nil, fmt.Errorf("pattern %q: %w", pattern, noMatch(pattern, names, m.Config))
		}
	}
	return attached(m, where(m, func(name string) bool { return fits[name] != a.freeze })), nil
}

func quoted(patterns []string) string {
	var q []string
	for _, p := range patterns {
		q = append(q, fmt.Sprintf("%q", p))
	}
	return strings.Join(q, ", ")
}

// nearest is how many names an error lists.
const nearest = 3

var number = regexp.MustCompile(`\.\d+\.`)

// noMatch is ErrNoMatch with the names that look most like the pattern, layers taken together, and the reason where it is
// known.
func noMatch(pattern string, names []string, c model.Config) error {
	var near []string
	for _, name := range names {
		if n := number.ReplaceAllString(name, ".*."); !slices.Contains(near, n) {
			near = append(near, n)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(distance(pattern, a), distance(pattern, b)) })
	hint := ""
	switch {
	case c.Tied && strings.Contains(pattern, "head"):
		hint = "; the head shares the weight of the embedding: adapt.Untie gives it its own"
	case !c.AttentionBias && !c.MLPBias && strings.Contains(pattern, "bias"):
		hint = "; the model has no biases: adapt.BitFit gives it some"
	}
	return fmt.Errorf("%w; near are %s%s", ErrNoMatch, strings.Join(near[:min(nearest, len(near))], ", "), hint)
}

// distance is how many characters a pattern misses, adds or has wrong (Levenshtein), where a * takes any number of
// characters of the name for nothing.
func distance(pattern, name string) int {
	row := make([]int, len(name)+1) // of the pattern so far, against each start of the name
	for j := range row {
		row[j] = j
	}
	for i := range len(pattern) {
		diagonal := row[0]
		star := pattern[i] == '*'
		if !star {
			row[0]++
		}
		for j := range len(name) {
			change := diagonal
			if pattern[i] != name[j] && pattern[i] != '?' {
				change++
			}
			best := min(change, row[j]+1, row[j+1]+1)
			if star {
				best = min(row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], best
		}
	}
	return row[len(name)]
}
