// Package train runs a method on a model: the loop, its events, exams.
//
// A Job says what to train on what; Run copies the model, trains the copy and returns it in a Result, so running a cell
// twice gives the same thing twice. Equal jobs give equal curves, bit for bit, on the same kind of processor.
package train
