package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/bench"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// tiny takes a moment.
var tiny = bench.Model{Name: "tiny", Dim: 16, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 24, Vocab: 300, Batch: 2, Length: 8}

func quick() bench.Options {
	return bench.Options{Seconds: 0.001, Rounds: 1, Models: []bench.Model{tiny}, Batches: []int{1, 3}, Weights: []cpu.Format{cpu.Float32, cpu.Int4},
		Shapes: []bench.Shape{{Kind: "NT", Rows: 9, In: 5, Out: 7}, {Kind: "NN", Rows: 9, In: 5, Out: 7}, {Kind: "TN", Rows: 9, In: 5, Out: 7}}}
}

var benches = map[string]func(context.Context, bench.Options) ([]bench.Result, error){
	"gemm": bench.GEMM, "train": bench.Train, "lora": bench.LoRA, "adapt": bench.Adapt, "decode": bench.Decode,
}

// By hand for tiny: a head is 4 wide, keys and values 8. A layer's products hold 16·16 for q and o each, 8·16 for k and v
// each, 3·24·16 in the MLP: 512+256+1152 = 1920. Two layers and the head of 300·16 = 4800 make 8640; five norms add 80.
//
// Of 16 tokens each sees (8+1)/2 = 4.5 places on average: 72 pairs. Forward takes 2·16·8640 = 276480 for the weights and,
// in two layers, two products of 2·72·16 = 2304 for attention: 9216. Three times the sum is 857088.
//
// Adapters of rank 8 have 8·(16+16) weights for q and 8·(16+8) for v: 896 in two layers. Forward and input gradients take
// twice 8640, adapters three times 896; the first layer's q, k and v (256+128+128) and its two A (2·8·16) have no input
// gradient. 2·16·(17280 + 2688 − 768) and three times the 9216 are 642048.
func TestModelArithmetic(t *testing.T) {
	if got := tiny.Params(); got != 8720 {
		t.Errorf("%d parameters, want 8720", got)
	}
	if got := tiny.TrainFLOPs(); got != 857088 {
		t.Errorf("a step is %g operations, want 857088", got)
	}
	// 8640 weights of products at 32, 16, 8.5 and 5 bits, and 80 of norms at 32.
	for weights, want := range map[cpu.Format]int{cpu.Float32: 34880, cpu.BFloat16: 17600, cpu.Int8: 9500, cpu.Int4: 5720} {
		if got := tiny.LoRAParams(); got != 896 {
			t.Errorf("adapters have %d parameters, want 896", got)
		}
		if got := tiny.LoRAFLOPs(); got != 642048 {
			t.Errorf("a step of adapters is %g operations, want 642048", got)
		}
		if got := tiny.DecodeBytes(weights); got != want {
			t.Errorf("a token reads %d bytes of %v, want %d", got, weights, want)
		}
	}
}

// 2·9·5·7 operations; 4·(9·5 + 5·7 + 9·7) bytes.
func TestShapeArithmetic(t *testing.T) {
	s := bench.Shape{Kind: "TN", Rows: 9, In: 5, Out: 7}
	if s.FLOPs() != 630 || s.Bytes() != 572 || s.String() != "TN 9x5x7" {
		t.Errorf("%v: %g operations, %d bytes", s, s.FLOPs(), s.Bytes())
	}
	if n := len(bench.Shapes()); n != 45 {
		t.Errorf("%d shapes, want 3 kinds × 3 × 5", n)
	}
}

