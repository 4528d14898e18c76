package token

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Strip shows tokens side by side: coloured in a notebook, with bars in a terminal.
type Strip struct {
	Tokens []Mark
}

// A Mark is one token of a strip.
type Mark struct {
	ID      int
	Text    string // printable: see [Tokenizer.Token]
	Special bool
	Faded   bool // drawn pale, in brackets as text
}

// Strip shows ids.
func (t *Tokenizer) Strip(ids []int) Strip {
	s := Strip{Tokens: make([]Mark, len(ids))}
	for i, id := range ids {
		s.Tokens[i] = Mark{ID: id, Text: t.Token(id), Special: t.IsSpecial(id)}
	}
	return s
}

// StripText shows the tokens of a text.
func (t *Tokenizer) StripText(text string) Strip { return t.Strip(t.Encode(text)) }

// Mask returns the strip with those tokens faded that the loss does not count.
// labels[i] is what the model should predict after token i, negative (-100 by
// convention) where nothing is asked, so it decides about token i+1.
func (s Strip) Mask(labels []int) Strip {
	marks := make([]Mark, len(s.Tokens))
	copy(marks, s.Tokens)
	for i := range marks {
		marks[i].Faded = i == 0 || i > len(labels) || labels[i-1] < 0
	}
	return Strip{Tokens: marks}
}

// Token returns a printable form of one token: a space is ·, a newline ⏎, a tab ⇥,
// and bytes that are only a part of a character are hexadecimal in ⟨⟩.
func (t *Tokenizer) Token(id int) string {
	if id < 0 || id >= len(t.tokens) {
		return fmt.Sprintf("⟨no token %d⟩", id)
	}
	if t.special[id] {
		return t.tokens[id]
	}
	var s strings.Builder
	for raw := t.tokens[id]; len(raw) > 0; {
		r, n := utf8.DecodeRuneInString(raw)
		switch {
		case r == utf8.RuneError && n == 1:
			n = broken(raw)
			fmt.Fprintf(&s, "⟨% X⟩", raw[:n])
		case r == ' ':
			s.WriteRune('·')
		case r == '\n':
			s.WriteRune('⏎')
		case r == '\t':
			s.WriteRune('⇥')
		case !unicode.IsPrint(r):
			fmt.Fprintf(&s, "⟨U+%04X⟩", r)
		default:
			s.WriteString(raw[:n])
		}
		raw = raw[n:]
	}
	return s.String()
}

// broken returns how many bytes from the start of s are not UTF-8.
func broken(s string) int {
	n := 0
	for n < len(s) {
		if r, w := utf8.DecodeRuneInString(s[n:]); r != utf8.RuneError || w != 1 {
			break
		}
		n++
	}
	return n
}

// String shows the tokens between bars and, on a second line, their ids.
func (s Strip) String() string {
	var text, ids strings.Builder
	for i, m := range s.Tokens {
		if i > 0 {
			text.WriteString("│")
			ids.WriteString(" ")
		}
		if m.Faded {
			fmt.Fprintf(&text, "(%s)", m.Text)
		} else {
			text.WriteString(m.Text)
		}
		fmt.Fprintf(&ids, "%d", m.ID)
	}
	return text.String() + "\n" + ids.String()
}

// HTML shows each token in a tinted box with its id below. The tints are
// translucent and the letters keep the page's colour, so it reads on light and dark.
func (s Strip) HTML() string {
	tints := [...]string{"66,133,244", "52,168,83", "251,188,5", "234,67,53", "155,89,182"}
	var b strings.Builder
	b.WriteString(`<div style="line-height:1.25;font-family:monospace">`)
	for i, m := range s.Tokens {
		style := fmt.Sprintf("background:rgba(%s,.25)", tints[i%len(tints)])
		if m.Special {
			style = "border:1px dashed currentColor"
		}
		if m.Faded {
			style += ";opacity:.4"
		}
		fmt.Fprintf(&b, `<span style="display:inline-block;margin:1px;padding:1px 3px;border-radius:3px;text-align:center;%s">%s<br><small style="opacity:.65">%d</small></span>`,
			style, html.EscapeString(m.Text), m.ID)
		if strings.HasSuffix(m.Text, "⏎") {
			b.WriteString("<br>")
		}
	}
	b.WriteString("</div>")
	return b.String()
}
