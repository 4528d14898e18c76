package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// target is what break and continue refer to: a loop, a switch or a select.
type target struct {
	label    string
	loop     bool
	before   string     // written before a continue
	over     *iteration // the loop ranges over a function
	standsIn *iteration // the range over a function in whose body the statement stands
}

func (e *emitter) push(t *target) (pop func()) {
	t.standsIn = e.yield
	e.loops = append(e.loops, t)
	return func() { e.loops = e.loops[:len(e.loops)-1] }
}

func (e *emitter) forLoop(s *ast.ForStmt, label string) {
	if s.Init != nil {
		e.line("{")
		e.depth++
		e.statement(s.Init, "")
		defer func() {
			e.depth--
			e.line("}")
		}()
	}
	var variables []types.Object
	if a, ok := s.Init.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
		for _, x := range a.Lhs {
			if o := e.defined(x); o != nil {
				variables = append(variables, o)
			}
		}
	}
	if len(variables) > 0 && e.escapes(s, variables) {
		e.loopWithCopies(s, label, variables)
		return
	}
	condition, post := "", ""
	if s.Cond != nil {
		condition = e.expression(s.Cond)
	}
	if s.Post != nil {
		post = e.oneLine(s.Post)
	}
	e.label(label)
	if post != "" {
		e.line("for ; %s; %s {", condition, post)
	} else {
		e.line("for %s {", condition)
	}
	pop := e.push(&target{label: label, loop: true})
	e.block(s.Body)
	pop()
	e.line("}")
}

// oneLine writes a simple statement for the header of a loop.
func (e *emitter) oneLine(s ast.Stmt) string {
	text := e.captured(func() {
		depth := e.depth
		e.depth = 0
		e.statement(s, "")
		e.depth = depth
	})
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//line ") {
			lines = append(lines, line)
		}
	}
	if len(lines) > 1 {
		return "func() { " + strings.Join(lines, "; ") + " }()"
	}
	return strings.Join(lines, "")
}

// loopWithCopies gives every iteration its own copy of the loop variables, since something keeps hold of them:
//
//	for { x' := x; if first { first = false } else { post }; if !cond { break }; body; x = x' }
func (e *emitter) loopWithCopies(s *ast.ForStmt, label string, variables []types.Object) {
	first := e.fresh("first")
	e.line("%s := true", first)
	e.label(label)
	e.line("for {")
	e.depth++
	outer := make([]string, len(variables))
	var back []string
	for i, o := range variables {
		outer[i] = e.local(o)
		copied := e.fresh(o.Name())
		e.line("%s := %s", copied, outer[i])
		back = append(back, outer[i]+" = "+copied)
		e.names[o] = copied
	}
	e.line("if %s {", first)
	e.line("\t%s = false", first)
	if s.Post != nil {
		e.line("} else {")
		e.depth++
		e.statement(s.Post, "")
		e.depth--
	}
	e.line("}")
	if s.Cond != nil {
		e.line("if !(%s) {", e.expression(s.Cond))
		e.line("\tbreak")
		e.line("}")
	}
	pop := e.push(&target{label: label, loop: true, before: strings.Join(back, "; ")})
	e.statements(s.Body.List)
	pop()
	for _, text := range back {
		e.line("%s", text)
	}
	for i, o := range variables {
		e.names[o] = outer[i]
	}
	e.depth--
	e.line("}")
}

// escapes says whether something in the loop may keep hold of one of the variables: a function literal, an address, a
// method call through one.
func (e *emitter) escapes(loop *ast.ForStmt, variables []types.Object) bool {
	is := map[types.Object]bool{}
	for _, o := range variables {
		is[o] = true
	}
	root := func(x ast.Expr) bool {
		for {
			switch y := ast.Unparen(x).(type) {
			case *ast.Ident:
				return is[e.src.Info.Uses[y]]
			case *ast.SelectorExpr:
				x = y.X
			case *ast.IndexExpr:
				x = y.X
			default:
				return false
			}
		}
	}
	found, depth := false, 0
	var walk func(n ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			depth++
			ast.Inspect(n.Body, walk)
			depth--
			return false
		case *ast.RangeStmt:
			if _, ok := e.under(n.X).(*types.Signature); ok { // its body becomes a function literal
				ast.Inspect(n.X, walk)
				depth++
				ast.Inspect(n.Body, walk)
				depth--
				return false
			}
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && root(n.X)
		case *ast.SelectorExpr, *ast.SliceExpr:
			found = found || root(n.(ast.Expr))
		case *ast.Ident:
			found = found || depth > 0 && is[e.src.Info.Uses[n]]
		}
		return !found
	}
	for _, n := range []ast.Node{loop.Cond, loop.Post, loop.Body} {
		if n != nil {
			ast.Inspect(n, walk)
		}
	}
	return found
}

