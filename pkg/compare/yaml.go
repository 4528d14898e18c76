package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// wrong is a mistake at a line.
func wrong(line int, format string, a ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrConfig, line, fmt.Sprintf(format, a...))
}

// pair is an entry of a mapping.
type pair struct {
	name  string
	line  int
	value *yaml.Node
}

// mapping are the entries of n. known are the keys that there may be; nil leaves that to the caller.
func mapping(n *yaml.Node, what string, known []string) ([]pair, error) {
	n = follow(n)
	if n.Kind != yaml.MappingNode {
		return nil, wrong(n.Line, "%s is not a mapping: want lines such as steps: 100", what)
	}
	var out []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := pair{n.Content[i].Value, n.Content[i].Line, n.Content[i+1]}
		if known != nil && !slices.Contains(known, k.name) {
			return nil, wrong(k.line, "%s has no key %q%s: there are %s", what, k.name, near(k.name, known), strings.Join(known, ", "))
		}
		if j := slices.IndexFunc(out, func(o pair) bool { return o.name == k.name }); j >= 0 {
			return nil, wrong(k.line, "%s stands twice, first in line %d", k.name, out[j].line)
		}
		out = append(out, k)
	}
	return out, nil
}

// follow is what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func word(n *yaml.Node, key string, to *string) error {
	n = follow(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		return wrong(n.Line, "%s is not a word", key)
	}
	*to = n.Value
	return nil
}

func whole(n *yaml.Node, key string, least int, to *int) error {
	n = follow(n)
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < least || v > math.MaxInt32 {
		return wrong(n.Line, "%s is %q: want a whole number from %d", key, n.Value, least)
	}
	*to = v
	return nil
}

func number(n *yaml.Node, key string, negative bool, to *float64) error {
	n = follow(n)
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 && !negative {
		return wrong(n.Line, "%s is %q: want a number such as 1e-3", key, n.Value)
	}
	*to = v
	return nil
}

// typed reads a value of the type that the usual one has.
func typed(k pair, usual any) (any, error) {
	n := follow(k.value)
	switch usual.(type) {
	case int:
		var v int
		err := whole(n, k.name, 0, &v)
		return v, err
	case float64:
		var v float64
		err := number(n, k.name, true, &v)
		return v, err
	case bool:
		v, err := strconv.ParseBool(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			return nil, wrong(n.Line, "%s is %q: want true or false", k.name, n.Value)
		}
		return v, nil
	case string:
		var v string
		err := word(n, k.name, &v)
		return v, err
	}
	if n.Kind == yaml.ScalarNode {
		var v string
		err := word(n, k.name, &v)
		return []string{v}, err
	}
	if n.Kind != yaml.SequenceNode {
		return nil, wrong(n.Line, "%s is not a list: want words such as [q_proj, v_proj]", k.name)
	}
	out := []string{}
	for _, e := range n.Content {
		var v string
		if err := word(e, k.name, &v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// near is a hint at the name that was probably meant.
func near(name string, known []string) string {
	const longest = 40 // nobody meant a name like that, and comparing takes the product of the lengths
	if len(name) > longest {
		return ""
	}
	best, least := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(name), k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance counts insertions, deletions and substitutions (Levenshtein, 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
