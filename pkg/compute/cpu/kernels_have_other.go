//go:build (!amd64 || purego) && !emulate

package cpu

import "runtime"

// kernels are the levels whose instructions this processor has: none of them here.
func kernels() []Level { return nil }

func hasBF16() bool { return false }

// relax waits a little; without a pause instruction, other goroutines may run meanwhile.
func relax() { runtime.Gosched() }
