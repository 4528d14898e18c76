package metric_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
)

func TestExactMatch(t *testing.T) {
	for _, c := range []struct {
		got, want string
		same      bool
	}{
		{"She is a baker.", "she is  a baker", true},
		{"灯塔街。", "灯塔街", true},
		{"She is a baker", "She is a fisher", false},
		{"", "x", false},
	} {
		if metric.ExactMatch(c.got, c.want) != c.same {
			t.Errorf("%q against %q: want %v", c.got, c.want, c.same)
		}
	}
}

func TestMeanStd(t *testing.T) {
	mean, std := metric.MeanStd([]float64{2, 4, 4, 4, 5, 5, 7, 9}) // squares around 5 sum to 32; 32/7
	if mean != 5 || math.Abs(std-math.Sqrt(32.0/7)) > 1e-12 {
		t.Fatalf("mean %g deviation %g", mean, std)
	}
}

func TestTableColumnsAndEscapes(t *testing.T) {
	table := metric.Table{Header: []string{"名", "b"}}
	table.Add("灯塔", "<x>")
	table.Add("ab", "y")
	lines := strings.Split(table.String(), "\n")
	if lines[2] != "灯塔  <x>" || lines[3] != "ab    y" {
		t.Errorf("columns do not line up:\n%s", table.String())
	}
	if strings.Contains(table.HTML(), "<x>") {
		t.Error("HTML is not escaped")
	}
}

func TestLogCloneIsApart(t *testing.T) {
	log := &metric.Log{Name: "sft"}
	log.Add(metric.Loss, "nats per token", 1, 2.5)
	copied := log.Clone()
	log.Add(metric.Loss, "", 2, 1.5)
	if copied.Get(metric.Loss).Last() != 2.5 || log.Get(metric.Loss).Last() != 1.5 || !math.IsNaN(log.Get("none").Last()) {
		t.Error("the copy changed with the log")
	}
}

func ExampleSnapshot() {
	log := &metric.Log{Name: "sft"}
	log.Add(metric.Loss, "nats per token", 50, 0.25)
	fmt.Println(metric.Snapshot{Name: "sft", Step: 50, Steps: 100, Log: log, TokensPerSecond: 9000, Remaining: 5 * time.Second})
	// Output: sft ██████████░░░░░░░░░░ 50/100 · loss 0.250 · 9000 tokens/s · 5s left
}
