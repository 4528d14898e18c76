package cpu_test

import (
	"fmt"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// fence gives slices that end, or start, exactly at a page that must not be touched: a kernel that reads or writes one
// value too many crashes the test.
type fence struct {
	t      *testing.T
	front  bool // the forbidden page lies before the slice
	mapped [][]byte
}

// fenced allocates such slices, after which, or in front of which, the forbidden page lies.
func fenced(t *testing.T, front bool) (alloc func(n int) []float32, free func()) {
	f := &fence{t: t, front: front}
	return f.alloc, f.free
}

func (f *fence) alloc(n int) []float32 {
	if n == 0 {
		return nil
	}
	page := unix.Getpagesize()
	size := (4*n + page - 1) / page * page
	b, err := unix.Mmap(-1, 0, size+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		f.t.Fatal(err)
	}
	f.mapped = append(f.mapped, b)
	for _, forbidden := range [][]byte{b[:page], b[page+size:]} {
		if err := unix.Mprotect(forbidden, unix.PROT_NONE); err != nil {
			f.t.Fatal(err)
		}
	}
	at := page + size - 4*n
	if f.front {
		at = page
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[at])), n)
}

func (f *fence) free() {
	for _, b := range f.mapped {
		if err := unix.Munmap(b); err != nil {
			f.t.Error(err)
		}
	}
}

func TestKernelsStayInsideTheirSlices(t *testing.T) {
	for _, level := range cpu.Levels() {
		d := device(t, cpu.Options{Level: level, Threads: 2})
		for _, size := range raggedSizes {
			for _, front := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/%v/front=%v", level, size, front), func(t *testing.T) {
					f := &fence{t: t, front: front}
					exercise(d, f.alloc, 1, size[0], size[1], size[2])
					f.free()
				})
			}
		}
	}
}
