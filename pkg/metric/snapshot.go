package metric

import (
	"fmt"
	"strings"
	"time"
)

// Snapshot is a run as it stands after a step. Log belongs to the run: read it inside the callback, Clone it to keep it.
type Snapshot struct {
	Name            string
	Step, Steps     int
	Log             *Log
	TokensPerSecond float64
	Elapsed         time.Duration
	Remaining       time.Duration // estimated
	Done            bool          // the last snapshot of the run, also when it was stopped
}

// String is one line of progress: bar, steps, loss, speed, time left.
func (s Snapshot) String() string {
	const width = 20
	full := 0
	if s.Steps > 0 {
		full = min(width, width*s.Step/s.Steps)
	}
	line := fmt.Sprintf("%s %s%s %d/%d", s.Name, strings.Repeat("█", full), strings.Repeat("░", width-full), s.Step, s.Steps)
	if loss := s.Log.Get(Loss); loss != nil {
		line += fmt.Sprintf(" · loss %.3f", loss.Last())
	}
	if s.TokensPerSecond > 0 {
		line += fmt.Sprintf(" · %.0f tokens/s", s.TokensPerSecond)
	}
	if s.Done {
		return line + fmt.Sprintf(" · %s", s.Elapsed.Round(100*time.Millisecond))
	}
	return line + fmt.Sprintf(" · %s left", s.Remaining.Round(time.Second))
}
