// Package compute holds the numbers: dense float32 tensors, and below it the kernels that work on them.
//
// compute/cpu has the fast kernels (AVX-512, AVX2, portable Go, chosen when a Device is made) and
// compute/reference the same operators as plain float64 loops, against which every fast kernel is tested.
// Nothing here knows about graphs, models or gorgonia.
package compute
