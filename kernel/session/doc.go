// Package session is one learner's Go session: it checks a cell with go/types against everything that earlier cells
// declared, lowers it to Go that the interpreter runs right, has a worker process run it, and answers questions about
// names and types from the same information.
//
// A [Session] lives in the kernel process and survives its worker: a cell that calls os.Exit, overflows the stack or
// runs out of memory costs the variables, and the session says so, but never the kernel.
package session
