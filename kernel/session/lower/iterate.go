package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// iteration is one range over a function, whose body becomes a function literal. Jumps out of the body set a code and
// return false; after the call, the code says where to go on.
type iteration struct {
	up      *iteration
	code    string   // the variable that holds the code
	actions []string // what codes 1, 2, … mean
	returns bool     // the body may return from the enclosing function
}

const (
	codeReturn = -1
	codeBreak  = -2
)

func (e *emitter) rangeFunction(s *ast.RangeStmt, label string, over *types.Signature) {
	yield := over.Params().At(0).Type().Underlying().(*types.Signature)
	it := &iteration{up: e.yield, code: e.fresh("code")}
	done, iterator := e.fresh("done"), e.fresh("iterator")
	e.line("%s, %s := 0, false", it.code, done)
	e.line("%s := %s", iterator, e.expression(s.X))
	variables := []ast.Expr{s.Key, s.Value}
	names := make([]string, yield.Params().Len())
	for i := range names {
		names[i] = e.fresh("y")
	}
	e.line("%s(func(%s) bool {", iterator, strings.Join(e.l.parameters(yield, names), ", "))
	e.depth++
	e.line("if %s { panic(%s.RangeDone()) }", done, runtimeName)
	for i, name := range names {
		e.bind(s, variables[i], name)
	}
	pop := e.push(&target{label: label, loop: true, over: it})
	e.yield = it
	e.line("%s = true", done) // stays so if the body panics or leaves
	body := e.captured(func() { e.statements(s.Body.List) })
	// Every way on from the body is a marked return: the iterator may call again only after one of them.
	e.out.WriteString(strings.ReplaceAll(body, continueMark, done+" = false; return true"))
	e.yield = it.up
	pop()
	e.line("%s = false", done)
	e.line("return true")
	e.depth--
	e.line("})")
	e.line("%s = true", done)
	e.dispatch(it)
}

// continueMark stands for the continue of the innermost range over a function.
const continueMark = "return true /* continue */"

// dispatch goes where the body wanted to go.
func (e *emitter) dispatch(it *iteration) {
	if it.returns {
		e.line("if %s == %d {", it.code, codeReturn)
		switch {
		case it.up != nil:
			e.line("\t%s = %d", it.up.code, codeReturn)
			e.line("\treturn false")
		case len(e.results) > 0:
			e.line("\treturn %s", strings.Join(e.results, ", "))
		default:
			e.line("\treturn")
		}
		e.line("}")
	}
	for i, action := range it.actions {
		e.line("if %s == %d {", it.code, i+1)
		for part := range strings.SplitSeq(action, "; ") {
			e.line("\t%s", part)
		}
		e.line("}")
	}
}

func (e *emitter) jump(s *ast.BranchStmt) {
	switch s.Tok {
	case token.GOTO:
		e.line("goto %s", e.gotoLabel(s.Label.Name))
		return
	case token.FALLTHROUGH:
		e.line("fallthrough")
		return
	}
	t := e.targetOf(s)
	switch {
	case t == nil: // out of a labelled block
		e.line("%s %s", s.Tok, e.gotoLabel(s.Label.Name))
	case t.over != nil && e.yield == t.over && s.Tok == token.CONTINUE:
		e.line(continueMark)
	case t.over != nil && e.yield == t.over:
		e.line("%s = %d", t.over.code, codeBreak)
		e.line("return false")
	case e.yield != t.standsIn: // out of at least one body that became a function literal
		e.line("%s = %d", e.yield.code, e.codeFor(e.yield, t, s.Tok))
		e.line("return false")
	default:
		if s.Tok == token.CONTINUE && t.before != "" {
			e.line("%s", t.before)
		}
		if s.Label != nil {
			e.line("%s %s", s.Tok, e.labelName(s.Label.Name))
		} else {
			e.line("%s", s.Tok)
		}
	}
}

func (e *emitter) targetOf(s *ast.BranchStmt) *target {
	for i := len(e.loops) - 1; i >= 0; i-- {
		t := e.loops[i]
		if s.Label != nil && t.label == s.Label.Name || s.Label == nil && (t.loop || s.Tok == token.BREAK) {
			return t
		}
	}
	return nil
}

// codeFor is the code that makes the statement after it go to t.
func (e *emitter) codeFor(it *iteration, t *target, jump token.Token) int {
	var action string
	switch {
	case t.over != nil && it.up == t.over && jump == token.CONTINUE:
		action = continueMark
	case t.over != nil && it.up == t.over:
		action = fmt.Sprintf("%s = %d; return false", it.up.code, codeBreak)
	case it.up == t.standsIn:
		action = jump.String()
		if t.label != "" {
			action += " " + e.labelName(t.label)
		} else if !t.loop {
			fail("a jump out of a range over a function to a switch or select without a label")
		}
		if jump == token.CONTINUE && t.before != "" {
			action = t.before + "; " + action
		}
	default:
		action = fmt.Sprintf("%s = %d; return false", it.up.code, e.codeFor(it.up, t, jump))
	}
	for i, known := range it.actions {
		if known == action {
			return i + 1
		}
	}
	it.actions = append(it.actions, action)
	return len(it.actions)
}

// leave writes a return.
func (e *emitter) leave(s *ast.ReturnStmt) {
	if e.signature == nil {
		fail("return outside of a function")
	}
	values := e.returned(s)
	if e.yield != nil {
		for i, v := range values {
			e.line("%s = %s", e.results[i], v)
		}
		e.line("%s = %d", e.yield.code, codeReturn)
		for it := e.yield; it != nil; it = it.up {
			it.returns = true
		}
		e.line("return false")
		return
	}
	if len(values) == 0 {
		e.line("return")
		return
	}
	e.line("return %s", strings.Join(values, ", "))
}

func (e *emitter) returned(s *ast.ReturnStmt) []string {
	results := e.signature.Results()
	values := make([]string, 0, results.Len())
	if len(s.Results) == 1 && results.Len() > 1 {
		for range results.Len() {
			values = append(values, e.fresh("t"))
		}
		e.line("%s := %s", strings.Join(values, ", "), e.tuple(s.Results[0]))
		for i, v := range values { // to the type of the result, which may be an interface
			values[i] = e.temporary(results.At(i).Type(), v)
		}
		return values
	}
	for i, x := range s.Results {
		t := results.At(i).Type()
		text := e.convert(t, x)
		if len(e.results) > 0 || needsTemporary(x) {
			text = e.temporary(t, text)
		}
		values = append(values, text)
	}
	return values
}

// needsTemporary says whether the interpreter fails on returning x directly.
func needsTemporary(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.TypeAssertExpr:
			found = true
		}
		return !found
	})
	return found
}
