package data

import (
	"fmt"
	"html"
	"strings"

	"github.com/tunebook/tunebook/pkg/token"
)

// MaskedView shows one example token by token: what the model reads and where it is trained.
type MaskedView struct {
	tok     *token.Tokenizer
	example Example
}

// Masked is the view of an example.
func Masked(tok *token.Tokenizer, e Example) MaskedView { return MaskedView{tok, e} }

// supervised reports whether token i is something that the model is trained to say.
func (v MaskedView) supervised(i int) bool { return i > 0 && v.example.Labels[i-1] != Ignore }

// HTML colours the trained tokens; masked ones are grey.
func (v MaskedView) HTML() string {
	var b strings.Builder
	b.WriteString(`<div style="font-family:monospace;line-height:2.1">`)
	for i, id := range v.example.IDs {
		style := "border:1px solid #8888;color:#767676"
		title := "masked: read, not trained on"
		if v.supervised(i) {
			style, title = "border:1px solid #2f7fb6;background:#2f7fb633", "trained on"
		}
		fmt.Fprintf(&b, `<span title="%s, id %d" style="%s;border-radius:4px;padding:1px 4px;margin:1px;white-space:pre">%s</span>`,
			title, id, style, html.EscapeString(v.tok.Token(id)))
	}
	b.WriteString("</div>")
	return b.String()
}

// String puts trained tokens in brackets.
func (v MaskedView) String() string {
	parts := make([]string, len(v.example.IDs))
	for i, id := range v.example.IDs {
		parts[i] = v.tok.Token(id)
		if v.supervised(i) {
			parts[i] = "[" + parts[i] + "]"
		}
	}
	return strings.Join(parts, " ")
}
