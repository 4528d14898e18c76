package lower

import "go/types"

// environment says what the type parameters stand for in one instance.
type environment struct {
	types map[*types.TypeParam]types.Type
	local map[*types.TypeName]*types.Named // types declared inside the function
}

// substitute replaces the type parameters of v in t.
func (l *Lowerer) substitute(v *environment, t types.Type) types.Type {
	if t == nil || v == nil || len(v.types) == 0 {
		return t
	}
	again := func(t types.Type) types.Type { return l.substitute(v, t) }
	switch t := t.(type) {
	case *types.Alias:
		return again(types.Unalias(t))
	case *types.TypeParam:
		if actual, ok := v.types[t]; ok {
			return actual
		}
		for p, actual := range v.types { // each method declares the parameters of its receiver again
			if p.Index() == t.Index() && p.Obj().Name() == t.Obj().Name() && p.Obj().Pos() == t.Obj().Pos() {
				return actual
			}
		}
		return t
	case *types.Pointer:
		return types.NewPointer(again(t.Elem()))
	case *types.Slice:
		return types.NewSlice(again(t.Elem()))
	case *types.Array:
		return types.NewArray(again(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(again(t.Key()), again(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), again(t.Elem()))
	case *types.Tuple:
		return l.substituteTuple(v, t)
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, l.substituteTuple(v, t.Params()), l.substituteTuple(v, t.Results()), t.Variadic())
	case *types.Struct:
		fields, tags := make([]*types.Var, t.NumFields()), make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i], tags[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), again(f.Type()), f.Embedded()), t.Tag(i)
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		var methods []*types.Func
		for m := range t.ExplicitMethods() {
			methods = append(methods, types.NewFunc(m.Pos(), m.Pkg(), m.Name(), again(m.Type()).(*types.Signature)))
		}
		var embedded []types.Type
		for e := range t.EmbeddedTypes() {
			embedded = append(embedded, again(e))
		}
		return types.NewInterfaceType(methods, embedded).Complete()
	case *types.Named:
		return l.substituteNamed(v, t)
	}
	return t
}

func (l *Lowerer) substituteNamed(v *environment, t *types.Named) types.Type {
	if n := t.TypeArgs().Len(); n > 0 {
		arguments := make([]types.Type, n)
		for i := range arguments {
			arguments[i] = l.substitute(v, t.TypeArgs().At(i))
		}
		made, err := types.Instantiate(l.context, t.Origin(), arguments, false)
		if err != nil {
			fail("%v", err)
		}
		return made
	}
	if !localType(t.Obj()) {
		return t
	}
	if clone, ok := v.local[t.Obj()]; ok {
		return clone
	}
	o := types.NewTypeName(t.Obj().Pos(), t.Obj().Pkg(), t.Obj().Name(), nil)
	clone := types.NewNamed(o, types.Typ[types.Int], nil) // the underlying type may mention the clone
	v.local[t.Obj()] = clone
	l.clones[o] = true
	clone.SetUnderlying(l.substitute(v, t.Underlying()).Underlying())
	return clone
}

func (l *Lowerer) substituteTuple(v *environment, t *types.Tuple) *types.Tuple {
	variables := make([]*types.Var, 0, t.Len())
	for p := range t.Variables() {
		variables = append(variables, types.NewParam(p.Pos(), p.Pkg(), p.Name(), l.substitute(v, p.Type())))
	}
	return types.NewTuple(variables...)
}

// localType says whether a type is declared inside a function.
func localType(o *types.TypeName) bool {
	return o.Pkg() != nil && o.Parent() != nil && o.Parent() != o.Pkg().Scope() && o.Parent() != types.Universe && o.Parent().Parent() != types.Universe
}

func pointee(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func isNil(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.UntypedNil
}

func untyped(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}
