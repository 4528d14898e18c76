package cpu_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// bindCase is an operator on some sizes. Terms is the longest sum that a value is, which says how far float32 may be off.
type bindCase struct {
	op    compute.Op
	terms int
}

// bindCases has every operator that package compute describes, which TestEveryOperatorIsBound holds it to, on sizes where
// kernels change their way: single values, odd sizes, just over a tile, over a chunk of the output layer (256 tokens) and of
// attention (48 rows).
func bindCases() []bindCase {
	var list []bindCase
	add := func(terms int, ops ...compute.Op) {
		for _, op := range ops {
			list = append(list, bindCase{op, terms})
		}
	}
	for _, n := range []int{1, 7, 64, 77, 20001} {
		add(n, compute.Mean{N: n})
		add(1, compute.Add{N: n}, compute.Scale{N: n, Factor: -0.7}, compute.ScaleBy{N: n}, compute.MeanBack{N: n})
		add(4, compute.SwiGLU{N: n}, compute.SwiGLUBack{N: n}, compute.GELU{N: n}, compute.GELU{N: n, Tanh: true}, compute.GELUBack{N: n}, compute.GELUBack{N: n, Tanh: true})
		add(n, compute.MaskedMean{N: n}, compute.Sum{N: n})
		add(1, compute.MaskedMeanBack{N: n}, compute.SumBack{N: n})
		add(2, compute.Dropout{N: n, Rate: 0.4, Layer: 3}, compute.Dropout{N: n})
	}
	for _, s := range [][3]int{{1, 1, 1}, {1, 7, 5}, {4, 33, 3}, {13, 17, 33}, {97, 65, 40}} {
		rows, in, out := s[0], s[1], s[2]
		add(in+2, compute.Linear{Rows: rows, In: in, Out: out}, compute.Linear{Rows: rows, In: in, Out: out, Bias: true},
			compute.Linear{Rows: rows, In: in, Out: out, Add: true}, compute.Linear{Rows: rows, In: in, Out: out, Bias: true, Add: true})
		add(out+1, compute.LinearInput{Rows: rows, In: in, Out: out}, compute.LinearInput{Rows: rows, In: in, Out: out, Add: true})
		add(rows, compute.LinearWeight{Rows: rows, In: in, Out: out}, compute.LinearBias{Rows: rows, Out: out})
		add(in+2, compute.Linear{Rows: rows, In: in, Out: out, Bias: true, BF16: true}, compute.Linear{Rows: rows, In: in, Out: out, Add: true, BF16: true})
		add(out+1, compute.LinearInput{Rows: rows, In: in, Out: out, BF16: true}, compute.LinearInput{Rows: rows, In: in, Out: out, Add: true, BF16: true})
		add(rows, compute.LinearWeight{Rows: rows, In: in, Out: out, BF16: true})
		add(1, compute.Embedding{Rows: rows, Dim: in, Vocab: out})
		for _, over := range []bool{false, true} {
			add(2, compute.ScaleColumns{Rows: rows, Dim: in, Over: over}, compute.ScaleColumns{Rows: rows, Dim: in, Over: over, Bias: true})
			add(rows+2, compute.ScaleColumnsBack{Rows: rows, Dim: in, Over: over})
		}
		add(1, compute.ScaleRows{Rows: rows, Dim: in})
		add(2*out*out, compute.LowRankNorms{Out: rows, Rank: min(out, 5), Scale: 0.01})
		add(in+2, compute.LinearNF4{Rows: rows, In: in, Out: out}, compute.LinearNF4{Rows: rows, In: in, Out: out, Bias: true, Add: true})
		add(out+1, compute.LinearInputNF4{Rows: rows, In: in, Out: out}, compute.LinearInputNF4{Rows: rows, In: in, Out: out, Add: true})
		add(rows+1, compute.EmbeddingBack{Rows: rows, Dim: in, Vocab: out}, compute.EmbeddingBack{Rows: rows, Dim: in, Vocab: out, Add: true})
		for _, cosine := range []bool{false, true} {
			add(in+2, compute.RowDistance{Rows: rows, Dim: in, Cosine: cosine}, compute.RowDistanceBack{Rows: rows, Dim: in, Cosine: cosine})
		}
		for _, eps := range []float64{1e-5, 1} {
			add(rows+in, compute.RMSNorm{Rows: rows, Dim: in, Eps: eps}, compute.RMSNormBack{Rows: rows, Dim: in, Eps: eps}, compute.RMSNormBack{Rows: rows, Dim: in, Eps: eps, Add: true})
		}
		// Where two values of a row are close together the norm is steep: eps keeps its derivatives within bounds.
		for _, bias := range []bool{false, true} {
			add(rows+4*in, compute.LayerNorm{Rows: rows, Dim: in, Eps: 1, Bias: bias}, compute.LayerNormBack{Rows: rows, Dim: in, Eps: 1, Bias: bias})
		}
	}
	// More than is widened at a time.
	add(2100, compute.LinearNF4{Rows: 3, In: 2100, Out: 520, Add: true}, compute.LinearNF4{Rows: 40, In: 2100, Out: 520, Bias: true})
	add(523, compute.LinearInputNF4{Rows: 3, In: 2100, Out: 520, Add: true}, compute.LinearInputNF4{Rows: 40, In: 2100, Out: 520})
	for _, s := range []cpu.AttentionShape{attentionOf(1, 1, 1, 1, 2), attentionOf(2, 5, 6, 2, 3), attentionOf(1, 61, 4, 1, 20)} {
		for _, segments := range []bool{false, true} {
			add(s.HeadDim+s.Length*s.Heads/s.KVHeads, compute.Attention{AttentionShape: s, Segments: segments}, compute.AttentionBack{AttentionShape: s, Segments: segments})
		}
	}
	for _, inverse := range []bool{false, true} {
		add(2, compute.RoPE{Rows: 1, Heads: 1, HeadDim: 2, Context: 1, Inverse: inverse}, compute.RoPE{Rows: 70, Heads: 3, HeadDim: 34, Context: 9, Inverse: inverse})
	}
	for _, s := range [][3]int{{1, 3, 2}, {3, 2, 1}, {7, 5, 11}, {13, 4, 35}, {261, 2, 3}} {
		rows, dim, vocab := s[0], s[1], s[2]
		terms := 3 * (rows + dim + vocab)
		for _, weights := range []bool{false, true} {
			for bits := range 4 {
				add(terms, compute.LinearCrossEntropy{Rows: rows, Dim: dim, Vocab: vocab, Weights: weights, DX: bits&1 > 0, DW: bits&2 > 0})
			}
		}
		add(terms, compute.LinearLogProb{Rows: rows, Dim: dim, Vocab: vocab}, compute.LinearLogProbBack{Rows: rows, Dim: dim, Vocab: vocab},
			compute.LinearEntropy{Rows: rows, Dim: dim, Vocab: vocab}, compute.LinearEntropyBack{Rows: rows, Dim: dim, Vocab: vocab})
		for _, v := range []cpu.Divergence{{}, {Kind: cpu.ReverseKL, Temperature: 0.7}, {Kind: cpu.JensenShannon, Beta: 0.1, Temperature: 2}} {
			add(terms, compute.LinearDivergence{Rows: rows, Dim: dim, DimRef: dim + 1, Vocab: vocab, Divergence: v},
				compute.LinearDivergenceBack{Rows: rows, Dim: dim, DimRef: dim + 1, Vocab: vocab, Divergence: v})
		}
	}
	for _, n := range []int{1, 7, 64, 20001} {
		add(4, compute.ReLU{N: n}, compute.ReLUBack{N: n}, compute.SiLU{N: n}, compute.SiLUBack{N: n}, compute.Tanh{N: n}, compute.TanhBack{N: n})
	}
	for _, s := range [][3]int{{1, 1, 1}, {5, 3, 1}, {3, 17, 2}, {70, 40, 3}} {
		add(4*(s[1]+s[2]), compute.Fuse{Rows: s[0], Dim: s[1], Count: s[2]}, compute.FuseBack{Rows: s[0], Dim: s[1], Count: s[2]})
	}
	add(1, compute.Embedding{Rows: 9, Dim: 5, Vocab: 3, More: 4})
	add(10, compute.EmbeddingBack{Rows: 30, Dim: 5, Vocab: 4, From: 2}, compute.EmbeddingBack{Rows: 30, Dim: 5, Vocab: 4, From: 2, Add: true})
	for _, s := range []cpu.AttentionShape{attentionOf(1, 1, 1, 1, 2), attentionOf(3, 5, 6, 2, 3), attentionOf(2, 101, 4, 1, 20)} {
		for _, prefix := range []int{1, 3, 33} {
			for _, segments := range []bool{false, true} {
				add(s.HeadDim+(prefix+s.Length)*s.Batch*s.Heads/s.KVHeads, compute.Attention{AttentionShape: s, Segments: segments, Prefix: prefix},
					compute.AttentionBack{AttentionShape: s, Segments: segments, Prefix: prefix})
			}
		}
	}
	return append(list, scalarCases()...)
}

