//go:build !unix

package compare

const peakHow = ""

func resetPeak() bool { return false }

// peakBytes is zero: it is not measured here.
func peakBytes() int64 { return 0 }

func residentBytes() int64 { return 0 }
