package session

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// knowledge is a package scope in which expressions can be checked: what earlier cells declared, what the cell itself
// declares before a place, and packages by their names.
func (s *Session) knowledge(code string, pos int) *types.Package {
	before := s.scope
	next := before.clone()
	s.scope = next
	defer func() { s.scope = before }()
	_ = s.predeclare() // without it ctx is unknown, no more
	items := split(code)
	items = slices.DeleteFunc(items, func(i item) bool { return i.kind == token.ILLEGAL && i.end >= pos })
	items = joined(items)
	declared, _ := declaredNames(code, items)
	s.addImports(code, declared, next)
	src, err := s.assemble("help", code, items, nil, declared)
	if err != nil || src.body == nil {
		s.emptyMain()
		s.insertImports(next)
		for _, o := range next.objects {
			s.main.Scope().Insert(o)
		}
		return s.main
	}
	checked := s.check(src)
	s.insertImports(next)
	p := s.main
	for _, spec := range src.file.Imports {
		if name, ok := checked.info.Implicits[spec].(*types.PkgName); ok {
			p.Scope().Insert(name)
		} else if spec.Name != nil {
			if name, ok := checked.info.Defs[spec.Name].(*types.PkgName); ok {
				p.Scope().Insert(name)
			}
		}
	}
	for _, name := range checked.bodies.Names() {
		if !strings.HasPrefix(name, "tb_") {
			p.Scope().Insert(checked.bodies.Lookup(name))
		}
	}
	return p
}

// insertImports makes packages known by their names.
func (s *Session) insertImports(from *scope) {
	for name, path := range from.imports {
		if imported, err := s.imports.Import(path); err == nil {
			s.main.Scope().Insert(types.NewPkgName(token.NoPos, s.main, name, imported))
		}
	}
}

// valueOf checks an expression in p. The object is what a name or a selector stands for.
func (s *Session) valueOf(p *types.Package, text string) (types.TypeAndValue, types.Object, bool) {
	x, err := parser.ParseExpr(text)
	if err != nil {
		return types.TypeAndValue{}, nil, false
	}
	if id, ok := x.(*ast.Ident); ok {
		if name, ok := p.Scope().Lookup(id.Name).(*types.PkgName); ok {
			return types.TypeAndValue{}, name, true
		}
	}
	info := newInfo()
	if err := types.CheckExpr(s.set, p, token.NoPos, x, info); err != nil {
		return types.TypeAndValue{}, nil, false
	}
	var o types.Object
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		o = info.Uses[x]
	case *ast.SelectorExpr:
		o = info.Uses[x.Sel]
	}
	return info.Types[x], o, true
}

// before finds the identifier that ends at pos and, where it is selected from something, the text of that.
func before(code string, pos int) (start int, base string, selected bool) {
	pos = max(0, min(pos, len(code)))
	start = pos
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(code[:start])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		start -= size
	}
	if start == 0 || code[start-1] != '.' {
		return start, "", false
	}
	end := start - 1
	return start, code[operandStart(code, end):end], true
}

// operandStart goes back over names, dots and balanced brackets.
func operandStart(code string, end int) int {
	i := end
	for i > 0 {
		switch c := code[i-1]; {
		case c == ')' || c == ']' || c == '}':
			open := openingOf(code, i-1)
			if open < 0 {
				return i
			}
			i = open
		case c == '.' || c == '_' || c >= utf8.RuneSelf || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)):
			i--
		default:
			return i
		}
	}
	return i
}

func openingOf(code string, closing int) int {
	depth := 0
	for i := closing; i >= 0; i-- {
		switch code[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