// What is counted here is what the machine says it runs, but for attention: the plan counts whole squares.
func TestEachBenchGivesItsFigures(t *testing.T) {
	ctx := context.Background()
	for name, want := range map[string][]string{
		"gemm":   {"peak", "gemm NT 9x5x7", "gemm NN 9x5x7", "gemm TN 9x5x7"},
		"train":  {"train tiny 2"},
		"lora":   {"lora tiny 2"},
		"adapt":  {"adapt tiny full 2", "adapt tiny lora 2", "adapt tiny dora 2", "adapt tiny houlsby 2", "adapt tiny pfeiffer 2"},
		"decode": {"decode tiny 1 float32", "decode tiny 1 int4", "decode tiny 3 float32", "decode tiny 3 int4"},
	} {
		o := quick()
		var seen []bench.Result
		o.Each = func(r bench.Result) { seen = append(seen, r) }
		results, err := benches[name](ctx, o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(seen, results) {
			t.Errorf("%s: Each saw %v, returned were %v", name, seen, results)
		}
		if name == "gemm" && runtime.GOMAXPROCS(0) > 1 {
			results = results[1:] // the peak of one core, beside that of all
		}
		var got []string
		for _, r := range results {
			label := r.Bench
			if r.Shape != "" {
				label += " " + r.Shape
			}
			if r.Model != "" {
				label += strings.TrimSuffix(" "+r.Model+" "+r.Method, " ") + " " + string(rune('0'+r.Batch))
			}
			if r.Weights != "" {
				label += " " + r.Weights
			}
			got = append(got, label)
			check(t, label, r)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s measured %q, want %q", name, got, want)
		}
	}
}

// moves are the parameters that methods add to tiny, by hand. LoRA of rank 8 on all linear layers: 8·(16+16) for q and o
// each, 8·(16+8) for k and v each, 8·(16+24) for the three of the MLP, 1856 a layer; DoRA a length for each of the 112 outputs
// of a layer more. A bottleneck of 16/16 = 1 has 16 + 1 + 16 + 16 = 49, Houlsby two of them a layer, Pfeiffer one.
var moves = map[string]int{"lora": 2 * 1856, "dora": 2 * (1856 + 112), "houlsby": 4 * 49, "pfeiffer": 2 * 49}

// check looks at what figures must be whatever the machine.
func check(t *testing.T, label string, r bench.Result) {
	t.Helper()
	if r.Rounds != 1 || r.Threads != runtime.GOMAXPROCS(0) || r.Level != cpu.Default().Level().String() || r.Torch != nil {
		t.Errorf("%s: %+v", label, r)
	}
	if !(r.GFLOPS > 0) || !(r.ShareOfPeak > 0) || math.IsInf(r.GFLOPS, 0) {
		t.Errorf("%s: %g GFLOP/s, %g of the peak", label, r.GFLOPS, r.ShareOfPeak)
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-9*want {
			t.Errorf("%s: %s is %g, want %g", label, what, got, want)
		}
	}
	seconds := r.MsPerStep / 1e3
	switch r.Bench {
	case "gemm":
		near("FLOPs", r.GFLOPS*1e9*seconds, 630)
	case "train":
		near("FLOPs", r.GFLOPS*1e9*seconds, 857088)
		near("tokens", r.TokensPerS*seconds, 16)
		// Parameters, their gradients and two moments at least.
		if least := 4 * 4 * 8720; r.Bytes < least || r.Params != 8720 || r.Trained != 8720 {
			t.Errorf("%s: %d bytes, want %d at least; %d of %d parameters", label, r.Bytes, least, r.Trained, r.Params)
		}
	case "lora":
		near("FLOPs", r.GFLOPS*1e9*seconds, 642048)
		near("tokens", r.TokensPerS*seconds, 16)
		// Parameters of the model, and of the adapters with gradients and two moments.
		if least := 4 * (8720 + 4*896); r.Bytes < least || r.Params != 8720 || r.Trained != 896 {
			t.Errorf("%s: %d bytes, want %d at least; %d of %d parameters", label, r.Bytes, least, r.Trained, r.Params)
		}
	case "adapt":
		near("tokens", r.TokensPerS*seconds, 16)
		moving := moves[r.Method]
		if r.Method == "full" {
			moving, r.Params = 8720, r.Params+8720 // nothing is added, all moves
		}
		if least := 4 * (8720 + 3*moving); r.Bytes < least || r.Trained != moving || r.Params != 8720+moving || r.Resident != 0 {
			t.Errorf("%s: %d bytes, want %d at least; %d of %d parameters; %d bytes measured without a program to do it", label, r.Bytes, least, r.Trained, r.Params, r.Resident)
		}
	case "decode":
		near("FLOPs", r.GFLOPS*1e9*seconds, 2*8640*float64(r.Batch))
		near("tokens", r.TokensPerS*seconds, float64(r.Batch))
		near("the share of memory", r.ShareOfMemory*r.MemoryGBPerS, r.GBPerS)
		if r.MemoryGBPerS < 0.1 || r.MemoryGBPerS > 10000 {
			t.Errorf("%s: memory gives %g GB/s: in what unit?", label, r.MemoryGBPerS)
		}
		near("bytes", r.GBPerS*1e9*seconds, map[string]float64{"float32": 34880, "int4": 5720}[r.Weights])
	}
}

// Each result is one line of JSON, with these fields and without those that do not apply to it.
func TestJSONHasTheFieldsThatProgramsRead(t *testing.T) {
	const all = "bench gflops share_of_peak ms_per_step bytes threads level rounds others"
	for name, run := range benches {
		o := quick()
		o.Profile = true
		results, err := run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var fields map[string]any
			if err := json.Unmarshal(text, &fields); err != nil || strings.Contains(string(text), "\n") {
				t.Fatalf("%v: %s", err, text)
			}
			own := map[string]string{"peak": "", "gemm": "shape", "train": "model batch params trained tokens_per_s", "lora": "model batch params trained tokens_per_s", "adapt": "model method batch params trained tokens_per_s",
				"decode": "model batch params weights tokens_per_s gb_per_s memory_gb_per_s share_of_memory", "profile": "model op batch share"}[r.Bench]
			if r.Bench == "profile" && name == "adapt" {
				own += " method"
			}
			want := strings.Fields(all + " " + own)
			for _, field := range want {
				if _, ok := fields[field]; !ok {
					t.Errorf("%s: no %s in %s", name, field, text)
				}
			}
			for field := range fields {
				if !slices.Contains(want, field) {
					t.Errorf("%s: %s does not belong into %s", name, field, text)
				}
			}
		}
	}
}

