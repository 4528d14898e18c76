package bench

import (
	"context"
	"errors"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// What fits into the nearest cache is read no slower than half of what does not, and an interruption is told.
func TestBandwidth(t *testing.T) {
	ctx := context.Background()
	near, _, err := bandwidth(ctx, cpu.Default(), 1<<14)
	if err != nil {
		t.Fatal(err)
	}
	far, copied, err := Bandwidth(ctx, cpu.Default())
	if err != nil || !(far > 1e8) || !(copied > 1e8) || far > 1e13 || copied > 1e13 {
		t.Errorf("%g bytes a second read, %g copied (%v)", far, copied, err)
	}
	t.Logf("%.1f GB/s read, %.1f copied, %.1f from the cache", far/1e9, copied/1e9, near/1e9)
	if near < far/2 {
		t.Errorf("%g bytes a second from the cache, %g from memory", near, far)
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := Bandwidth(ctx, cpu.Default()); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
