//go:build amd64 && !purego && !emulate

package cpu

import "golang.org/x/sys/cpu"

// kernels are the levels whose instructions this processor has.
func kernels() []Level {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		return nil
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL {
		return []Level{AVX2, AVX512}
	}
	return []Level{AVX2}
}

// hasBF16 says whether it has VDPBF16PS.
func hasBF16() bool { return cpu.X86.HasAVX512BF16 }

// relax waits about a microsecond without giving the core away.
func relax() { pause(20) }
