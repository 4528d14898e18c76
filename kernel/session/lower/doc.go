// Package lower turns type-checked Go into the Go that the interpreter runs right.
//
// The interpreter knows no generics, ranges over no integers and no functions, and is wrong in corners that its users
// meet: captured loop variables, deferred arguments, assertions to interfaces, constants, names declared again. With the
// type information of go/types each of these can be written in words that it gets right. The syntax tree is only read;
// text is emitted from tree and types under an environment that says what type parameters stand for, and instances of
// generic functions and types go through a work queue.
//
// A [Lowerer] lives as long as a session: it remembers which types and instances the interpreter knows already. What one
// cell added is undone by [Lowerer.Rollback] when the interpreter refuses the cell.
package lower
