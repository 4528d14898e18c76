package runner

import (
	"fmt"
	"html"
	"strings"
	"unicode"
)

// mathML turns a LaTeX formula into MathML, which browsers show without scripts or fonts from elsewhere. It knows what
// papers about language models use; it says false for anything else, and the page then shows the source.
func mathML(source string, block bool) (string, bool) {
	p := &formulaParser{tokens: formulaTokens(source)}
	body := p.row("")
	if p.failed || p.at < len(p.tokens) {
		return "", false
	}
	display := ""
	if block {
		display = ` display="block"`
	}
	return fmt.Sprintf(`<math%s><mrow>%s</mrow></math>`, display, body), true
}

// formulaTokens are commands with their backslash, numbers, and single characters.
func formulaTokens(source string) []string {
	var tokens []string
	runes := []rune(source)
	for i := 0; i < len(runes); {
		from := i
		switch r := runes[i]; {
		case r == '\\' && i+1 < len(runes):
			i += 2
			for unicode.IsLetter(runes[from+1]) && i < len(runes) && isASCIILetter(runes[i]) {
				i++
			}
		case unicode.IsDigit(r):
			for i < len(runes) && (unicode.IsDigit(runes[i]) || runes[i] == '.' && i+1 < len(runes) && unicode.IsDigit(runes[i+1])) {
				i++
			}
		default:
			i++
		}
		tokens = append(tokens, string(runes[from:i]))
	}
	return tokens
}

func isASCIILetter(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) }

type formulaParser struct {
	tokens []string
	at     int
	depth  int
	failed bool
}

// nesting bounds recursion: formulas come from files.
const nesting = 60

// peek gives the next token that is not a space, "" at the end.
func (p *formulaParser) peek() string {
	for p.at < len(p.tokens) && strings.TrimSpace(p.tokens[p.at]) == "" {
		p.at++
	}
	if p.at == len(p.tokens) {
		return ""
	}
	return p.tokens[p.at]
}

func (p *formulaParser) next() string {
	t := p.peek()
	if t != "" {
		p.at++
	}
	return t
}

func (p *formulaParser) fail() string {
	p.failed = true
	return ""
}

// row reads atoms until the token end, which it leaves, or until the end of the formula where end is "".
func (p *formulaParser) row(end string) string {
	if p.depth++; p.depth > nesting {
		return p.fail()
	}
	defer func() { p.depth-- }()
	var out strings.Builder
	for !p.failed {
		t := p.peek()
		if t == end || end == `\end` && (t == "&" || t == `\\`) {
			return out.String()
		}
		if t == "" || t == "}" || t == "&" || t == `\\` || t == `\right` || t == `\end` {
			return p.fail()
		}
		out.WriteString(p.scripted())
	}
	return ""
}

// scripted reads one atom with what hangs on it.
func (p *formulaParser) scripted() string {
	limits := bigOperators[p.peek()] != "" || limitFunctions[p.peek()]
	base := "<mrow></mrow>"
	if t := p.peek(); t != "^" && t != "_" {
		base = p.atom()
	}
	var below, above string
	for {
		switch p.peek() {
		case "_":
			p.next()
			below = p.argument()
		case "^":
			p.next()
			above = p.argument()
		case "'":
			p.next()
			above += "<mo>′</mo>"
		default:
			return attach(base, below, above, limits)
		}
		if p.failed {
			return ""
		}
	}
}

func attach(base, below, above string, limits bool) string {
	under, over, both := "msub", "msup", "msubsup"
	if limits {
		under, over, both = "munder", "mover", "munderover"
	}
	group := func(s string) string { return "<mrow>" + s + "</mrow>" }
	switch {
	case below != "" && above != "":
		return fmt.Sprintf("<%s>%s%s%s</%s>", both, base, group(below), group(above), both)
	case below != "":
		return fmt.Sprintf("<%s>%s%s</%s>", under, base, group(below), under)
	case above != "":
		return fmt.Sprintf("<%s>%s%s</%s>", over, base, group(above), over)
	}
	return base
}

// argument reads {…} or one atom.
func (p *formulaParser) argument() string {
	if p.peek() == "" {
		return p.fail()
	}
	return p.atom()
}

