package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (e *emitter) statements(list []ast.Stmt) {
	for _, s := range list {
		e.statement(s, "")
	}
}

func (e *emitter) block(b *ast.BlockStmt) {
	e.depth++
	e.statements(b.List)
	e.depth--
}

// statement writes s; label is the one that stands before it.
func (e *emitter) statement(s ast.Stmt, label string) {
	if s != nil && label == "" {
		e.at(s.Pos())
		if e.cellScope && e.depth == 1 {
			e.note(s.Pos())
		}
	}
	switch s := s.(type) {
	case nil, *ast.EmptyStmt:
		if label != "" {
			e.line("{}")
		}
	case *ast.ExprStmt:
		e.expressionStatement(s)
	case *ast.DeclStmt:
		e.declaration(s.Decl.(*ast.GenDecl))
	case *ast.AssignStmt:
		e.assign(s)
	case *ast.IncDecStmt:
		e.increment(s)
	case *ast.SendStmt:
		e.send(s)
	case *ast.BlockStmt:
		e.line("{")
		e.block(s)
		e.line("}")
	case *ast.IfStmt:
		e.ifElse(s)
	case *ast.ForStmt:
		e.forLoop(s, label)
	case *ast.RangeStmt:
		e.rangeLoop(s, label)
	case *ast.SwitchStmt:
		e.switchOver(s, label)
	case *ast.TypeSwitchStmt:
		e.typeSwitch(s, label)
	case *ast.SelectStmt:
		e.selectFrom(s, label)
	case *ast.LabeledStmt:
		e.labeled(s)
	case *ast.BranchStmt:
		e.jump(s)
	case *ast.ReturnStmt:
		e.leave(s)
	case *ast.GoStmt:
		e.start(s.Call)
	case *ast.DeferStmt:
		e.postpone(s.Call)
	default:
		fail("statement %T", s)
	}
}

func (e *emitter) expressionStatement(s *ast.ExprStmt) {
	x := ast.Unparen(s.X)
	if receive, ok := x.(*ast.UnaryExpr); ok && receive.Op == token.ARROW {
		e.alone = receive
		e.line("_ = %s", e.expression(x))
		return
	}
	if _, ok := x.(*ast.CallExpr); !ok { // a value that nobody uses: only the last of a cell is shown
		e.line("%s.Use(%s)", runtimeName, e.expression(x))
		return
	}
	text := e.expression(x)
	if strings.HasPrefix(text, "func") { // the interpreter would take it for a declaration
		text = runtimeNop + text
	}
	e.line("%s", text)
}

// runtimeNop keeps a statement from beginning with the word func.
const runtimeNop = "_ = 0; "

func (e *emitter) labeled(s *ast.LabeledStmt) {
	if r, ok := s.Stmt.(*ast.RangeStmt); ok {
		if _, ok := e.under(r.X).(*types.Signature); ok { // becomes a call: there is no loop to carry the label
			e.statement(s.Stmt, s.Label.Name)
			return
		}
	}
	switch s.Stmt.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		// They write their label themselves, next to the loop and after what they evaluate first; goto lands there, too.
		if e.gotos[s.Label.Name] {
			e.out.WriteString(e.gotoLabel(s.Label.Name) + ":\n")
		}
	default:
		e.out.WriteString(e.gotoLabel(s.Label.Name) + ":\n")
	}
	e.statement(s.Stmt, s.Label.Name)
}

// findGotos notes which labels of a function are jumped to with goto; break and continue need only the label of a loop.
func (e *emitter) findGotos(body *ast.BlockStmt) {
	e.gotos = map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			e.gotos[b.Label.Name] = true
		}
		return true
	})
}

func (e *emitter) labelName(label string) string { return e.labelAs("loop " + label) }
func (e *emitter) gotoLabel(label string) string { return e.labelAs("goto " + label) }

func (e *emitter) labelAs(key string) string {
	name, ok := e.labels[key]
	if !ok {
		name = e.fresh(strings.ReplaceAll(key, " ", "_"))
		e.labels[key] = name
	}
	return name
}

// label writes the label of a loop or switch right before it.
func (e *emitter) label(label string) {
	if label != "" {
		e.out.WriteString(e.labelName(label) + ":\n")
	}
}

func (e *emitter) declaration(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return // constants are written as their values, types where they are first used
	}
	for _, s := range d.Specs {
		e.variables(s.(*ast.ValueSpec))
	}
}

func (e *emitter) variables(s *ast.ValueSpec) {
	typeAt := func(i int) types.Type {
		if o := e.src.Info.Defs[s.Names[i]]; o != nil {
			return e.l.substitute(e.env, o.Type())
		}
		return types.Default(e.typeOf(s.Values[i]))
	}
	values := make([]string, len(s.Names))
	switch {
	case len(s.Values) == 0:
		for i, id := range s.Names {
			if id.Name != "_" {
				e.declare(id, typeAt(i), "")
			}
		}
		return
	case len(s.Values) == len(s.Names):
		for i, x := range s.Values {
			values[i] = e.convert(typeAt(i), x)
			if len(s.Names) > 1 {
				values[i] = e.temporary(typeAt(i), values[i])
			}
		}
	default:
		for i := range values {
			values[i] = e.fresh("t")
		}
		e.line("%s := %s", strings.Join(values, ", "), e.tuple(s.Values[0]))
	}
	for i, id := range s.Names {
		if id.Name == "_" {
			e.line("%s.Use(%s)", runtimeName, values[i])
			continue
		}
		e.declare(id, typeAt(i), values[i])
	}
}

// declare writes one variable. A variable of the cell that has no value starts from zero each time its cell runs.
func (e *emitter) declare(id *ast.Ident, t types.Type, value string) {
	o := e.src.Info.Defs[id]
	name := e.local(o)
	switch {
	case e.isGlobal(o) && value == "":
		zero := e.fresh("zero")
		e.line("var %s %s", zero, e.l.typeText(t))
		e.line("%s = %s", name, zero)
	case e.isGlobal(o):
		e.line("%s = %s", name, value)
	case value == "":
		e.line("var %s %s", name, e.l.typeText(t))
	default:
		e.line("var %s %s = %s", name, e.l.typeText(t), value)
	}
}

func (e *emitter) ifElse(s *ast.IfStmt) {
	if s.Init != nil {
		e.line("{")
		e.depth++
		e.statement(s.Init, "")
	}
	e.line("if %s {", e.expression(s.Cond))
	e.block(s.Body)
	if s.Else != nil {
		e.line("} else {")
		e.depth++
		if b, ok := s.Else.(*ast.BlockStmt); ok {
			e.statements(b.List)
		} else {
			e.statement(s.Else, "")
		}
		e.depth--
	}
	e.line("}")
	if s.Init != nil {
		e.depth--
		e.line("}")
	}
}
