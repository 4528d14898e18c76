package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// inBlock writes an init statement and what follows in a block of its own.
func (e *emitter) inBlock(init ast.Stmt, write func()) {
	if init == nil {
		write()
		return
	}
	e.line("{")
	e.depth++
	e.statement(init, "")
	write()
	e.depth--
	e.line("}")
}

func (e *emitter) switchOver(s *ast.SwitchStmt, label string) {
	e.inBlock(s.Init, func() {
		tag := ""
		var t types.Type
		if s.Tag != nil {
			t = types.Default(e.typeOf(s.Tag))
			tag = e.temporary(t, e.convert(t, s.Tag))
		}
		e.label(label)
		e.line("switch {")
		pop := e.push(&target{label: label})
		for _, c := range s.Body.List {
			c := c.(*ast.CaseClause)
			e.caseLine(c, tag, t)
			e.depth++
			e.statements(c.Body)
			e.depth--
		}
		pop()
		e.line("}")
	})
}

func (e *emitter) caseLine(c *ast.CaseClause, tag string, t types.Type) {
	if c.List == nil {
		e.line("default:")
		return
	}
	conditions := make([]string, len(c.List))
	for i, x := range c.List {
		if tag == "" {
			conditions[i] = e.expression(x)
		} else {
			conditions[i] = e.equal("==", tag, t, e.operand(x, t, ""), e.typeOf(x))
		}
		if len(c.List) > 1 {
			conditions[i] = "(" + conditions[i] + ")"
		}
	}
	e.line("case %s:", strings.Join(conditions, " || "))
}

// typeSwitch finds the case by assertions first, then switches over its number: the interpreter's own type switch gets
// interfaces and bound variables wrong.
func (e *emitter) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	e.inBlock(s.Init, func() {
		var x ast.Expr
		bound := false
		switch a := s.Assign.(type) {
		case *ast.AssignStmt:
			x, bound = a.Rhs[0].(*ast.TypeAssertExpr).X, true
		case *ast.ExprStmt:
			x = a.X.(*ast.TypeAssertExpr).X
		}
		t := e.typeOf(x)
		value := e.temporary(t, e.expression(x))
		chosen := e.fresh("chosen")
		e.line("%s := 0", chosen)
		names := make([]string, len(s.Body.List))
		for n, c := range s.Body.List {
			names[n] = e.typeCase(c.(*ast.CaseClause), value, t, chosen, n+1, bound)
		}
		e.label(label)
		e.line("switch {")
		pop := e.push(&target{label: label})
		for n, c := range s.Body.List {
			c := c.(*ast.CaseClause)
			if c.List == nil {
				e.line("default:")
			} else {
				e.line("case %s == %d:", chosen, n+1)
			}
			e.depth++
			if o := e.src.Info.Implicits[c]; o != nil && bound {
				e.line("%s := %s", e.local(o), names[n])
			}
			e.statements(c.Body)
			e.depth--
		}
		pop()
		e.line("}")
	})
}

// typeCase writes the tests of one case and returns what its variable is bound to.
func (e *emitter) typeCase(c *ast.CaseClause, value string, t types.Type, chosen string, n int, bound bool) string {
	name := value
	for _, x := range c.List {
		wanted := e.typeOf(x)
		condition := value + " == nil"
		if !isNil(wanted) {
			condition = e.fresh("ok")
			kept := "_"
			if len(c.List) == 1 && bound {
				kept = e.fresh("a")
				name = kept
			}
			e.line("%s, %s := %s", kept, condition, e.assertion(value, t, wanted, true))
		}
		e.line("if %s == 0 && %s {", chosen, condition)
		e.line("\t%s = %d", chosen, n)
		e.line("}")
	}
	return name
}

func (e *emitter) selectFrom(s *ast.SelectStmt, label string) {
	// Channels and values of all cases are evaluated before any is chosen.
	headers := make([]string, len(s.Body.List))
	after := make([]func(), len(s.Body.List))
	for i, c := range s.Body.List {
		headers[i], after[i] = e.communication(c.(*ast.CommClause))
	}
	e.label(label)
	e.line("select {")
	pop := e.push(&target{label: label})
	for i, c := range s.Body.List {
		e.line("%s", headers[i])
		e.depth++
		after[i]()
		e.statements(c.(*ast.CommClause).Body)
		e.depth--
	}
	pop()
	e.line("}")
}

func (e *emitter) communication(c *ast.CommClause) (header string, after func()) {
	nothing := func() {}
	channel := func(x ast.Expr) string {
		name := e.fresh("c")
		e.line("%s := %s", name, e.expression(x))
		return name
	}
	switch s := c.Comm.(type) {
	case nil:
		return "default:", nothing
	case *ast.SendStmt:
		element := e.under(s.Chan).(*types.Chan).Elem()
		to := channel(s.Chan)
		return fmt.Sprintf("case %s <- %s:", to, e.temporary(element, e.convert(element, s.Value))), nothing
	case *ast.ExprStmt:
		return "case <-" + channel(ast.Unparen(s.X).(*ast.UnaryExpr).X) + ":", nothing
	case *ast.AssignStmt:
		from := channel(ast.Unparen(s.Rhs[0]).(*ast.UnaryExpr).X)
		names := make([]string, len(s.Lhs))
		blank := true
		for i, x := range s.Lhs {
			names[i] = "_"
			if !isBlank(x) {
				names[i], blank = e.fresh("t"), false
			}
		}
		if blank {
			return "case <-" + from + ":", nothing
		}
		return fmt.Sprintf("case %s := <-%s:", strings.Join(names, ", "), from), func() {
			for i, x := range s.Lhs {
				if o := e.defined(x); o != nil && s.Tok == token.DEFINE {
					e.define(o, names[i])
				} else if !isBlank(x) {
					e.line("%s = %s", e.place(x), names[i])
				}
			}
		}
	}
	fail("select case %T", c.Comm)
	return "", nil
}
