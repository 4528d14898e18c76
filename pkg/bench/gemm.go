package bench

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// GEMM measures the peak and the matrix products. When ctx ends it returns what was measured, and an error.
func GEMM(ctx context.Context, o Options) ([]Result, error) {
	o, err := o.withDefaults(0.05)
	if err != nil {
		return nil, err
	}
	var shapes []Shape
	var names []string
	for _, s := range o.Shapes {
		if err := s.check(); err != nil {
			return nil, err
		}
		names = append(names, s.String())
		if o.matches(s.String()) {
			shapes = append(shapes, s)
		}
	}
	if len(shapes) == 0 {
		return nil, o.nothing("shape", names)
	}
	other, err := o.startTorch(ctx)
	if err != nil {
		return nil, err
	}
	defer other.close()
	o.Progress("peak")
	out, err := o.peaks(ctx)
	for i := 0; i < len(shapes) && err == nil; i++ {
		o.Progress(fmt.Sprintf("gemm %v (%d of %d)", shapes[i], i+1, len(shapes)))
		var r Result
		if r, err = o.product(ctx, shapes[i], other); err == nil || r.Rounds > 0 {
			out = append(out, r)
			o.Each(r)
		}
	}
	if err != nil {
		return out, fmt.Errorf("bench: gemm: %w", err)
	}
	return out, nil
}

func (o Options) product(ctx context.Context, s Shape, other *peer) (Result, error) {
	out := Result{Bench: "gemm", Shape: s.String(), Bytes: s.Bytes()}
	m, n, k := s.sizes()
	var theirs side
	if other != nil {
		p, err := other.prepare(ctx, request{Bench: "gemm", Kind: s.Kind, M: m, N: n, K: k, Only: o.Variant})
		if err != nil {
			return out, err
		}
		out.Torch, theirs = other.result(p), other.round
	}
	rng := rand.New(rand.NewPCG(1, 1))
	x, w, y := matrix(rng, s.Rows, s.In), matrix(rng, s.Out, s.In), matrix(rng, s.Rows, s.Out)
	d := o.Device
	run := map[string]func(){
		"NT": func() { d.MatMulNT(y, x, w, cpu.Epilogue{}) },
		"NN": func() { d.MatMulNN(x, y, w, cpu.Epilogue{}) },
		"TN": func() { d.MatMulTN(w, y, x, cpu.Epilogue{}) },
	}[s.Kind]
	r, err := o.measure(ctx, o.repeat(func(context.Context) error { run(); return nil }), theirs)
	if len(r.ours) > 0 {
		r.fill(&out, o, s.FLOPs(), 0)
	}
	return out, err
}

func matrix(rng *rand.Rand, rows, cols int) cpu.Matrix {
	return cpu.Matrix{Data: random(rng, rows*cols), Rows: rows, Cols: cols}
}