// integersFor fills an argument with what its operator accepts.
func integersFor(rng *rand.Rand, op compute.Op, a compute.Arg) []int32 {
	field := func(name string) int32 { return int32(reflect.ValueOf(op).FieldByName(name).Int()) }
	x := make([]int32, a.Len())
	for i := range x {
		switch a.Name {
		case "ids":
			x[i] = rng.Int32N(field("Vocab"))
			switch op := op.(type) {
			case compute.Embedding:
				x[i] = rng.Int32N(int32(op.Vocab + op.More))
			case compute.EmbeddingBack: // as many ids before the table as it has, and after
				x[i] = int32(max(0, op.From-op.Vocab)) + rng.Int32N(int32(op.Vocab+2*min(op.From, op.Vocab)))
			}
		case "targets":
			if x[i] = rng.Int32N(field("Vocab")); rng.IntN(4) == 0 {
				x[i] = compute.Ignore
			}
		case "labels":
			if x[i] = rng.Int32(); i%3 == 1 {
				x[i] = compute.Ignore
			}
		case "positions":
			x[i] = rng.Int32N(field("Context"))
		case "segments":
			if i > 0 {
				x[i] = x[i-1] + rng.Int32N(4)/3
			}
		case "groups":
			if x[i] = rng.Int32N(field("Groups")); rng.IntN(4) == 0 {
				x[i] = compute.Ignore
			}
		case "key", "codes":
			x[i] = int32(rng.Uint32())
		default:
			panic("no integers for " + a.Name)
		}
	}
	return x
}

