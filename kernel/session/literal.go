package session

import (
	"go/ast"
	"go/types"
)

// nameFields writes the field names into struct literals that have none, pair{1, 2} becoming pair{a: 1, b: 2}, where the
// struct is one of the notebook's own with unexported fields. The type checker allows those without names only in the
// package that declared them, by identity, and each cell is a package to it. It says whether it changed anything.
func (c *checked) nameFields(file *ast.File) bool {
	changed := false
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok || len(literal.Elts) == 0 {
			return true
		}
		fields := c.structOf(literal)
		if fields == nil || fields.NumFields() != len(literal.Elts) || !ours(fields) {
			return true
		}
		for _, value := range literal.Elts {
			if _, named := value.(*ast.KeyValueExpr); named {
				return true
			}
		}
		for i, value := range literal.Elts {
			name := &ast.Ident{NamePos: value.Pos(), Name: fields.Field(i).Name()}
			literal.Elts[i] = &ast.KeyValueExpr{Key: name, Colon: value.Pos(), Value: value}
		}
		changed = true
		return true
	})
	return changed
}

// structOf is the struct that a literal makes, nil for maps, slices and what has no type.
func (c *checked) structOf(literal *ast.CompositeLit) *types.Struct {
	t := c.info.TypeOf(literal)
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok { // an element of []*T{{…}}
		t = p.Elem()
	}
	fields, _ := t.Underlying().(*types.Struct)
	return fields
}

// ours says whether a notebook declared the struct, and some of its fields are unexported. A blank field has no name to
// write.
func ours(fields *types.Struct) bool {
	hidden := false
	for i := range fields.NumFields() {
		f := fields.Field(i)
		if f.Name() == "_" || f.Pkg() == nil || f.Pkg().Path() != "main" {
			return false
		}
		hidden = hidden || !f.Exported()
	}
	return hidden
}