func (e *emitter) rangeLoop(s *ast.RangeStmt, label string) {
	switch t := e.under(s.X).(type) {
	case *types.Signature:
		e.rangeFunction(s, label, t)
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			e.rangeInteger(s, label)
			return
		}
		e.rangeString(s, label)
	default:
		e.rangeElements(s, label)
	}
}

func (e *emitter) rangeInteger(s *ast.RangeStmt, label string) {
	t := e.typeOf(s.X)
	if !isBlank(s.Key) {
		if o := e.defined(s.Key); o != nil && s.Tok == token.DEFINE {
			t = e.l.substitute(e.env, o.Type())
		} else {
			t = e.typeOf(s.Key)
		}
	}
	t = types.Default(t)
	n := e.temporary(t, e.convert(t, s.X))
	i := e.fresh("i")
	e.label(label)
	e.line("for %s := %s(0); %s < %s; %s++ {", i, e.l.typeText(t), i, n, i)
	e.body(s, label, func() { e.bind(s, s.Key, i) })
	e.line("}")
}

// rangeString decodes by hand: the interpreter's own loop counts invalid bytes wrongly.
func (e *emitter) rangeString(s *ast.RangeStmt, label string) {
	x := e.temporary(types.Typ[types.String], "string("+e.expression(s.X)+")")
	i, k, v, width := e.fresh("i"), e.fresh("k"), e.fresh("v"), e.fresh("w")
	e.line("var %s int", i)
	e.label(label)
	e.line("for %s < len(%s) {", i, x)
	e.line("\t%s, %s := %s.Decode(%s, %s)", v, width, runtimeName, x, i)
	e.line("\t%s := %s", k, i)
	e.line("\t%s += %s", i, width)
	e.body(s, label, func() {
		e.bind(s, s.Key, k)
		e.bind(s, s.Value, v)
	})
	e.line("}")
}

func (e *emitter) rangeElements(s *ast.RangeStmt, label string) {
	t := e.under(s.X)
	x := ""
	length := int64(-1) // known where only the length of an array counts
	if p, ok := t.(*types.Pointer); ok {
		a := p.Elem().Underlying().(*types.Array)
		if x = e.expression(s.X); isBlank(s.Value) {
			length = a.Len()
		} else {
			x = "(*" + x + ")[:]"
		}
	} else if a, ok := t.(*types.Array); ok && isBlank(s.Value) && !hasCall(s.X) {
		length = a.Len()
	} else {
		x = e.expression(s.X)
	}
	name := e.fresh("x")
	if length >= 0 {
		e.line("%s := make([]struct{}, %d)", name, length)
	} else {
		e.line("%s := %s", name, x)
	}
	k, v := e.fresh("k"), e.fresh("v")
	e.label(label)
	switch {
	case isBlank(s.Key) && isBlank(s.Value):
		e.line("for range %s {", name)
	case isBlank(s.Value):
		e.line("for %s := range %s {", k, name)
	case isBlank(s.Key):
		e.line("for _, %s := range %s {", v, name)
	default:
		e.line("for %s, %s := range %s {", k, v, name)
	}
	e.body(s, label, func() {
		e.bind(s, s.Key, k)
		e.bind(s, s.Value, v)
	})
	e.line("}")
}

func (e *emitter) body(s *ast.RangeStmt, label string, bind func()) {
	e.depth++
	bind()
	pop := e.push(&target{label: label, loop: true})
	e.statements(s.Body.List)
	pop()
	e.depth--
}

// bind gives the loop variable x the value of this iteration; a fresh variable each time, so that function literals keep
// their own.
func (e *emitter) bind(s *ast.RangeStmt, x ast.Expr, value string) {
	if isBlank(x) {
		return
	}
	if s.Tok == token.DEFINE {
		if o := e.src.Info.Defs[x.(*ast.Ident)]; o != nil {
			e.line("%s := %s", e.local(o), value)
			return
		}
	}
	e.line("%s = %s", e.place(x), value)
}
