package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// typeText writes a type that has no type parameters.
func (l *Lowerer) typeText(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case nil:
		return "any"
	case *types.Basic:
		switch {
		case t.Kind() == types.UnsafePointer:
			return l.imported("unsafe") + ".Pointer"
		case t.Kind() == types.UntypedNil:
			return "any"
		case t.Info()&types.IsUntyped != 0:
			return l.typeText(types.Default(t))
		}
		return t.Name()
	case *types.Pointer:
		return "*" + l.typeText(t.Elem())
	case *types.Slice:
		return "[]" + l.typeText(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.typeText(t.Elem()))
	case *types.Map:
		return "map[" + l.typeText(t.Key()) + "]" + l.typeText(t.Elem())
	case *types.Chan:
		return l.channelText(t)
	case *types.Signature:
		return "func" + l.signatureText(t, nil)
	case *types.Struct:
		return l.structText(t)
	case *types.Interface:
		if t.NumMethods() == 0 {
			return "any"
		}
		var methods []string
		for m := range t.Methods() {
			methods = append(methods, m.Name()+l.signatureText(m.Signature(), nil))
		}
		return "interface { " + strings.Join(methods, "; ") + " }"
	case *types.Named:
		return l.named(t)
	case *types.Tuple:
		var parts []string
		for v := range t.Variables() {
			parts = append(parts, l.typeText(v.Type()))
		}
		return strings.Join(parts, ", ")
	case *types.TypeParam:
		return "any"
	}
	fail("type %s", t)
	return ""
}

func (l *Lowerer) channelText(t *types.Chan) string {
	element := l.typeText(t.Elem())
	switch t.Dir() {
	case types.SendOnly:
		return "chan<- " + element
	case types.RecvOnly:
		return "<-chan " + element
	}
	if c, ok := t.Elem().(*types.Chan); ok && c.Dir() == types.RecvOnly {
		element = "(" + element + ")"
	}
	return "chan " + element
}

func (l *Lowerer) structText(t *types.Struct) string {
	var fields []string
	for i := range t.NumFields() {
		f := t.Field(i)
		text := l.typeText(f.Type())
		if !f.Embedded() {
			text = l.fieldName(t, i) + " " + text
		}
		if tag := fieldTag(t, i); tag != "" {
			text += " " + strconv.Quote(tag)
		}
		fields = append(fields, text)
	}
	return "struct {" + strings.Join(fields, "; ") + "}"
}

// fieldTag hides unexported fields from encoders: the interpreter exports them all, as X and their name.
func fieldTag(t *types.Struct, i int) string {
	if f := t.Field(i); !f.Exported() && !f.Embedded() {
		return `json:"-" xml:"-" yaml:"-" ` + t.Tag(i)
	}
	return t.Tag(i)
}

// fieldName is the name of a field in lowered text: an embedded field is called as its type, which may have another name
// there.
func (l *Lowerer) fieldName(t *types.Struct, i int) string {
	f := t.Field(i)
	switch {
	case f.Name() == "_":
		return "blank_" + strconv.Itoa(i)
	case f.Embedded():
		name := l.typeText(pointee(f.Type()))
		return name[strings.LastIndexByte(name, '.')+1:]
	}
	return f.Name()
}

func (l *Lowerer) signatureText(s *types.Signature, names []string) string {
	return "(" + strings.Join(l.parameters(s, names), ", ") + ")" + l.resultText(s)
}

func (l *Lowerer) parameters(s *types.Signature, names []string) []string {
	parts := make([]string, s.Params().Len())
	for i := range parts {
		t := s.Params().At(i).Type()
		text := l.typeText(t)
		if s.Variadic() && i == len(parts)-1 {
			text = "...byte" // append([]byte, string...) is the one signature whose last parameter is no slice
			if slice, ok := types.Unalias(t).(*types.Slice); ok {
				text = "..." + l.typeText(slice.Elem())
			}
		}
		if names != nil {
			text = names[i] + " " + text
		}
		parts[i] = text
	}
	return parts
}

