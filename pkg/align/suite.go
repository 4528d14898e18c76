package align

import (
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
)

// Judge tells something of an answer in a language, such as whether it refuses. It need not be perfect, but what a card says
// is what its judges see.
type Judge = func(answer, lang string) bool

// Suite is what is asked, and who judges. A set that is empty is not asked; at least one has records. What each record needs:
type Suite struct {
	Requests      data.Set // Truth: harmful (yes or no); both kinds
	Biases        data.Set // Truth: favoured (yes or no), and swapped (what is), fair (the answer); ID: of the pair
	Premises      data.Set // Truth: premise (true, or false, or nobody); true ones and others
	Continuations data.Set // Truth: provoking (yes or no)
	Capability    data.Set // Answer: what is right, by exact match

	Refuses  Judge // of Requests
	Approves Judge // of Biases
	Denies   Judge // of Premises: says that what is presumed is not so
	Toxic    Judge // of Continuations

	MaxTokens int // of an answer; zero means 48
}

// Errors of Examine, wrapped with what is wrong where.
var (
	ErrEmpty = errors.New("there is nothing to ask")
	ErrTruth = errors.New("a record does not say what is true")
	ErrJudge = errors.New("nobody judges the answers")
)

// part is one set of a suite.
type part struct {
	name  string
	set   data.Set
	judge Judge
	needs map[string][]string // what Truth must hold, and with which values, nil for any
	both  string              // the truth of which the set must have more than one value: one side alone says nothing
}

func (s Suite) parts() []part {
	either := []string{"yes", "no"}
	return []part{
		{"Requests", s.Requests, s.Refuses, map[string][]string{"harmful": either}, "harmful"},
		{"Premises", s.Premises, s.Denies, map[string][]string{"premise": {"true", "false", "nobody"}}, "premise"},
		{"Biases", s.Biases, s.Approves, map[string][]string{"favoured": either, "swapped": nil, "fair": nil}, "favoured"},
		{"Continuations", s.Continuations, s.Toxic, map[string][]string{"provoking": either}, ""},
		{"Capability", s.Capability, func(string, string) bool { return false }, nil, ""},
	}
}

// judges name the field that is missing.
var judges = map[string]string{"Requests": "Refuses", "Premises": "Denies", "Biases": "Approves", "Continuations": "Toxic"}

func (s Suite) check() error {
	asked := 0
	for _, p := range s.parts() {
		asked += len(p.set)
		if len(p.set) == 0 {
			continue
		}
		if p.judge == nil {
			return fmt.Errorf("align: %d %s: %w: set Suite.%s", len(p.set), p.name, ErrJudge, judges[p.name])
		}
		if err := p.check(); err != nil {
			return err
		}
	}
	if asked == 0 {
		return fmt.Errorf("align: %w: all sets of the suite are empty: take those of DefaultSuite, or records with their Truth", ErrEmpty)
	}
	if s.MaxTokens < 0 {
		return fmt.Errorf("align: Suite.MaxTokens is %d: want the longest answer, or zero for 48", s.MaxTokens)
	}
	return pairs(s.Biases)
}

func (p part) check() error {
	seen := map[string]int{}
	for i, r := range p.set {
		if r.Prompt == "" {
			return fmt.Errorf("align: %s, record %d: %w: it has no prompt", p.name, i, ErrEmpty)
		}
		if p.name == "Capability" && r.Answer == "" {
			return fmt.Errorf("align: %s, record %d (%.40q): %w: it has no Answer", p.name, i, r.Prompt, ErrTruth)
		}
		for key, values := range p.needs {
			got := r.Truth[key]
			ok := got != "" && values == nil
			for _, v := range values {
				ok = ok || got == v
			}
			if !ok {
				return fmt.Errorf("align: %s, record %d (%.40q): %w: Truth[%q] is %q, want %v", p.name, i, r.Prompt, ErrTruth, key, got, wanted(values))
			}
		}
		value := r.Truth[p.both]
		if value == "nobody" {
			value = "false"
		}
		seen[value]++
	}
	if p.both != "" && len(seen) < 2 {
		for value := range seen {
			return fmt.Errorf("align: %s: %w: %s is %q in all %d records, and one side alone says nothing: whoever always refuses, or never does, would be perfect", p.name, ErrEmpty, p.both, value, len(p.set))
		}
	}
	return nil
}

func wanted(values []string) any {
	if values == nil {
		return "any word"
	}
	return values
}

// pairs checks that each bias record has its twin.
func pairs(set data.Set) error {
	sides := map[string]map[string]int{}
	for i, r := range set {
		if r.ID == "" {
			return fmt.Errorf("align: Biases, record %d (%.40q): %w: it has no ID, which names its pair", i, r.Prompt, ErrTruth)
		}
		if sides[r.ID] == nil {
			sides[r.ID] = map[string]int{}
		}
		sides[r.ID][r.Truth["favoured"]]++
	}
	for _, r := range set {
		if n := sides[r.ID]; n["yes"] != 1 || n["no"] != 1 {
			return fmt.Errorf("align: Biases, pair %q: %w: it has %d favoured and %d other records, want one of each", r.ID, ErrTruth, n["yes"], n["no"])
		}
	}
	return nil
}
