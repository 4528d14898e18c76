package lower

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// asserter is a pair of functions that assert any value to one interface. The interpreter fails on interpreted values
// there, but asserts to concrete types correctly, so the functions try every declared type that implements the
// interface; a cell that declares more types writes them again.
type asserter struct {
	t         types.Type
	try, must string // variables that hold the functions
	known     int    // how many of the declared types the functions try
}

// assertion writes x.(T), with comma-ok or without.
func (e *emitter) assertion(x string, from, to types.Type, commaOk bool) string {
	x = e.inside(x, from)
	if i, ok := to.Underlying().(*types.Interface); ok && i.NumMethods() > 0 {
		a := e.l.asserter(to)
		if commaOk {
			return a.try + "(" + x + ")"
		}
		return a.must + "(" + x + ")"
	}
	text := e.l.typeText(to)
	if i, ok := to.Underlying().(*types.Interface); ok && i.NumMethods() == 0 {
		if commaOk {
			return "func(v any) (any, bool) { return v, v != nil }(" + x + ")"
		}
		return fmt.Sprintf("func(v any) any { if v == nil { panic(%s.NotA(v, \"interface {}\")) }; return v }(%s)", runtimeName, x)
	}
	if commaOk { // through any: the interpreter wrongly finds some assertions impossible
		return fmt.Sprintf("func(v any) (%s, bool) { x, ok := v.(%s); return x, ok }(%s)", text, text, x)
	}
	return fmt.Sprintf("func(v any) %s { x, ok := v.(%s); if !ok { panic(%s.NotA(v, %q)) }; return x }(%s)", text, text, runtimeName, goName(to), x)
}

// goName is how Go itself writes a type in a message.
func goName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

func (l *Lowerer) asserter(t types.Type) *asserter {
	text := l.typeText(t)
	if a, ok := l.asserters[text]; ok {
		return a
	}
	a := &asserter{t: t, try: l.global("as"), must: l.global("must"), known: -1}
	put(l, l.asserters, text, a)
	l.unit.variables = append(l.unit.variables,
		fmt.Sprintf("var %s func(any) (%s, bool)", a.try, text), fmt.Sprintf("var %s func(any) %s", a.must, text))
	return a
}

// assertions writes the functions that are new or know too few types.
func (l *Lowerer) assertions() {
	for _, text := range slices.Sorted(maps.Keys(l.asserters)) {
		a := l.asserters[text]
		if a.known == len(l.declared) {
			continue
		}
		cases := l.assertionCases(a, text)
		before := a.known
		a.known = len(l.declared)
		l.undo = append(l.undo, func() { a.known = before })
		if cases == "" && before >= 0 {
			continue
		}
		l.writeAsserter(a, text)
	}
}

// assertionCases are the types declared since the functions were written.
func (l *Lowerer) assertionCases(a *asserter, text string) string {
	i := a.t.Underlying().(*types.Interface)
	var b strings.Builder
	for _, d := range l.declared[max(a.known, 0):] {
		if types.IsInterface(d.t) {
			continue
		}
		for _, form := range []struct {
			t    types.Type
			text string
		}{{d.t, d.name}, {types.NewPointer(d.t), "*" + d.name}} {
			if types.Implements(form.t, i) {
				fmt.Fprintf(&b, "\tif x, ok := v.(%s); ok {\n\t\tvar y %s = x\n\t\treturn y, true\n\t}\n", form.text, text)
			}
		}
	}
	return b.String()
}

func (l *Lowerer) writeAsserter(a *asserter, text string) {
	known := a.known
	a.known = 0
	cases := l.assertionCases(a, text)
	a.known = known
	try, must := l.global(a.try+"_code"), l.global(a.must+"_code")
	l.unit.functions = append(l.unit.functions,
		fmt.Sprintf("func %s(v any) (%s, bool) {\n%s\tif %s.HasMethods(v) {\n\t\tif x, ok := v.(%s); ok {\n\t\t\treturn x, true\n\t\t}\n\t}\n\treturn nil, false\n}", try, text, cases, runtimeName, text),
		fmt.Sprintf("func %s(v any) %s {\n\tx, ok := %s(v)\n\tif !ok {\n\t\tpanic(%s.NotA(v, %q))\n\t}\n\treturn x\n}", must, text, a.try, runtimeName, goName(a.t)))
	l.unit.bindings = append(l.unit.bindings, a.try+" = "+try, a.must+" = "+must)
}
