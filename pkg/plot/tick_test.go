package plot

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTicks(t *testing.T) {
	tests := []struct {
		name      string
		t         ticks
		low, high float64
		want      []string
	}{
		{"steps", ticks{count: 6, format: number, whole: true}, 1, 300, []string{"50", "100", "150", "200", "250", "300"}},
		{"thousands", ticks{count: 4, format: number}, 0, 20000, []string{"0", "5,000", "10,000", "15,000", "20,000"}},
		{"tenths", ticks{count: 5, format: number}, 0, 1, []string{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{"share", ticks{count: 5, format: percent}, 0, 1, []string{"0%", "20%", "40%", "60%", "80%", "100%"}},
		{"small share", ticks{count: 5, format: percent}, 0, 0.02, []string{"0.0%", "0.5%", "1.0%", "1.5%", "2.0%"}},
		{"around zero", ticks{count: 4, format: number}, -1, 1, []string{"-1.0", "-0.5", "0.0", "0.5", "1.0"}},
		{"few steps", ticks{count: 6, format: number, whole: true}, 0, 1, []string{"0", "1"}},
		{"no span", ticks{count: 6, format: number}, 2, 2, []string{"2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, tick := range test.t.Ticks(test.low, test.high) {
				if tick.Value < test.low || tick.Value > test.high {
					t.Errorf("tick %v outside of the axis", tick.Value)
				}
				got = append(got, tick.Label)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFactors(t *testing.T) {
	tests := []struct {
		name      string
		low, high float64
		from, to  float64 // after rounding
		want      []string
	}{
		{"a loss", 0.0063, 5.2, 0.003, 10, []string{"0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"}},
		{"less than two decades", 0.4, 3, 0.2, 5, []string{"0.2", "0.5", "1", "2", "5"}},
		{"many decades", 2e-5, 3000, 1e-5, 10000, []string{"0.00001", "0.0001", "0.001", "0.01", "0.1", "1", "10", "100", "1,000", "10,000"}},
		{"one value", 1, 1, 0.5, 2, []string{"0.5", "1", "2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			low, high := roundFactors(math.Log10(test.low), math.Log10(test.high))
			if math.Abs(low-math.Log10(test.from)) > 1e-9 || math.Abs(high-math.Log10(test.to)) > 1e-9 {
				t.Errorf("axis from %v to %v, want %v to %v", math.Pow(10, low), math.Pow(10, high), test.from, test.to)
			}
			var got []string
			for _, tick := range (factors{}).Ticks(low, high) {
				got = append(got, tick.Label)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSmooth(t *testing.T) {
	near := func(name string, got, want []float64) {
		t.Helper()
		for i := range want {
			if same := math.Abs(got[i]-want[i]) < 1e-12*(1+math.Abs(want[i])) || math.IsNaN(got[i]) && math.IsNaN(want[i]); !same {
				t.Errorf("%s: value %d = %v, want %v", name, i, got[i], want[i])
			}
		}
	}
	gap := math.NaN()
	near("three", smooth([]float64{4, 0, 8}, 3), []float64{4, 4, 4})                                  // 4, (4+0+8)/3, (0+8)/2
	near("a gap", smooth([]float64{1, gap, 3, 5}, 3), []float64{1, gap, 4, 4})                        // (3+5)/2 twice
	near("both ends", smooth([]float64{0, 3, 6, 3, 0}, 5), []float64{0, 3, 12. / 5, 12. / 4, 9. / 3}) // (0+3+6)/3 at one, (3+6+3+0)/4 at three
	// No lag: a straight descent stays where it is, and so does an exponential one on a logarithmic axis.
	var line, fall []float64
	for i := range 40 {
		line, fall = append(line, 100-2*float64(i)), append(fall, math.Exp(-float64(i)/5))
	}
	near("straight", smooth(line, 9)[:36], line[:36]) // but for the last four, which look back
	near("exponential", smooth(logarithms(fall), 9)[:36], logarithms(fall)[:36])
}

func TestThinKeepsSpikes(t *testing.T) {
	xs, ys := make([]float64, 100_000), make([]float64, 100_000)
	for i := range xs {
		xs[i] = float64(i)
	}
	ys[12_345], ys[54_321] = 9, -9
	tx, ty := thin(xs, ys)
	if len(tx) > most || len(tx) != len(ty) {
		t.Fatalf("%d points, want at most %d", len(tx), most)
	}
	var spikes []float64
	for i := range ty {
		if i > 0 && tx[i] <= tx[i-1] {
			t.Fatal("x goes back")
		}
		if ty[i] != 0 {
			spikes = append(spikes, tx[i])
		}
	}
	if d := cmp.Diff([]float64{12_345, 54_321}, spikes); d != "" {
		t.Error(d)
	}
}

func TestBand(t *testing.T) {
	got := Band("sft", []float64{1, 2}, []float64{1, 4}, []float64{3, 8})
	want := Line{Name: "sft", X: []float64{1, 2}, Y: []float64{2, 6}, Low: []float64{1, 4}, High: []float64{3, 8}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A loss of zero, or one that is no number, has no place on an axis of factors: it is a gap, and the rest is drawn.
func TestLogLeavesGaps(t *testing.T) {
	f := Curve(Axes{Y: "loss", Log: true}, Line{Name: "sft", X: []float64{1, 2, 3, 4, 5}, Y: []float64{1, 0.1, 0, -1, math.NaN()}})
	p := f.build(newWriter(nil))
	if low, high := math.Pow(10, p.Y.Min), math.Pow(10, p.Y.Max); math.Abs(low-0.1) > 1e-9 || math.Abs(high-1) > 1e-9 {
		t.Errorf("axis from %v to %v, want 0.1 to 1", low, high)
	}
	if f.PNG() == nil {
		t.Error("no picture")
	}
}
