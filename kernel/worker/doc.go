// Package worker is the process that runs cells: it owns the interpreter, the compiled library and real file descriptors
// 1 and 2, so that whatever prints is seen. Cells may end it, with os.Exit or a stack overflow; the kernel starts another.
package worker