// bound is an operator on memory of its own: random inputs, outputs of NaN.
type bound struct {
	out, in []compute.Buffer
	want    [][]float64
}

func newBound(t *testing.T, op compute.Op) bound {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 1))
	outs, ins := op.Args()
	var b bound
	var given []reference.Value
	for _, a := range ins {
		if a.Type == compute.Int32 {
			x := integersFor(rng, op, a)
			b.in, given = append(b.in, compute.HostInts(x)), append(given, reference.Value{Ints: x})
			continue
		}
		x := make([]float32, a.Len())
		for i := range x { // between ½ and 1½: far from zero, where a norm is steep and float32 loses digits
			x[i] = 0.5 + rng.Float32()
			if a.Name != "weights" && a.Name != "squares" && rng.IntN(2) == 0 {
				x[i] = -x[i]
			}
			if kind := reflect.ValueOf(op).FieldByName("Kind"); kind.IsValid() && a.Name == "x" {
				switch kind.Interface() { // where they have values
				case compute.Log:
					x[i] = float32(math.Abs(float64(x[i])))
				case compute.Log1mExp:
					x[i] = -float32(math.Abs(float64(x[i])))
				}
			}
		}
		b.in, given = append(b.in, compute.HostFloats(x)), append(given, reference.Value{Floats: wide(x)})
	}
	if back, ok := op.(compute.AttentionBack); ok { // o is what Attention gives
		o := make([]float64, len(given[1].Floats))
		if err := reference.Run(compute.Attention(back), [][]float64{o}, given[2:]); err != nil {
			t.Fatal(err)
		}
		for i, v := range o {
			b.in[1].(compute.HostFloats)[i] = float32(v)
		}
	}
	for _, a := range outs {
		b.out, b.want = append(b.out, make(compute.HostFloats, a.Len())), append(b.want, make([]float64, a.Len()))
	}
	if err := reference.Run(op, b.want, given); err != nil {
		t.Fatal(err)
	}
	b.poison()
	return b
}

