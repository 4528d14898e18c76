package cpu

import (
	"fmt"
	"runtime"
)

// Level is a set of vector instructions. The zero value asks for the best that the processor has.
type Level int

// The levels, slowest first.
const (
	Best     Level = iota // only as an option: the highest level supported here
	Portable              // plain Go
	AVX2                  // 8 floats a register, with fused multiply-add
	AVX512                // 16 floats a register
)

func (l Level) String() string {
	switch l {
	case Best:
		return "best"
	case Portable:
		return "portable"
	case AVX2:
		return "AVX2"
	case AVX512:
		return "AVX-512"
	}
	return fmt.Sprintf("Level(%d)", int(l))
}

// Levels lists what this processor supports, slowest first.
func Levels() []Level {
	return append([]Level{Portable}, kernels()...)
}

// Report says in one line which kernels run here and why.
func Report() string {
	levels := Levels()
	best := levels[len(levels)-1]
	line := fmt.Sprintf("%s kernels on %d cores (%s/%s)", best, runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH)
	switch {
	case best == AVX512:
		return line
	case best == AVX2:
		return line + ": this processor has no AVX-512"
	case runtime.GOARCH == "amd64":
		return line + ": this processor has no AVX2 with fused multiply-add; training will be slow"
	}
	return line + ": there are no vector kernels for this architecture yet; training will be slow"
}

// lanes is the number of floats a register holds, and 8 for the portable kernels.
func (l Level) lanes() int {
	if l == AVX512 {
		return 16
	}
	return 8
}

// width is the number of columns of a tile and of a packed panel.
func (l Level) width() int { return 2 * l.lanes() }

// rows is the number of rows of a tile.
func (l Level) rows() int {
	if l == AVX512 {
		return 12
	}
	return 6
}
