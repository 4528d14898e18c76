package metric_test

import (
	"math"
	"testing"

	"github.com/tunebook/tunebook/pkg/metric"
)

// 8 of 10 by hand: p = .8, z² = 3.8415: (.8 + .19207 ± √(1.96²·.016 + .19207²))/1.38415, that is .4902 and .9433.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		share     metric.Share
		low, high float64
		text      string
	}{
		{metric.Share{Right: 8, Of: 10}, .4902, .9433, "80.0% (49.0 to 94.3)"},
		{metric.Share{Right: 0, Of: 10}, 0, .2775, "0.0% (0.0 to 27.8)"},
		{metric.Share{Right: 10, Of: 10}, .7225, 1, "100.0% (72.2 to 100.0)"},
		{metric.Share{}, 0, 1, "–"},
	} {
		low, high := c.share.Interval()
		if math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 || c.share.String() != c.text {
			t.Errorf("%d of %d: %.4f to %.4f, %q", c.share.Right, c.share.Of, low, high, c.share)
		}
	}
	var s metric.Share
	s.Count(true)
	s.Count(false)
	if s != (metric.Share{Right: 1, Of: 2}) || s.Value() != .5 {
		t.Errorf("%+v", s)
	}
}
