//go:build !linux

package cpu_test

import "testing"

// fenced allocates as usual: pages that must not be touched are made on Linux.
func fenced(*testing.T, bool) (alloc func(n int) []float32, free func()) { return heap, func() {} }
