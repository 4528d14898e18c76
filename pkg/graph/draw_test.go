package graph

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
)

// drawn is the text of each group of a drawing, its title first. It fails on what is not XML.
func drawn(t *testing.T, svg string) (groups [][]string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	inside, root := false, ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well formed: %v", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if root == "" {
				root = e.Name.Space + " " + e.Name.Local
			}
			if e.Name.Local == "g" {
				groups, inside = append(groups, nil), true
			}
		case xml.EndElement:
			inside = inside && e.Name.Local != "g"
		case xml.CharData:
			if text := strings.TrimSpace(string(e)); inside && text != "" {
				groups[len(groups)-1] = append(groups[len(groups)-1], text)
			}
		}
	}
	if root != "http://www.w3.org/2000/svg svg" {
		t.Fatalf("the root is %s", root)
	}
	return groups
}

// Forward and training plans are drawn whole, well formed, with what each step is and costs, and alike each time.
func TestDrawing(t *testing.T) {
	draw := func() (plans []Plan) {
		d, outputs := trained(t, 21)
		return []Plan{d.compile(t, Options{}, d.loss).Plan(), d.compile(t, Options{}, outputs...).Plan()}
	}
	again := draw()
	for i, p := range draw() {
		svg := p.SVG()
		if svg != again[i].SVG() {
			t.Error("two equal plans are drawn differently")
		}
		groups := map[string][]string{}
		for _, g := range drawn(t, svg) {
			name, _, _ := strings.Cut(g[0], " ")
			groups[name] = g[1:]
		}
		if len(groups) != len(p.Steps) {
			t.Fatalf("%d boxes for %d steps", len(groups), len(p.Steps))
		}
		for _, s := range p.Steps {
			text := strings.Join(groups[s.Name], "|")
			for _, want := range []string{s.Op + "|" + size(s.Shape), amount(float64(s.Bytes), "B")} {
				if !strings.Contains(text, want) {
					t.Errorf("%s is drawn as %q, without %q", s.Name, text, want)
				}
			}
			if strings.Contains(text, "FLOP") != (s.FLOPs > 0) {
				t.Errorf("%s of %g FLOPs is drawn as %q", s.Name, s.FLOPs, text)
			}
		}
	}
}

// By hand: a product of (2, 3) and (5, 3) is 60 FLOPs; names that are no text are made some.
func TestDrawingNamesWhatIsRead(t *testing.T) {
	g := New()
	w := g.Param("model.layers.3.\x00<&\">\xff.weight", compute.New(5, 3))
	m, err := g.Compile(Options{}, Linear(g.Input("x", 2, 3), w, nil))
	if err != nil {
		t.Fatal(err)
	}
	svg := m.Plan().SVG()
	if got, want := drawn(t, svg)[0][1:], []string{"linear", "2 × 5", "x, layers.3.\ufffd<&\">\ufffd", "60 FLOP · 64 B"}; !slices.Equal(got, want) {
		t.Errorf("drawn as %q, want %q", got, want)
	}
	if n := strings.Count(svg, `class="tb-edge"`); n != 0 {
		t.Errorf("%d edges from inputs", n)
	}
	drawn(t, Plan{}.SVG())
	out, err := g.Compile(Options{}, w)
	if err != nil {
		t.Fatal(err)
	}
	drawn(t, out.Plan().SVG())
}

// Every value that a step reads comes to it from above, no two boxes lie on each other, and nothing is left of the page.
func TestLayers(t *testing.T) {
	d, outputs := trained(t, 22)
	for _, outputs := range [][]*Node{{d.loss}, outputs} {
		p := d.compile(t, Options{}, outputs...).Plan()
		picture := arrange(p)
		want, got := map[string]int{}, map[string]int{}
		for _, s := range p.Steps {
			for _, in := range s.Inputs {
				if strings.HasPrefix(in, "pick") {
					t.Errorf("%s reads %s, which is a view and no step", s.Name, in)
				}
				if slices.ContainsFunc(p.Steps, func(o PlanStep) bool { return o.Name == in }) {
					want[in+" to "+s.Name]++
				}
			}
		}
		for _, e := range picture.edges {
			for i, c := range e[1:] {
				if c.layer != e[i].layer+1 || (c.step >= 0) != (i+2 == len(e)) {
					t.Fatalf("an edge goes from layer %d to %d", e[i].layer, c.layer)
				}
			}
			got[p.Steps[e[0].step].Name+" to "+p.Steps[e[len(e)-1].step].Name]++
		}
		if len(got) != len(want) {
			t.Errorf("%d edges, want %d", len(got), len(want))
		}
		for e := range want {
			if got[e] != 1 {
				t.Errorf("%s is drawn %d times", e, got[e])
			}
		}
		for _, layer := range picture.layers {
			end := -between
			for _, c := range layer {
				if left := c.x - c.width/2; left < end+between-1e-6 || c.x+c.width/2 > picture.width+1e-6 {
					t.Errorf("layer %d: from %g, the one before ends at %g, the page at %g", c.layer, left, end, picture.width)
				}
				end = c.x + c.width/2
			}
		}
	}
}