func (l *Lowerer) resultText(s *types.Signature) string {
	switch s.Results().Len() {
	case 0:
		return ""
	case 1:
		return " " + l.typeText(s.Results().At(0).Type())
	}
	return " (" + l.typeText(s.Results()) + ")"
}

// named gives the lowered name of a named type and declares it when it is met for the first time.
func (l *Lowerer) named(t *types.Named) string {
	o := t.Obj()
	if o.Pkg() == nil {
		return o.Name() // error, comparable
	}
	if !l.fromSource(o.Pkg()) {
		if t.TypeArgs().Len() == 0 {
			return l.imported(o.Pkg().Path()) + "." + o.Name()
		}
		return l.genericCompiled(t)
	}
	key := l.typeKey(t)
	if name, ok := l.typeNames[key]; ok {
		return name
	}
	base := o.Name()
	if base == "_" {
		base = "blank"
	}
	if t.TypeArgs().Len() > 0 {
		base += "_" + sanitize(key[strings.IndexByte(key, '['):])
	}
	name := l.global(base)
	put(l, l.typeNames, key, name)
	before := l.declared
	l.declared = append(l.declared[:len(l.declared):len(l.declared)], declaredType{t, name})
	l.undo = append(l.undo, func() { l.declared = before })
	l.declareType(t, name)
	return name
}

// genericCompiled writes an instance of a generic type of a compiled package: the type of that name in the package's
// source, where there is one.
func (l *Lowerer) genericCompiled(t *types.Named) string {
	if lib := l.libraryOf(t.Obj().Pkg().Path()); lib != nil {
		if own, ok := lib.Source.Package.Scope().Lookup(t.Obj().Name()).(*types.TypeName); ok {
			arguments := make([]types.Type, t.TypeArgs().Len())
			for i := range arguments {
				arguments[i] = t.TypeArgs().At(i)
			}
			made, err := types.Instantiate(l.context, own.Type(), arguments, false)
			if err != nil {
				fail("%v", err)
			}
			return l.typeText(made)
		}
	}
	switch t.Underlying().(type) {
	case *types.Struct:
		fail("the generic type %s of a compiled package", t)
	}
	return l.typeText(t.Underlying())
}

func (l *Lowerer) declareType(t *types.Named, name string) {
	slot := len(l.unit.types)
	l.unit.types = append(l.unit.types, "")
	// The interpreter lets U keep the methods of T in "type U T", so the underlying type is always written out.
	l.unit.types[slot] = "type " + name + " " + l.typeText(t.Underlying())
	if types.IsInterface(t) {
		return
	}
	for m := range t.Origin().Methods() {
		if body := l.bodies[m]; body != nil {
			l.unit.queue = append(l.unit.queue, func() { l.method(t, name, m, body) })
		}
	}
}

// typeKey identifies a named type with its arguments.
func (l *Lowerer) typeKey(t *types.Named) string {
	key := fmt.Sprintf("%s#%d", t.Obj().Name(), l.id(t.Origin().Obj()))
	if n := t.TypeArgs().Len(); n > 0 {
		arguments := make([]string, n)
		for i := range arguments {
			arguments[i] = l.keyOf(t.TypeArgs().At(i))
		}
		key += "[" + strings.Join(arguments, ",") + "]"
	}
	return key
}

// keyOf writes a type so that different types have different keys, and equal types equal ones.
func (l *Lowerer) keyOf(t types.Type) string { return l.typeText(t) }

// sanitize makes a piece of a name from a key, for people who read the lowered text.
func sanitize(key string) string {
	var b strings.Builder
	for _, r := range key {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_':
			b.WriteRune(r)
		case r == '.':
			b.WriteByte('_')
		case r == '*':
			b.WriteByte('p')
		}
		if b.Len() >= 40 {
			break
		}
	}
	return b.String()
}
