package graph

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// SVG draws the plan for a lesson: a box a step, below all that it reads, with the operator, its shape, the inputs and
// parameters that it reads, its FLOPs and its bytes. Colours tell kinds of operators apart; steps of the derivative are
// dashed. It is a picture of its own that needs nothing else, in light and dark.
func (p Plan) SVG() string {
	d := arrange(p)
	const margin, top = 16., 62. // top has the title and the legend
	kinds := p.kinds()
	width := max(d.width, 460, legendWidth(kinds)) + 2*margin
	height := top + float64(len(d.layers))*(nodeHeight+below) - below + 2*margin
	left := margin + (width-2*margin-d.width)/2

	var b strings.Builder
	title := fmt.Sprintf("%d steps, %s", len(p.Steps), amount(p.FLOPs(), "FLOP"))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="tb-plan" role="img" aria-label="%s" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f">`+"\n",
		title, width, height, width, height)
	b.WriteString(drawingStyle)
	fmt.Fprintf(&b, `<rect class="tb-card" x="0.5" y="0.5" width="%.0f" height="%.0f" rx="6"/>`+"\n", width-1, height-1)
	fmt.Fprintf(&b, `<text class="tb-title" x="%.0f" y="28">%s<tspan class="tb-soft" dx="10">%s of values in %s of memory</tspan></text>`+"\n",
		margin, title, amount(float64(p.Values), "B"), amount(float64(p.Arena), "B"))
	legend(&b, kinds, margin, 48)
	y := func(layer int) float64 { return margin + top + float64(layer)*(nodeHeight+below) }
	for _, edge := range d.edges {
		fmt.Fprintf(&b, `<path class="tb-edge" d="%s"/>`+"\n", route(edge, left, y))
	}
	computed := map[string]bool{}
	for _, s := range p.Steps {
		computed[s.Name] = true
	}
	for _, layer := range d.layers {
		for _, c := range layer {
			if c.step >= 0 {
				s := p.Steps[c.step]
				box(&b, s, slices.DeleteFunc(slices.Clone(s.Inputs), func(name string) bool { return computed[name] }), left+c.x-nodeWidth/2, y(c.layer))
			}
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// The card is opaque, so that a drawing is readable on any page; colours of kinds are of middle lightness and serve both
// schemes. Text has a contrast of at least 4.5 to what is below it (WCAG 2.1, 1.4.3).
const drawingStyle = `<style>
.tb-plan{max-width:100%;height:auto;font-family:"Liberation Sans",Helvetica,Arial,sans-serif;font-size:11px}
.tb-plan text{fill:#24292f}.tb-plan .tb-soft{fill:#57606a;font-weight:normal;font-size:10px}
.tb-plan .tb-title{font-size:14px;font-weight:bold}.tb-plan .tb-title .tb-soft{font-size:11px}.tb-plan .tb-op{font-weight:bold}
.tb-plan .tb-card{fill:#f6f6f4;stroke:#d9d9d4}.tb-plan .tb-back{fill:#ffffff}
.tb-plan .tb-edge{fill:none;stroke:#8b949e;stroke-width:1.2}
.tb-plan .tb-box{stroke-width:1.2;fill-opacity:.14}.tb-plan .tb-derivative{stroke-dasharray:4 3}
@media (prefers-color-scheme:dark){
.tb-plan text{fill:#e6e6e3}.tb-plan .tb-soft{fill:#a8b0b8}
.tb-plan .tb-card{fill:#1f2226;stroke:#3a3f45}.tb-plan .tb-back{fill:#15171a}
}
</style>
`

// kind is what an operator does, for its colour.
type kind struct{ name, colour string }

func kindOf(op string) kind {
	op, _, _ = strings.Cut(op, "+") // linear+add
	op, _, _ = strings.Cut(op, ".") // and linear.dx are products too
	switch op {
	case "linear":
		return kind{"product", "#3b78c4"}
	case "attention":
		return kind{"attention", "#8a5cc2"}
	case "rmsnorm":
		return kind{"norm", "#2b9186"}
	case "add", "scale", "swiglu", "rope":
		return kind{"elementwise", "#c27a1c"}
	case "cross-entropy", "mean":
		return kind{"loss", "#c94f5c"}
	case "embedding":
		return kind{"lookup", "#6f8f2f"}
	}
	return kind{"other", "#7d8590"}
}

// kinds lists the kinds of the plan in order of appearance.
func (p Plan) kinds() []kind {
	var out []kind
	for _, s := range p.Steps {
		if k := kindOf(s.Op); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// letter is a bit more than the mean width of one at the small size.
const letter = 5.1

func legendWidth(kinds []kind) (width float64) {
	for _, k := range kinds {
		width += 30 + letter*float64(len(k.name))
	}
	return width
}

func legend(b *strings.Builder, kinds []kind, x, y float64) {
	for _, k := range kinds {
		fmt.Fprintf(b, `<rect class="tb-box" x="%.0f" y="%.0f" width="11" height="11" rx="2" fill="%s" stroke="%s"/>`, x, y-9, k.colour, k.colour)
		fmt.Fprintf(b, `<text class="tb-soft" x="%.0f" y="%.0f">%s</text>`+"\n", x+16, y, k.name)
		x += 30 + letter*float64(len(k.name))
	}
}

// box is one step, which reads some inputs and parameters.
func box(b *strings.Builder, s PlanStep, leaves []string, x, y float64) {
	k, class := kindOf(s.Op), "tb-box"
	if strings.Contains(s.Op, ".") {
		class += " tb-derivative"
	}
	cost := amount(float64(s.Bytes), "B")
	if s.FLOPs > 0 {
		cost = amount(s.FLOPs, "FLOP") + " · " + cost
	}
	fmt.Fprintf(b, `<g><title>%s</title>`, escape(fmt.Sprintf("%s %v reads %s", s.Name, s.Shape, strings.Join(s.Inputs, ", "))))
	for _, paint := range []string{`class="tb-back"`, fmt.Sprintf(`class="%s" fill="%s" stroke="%s"`, class, k.colour, k.colour)} {
		fmt.Fprintf(b, `<rect %s x="%.1f" y="%.1f" width="%.0f" height="%.0f" rx="4"/>`, paint, x, y, nodeWidth, nodeHeight)
	}
	line := func(class, anchor string, x, y float64, text string) {
		fmt.Fprintf(b, `<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`, class, anchor, x, y, escape(text))
	}
	line("tb-op", "start", x+8, y+15, s.Op)
	line("tb-soft", "end", x+nodeWidth-8, y+15, size(s.Shape))
	lines := []string{cost}
	if len(leaves) > 0 {
		lines = []string{fit(leaves, (nodeWidth-16)/letter), cost}
	}
	for i, text := range lines {
		line("tb-soft", "start", x+8, y+28.5+12.5*float64(i), text)
	}
	b.WriteString("</g>\n")
}

// fit shortens names at their dots, from the left, until they fit into a line together.
func fit(names []string, letters float64) string {
	short := slices.Clone(names)
	for i := range short {
		short[i] = strings.TrimSuffix(strings.TrimPrefix(short[i], "model."), ".weight")
	}
	for {
		text := strings.Join(short, ", ")
		longest := 0
		for i := range short {
			if len(short[i]) > len(short[longest]) {
				longest = i
			}
		}
		if float64(len(text)) <= letters {
			return text
		}
		_, rest, dotted := strings.Cut(short[longest], ".")
		if !dotted {
			return string([]rune(text)[:min(int(letters)-1, utf8.RuneCountInString(text))]) + "…"
		}
		short[longest] = rest
	}
}

// escape makes any name text of a drawing.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes all
	return b.String()
}

// size is a shape as people write it.
func size(shape []int) string {
	if len(shape) == 0 {
		return "one number"
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", " × ")
}

// amount is a number with a prefix of the unit, to three digits.
func amount(n float64, unit string) string {
	prefix := ""
	for _, next := range []string{"k", "M", "G", "T", "P"} {
		if n < 999.5 {
			break
		}
		n, prefix = n/1000, next
	}
	return fmt.Sprintf("%.3g %s%s", n, prefix, unit)
}

// route is the line of an edge: upright through the layers that it passes, curved between them, with a tip.
func route(edge []*cell, left float64, y func(layer int) float64) string {
	from, to := edge[0], edge[len(edge)-1]
	x, at := left+from.x, y(from.layer)+nodeHeight
	var path strings.Builder
	fmt.Fprintf(&path, "M%.1f %.1f", x, at)
	for i, c := range edge[1:] {
		next, goal := left+c.x, y(c.layer)
		if c == to {
			next += port(to, edge[i])
		}
		fmt.Fprintf(&path, "C%.1f %.1f %.1f %.1f %.1f %.1f", x, at+below/2, next, goal-below/2, next, goal)
		if c != to {
			fmt.Fprintf(&path, "V%.1f", goal+nodeHeight)
		}
		x, at = next, goal+nodeHeight
	}
	at = y(to.layer)
	fmt.Fprintf(&path, "m-3.5 -6L%.1f %.1fL%.1f %.1f", x, at, x+3.5, at-6)
	return path.String()
}

// port is where an edge arrives, from the middle of a box: those from the left on the left.
func port(to, from *cell) float64 {
	rank := 0
	for _, other := range to.up {
		if other.x < from.x || other.x == from.x && other.step < from.step {
			rank++
		}
	}
	return (float64(rank) - float64(len(to.up)-1)/2) * min(26, nodeWidth/float64(1+len(to.up)))
}