func (p *formulaParser) atom() string {
	t := p.next()
	switch {
	case t == "{":
		body := p.row("}")
		p.next()
		return "<mrow>" + body + "</mrow>"
	case strings.HasPrefix(t, `\`):
		return p.command(t)
	case unicode.IsDigit([]rune(t)[0]):
		return "<mn>" + t + "</mn>"
	case unicode.IsLetter([]rune(t)[0]):
		return "<mi>" + t + "</mi>"
	case t == "-":
		return "<mo>−</mo>"
	case t == "*":
		return "<mo>∗</mo>"
	case t == "~":
		return `<mspace width="0.3em"></mspace>`
	case strings.ContainsAny(t, "()[]|/"):
		return `<mo stretchy="false">` + t + "</mo>"
	case strings.ContainsAny(t, "$&#%\\}"):
		return p.fail()
	}
	return "<mo>" + html.EscapeString(t) + "</mo>"
}

func (p *formulaParser) command(t string) string {
	if s, ok := letters[t]; ok {
		return "<mi>" + s + "</mi>"
	}
	if s, ok := operators[t]; ok {
		return "<mo>" + s + "</mo>"
	}
	if s, ok := bigOperators[t]; ok {
		return `<mo movablelimits="true">` + s + "</mo>"
	}
	if s, ok := spaces[t]; ok {
		return `<mspace width="` + s + `"></mspace>`
	}
	if s, ok := accents[t]; ok {
		return `<mover accent="true">` + p.argument() + "<mo>" + s + "</mo></mover>"
	}
	if functions[t] || limitFunctions[t] {
		return `<mi mathvariant="normal">` + strings.TrimPrefix(t, `\`) + "</mi>"
	}
	switch t {
	case `\frac`, `\tfrac`, `\dfrac`:
		return "<mfrac>" + p.argument() + p.argument() + "</mfrac>"
	case `\binom`:
		return `<mrow><mo>(</mo><mfrac linethickness="0">` + p.argument() + p.argument() + "</mfrac><mo>)</mo></mrow>"
	case `\sqrt`:
		return "<msqrt>" + p.argument() + "</msqrt>"
	case `\text`, `\mathrm`, `\operatorname`, `\textrm`, `\mathtt`, `\texttt`, `\textit`, `\mathit`:
		return p.word(t)
	case `\mathbb`, `\mathcal`, `\mathbf`, `\boldsymbol`, `\bm`:
		return p.styled(t)
	case `\left`:
		return p.fenced()
	case `\begin`:
		return p.table()
	case `\mid`, `\vert`:
		return "<mo>|</mo>"
	case `\{`, `\}`, `\%`, `\#`, `\&`, `\_`, `\$`:
		return `<mo stretchy="false">` + html.EscapeString(t[1:]) + "</mo>"
	}
	return p.fail()
}

// raw reads {…} as plain text.
func (p *formulaParser) raw() string {
	if p.next() != "{" {
		return p.fail()
	}
	var out strings.Builder
	for p.at < len(p.tokens) {
		t := p.tokens[p.at]
		p.at++
		switch {
		case t == "}":
			return out.String()
		case t == "{":
			return p.fail()
		case len(t) == 2 && t[0] == '\\' && !isASCIILetter(rune(t[1])):
			t = t[1:]
		}
		out.WriteString(t)
	}
	return p.fail()
}

func (p *formulaParser) word(t string) string {
	text := html.EscapeString(p.raw())
	if t == `\text` || t == `\textrm` {
		return "<mtext>" + strings.ReplaceAll(text, " ", "\u00a0") + "</mtext>"
	}
	return `<mi mathvariant="normal">` + text + "</mi>"
}

// styled are letters in another hand. Unicode has the blackboard and the script ones; bold is a style.
func (p *formulaParser) styled(t string) string {
	var text string
	if p.peek() == "{" {
		text = p.raw()
	} else {
		text = p.next()
	}
	if hand, ok := hands[t]; ok {
		var out strings.Builder
		for _, r := range text {
			s, ok := hand[r]
			if !ok {
				return p.fail()
			}
			out.WriteString(s)
		}
		return "<mi>" + out.String() + "</mi>"
	}
	if s, ok := letters[text]; ok {
		text = s
	}
	if strings.ContainsAny(text, `\{}^_`) {
		return p.fail()
	}
	return `<mi style="font-weight: bold">` + html.EscapeString(text) + "</mi>"
}

// fenced is \left( … \right).
func (p *formulaParser) fenced() string {
	from := p.fence()
	body := p.row(`\right`)
	p.next()
	return "<mrow>" + from + body + p.fence() + "</mrow>"
}

func (p *formulaParser) fence() string {
	switch t := p.next(); t {
	case "(", ")", "[", "]", "|", "/":
		return "<mo>" + t + "</mo>"
	case `\{`, `\}`:
		return "<mo>" + t[1:] + "</mo>"
	case ".":
		return ""
	case `\|`, `\langle`, `\rangle`, `\lfloor`, `\rfloor`, `\lceil`, `\rceil`:
		return "<mo>" + operators[t] + "</mo>"
	}
	return p.fail()
}

// table is an environment of rows and columns.
func (p *formulaParser) table() string {
	name := p.raw()
	fences, ok := environments[name]
	if !ok {
		return p.fail()
	}
	var out strings.Builder
	out.WriteString("<mtable" + fences[2] + "><mtr><mtd>")
	for !p.failed {
		out.WriteString(p.row(`\end`))
		switch p.next() {
		case "&":
			out.WriteString("</mtd><mtd>")
		case `\\`:
			if p.peek() != `\end` {
				out.WriteString("</mtd></mtr><mtr><mtd>")
			}
		default:
			if p.raw() != name {
				return p.fail()
			}
			return "<mrow>" + fences[0] + out.String() + "</mtd></mtr></mtable>" + fences[1] + "</mrow>"
		}
	}
	return ""
}
