package main

import "strings"

// module is ours; its packages are found by pattern, so that a new one needs no entry here.
const module = "github.com/tunebook/tunebook"

// patterns is what cells can import, as arguments of go list.
var patterns = []string{
	"std",
	"gonum.org/v1/gonum/diff/fd",
	"gonum.org/v1/gonum/dsp/fourier",
	"gonum.org/v1/gonum/floats",
	"gonum.org/v1/gonum/floats/scalar",
	"gonum.org/v1/gonum/integrate",
	"gonum.org/v1/gonum/interp",
	"gonum.org/v1/gonum/mat",
	"gonum.org/v1/gonum/optimize",
	"gonum.org/v1/gonum/stat",
	"gonum.org/v1/gonum/stat/combin",
	"gonum.org/v1/gonum/stat/distuv",
	"gonum.org/v1/plot",
	"gonum.org/v1/plot/font",
	"gonum.org/v1/plot/palette",
	"gonum.org/v1/plot/palette/moreland",
	"gonum.org/v1/plot/plotter",
	"gonum.org/v1/plot/plotutil",
	"gonum.org/v1/plot/text",
	"gonum.org/v1/plot/vg",
	"gonum.org/v1/plot/vg/draw",
	"gonum.org/v1/plot/vg/vgimg",
	"gonum.org/v1/plot/vg/vgsvg",
	"gorgonia.org/gorgonia",
	"gorgonia.org/tensor",
	module + "/kernel/display",
	module + "/lessons/check",
	module + "/pkg/...",
}

// sourced are the packages whose generic functions cells call; their source is instantiated like that of a cell.
var sourced = []string{"cmp", "iter", "maps", "slices", "sync", "math/rand/v2"}

// skipped says which packages of the patterns cells cannot import, and the reason is always the same: they make no sense
// in an interpreter, or their API differs from one operating system to the next.
func skipped(path string) bool {
	switch path {
	case "log/syslog", "plugin", "runtime/cgo", "syscall", "syscall/js", "unsafe", "testing/synctest", "runtime/secret", "crypto/x509/internal/macos":
		return true
	case module + "/pkg/symbols", module + "/pkg/symbols/gen", module + "/pkg/bench/command":
		return true
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "internal" || part == "vendor" || part == "testdata" {
			return true
		}
	}
	return strings.HasPrefix(path, "simd")
}
