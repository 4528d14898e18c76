package train_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/train"
)

// A run with products in bfloat16 has the curve of one in float32 within some thousandths, but not its bits. Where the
// instruction is missing it does not begin.
func TestProductsInBFloat16(t *testing.T) {
	ctx := context.Background()
	j := job(t)
	j.Steps = 20
	j.Products = cpu.BFloat16
	portable, err := cpu.New(cpu.Options{Level: cpu.Portable})
	if err != nil {
		t.Fatal(err)
	}
	defer portable.Close()
	j.Device = portable
	if _, err := train.Run(ctx, j); err == nil || !strings.Contains(err.Error(), "VDPBF16PS") {
		t.Errorf("without the instruction: %v", err)
	}
	j.Device = nil
	if err := cpu.Default().BF16(); err != nil {
		t.Logf("the curve is not looked at here: %v", err)
		return
	}
	half, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	j.Products = cpu.Float32
	whole, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	a, b := half.Log.Get(metric.Loss).Values, whole.Log.Get(metric.Loss).Values
	for i := range b {
		if math.Abs(a[i]/b[i]-1) > 0.01 {
			t.Errorf("step %d: loss %g in bfloat16, %g in float32", i+1, a[i], b[i])
		}
	}
	if half.Model.Hash() == whole.Model.Hash() {
		t.Error("the same weights: nothing was rounded")
	}
}
