// Package emulate interprets the generated assembly of compute/cpu, read as text, one instruction at a time.
//
// It exists for tests: the AVX-512 kernels are executed, in the very form in which they are assembled, on machines
// that have no AVX-512. The same interpreter must reproduce the AVX2 kernels bit for bit where a processor runs them,
// which is what makes its verdict on AVX-512 worth something.
package emulate
