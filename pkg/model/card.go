package model

import (
	"fmt"
	"html"
	"strings"
)

// HTML is the model as a table: what it is made of, and where its parameters sit.
func (m *Model) HTML() string {
	c := m.Config
	head := "its own"
	if c.Tied {
		head = "the embedding's"
	}
	var b strings.Builder
	b.WriteString("<table><caption>" + html.EscapeString(m.String()) + "</caption><tr><th>part</th><th>shape</th><th>parameters</th></tr>")
	row := func(part, shape string, n int) {
		fmt.Fprintf(&b, `<tr><td>%s</td><td>%s</td><td style="text-align:right">%d</td></tr>`, part, shape, n)
	}
	counts := map[string]int{}
	for _, s := range c.slots() {
		n := 1
		for _, d := range s.shape {
			n *= d
		}
		counts[part(s.name)] += n
	}
	row("embedding", fmt.Sprintf("%d × %d", c.Vocab, c.Dim), counts["embedding"])
	row("attention", fmt.Sprintf("%d layers, %d heads of %d, %d for keys and values", c.Layers, c.Heads, c.headDim(), c.KVHeads), counts["attention"])
	row("MLP", fmt.Sprintf("%d layers, %d → %d → %d", c.Layers, c.Dim, c.Hidden, c.Dim), counts["MLP"])
	row("norms", fmt.Sprintf("%d of %d", 2*c.Layers+1, c.Dim), counts["norms"])
	row("head", head, counts["head"])
	if m.Extras != nil {
		row("extras", m.Extras.String(), m.Extras.Params.Count())
	}
	row("<b>all</b>", fmt.Sprintf("context %d", c.Context), m.Count())
	b.WriteString("</table>")
	return b.String()
}

// part is the row of the card to which a parameter belongs.
func part(name string) string {
	switch {
	case strings.Contains(name, "embed_tokens"):
		return "embedding"
	case strings.Contains(name, "self_attn"):
		return "attention"
	case strings.Contains(name, ".mlp."):
		return "MLP"
	case strings.Contains(name, "norm"):
		return "norms"
	}
	return "head"
}
