package adapt_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// What testdata/adapters.py computed in PyTorch, in float64, from the papers' equations, each record by itself: the logits,
// and three gradient steps, which here are taken with both records packed into one row.
func TestMeetsPyTorch(t *testing.T) {
	ctx := context.Background()
	f, err := checkpoint.Open(os.DirFS("testdata"), "adapters.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all map[string]*model.Extras
	var records [][2][]int
	var steps int
	var rate float64
	about := f.Metadata()
	for name, to := range map[string]any{"kinds": &all, "records": &records, "steps": &steps, "rate": &rate} {
		if err := json.Unmarshal([]byte(about[name]), to); err != nil {
			t.Fatal(err)
		}
	}
	near := func(t *testing.T, name string, got, want []float32, tolerance float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
		}
		for i, w := range want {
			if !(math.Abs(float64(got[i]-w)) <= tolerance*math.Max(1, math.Abs(float64(w)))) {
				t.Fatalf("%s[%d] = %g, want %g", name, i, got[i], w)
			}
		}
	}
	get := func(name string) []float32 {
		x, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data
	}
	if len(all) != 7 || steps != 3 {
		t.Fatalf("%d kinds, %d steps", len(all), steps)
	}
	base, err := model.Load(ctx, "../model/testdata/tied")
	if err != nil {
		t.Fatal(err)
	}
	for kind, a := range map[string]adapt.Adaptation{"houlsby": adapt.Houlsby{Size: 6}, "pfeiffer": adapt.Pfeiffer{Size: 5}, "parallel": adapt.Parallel{Size: 5}} {
		if sites := adapt.Must(adapt.Attach(base, a)).Model.Extras.Sites; !reflect.DeepEqual(sites, all[kind].Sites) {
			t.Errorf("%v stands at %+v, in PyTorch at %+v", a, sites, all[kind].Sites)
		}
	}
	for kind, e := range all {
		t.Run(kind, func(t *testing.T) {
			m := base.Clone()
			e.Params = &nn.Params{}
			for _, s := range e.Shapes(m.Config) {
				x, err := f.Tensor(kind + "/0/" + s.Name)
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Params.Add(s.Name, x.Clone()); err != nil {
					t.Fatal(err)
				}
			}
			if err := m.Extend(e); err != nil {
				t.Fatal(err)
			}
			var ids, targets, positions, segments []int32
			for s, r := range records {
				got, err := m.Logits(ctx, r[0])
				if err != nil {
					t.Fatal(err)
				}
				near(t, "logits", got.Data, get(kind+"/logits/"+string(rune('0'+s))), 2e-4)
				for i := range e.Prompt {
					ids, targets = append(ids, int32(m.Config.Vocab+i)), append(targets, cpu.Ignore)
				}
				for i, id := range r[0] {
					ids, targets = append(ids, int32(id)), append(targets, int32(r[1][i]))
				}
				for i := range e.Prompt + len(r[0]) {
					positions, segments = append(positions, int32(i)), append(segments, int32(s))
				}
			}
			n, g := len(ids), graph.New()
			in := model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: 1, Length: n}
			out, err := m.Build(g, in, nn.Hooks{Trainable: func(name string) bool { return e.Params.Get(name) != nil }})
			if err != nil {
				t.Fatal(err)
			}
			labels := g.Ints("targets", n)
			loss := graph.LinearCrossEntropy(out.Hidden, out.Head, labels, nil)
			grads, err := g.Grad(loss, out.Params...)
			if err != nil {
				t.Fatal(err)
			}
			machine, err := g.Compile(graph.Options{}, append(grads, loss)...)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(machine.SetInts(in.IDs, ids), machine.SetInts(in.Positions, positions), machine.SetInts(in.Segments, segments), machine.SetInts(labels, targets)); err != nil {
				t.Fatal(err)
			}
			for step := range steps {
				if err := machine.Run(ctx); err != nil {
					t.Fatal(err)
				}
				value, err := machine.Scalar(loss)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "loss", []float32{float32(value)}, get(kind + "/losses")[step:step+1], 1e-4)
				for i, p := range out.Params {
					dx, err := machine.Value(grads[i])
					if err != nil {
						t.Fatal(err)
					}
					x := e.Params.Get(p.Name()).Data
					for k, v := range dx.Data {
						x[k] -= float32(rate) * v
					}
				}
			}
			if len(out.Params) != e.Params.Len() {
				t.Errorf("%d parameters move of %d", len(out.Params), e.Params.Len())
			}
			for _, s := range e.Shapes(m.Config) {
				near(t, s.Name, e.Params.Get(s.Name).Data, get(kind+"/3/"+s.Name), 1e-3)
			}
		})
	}
}