// In a forward plan the residual stream goes past each block in one straight line.
func TestResidualsAreStraight(t *testing.T) {
	d := newDecoder(t, 24)
	long := 0
	for _, e := range arrange(d.compile(t, Options{}, d.loss).Plan()).edges {
		if len(e) > 4 {
			long++
		}
		for i := 2; i < len(e)-1; i++ {
			if e[i].x != e[1].x {
				t.Errorf("bends of one edge at %g and %g", e[1].x, e[i].x)
			}
		}
	}
	if long != 4 { // two blocks a layer
		t.Errorf("%d long edges, want four residuals", long)
	}
}

// Two chains that the plan names in opposite order are drawn without a crossing.
func TestCrossingsAreUndone(t *testing.T) {
	p := Plan{Steps: []PlanStep{{Name: "a"}, {Name: "b"}, {Name: "c", Inputs: []string{"b"}}, {Name: "d", Inputs: []string{"a"}}, {Name: "e", Inputs: []string{"c", "d", "a"}}}}
	if d := arrange(p); d.crossings() != 0 {
		t.Errorf("%d crossings", d.crossings())
	}
	// The count itself: a to d and b to c cross as the plan has them.
	a, b := &cell{x: 0}, &cell{x: 1}
	a.down, b.down = []*cell{{x: 1}}, []*cell{{x: 0}}
	if n := (&drawing{layers: [][]*cell{{a, b}}}).crossings(); n != 1 {
		t.Errorf("%d crossings of two lines that cross", n)
	}
}

// By arithmetic: two that want one place share it by weight, a third far away has its own.
func TestSettle(t *testing.T) {
	layer := []*cell{{width: 10}, {width: 10}, {width: 10}}
	weights := map[*cell]float64{layer[0]: 3, layer[1]: 1, layer[2]: 1}
	wants := map[*cell]float64{layer[0]: 0, layer[1]: 0, layer[2]: 500}
	settle(layer, func(c *cell) (sum, weight float64) { return weights[c] * wants[c], weights[c] })
	room := 10 + between
	for i, want := range []float64{-room / 4, room * 3 / 4, 500} {
		if math.Abs(layer[i].x-want) > 1e-9 {
			t.Errorf("cell %d at %g, want %g", i, layer[i].x, want)
		}
	}
}

func TestAmountAndFit(t *testing.T) {
	for n, want := range map[float64]string{0: "0 B", 64: "64 B", 999.4: "999 B", 999.6: "1 kB", 131072: "131 kB", 2.5e9: "2.5 GB", 7e15: "7 PB"} {
		if got := amount(n, "B"); got != want {
			t.Errorf("%g: %q, want %q", n, got, want)
		}
	}
	for _, c := range []struct {
		names   []string
		letters float64
		want    string
	}{
		{[]string{"model.layers.0.mlp.up_proj.weight"}, 30, "layers.0.mlp.up_proj"},
		{[]string{"model.layers.0.mlp.up_proj.weight"}, 12, "mlp.up_proj"},
		{[]string{"model.embed_tokens.weight", "ids"}, 30, "embed_tokens, ids"},
		{[]string{"averylongnamewithoutdots"}, 8, "averylo…"},
		{nil, 8, ""},
	} {
		if got := fit(c.names, c.letters); got != c.want {
			t.Errorf("%v in %g: %q, want %q", c.names, c.letters, got, c.want)
		}
	}
}

// Every operator of the catalogue has a colour of its kind.
func TestEveryOperatorHasAKind(t *testing.T) {
	d, outputs := trained(t, 23)
	for _, s := range d.compile(t, Options{}, outputs...).Plan().Steps {
		if kindOf(s.Op).name == "other" {
			t.Errorf("%s has no kind", s.Op)
		}
	}
	if k := kindOf("never.heard"); k.name != "other" {
		t.Errorf("an operator nobody knows is of kind %s", k.name)
	}
}