func (b bound) poison() {
	for _, x := range b.out {
		for i := range x.(compute.HostFloats) {
			x.(compute.HostFloats)[i] = float32(math.NaN())
		}
	}
}

func (b bound) values() (list [][]float32) {
	for _, x := range b.out {
		list = append(list, slices.Clone(x.(compute.HostFloats)))
	}
	return list
}

// Every operator that a description binds computes what the plain loops say, at every level, alone and among workers; again
// with the same bits; and with them in place, where the description allows that.
func TestBoundMeetsReference(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		for _, c := range bindCases() {
			b := newBound(t, c.op)
			name := fmt.Sprintf("%T%+v", c.op, c.op)
			run := func() {
				made, err := d.Bind(c.op, b.out, b.in)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				made.Run()
			}
			if lacking(t, d, c.op, b) {
				continue
			}
			run()
			got := b.values()
			for i, x := range got {
				// Each addition and product rounds by 2⁻²⁴ of what stands there, the vectorised exp by 2⁻²¹; an operator has at most
				// three sums behind one another.
				near(t, fmt.Sprintf("%s, output %d", name, i), x, b.want[i], 3*float64(c.terms+8)*0x1p-24)
			}
			b.poison()
			run()
			if again := b.values(); !equal(got, again) {
				t.Errorf("%s: a second run has other bits", name)
			}
			for _, places := range placesOf(c.op) {
				apart, kept := slices.Clone(b.out), map[int][]float32{}
				b.poison()
				for i, input := range places {
					kept[input] = slices.Clone(b.in[input].(compute.HostFloats))
					b.out[i] = b.in[input]
				}
				run()
				if again := b.values(); !equal(got, again) {
					t.Errorf("%s: outputs in the places of inputs %v have other bits", name, places)
				}
				for i, x := range kept {
					copy(b.in[i].(compute.HostFloats), x)
				}
				b.out = apart
			}
		}
	})
}

// placesOf are the ways in which outputs may have buffers of inputs: each by itself, and all together.
func placesOf(op compute.Op) (list []map[int]int) {
	outs, _ := op.Args()
	all := map[int]int{}
	for i, a := range outs {
		for _, input := range a.Over {
			list = append(list, map[int]int{i: input})
			all[i] = input
		}
	}
	if len(all) > 1 {
		list = append(list, all)
	}
	return list
}

// lacking says whether a device has no products in bfloat16 for an operator that needs them, which Bind must say.
func lacking(t *testing.T, d *cpu.Device, op compute.Op, b bound) bool {
	t.Helper()
	wants := reflect.ValueOf(op).FieldByName("BF16")
	if d.BF16() == nil || !wants.IsValid() || !wants.Bool() {
		return false
	}
	_, err := d.Bind(op, b.out, b.in)
	if !errors.Is(err, compute.ErrUnsupported) || !strings.Contains(err.Error(), d.BF16().Error()) {
		t.Errorf("%T%+v on %v: %v", op, op, d, err)
	}
	return true
}

func equal(a, b [][]float32) bool {
	return slices.EqualFunc(a, b, func(x, y []float32) bool { return slices.Equal(x, y) })
}

type strange struct{ compute.Add }

func (strange) Name() string { return "strange" }

type far struct{ compute.HostFloats }

