package compute

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// adviseHuge asks for huge pages below x, before it is touched. The range is rounded outwards, so that many parameters
// smaller than a page gain as well; what lies beside x in the heap only gains too. A refusal changes nothing.
func adviseHuge(x []float32) {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(x)))
	end := start + 4*uintptr(len(x))
	start, end = start&^(hugePage-1), (end+hugePage-1)&^(hugePage-1)
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_HUGEPAGE)
}