// A profile has each operator of the plan once and the optimizer, slowest first; shares add up to one.
func TestProfileFollowsTheModel(t *testing.T) {
	o := quick()
	o.Profile = true
	results, err := bench.Train(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Bench != "train" {
		t.Fatalf("first comes %+v", results[0])
	}
	seen, sum, last := map[string]bool{}, 0.0, math.Inf(1)
	for _, r := range results[1:] {
		if r.Bench != "profile" || r.Model != "tiny" || r.MsPerStep > last || seen[r.Op] {
			t.Errorf("%+v after %g ms, of %v", r, last, seen)
		}
		seen[r.Op], sum, last = true, sum+r.Share, r.MsPerStep
	}
	if math.Abs(sum-1) > 1e-9 || !seen["optimizer"] || !seen["linear.dw"] || !seen["attention"] {
		t.Errorf("shares add up to %g in %v", sum, seen)
	}
	if results, err = bench.Decode(context.Background(), o); err != nil || slices.ContainsFunc(results, func(r bench.Result) bool { return r.Bench == "profile" }) {
		t.Errorf("decoding has no plan to profile: %v, %v", results, err)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	one, err := cpu.New(cpu.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	for _, c := range []struct {
		bench  string
		change func(*bench.Options)
		want   string
	}{
		{"train", func(o *bench.Options) { o.Match = "huge" }, `no model contains "huge"; there are tiny`},
		{"decode", func(o *bench.Options) { o.Match = "huge" }, `no model contains "huge"; there are tiny`},
		{"gemm", func(o *bench.Options) { o.Match = "NN 1x" }, `no shape contains "NN 1x"; there are NT 9x5x7`},
		{"gemm", func(o *bench.Options) { o.Shapes[0].Kind = "TT" }, `kind is "TT", want NT, NN or TN`},
		{"gemm", func(o *bench.Options) { o.Shapes[0].In = 0 }, "every size must be at least 1"},
		{"gemm", func(o *bench.Options) { o.Rounds = -1 }, "no negative number of rounds"},
		{"gemm", func(o *bench.Options) { o.Seconds = math.NaN() }, "want 0 to 3600 seconds"},
		{"train", func(o *bench.Options) { o.Models[0].Heads = 3 }, "not a multiple of Heads 3"},
		{"decode", func(o *bench.Options) { o.Batches = []int{0} }, "the batch must be at least 1"},
		{"decode", func(o *bench.Options) { o.Device = one }, "leave Device nil"},
		{"adapt", func(o *bench.Options) { o.Methods = "all" }, `no method contains "all"; there are full, lora, dora, houlsby, pfeiffer`},
		{"adapt", func(o *bench.Options) { o.Program = []string{"no-such-program"} }, "memory: no-such-program"},
		{"train", func(o *bench.Options) { o.Torch = "no-such-python" }, "PyTorch with no-such-python"},
	} {
		o := quick()
		o.Models, o.Shapes = slices.Clone(o.Models), slices.Clone(o.Shapes)
		c.change(&o)
		if _, err := benches[c.bench](context.Background(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", c.bench, err, c.want)
		}
	}
}

// Stopped in the middle, a bench gives what it has.
func TestInterruptionKeepsWhatWasMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := quick()
	second := tiny
	second.Name = "second"
	o.Models = []bench.Model{tiny, second}
	o.Each = func(bench.Result) { cancel() }
	results, err := bench.Train(ctx, o)
	if !errors.Is(err, context.Canceled) || len(results) != 1 || results[0].Model != "tiny" {
		t.Errorf("%v, %+v", err, results)
	}
}