// What cannot be bound is said when it is bound.
func TestBindRefuses(t *testing.T) {
	d := cpu.Default()
	x := func(n int) compute.Buffer { return make(compute.HostFloats, n) }
	list := func(b ...compute.Buffer) []compute.Buffer { return b }
	for name, c := range map[string]struct {
		op      compute.Op
		out, in []compute.Buffer
		want    string
	}{
		"unknown":         {strange{compute.Add{N: 2}}, list(x(2)), list(x(2), x(2)), "strange (cpu_test.strange) on cpu: "},
		"lengths":         {compute.Add{N: 2}, list(x(2)), list(x(2), x(3)), "compute: add: input 1, b [2], is 2 values of float32, got 3"},
		"number":          {compute.Linear{Rows: 1, In: 2, Out: 1, Bias: true}, list(x(1)), list(x(2), x(2)), "want 3 inputs [x [1 2] w [1 2] bias [1]], got 2"},
		"type":            {compute.Embedding{Rows: 2, Dim: 1, Vocab: 2}, list(x(2)), list(x(2), x(2)), "ids [2], is 2 values of int32, got 2 of float32"},
		"nil":             {compute.Add{N: 2}, list(nil), list(x(2), x(2)), "output 0, y [2], is nil"},
		"nothing to do":   {compute.Add{}, list(x(0)), list(x(0), x(0)), "want positive sizes"},
		"heads":           {compute.Attention{AttentionShape: attentionOf(1, 1, 3, 2, 1)}, list(x(3)), list(x(3), x(2), x(2)), "heads a multiple"},
		"odd heads":       {compute.RoPE{Rows: 1, Heads: 1, HeadDim: 3, Context: 1}, list(x(3)), list(x(3), compute.HostInts{0}, x(1), x(1)), "even"},
		"rate":            {compute.Dropout{N: 1, Rate: 1}, list(x(1)), list(x(1), make(compute.HostInts, 3)), "rate 1"},
		"bounds":          {compute.Unary{N: 1, Kind: compute.Clamp, A: 1}, list(x(1)), list(x(1)), "bounds 1 and 0"},
		"function":        {compute.UnaryBack{N: 1, Kind: 77}, list(x(1)), list(x(1), x(1)), "there is no UnaryKind(77)"},
		"function of two": {compute.BinaryBack{N: 1, Kind: -1}, list(x(1)), list(x(1), x(1), x(1)), "there is no BinaryKind(-1)"},
		"kind":            {compute.LinearDivergence{Rows: 1, Dim: 1, DimRef: 1, Vocab: 1, Divergence: cpu.Divergence{Kind: 7}}, list(x(1)), list(x(1), x(1), x(1), x(1)), "kind 7"},
		"other memory":    {compute.Scale{N: 2}, list(x(2)), list(far{make(compute.HostFloats, 2)}), "cpu: scale reads from cpu_test.far: want host memory"},
		"to other places": {compute.Scale{N: 2}, list(far{make(compute.HostFloats, 2)}), list(x(2)), "cpu: scale writes to cpu_test.far: want host memory"},
	} {
		_, err := d.Bind(c.op, c.out, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
		if errors.Is(err, compute.ErrUnsupported) != (name == "unknown") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, negative := d.Floats(-1)
	_, short := d.Ints(-1)
	for name, err := range map[string]error{"floats": negative, "integers": short, "lengths": d.Copy(x(2), x(3)), "types": d.Copy(x(2), make(compute.HostInts, 2))} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Every description of package compute is in the table, and so bound.
func TestEveryOperatorIsBound(t *testing.T) {
	have := map[string]bool{}
	for _, c := range bindCases() {
		have[reflect.TypeOf(c.op).Name()] = true
		if !reflect.TypeOf(c.op).Comparable() {
			t.Errorf("%T is not comparable", c.op)
		}
	}
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Args" {
				continue
			}
			found++
			if of := f.Recv.List[0].Type.(*ast.Ident).Name; !have[of] {
				t.Errorf("compute.%s is an operator without a case in bindCases", of)
			}
		}
	}
	if found < 20 {
		t.Errorf("%d operators in the source of package compute", found)
	}
}
