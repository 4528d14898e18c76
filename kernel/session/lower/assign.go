package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func isBlank(x ast.Expr) bool {
	if x == nil {
		return true
	}
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && id.Name == "_"
}

func (e *emitter) defined(x ast.Expr) types.Object {
	if id, ok := x.(*ast.Ident); ok && id.Name != "_" {
		return e.src.Info.Defs[id]
	}
	return nil
}

func (e *emitter) assign(s *ast.AssignStmt) {
	switch {
	case s.Tok != token.ASSIGN && s.Tok != token.DEFINE:
		e.operate(s.Lhs[0], strings.TrimSuffix(s.Tok.String(), "="), func(t types.Type, operator string) string {
			return e.operand(s.Rhs[0], t, operator)
		})
	case len(s.Lhs) == 1:
		e.assignOne(s.Lhs[0], s.Rhs[0])
	default:
		e.assignMany(s)
	}
}

// operate writes x = x op y, with what is left of the index of x evaluated once.
func (e *emitter) operate(x ast.Expr, operator string, y func(types.Type, string) string) {
	t := e.typeOf(x)
	if operator == "&^" { // the interpreter has no &^=
		place := e.place(x)
		e.line("%s = %s &^ %s", place, place, y(t, operator))
		return
	}
	if !hasCall(x) {
		e.line("%s %s= %s", e.expression(x), operator, y(t, operator))
		return
	}
	place := e.place(x)
	e.line("%s = %s %s %s", place, place, operator, y(t, operator))
}

func (e *emitter) increment(s *ast.IncDecStmt) {
	if !hasCall(s.X) {
		e.line("%s%s", e.expression(s.X), s.Tok)
		return
	}
	place := e.place(s.X)
	e.line("%s = %s %s 1", place, place, s.Tok.String()[:1])
}

func (e *emitter) assignOne(x, value ast.Expr) {
	if isBlank(x) {
		if isNil(e.typeOf(value)) {
			return
		}
		e.temporaryUse(value)
		return
	}
	if o := e.defined(x); o != nil {
		text := e.convert(o.Type(), value)
		if _, ok := ast.Unparen(value).(*ast.FuncLit); ok && !e.isGlobal(o) { // so that it may call itself
			name := e.local(o)
			e.line("var %s %s", name, e.typeText(o.Type()))
			e.line("%s = %s", name, text)
			return
		}
		e.define(o, text)
		return
	}
	if o := e.compiledVariable(x); o != nil {
		e.assignCompiled(o, e.convert(o.Type(), value))
		return
	}
	e.line("%s = %s", e.expression(x), e.convert(e.typeOf(x), value))
}

func (e *emitter) temporaryUse(value ast.Expr) {
	t := types.Default(e.typeOf(value))
	e.line("%s.Use(%s)", runtimeName, e.temporary(t, e.convert(t, value)))
}

// compiledVariable is the variable of a compiled package that x names, if it does: the interpreter sets its own copy.
func (e *emitter) compiledVariable(x ast.Expr) *types.Var {
	s, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok || e.src.Info.Selections[s] != nil {
		return nil
	}
	o, ok := e.src.Info.Uses[s.Sel].(*types.Var)
	if !ok || e.l.fromSource(o.Pkg()) {
		return nil
	}
	return o
}

// assignCompiled sets a variable of a compiled package.
func (e *emitter) assignCompiled(o *types.Var, value string) {
	e.line("%s.SetVariable(%q, %q, %s)", runtimeName, o.Pkg().Path(), o.Name(), e.temporary(o.Type(), value))
}

// assignMany evaluates places, then values, then assigns from left to right, as the language says.
func (e *emitter) assignMany(s *ast.AssignStmt) {
	places := make([]string, len(s.Lhs))
	for i, x := range s.Lhs {
		if e.defined(x) == nil && !isBlank(x) && e.compiledVariable(x) == nil {
			places[i] = e.place(x)
		}
	}
	values := e.values(s)
	for i, x := range s.Lhs {
		switch o := e.defined(x); {
		case isBlank(x):
			if values[i] != "_" {
				e.line("%s.Use(%s)", runtimeName, values[i])
			}
		case o != nil:
			e.define(o, values[i])
		case places[i] == "":
			e.assignCompiled(e.compiledVariable(x), values[i])
		default:
			e.line("%s = %s", places[i], values[i])
		}
	}
}

// values writes the right side of s to temporaries.
func (e *emitter) values(s *ast.AssignStmt) []string {
	values := make([]string, len(s.Lhs))
	if len(s.Rhs) == 1 {
		blank := true
		for i, x := range s.Lhs {
			values[i] = "_"
			if !isBlank(x) {
				values[i], blank = e.fresh("t"), false
			}
		}
		sign := ":="
		if blank {
			sign = "="
		}
		e.line("%s %s %s", strings.Join(values, ", "), sign, e.tuple(s.Rhs[0]))
		return values
	}
	for i, x := range s.Rhs {
		t := types.Default(e.typeOf(x))
		if o := e.defined(s.Lhs[i]); o != nil {
			t = e.l.substitute(e.env, o.Type())
		} else if !isBlank(s.Lhs[i]) {
			t = e.typeOf(s.Lhs[i])
		}
		if isNil(t) {
			values[i] = "_"
			continue
		}
		values[i] = e.temporary(t, e.convert(t, x))
	}
	return values
}

// place writes what can be assigned to, with its operands evaluated into temporaries.
func (e *emitter) place(x ast.Expr) string {
	keep := func(text string) string {
		name := e.fresh("x")
		e.line("%s := %s", name, text)
		return name
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.IndexExpr:
		switch t := e.under(x.X).(type) {
		case *types.Map:
			m := keep(e.expression(x.X))
			return m + "[" + e.temporary(t.Key(), e.convert(t.Key(), x.Index)) + "]"
		case *types.Slice:
			s := keep(e.expression(x.X))
			return s + "[" + keep(e.expression(x.Index)) + "]"
		case *types.Pointer:
			p := keep(e.expression(x.X))
			return "(*" + p + ")[" + keep(e.expression(x.Index)) + "]"
		default: // an array, which must stay where it is
			return e.place(x.X) + "[" + keep(e.expression(x.Index)) + "]"
		}
	case *ast.StarExpr:
		return "*" + keep(e.expression(x.X))
	case *ast.SelectorExpr:
		if e.src.Info.Selections[x] == nil {
			break
		}
		if _, ok := e.under(x.X).(*types.Pointer); ok {
			return e.selected(keep(e.expression(x.X)), x)
		}
		return e.selected(e.place(x.X), x)
	}
	return e.expression(x)
}

func (e *emitter) send(s *ast.SendStmt) {
	element := e.under(s.Chan).(*types.Chan).Elem()
	channel := e.fresh("c")
	e.line("%s := %s", channel, e.expression(s.Chan))
	e.line("%s <- %s", channel, e.temporary(element, e.convert(element, s.Value)))
}

// hasCall says whether evaluating x twice could be told from evaluating it once.
func hasCall(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.CallExpr, *ast.TypeAssertExpr:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW || n.Op == token.AND
		}
		return !found
	})
	return found
}
