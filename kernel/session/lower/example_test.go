package lower_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"

	"github.com/tunebook/tunebook/kernel/session/lower"
)

// The interpreter cannot range over an integer: what it is given counts.
func Example() {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "cell 1", "package main\nfunc cell() { for i := range 3 { println(i) } }", parser.SkipObjectResolution)
	if err != nil {
		fmt.Println(err)
		return
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, Instances: map[*ast.Ident]types.Instance{},
	}
	p, err := (&types.Config{}).Check("main", set, []*ast.File{file}, info)
	if err != nil {
		fmt.Println(err)
		return
	}
	body := file.Decls[0].(*ast.FuncDecl).Body
	text, err := lower.New(nil).Lower(lower.Cell{Source: &lower.Source{Package: p, Info: info, Set: set}, Number: 1, Body: body})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("call", text.Entry)
	for line := range strings.Lines(text.Code) {
		if strings.Contains(line, "for ") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// call cell_1
	// for i := int(0); i < t; i++ {
}
