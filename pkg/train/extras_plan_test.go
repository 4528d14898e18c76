package train

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// A step with adapters has their products, counted by hand, and of the model's those alone through which something flows back
// to them: no weight of the model has a gradient.
func TestExtrasPlanIsPruned(t *testing.T) {
	const d, depth, heads, kv, wide, rows, length, size = 32, 4, 4, 16, 48, 2, 64, 4
	const n, linear, mlp = rows * length, 2*d*d + 2*kv*d + 3*d*wide, 3 * d * wide
	c := model.Config{Dim: d, Layers: depth, Heads: heads, KVHeads: 2, Hidden: wide, Context: length, Tied: true}
	for _, x := range []struct {
		a         adapt.Adaptation
		sites     int
		dx        int // weights of the blocks through which gradients flow
		inner     int // down-projections through which they do
		attention int // layers whose attention is differentiated
	}{
		{adapt.Pfeiffer{Size: size}, depth, (depth - 1) * linear, depth - 1, depth - 1},
		{adapt.Pfeiffer{Size: size, SkipFirst: 2}, 2, linear, 1, 1},
		{adapt.Pfeiffer{Size: size, SkipFirst: 3}, 1, 0, 0, 0},
		{adapt.Houlsby{Size: size}, 2 * depth, (depth-1)*linear + mlp, 2*depth - 1, depth - 1},
	} {
		l := at(t, c, Job{Adapt: x.a, Batch: rows, Length: length})
		vocab := l.model.Config.Vocab
		want := 2*n*(depth*linear+x.dx+2*vocab*d+(2+1+2)*x.sites*d*size+x.inner*d*size) + (2*depth+5*x.attention)*rows*d*length*length
		p := l.train.Plan()
		if got := p.FLOPs(); got != float64(want) {
			t.Errorf("%v: %.0f operations, want %d", x.a, got, want)
		}
		if got := count(p.Steps, func(op string) bool { return strings.HasSuffix(op, ".dw") }); got != 2*x.sites {
			t.Errorf("%v: %d gradients of weights, want %d", x.a, got, 2*x.sites)
		}
	}
	c.Context += 8
	for _, a := range []adapt.Adaptation{adapt.Prefix{Tokens: 4}, adapt.Prompt{Tokens: 4}} {
		p := at(t, c, Job{Adapt: a, Batch: rows, Length: length}).train.Plan()
		weights := count(p.Steps, func(op string) bool { return strings.HasSuffix(op, ".dw") })
		tables := count(p.Steps, func(op string) bool { return op == "embedding.dtable" })
		if _, prompt := a.(adapt.Prompt); weights != 0 || prompt != (tables == 1) || tables > 1 {
			t.Errorf("%v: %d gradients of weights, %d of tables", a, weights, tables)
		}
	}
}

func count(steps []graph.PlanStep, is func(op string) bool) (n int) {
	for _, s := range steps {
		if is(s.Op) {
			n++
		}
	}
	return n
}
