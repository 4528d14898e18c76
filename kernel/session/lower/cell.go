package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Cell is what to lower.
type Cell struct {
	Source    *Source
	Number    int
	Functions []*Function    // declared or redeclared here
	Types     []*types.Named // declared here, not generic
	Variables []Variable     // declared by the statements
	Body      *ast.BlockStmt // the statements
	Last      ast.Expr       // the value to show, nil for none; it is the last statement of Body
}

// Function is a declared function or method.
type Function struct {
	Object *types.Func // as other code refers to it
	Body   *Body
	Name   string // the variable that earlier cells call it through; empty for a new one
}

// Variable is a package-level variable that the statements set.
type Variable struct {
	Objects []types.Object // all objects that stand for it
	Name    string         // what the interpreter knows it as; empty for a new one
}

// Text is a lowered cell.
type Text struct {
	Code    string
	Entry   string            // the function that runs the statements
	Imports map[string]string // path → name of the compiled packages that Code uses
}

// Lower writes c for the interpreter. After an error, call [Lowerer.Rollback].
func (l *Lowerer) Lower(c Cell) (text Text, err error) {
	l.undo = nil
	l.unit = &unit{imports: map[string]string{}}
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok && strings.HasPrefix(e.Error(), ErrUnsupported.Error()) {
				err = fmt.Errorf("lower: %w", e)
				return
			}
			panic(r)
		}
	}()
	for _, f := range c.Functions {
		put(l, l.bodies, f.Object, f.Body)
		put(l, l.bodies, f.Body.Object, f.Body)
	}
	for _, v := range c.Variables {
		l.variable(v)
	}
	for _, t := range c.Types {
		l.named(t)
	}
	for _, f := range c.Functions {
		l.redefine(f)
	}
	entry := l.global(fmt.Sprintf("cell_%d", c.Number))
	e := newEmitter(l, c.Source, &environment{})
	e.depth = 1
	e.cellScope = true
	e.findGotos(c.Body)
	e.statements(c.Body.List)
	if c.Last != nil {
		e.show(c.Last)
	}
	statements := e.out.String()
	l.drain()
	l.assertions()
	l.drain()
	return Text{Code: l.text(entry, statements), Entry: entry, Imports: l.unit.imports}, nil
}

func (l *Lowerer) drain() {
	for len(l.unit.queue) > 0 {
		next := l.unit.queue[0]
		l.unit.queue = l.unit.queue[1:]
		next()
	}
}

func (l *Lowerer) variable(v Variable) {
	name := v.Name
	if name == "" {
		o := v.Objects[0]
		name = l.global(o.Name())
		l.unit.variables = append(l.unit.variables, "var "+name+" "+l.typeText(o.Type()))
	}
	for _, o := range v.Objects {
		put(l, l.names, o, name)
	}
}

// redefine emits a declared function. One that is declared again keeps the variable that its callers know.
func (l *Lowerer) redefine(f *Function) {
	signature := f.Object.Signature()
	if f.Body.Method || signature.TypeParams().Len() > 0 {
		if !f.Body.Method && f.Name != "" {
			l.reinstantiate(f)
		}
		return // methods come with their type, instances when they are asked for
	}
	if f.Object.Name() == "_" || f.Object.Name() == "init" {
		return
	}
	i := &instance{name: f.Name, body: f.Body}
	if i.name == "" {
		i.name = l.global(f.Object.Name())
		l.unit.variables = append(l.unit.variables, "var "+i.name+" "+l.typeText(signature))
	}
	put(l, l.names, types.Object(f.Object), i.name)
	put(l, l.names, types.Object(f.Body.Object), i.name)
	put(l, l.instances, l.instanceKey(f.Object, nil), i)
	l.emitInstance(i)
}

// reinstantiate emits the instances of a generic function that earlier cells made, with its new body.
func (l *Lowerer) reinstantiate(f *Function) {
	prefix := f.Name + "["
	for _, key := range slices.Sorted(maps.Keys(l.instances)) {
		if old := l.instances[key]; strings.HasPrefix(key, prefix) {
			i := &instance{name: old.name, body: f.Body, args: old.args}
			put(l, l.instances, key, i)
			l.emitInstance(i)
		}
	}
	put(l, l.names, types.Object(f.Object), f.Name)
	put(l, l.names, types.Object(f.Body.Object), f.Name)
}

// text puts the parts in an order in which the interpreter resolves them.
func (l *Lowerer) text(entry, statements string) string {
	var b strings.Builder
	b.WriteString("package main\n\n")
	for _, part := range [][]string{l.unit.types, l.unit.variables, l.unit.functions} {
		for _, text := range part {
			b.WriteString(text + "\n")
		}
	}
	fmt.Fprintf(&b, "func %s() {\n", entry)
	for _, binding := range l.unit.bindings {
		b.WriteString("\t" + binding + "\n")
	}
	b.WriteString(statements + "}\n")
	return b.String()
}
