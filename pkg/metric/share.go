package metric

import (
	"fmt"
	"math"
)

// Share is how many of some were right.
type Share struct{ Right, Of int }

// Count counts one more.
func (s *Share) Count(right bool) {
	s.Of++
	if right {
		s.Right++
	}
}

// Value is Right of Of, 0 to 1; NaN when there was nothing.
func (s Share) Value() float64 { return float64(s.Right) / float64(s.Of) }

// Interval is the score interval at 95%: all shares p from which Right is less than z = 1.96 deviations √(Of·p(1−p)) away
// (Wilson, Journal of the American Statistical Association 22, 1927, 209–212). It takes the items to be independent. 0 to 1
// when there was nothing.
func (s Share) Interval() (low, high float64) {
	if s.Of == 0 {
		return 0, 1
	}
	const z = 1.959963984540054 // 97.5% of the normal distribution lies below
	n, p := float64(s.Of), s.Value()
	middle, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = (middle-half)/(1+z*z/n), (middle+half)/(1+z*z/n)
	// The ends are exact where rounding would leave a trace.
	if s.Right == 0 {
		low = 0
	}
	if s.Right == s.Of {
		high = 1
	}
	return low, high
}

// String is the share with its interval, in percent.
func (s Share) String() string {
	if s.Of == 0 {
		return "–"
	}
	low, high := s.Interval()
	return fmt.Sprintf("%.1f%% (%.1f to %.1f)", 100*s.Value(), 100*low, 100*high)
}
