package bench

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	got := Table([]Result{
		{Bench: "peak", Threads: 2, Level: "AVX2", GFLOPS: 200, Others: -1},
		{Bench: "gemm", Shape: "NT 1x2x3", GFLOPS: 150, ShareOfPeak: 0.75, MsPerStep: 0.5, Others: 0.02,
			Torch: &Torch{MsPerStep: 0.25, Ratio: 0.5, Low: 0.4, High: 0.6, Variant: "mm"}},
		{Bench: "gemm", Shape: "NT 1x2x30", GFLOPS: 90, ShareOfPeak: 0.45, MsPerStep: 1.5,
			Torch: &Torch{MsPerStep: 3, Ratio: 2, Low: 1.9, High: 2.1, Variant: "mm"}},
		{Bench: "adapt", Model: "d256", Method: "lora", Trained: 224256, MsPerStep: 80, GFLOPS: 300, ShareOfPeak: 0.6, Bytes: 131_600_000, Resident: 154_300_000,
			Torch: &Torch{MsPerStep: 100, Ratio: 1.25, Low: 1.2, High: 1.3, Variant: "eager sdpa", Library: "peft", Resident: 231_450_000, MemoryOver: 1.5}},
		{Bench: "decode", Model: "d512", Batch: 8, Weights: "int8", MsPerStep: 2, TokensPerS: 4000, GBPerS: 12.9, ShareOfMemory: 0.31, Bytes: 25_800_000, Others: 0.5},
	})
	want := strings.Join([]string{
		"             peak  GFLOP/s  others",
		"  AVX2, 2 threads    200.0       ?",
		"",
		"       gemm  GFLOP/s  of peak     ms  others  PyTorch ms  ratio   low-high  variant",
		"   NT 1x2x3    150.0      75%  0.500      2%       0.250  0.50x  0.40-0.60       mm",
		"  NT 1x2x30     90.0      45%  1.500      0%       3.000  2.00x  1.90-2.10       mm",
		"",
		"  adapt  method  moving  ms/step  GFLOP/s  of peak  planned MB  resident MB  others  PyTorch ms  ratio   low-high  resident MB  ratio  library     variant",
		"   d256    lora  224256     80.0    300.0      60%       131.6        154.3      0%       100.0  1.25x  1.20-1.30        231.4  1.50x     peft  eager sdpa",
		"",
		"  decode  batch  weights  ms/token  tokens/s  GB/s  of memory    MB  others",
		"    d512      8     int8     2.000      4000  12.9        31%  25.8     50%",
		"",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 4}, 4}, {[]float64{1, 2, 10, 4}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %g, want %g", c.values, got, c.want)
		}
	}
}

// 2 ms against 4, 3 and 8: medians 2 and 4.
func TestRatioIsOfMedians(t *testing.T) {
	r := rounds{ours: []float64{0.002, 0.002, 0.002}, theirs: []float64{0.004, 0.003, 0.008}, peak: []float64{1e9, 2e9, 4e9}, others: []float64{0, 0, 0.5}}
	out := Result{Torch: &Torch{}}
	o, err := Options{}.withDefaults(1)
	if err != nil {
		t.Fatal(err)
	}
	r.fill(&out, o, 2e6, 10)
	if tt := out.Torch; tt.Ratio != 2 || tt.Low != 1.5 || tt.High != 4 || tt.MsPerStep != 4 || tt.TokensPerS != 2500 {
		t.Errorf("PyTorch: %+v", tt)
	}
	if out.MsPerStep != 2 || out.GFLOPS != 1 || out.ShareOfPeak != 0.5 || out.TokensPerS != 5000 || out.Rounds != 3 || out.Others != 0 {
		t.Errorf("%+v", out)
	}
}

func TestAgree(t *testing.T) {
	if err := agree(7.65, 7.6501, 1e-4, 5, 5); err != nil {
		t.Error(err)
	}
	for _, err := range []error{agree(7.65, 7.66, 1e-4, 5, 5), agree(7.65, 7.65, 1e-4, 5, 6), agree(17, 18, 0, 5, 5)} {
		if err == nil {
			t.Error("different models pass as equal")
		}
	}
}
