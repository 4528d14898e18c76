//go:build emulate

package cpu

import (
	"bytes"
	_ "embed"
	"runtime"
	"sync"

	"github.com/tunebook/tunebook/pkg/compute/cpu/internal/emulate"
)

// With the build tag emulate every level exists everywhere, interpreted and very slow. The tests of this package then
// execute the AVX-512 kernels, and the code that calls them, on any machine: go test -tags emulate.

//go:embed kernels_amd64.s
var assembly []byte

var program = sync.OnceValue(func() *emulate.Program {
	p, err := emulate.Parse(bytes.NewReader(assembly))
	if err != nil {
		panic(err)
	}
	return p
})

func emulated(name string, parameters ...any) {
	if _, err := program().Call(name, nil, parameters...); err != nil {
		panic(err)
	}
}

func kernels() []Level { return []Level{AVX2, AVX512} }

func hasBF16() bool { return true }

func relax() { runtime.Gosched() }
