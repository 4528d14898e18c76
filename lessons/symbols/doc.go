// Package symbols holds what cells can import of the lessons: compiled symbols for the interpreter and export data for the
// type checker. All of it is generated from packages.txt, beside the tables of the other rooms: go generate
// ./kernel/symbols.
package symbols
