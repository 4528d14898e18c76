package session

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tunebook/tunebook/kernel/display"
)

// Inspect describes what stands at byte pos of code: its declaration, and from detail 1 on the methods of a type.
func (s *Session) Inspect(code string, pos, detail int) (display.Bundle, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pos = max(0, min(pos, len(code)))
	end := pos
	for end < len(code) {
		r, size := utf8.DecodeRuneInString(code[end:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		end += size
	}
	start, base, selected := before(code, end)
	if start == end { // after a bracket: what is called
		if open := strings.LastIndexByte(code[:pos], '('); open > 0 {
			end = open
			start, base, selected = before(code, end)
		}
	}
	name := code[start:end]
	if name == "" {
		return display.Bundle{}, false
	}
	if selected {
		name = base + "." + name
	}
	text, ok := s.describe(s.knowledge(code, start), name, detail)
	if !ok {
		return display.Bundle{}, false
	}
	return display.Bundle{Data: display.MIMEMap{
		display.MIMETypeText: text, display.MIMETypeMarkdown: "```go\n" + text + "\n```",
	}}, true
}

func (s *Session) describe(p *types.Package, name string, detail int) (string, bool) {
	value, o, ok := s.valueOf(p, name)
	if !ok {
		return "", false
	}
	short := func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	}
	var b strings.Builder
	switch o := o.(type) {
	case *types.PkgName:
		fmt.Fprintf(&b, "package %s // import %q", o.Imported().Name(), o.Imported().Path())
		if detail > 0 {
			for _, n := range o.Imported().Scope().Names() {
				if token.IsExported(n) {
					b.WriteString("\n" + types.ObjectString(o.Imported().Scope().Lookup(n), short))
				}
			}
		}
	case nil:
		b.WriteString(types.TypeString(value.Type, short))
	default:
		b.WriteString(types.ObjectString(o, short))
	}
	if t, ok := o.(*types.TypeName); ok {
		for m := range types.NewMethodSet(types.NewPointer(t.Type())).Methods() {
			if m.Obj().Exported() || detail > 0 {
				b.WriteString("\n" + types.ObjectString(m.Obj(), short))
			}
		}
	}
	return b.String(), true
}

// helpAsked reads "?name" and "name?".
func helpAsked(code string) (name string, ok bool) {
	code = strings.TrimSpace(code)
	name, first := strings.CutPrefix(code, "?")
	name, last := strings.CutSuffix(name, "?")
	name = strings.TrimSpace(name)
	return name, (first || last) && name != "" && !strings.ContainsAny(name, "\n\"`")
}

func (s *Session) help(name string) (display.Bundle, *Error) {
	page, ok := s.Inspect(name, len(name), 1)
	if !ok {
		return display.Bundle{}, finished(&Error{Name: CompileError, Message: "undefined: " + name})
	}
	return page, nil
}
