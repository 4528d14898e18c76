package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// emitter writes one function, or the statements of a cell.
type emitter struct {
	l     *Lowerer
	src   *Source
	env   *environment
	outer *emitter // of the enclosing function, for function literals

	names map[types.Object]string // local variables
	taken map[string]bool
	out   *strings.Builder
	depth int

	signature *types.Signature
	results   []string // names of the results, where they have any
	loops     []*target
	labels    map[string]string
	gotos     map[string]bool // labels that a goto names
	yield     *iteration      // the innermost range over a function whose body is being written

	self, selfCode string // a function calls itself directly, not through its variable
	cellScope      bool   // the statements of a cell
	prepared       []string
	callee         *ast.Ident     // the name that is being called, not used as a value
	calledLiteral  *ast.FuncLit   // the literal that is being called
	alone          *ast.UnaryExpr // a receive that is a whole statement
}

func newEmitter(l *Lowerer, src *Source, env *environment) *emitter {
	return &emitter{
		l: l, src: src, env: env, names: map[types.Object]string{}, taken: map[string]bool{},
		labels: map[string]string{}, out: &strings.Builder{},
	}
}

// inner is the emitter of a function literal.
func (e *emitter) inner() *emitter {
	return &emitter{
		l: e.l, src: e.src, env: e.env, outer: e, names: e.names, taken: e.taken, labels: map[string]string{},
		out: &strings.Builder{}, depth: e.depth, self: e.self, selfCode: e.selfCode,
	}
}

func (e *emitter) typeOf(x ast.Expr) types.Type { return e.l.substitute(e.env, e.src.Info.TypeOf(x)) }
func (e *emitter) typeText(t types.Type) string { return e.l.typeText(e.l.substitute(e.env, t)) }

// under is the underlying type of x.
func (e *emitter) under(x ast.Expr) types.Type {
	if t := e.typeOf(x); t != nil {
		return t.Underlying()
	}
	return nil
}

// fresh takes a local name near base. Names are unique in a function, since the interpreter mixes up shadowed ones.
func (e *emitter) fresh(base string) string {
	name := base
	for i := 1; e.taken[name] || e.l.used[name] || name == runtimeName || strings.HasPrefix(name, "pkg_"); i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	e.taken[name] = true
	return name
}

func (e *emitter) local(o types.Object) string {
	if name, ok := e.names[o]; ok {
		return name
	}
	if name, ok := e.l.names[o]; ok { // a variable of the cell
		return name
	}
	name := "_"
	if o.Name() != "_" {
		name = e.fresh(o.Name())
	}
	e.names[o] = name
	return name
}

func (e *emitter) isGlobal(o types.Object) bool {
	_, ok := e.l.names[o]
	return ok
}

// define writes "name := value", or the assignment where the variable lives at package level.
func (e *emitter) define(o types.Object, value string) {
	name := e.local(o)
	if e.isGlobal(o) {
		e.line("%s = %s", name, value)
		return
	}
	e.line("%s := %s", name, value)
}

func (e *emitter) line(format string, arguments ...any) {
	text := format
	if len(arguments) > 0 {
		text = fmt.Sprintf(format, arguments...)
	}
	e.out.WriteString(strings.Repeat("\t", e.depth) + text + "\n")
}

// FileSuffix ends the file names in lowered text: the interpreter finds imports by the last element of the file name, and
// all cells must be one file to it.
const FileSuffix = "/_.go"

// at makes the interpreter report what follows at its place in the cell.
func (e *emitter) at(p token.Pos) {
	if position := e.src.Set.Position(p); position.IsValid() && position.Filename != "" {
		fmt.Fprintf(e.out, "//line %s%s:%d:%d\n", position.Filename, FileSuffix, position.Line, position.Column)
	}
}

// note tells the worker which statement of the cell runs, for the line of a panic: the interpreter itself knows only in
// which function it was.
func (e *emitter) note(p token.Pos) {
	position := e.src.Set.Position(p)
	e.line("%s.At(%q, %d, %d)", runtimeName, position.Filename, position.Line, position.Column)
}

func (e *emitter) captured(write func()) string {
	before := e.out
	e.out = &strings.Builder{}
	write()
	text := e.out.String()
	e.out = before
	return text
}

// temporary writes a typed variable with a value and returns its name.
func (e *emitter) temporary(t types.Type, value string) string {
	name := e.fresh("t")
	e.line("var %s %s = %s", name, e.l.typeText(t), value)
	return name
}

// function writes "(parameters) results { body }".
func (e *emitter) function(declared *types.Signature, syntax *ast.FuncType, body *ast.BlockStmt) string {
	signature := e.l.substitute(e.env, types.NewSignatureType(nil, nil, nil, declared.Params(), declared.Results(), declared.Variadic())).(*types.Signature)
	e.signature = signature
	e.findGotos(body)
	names := e.fieldNames(syntax.Params, "p", true)
	e.results = e.fieldNames(syntax.Results, "r", false)
	if e.results == nil && signature.Results().Len() > 0 && e.rangesOverFunction(body) {
		for range signature.Results().Len() {
			e.results = append(e.results, e.fresh("r"))
		}
	}
	header := "(" + strings.Join(e.l.parameters(signature, names), ", ") + ")"
	if e.results == nil {
		header += e.l.resultText(signature)
	} else {
		parts := make([]string, len(e.results))
		for i, name := range e.results {
			parts[i] = name + " " + e.l.typeText(signature.Results().At(i).Type())
		}
		header += " (" + strings.Join(parts, ", ") + ")"
	}
	text := e.captured(func() {
		e.depth++
		for i, name := range e.results { // the interpreter may share a result with the variable that the caller assigns to
			zero := e.fresh("zero")
			e.line("var %s %s", zero, e.l.typeText(signature.Results().At(i).Type()))
			e.line("%s = %s", name, zero)
		}
		e.statements(body.List)
		e.depth--
	})
	return header + " {\n" + text + strings.Repeat("\t", e.depth) + "}"
}

// fieldNames gives every parameter a name; results get names only where the source has them.
func (e *emitter) fieldNames(fields *ast.FieldList, base string, always bool) []string {
	if fields == nil {
		return nil
	}
	var names []string
	for _, field := range fields.List {
		if len(field.Names) == 0 && always {
			names = append(names, e.fresh(base))
		}
		for _, id := range field.Names {
			if o := e.src.Info.Defs[id]; o != nil && id.Name != "_" {
				names = append(names, e.local(o))
			} else {
				names = append(names, e.fresh(base))
			}
		}
	}
	return names
}

func (e *emitter) rangesOverFunction(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			_, is := e.under(n.X).(*types.Signature)
			found = found || is
		}
		return !found
	})
	return found
}
