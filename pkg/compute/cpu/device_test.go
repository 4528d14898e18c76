package cpu_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		options cpu.Options
		want    string
	}{
		"unknown level":    {cpu.Options{Level: cpu.Level(99)}, "Level(99) is not supported"},
		"negative threads": {cpu.Options{Threads: -1}, "-1 threads"},
	} {
		if _, err := cpu.New(c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	if !slices.Contains(cpu.Levels(), cpu.AVX512) {
		if _, err := cpu.New(cpu.Options{Level: cpu.AVX512}); err == nil {
			t.Error("AVX-512 was accepted on a processor without it")
		}
	}
}

func TestBestIsTheLastLevel(t *testing.T) {
	levels := cpu.Levels()
	if d := device(t, cpu.Options{}); d.Level() != levels[len(levels)-1] {
		t.Errorf("level %v of %v", d.Level(), levels)
	}
	if r := cpu.Report(); !strings.Contains(r, levels[len(levels)-1].String()) {
		t.Errorf("report %q does not name the level", r)
	}
}

func TestBadMatricesPanic(t *testing.T) {
	d := device(t, cpu.Options{Threads: 1})
	ok := func(rows, cols int) cpu.Matrix {
		return cpu.Matrix{Data: make([]float32, rows*cols), Rows: rows, Cols: cols}
	}
	short, narrow := ok(4, 3), ok(4, 3)
	short.Data = short.Data[:11]
	narrow.Stride = 2
	for name, run := range map[string]func(){
		"short data":     func() { d.MatMulNT(ok(4, 2), short, ok(2, 3), cpu.Epilogue{}) },
		"narrow stride":  func() { d.MatMulNT(ok(4, 2), narrow, ok(2, 3), cpu.Epilogue{}) },
		"depth differs":  func() { d.MatMulNT(ok(4, 2), ok(4, 3), ok(2, 4), cpu.Epilogue{}) },
		"rows differ":    func() { d.MatMulNN(ok(5, 2), ok(4, 3), ok(3, 2), cpu.Epilogue{}) },
		"columns differ": func() { d.MatMulTN(ok(3, 3), ok(4, 3), ok(4, 2), cpu.Epilogue{}) },
		"short bias":     func() { d.MatMulNT(ok(4, 2), ok(4, 3), ok(2, 3), cpu.Epilogue{Bias: make([]float32, 1)}) },
		"no activation":  func() { d.MatMulNT(ok(4, 2), ok(4, 3), ok(2, 3), cpu.Epilogue{Before: ok(4, 2)}) },
		"its size":       func() { d.MatMulNT(ok(4, 2), ok(4, 3), ok(2, 3), cpu.Epilogue{Activation: cpu.GELU, Before: ok(4, 3)}) },
		"unknown one":    func() { d.MatMulNT(ok(4, 2), ok(4, 3), ok(2, 3), cpu.Epilogue{Activation: 9}) },
		"small residual": func() { d.MatMulNT(ok(4, 2), ok(4, 3), ok(2, 3), cpu.Epilogue{Residual: ok(3, 2)}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			run()
		}()
	}
	// A panic must leave the Device usable.
	d.MatMulNT(ok(4, 2), ok(4, 3), ok(2, 3), cpu.Epilogue{})
}
