package compute

// hugePage is the size of the pages that large blocks of values are put on where the system has them: with 4 KiB pages
// a training step over hundreds of megabytes spends much of its time looking up addresses, above all in a virtual
// machine, where each lookup is two.
const hugePage = 2 << 20

// Floats returns n zeros, on huge pages where the system has them and the block is large enough to gain.
func Floats(n int) []float32 {
	x := make([]float32, n)
	if 4*n >= hugePage/4 {
		adviseHuge(x)
	}
	return x
}
