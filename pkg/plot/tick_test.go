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

func TestSmooth(t *testing.T) {
	// β = 1 - 2/(3+1) = 0.5. Means of 4, 0, 8 with weights 1; ½,½ → (¼·4+½·0)/¾; (⅛·4+¼·0+½·8)/⅞.
	got := smooth([]float64{4, 0, 8}, 3)
	want := []float64{4, 4.0 / 3, 36.0 / 7}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("value %d = %v, want %v", i, got[i], want[i])
		}
	}
	if got := smooth([]float64{1, math.NaN(), 1}, 3); !math.IsNaN(got[1]) || got[2] != 1 {
		t.Errorf("a gap gives %v, want 1 NaN 1", got)
	}
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
