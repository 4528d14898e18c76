package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// instanceLimit stops a generic function that instantiates itself with ever larger types.
const instanceLimit = 3000

func (l *Lowerer) instanceKey(f *types.Func, arguments []types.Type) string {
	key := l.names[f]
	if key == "" {
		key = fmt.Sprintf("%s.%s#%d", f.Pkg().Path(), f.Name(), l.id(f.Origin()))
		put(l, l.names, types.Object(f), key)
	}
	if len(arguments) == 0 {
		return key
	}
	parts := make([]string, len(arguments))
	for i, a := range arguments {
		parts[i] = l.keyOf(a)
	}
	return key + "[" + strings.Join(parts, ",") + "]"
}

// function names a function declared from source, or the instance of it with type arguments.
func (l *Lowerer) function(f *types.Func, arguments []types.Type) string {
	f = f.Origin()
	if f.FullName() == "maps.clone" { // the runtime's
		return runtimeName + ".CloneMap"
	}
	key := l.instanceKey(f, arguments)
	if i, ok := l.instances[key]; ok {
		return i.name
	}
	body := l.bodies[f]
	if body == nil || body.Decl.Body == nil {
		fail("function %s without a body", f.FullName())
	}
	if l.unit.instances++; l.unit.instances > instanceLimit {
		fail("%s needs more than %d instances", f.Name(), instanceLimit)
	}
	base := f.Name()
	for _, a := range arguments {
		base += "_" + sanitize(l.keyOf(a))
	}
	i := &instance{name: l.global(base), body: body, args: arguments}
	put(l, l.instances, key, i)
	v := l.environmentOf(body, arguments)
	signature := l.substitute(v, types.NewSignatureType(nil, nil, nil, body.Object.Signature().Params(), body.Object.Signature().Results(), body.Object.Signature().Variadic()))
	l.unit.variables = append(l.unit.variables, "var "+i.name+" "+l.typeText(signature))
	l.emitInstance(i)
	return i.name
}

func (l *Lowerer) environmentOf(b *Body, arguments []types.Type) *environment {
	v := &environment{local: map[*types.TypeName]*types.Named{}}
	if len(arguments) > 0 {
		v.types = make(map[*types.TypeParam]types.Type, len(arguments))
		parameters := b.Object.Signature().TypeParams()
		for i, a := range arguments {
			v.types[parameters.At(i)] = a
		}
	}
	return v
}

// emitInstance writes the code of a function under a name of its own and binds the variable that callers use to it: so
// callers compiled in earlier cells reach the newest code.
func (l *Lowerer) emitInstance(i *instance) {
	code := l.global(i.name + "_code")
	l.unit.bindings = append(l.unit.bindings, i.name+" = "+code)
	l.unit.queue = append(l.unit.queue, func() {
		e := newEmitter(l, i.body.Source, l.environmentOf(i.body, i.args))
		e.self, e.selfCode = i.name, code
		l.unit.functions = append(l.unit.functions, "func "+code+e.function(i.body.Object.Signature(), i.body.Decl.Type, i.body.Decl.Body))
	})
}

// method writes a method of t, whose body was checked as a function with the receiver as its first parameter.
func (l *Lowerer) method(t *types.Named, typeName string, m *types.Func, body *Body) {
	arguments := make([]types.Type, t.TypeArgs().Len())
	for i := range arguments {
		arguments[i] = t.TypeArgs().At(i)
	}
	e := newEmitter(l, body.Source, l.environmentOf(body, arguments))
	signature := body.Object.Signature()
	star := ""
	if _, ok := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer); ok {
		star = "*"
	}
	var receiver string
	if names := body.Decl.Type.Params.List[0].Names; len(names) > 0 && names[0].Name != "_" {
		receiver = e.local(body.Source.Info.Defs[names[0]])
	} else {
		receiver = e.fresh("receiver")
	}
	rest := make([]*types.Var, 0, signature.Params().Len())
	for i := 1; i < signature.Params().Len(); i++ {
		rest = append(rest, signature.Params().At(i))
	}
	plain := types.NewSignatureType(nil, nil, nil, types.NewTuple(rest...), signature.Results(), signature.Variadic())
	declared := &ast.FuncType{Params: &ast.FieldList{List: body.Decl.Type.Params.List[1:]}, Results: body.Decl.Type.Results}
	l.unit.functions = append(l.unit.functions,
		fmt.Sprintf("func (%s %s%s) %s%s", receiver, star, typeName, m.Name(), e.function(plain, declared, body.Decl.Body)))
}

// literal writes a function literal. When a call of one ends, the interpreter puts back what stood in the place of the
// frame that the literal was made in; where another thread has just made the next one there, that is lost, and an older
// closure runs twice. So a literal that is made again and again is made in a frame of its own each time.
func (e *emitter) literal(x *ast.FuncLit) string {
	text := "func" + e.inner().function(e.src.Info.TypeOf(x).(*types.Signature), x.Type, x.Body)
	if x == e.calledLiteral || !e.repeats() {
		return text
	}
	return "func() " + e.l.typeText(e.typeOf(x)) + " { return " + text + " }()"
}

// repeats says whether what is being written may run more than once in one call of the function.
func (e *emitter) repeats() bool { return len(e.loops) > 0 || len(e.gotos) > 0 }
