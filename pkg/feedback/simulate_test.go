package feedback

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/world"
)

// logistic prefers by the score "quality": its log-odds are the difference.
func logistic(first, second map[string]float64) float64 {
	return 1 / (1 + math.Exp(second["quality"]-first["quality"]))
}

func scored(qualities ...float64) (out []Candidate) {
	for i, q := range qualities {
		out = append(out, Candidate{Text: string(rune('a' + i)), Scores: map[string]float64{"quality": q}})
	}
	return out
}

// Each of the six rankings of three comes as often as Plackett and Luce have it, exp(s/T) over the sum of what is left, place by
// place; so each pair of them is Bradley and Terry's.
func TestSimulatedFrequencies(t *testing.T) {
	const n = 30000
	for _, temperature := range []float64{0, 0.5, 2} { // zero means 1
		divide := temperature
		if divide == 0 {
			divide = 1
		}
		quality := []float64{0.8, -0.3, 0.1}
		weight := make([]float64, 3)
		for i, q := range quality {
			weight[i] = math.Exp(q / divide)
		}
		seen, ahead := map[string]int{}, 0
		for seed := range uint64(n) {
			a, err := Simulated{Prefers: logistic, Temperature: temperature}.Put(ctx, Question{Candidates: scored(quality...), Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			seen[fmt.Sprint(a.ranking)]++
			for _, group := range a.ranking {
				if group[0] == 1 || group[0] == 2 {
					if group[0] == 2 {
						ahead++
					}
					break
				}
			}
		}
		squares := 0.0
		for i := range 3 {
			for j := range 3 {
				if k := 3 - i - j; i != j {
					p := weight[i] / (weight[0] + weight[1] + weight[2]) * weight[j] / (weight[j] + weight[k])
					got := float64(seen[fmt.Sprint([][]int{{i}, {j}, {k}})])
					squares += (got - n*p) * (got - n*p) / (n * p)
				}
			}
		}
		if squares > 20.5 { // five degrees of freedom: one in a thousand
			t.Errorf("T = %g: χ² is %.1f, rankings %v", temperature, squares, seen)
		}
		p := weight[2] / (weight[1] + weight[2])
		if d := float64(ahead)/n - p; math.Abs(d) > 4*math.Sqrt(p*(1-p)/n) {
			t.Errorf("T = %g: the third is before the second in %.4f, want %.4f", temperature, p+d, p)
		}
	}
}

// A rater of the town, in a poll: of two answers the better one is chosen as often as its Prefers says, whatever was shown first, and
// whoever is asked again says the same.
func TestSimulatedInAPoll(t *testing.T) {
	const n = 1500
	rater := world.Raters()[2] // hasty
	var asked []Item
	for i := range n {
		asked = append(asked, Item{ID: fmt.Sprint(i), Prompt: "?", Candidates: scored(0.9, 0.6)})
	}
	by := Simulated{Rater: rater.Name, Prefers: rater.Prefers}
	p := open(t, file0(t), Options{})
	s, err := p.Collect(ctx, asked, by)
	if err != nil || s.Voted != n || s.Rater != "hasty" {
		t.Fatalf("%+v, %v", s, err)
	}
	better, first, said := 0, 0, map[string]string{}
	for _, b := range p.Ballots() {
		if !b.Simulated || b.Rater != "hasty" {
			t.Fatalf("%+v", b)
		}
		if b.Ranking[0][0] == 0 {
			better++
		}
		if b.Ranking[0][0] == b.Order[0] {
			first++
		}
		said[b.Item.ID] = fmt.Sprint(b.Ranking)
	}
	want := 1 / (1 + math.Exp(-(0.9-0.6)/0.4)) // 0.679
	if got := float64(better) / n; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/n) {
		t.Errorf("the better one is chosen in %.3f, want %.3f", got, want)
	}
	if got := float64(first) / n; math.Abs(got-0.5) > 2/math.Sqrt(n) {
		t.Errorf("what was shown first is chosen in %.3f", got)
	}
	for i, j := 0, 100; i < j; i, j = i+1, j-1 {
		asked[i], asked[j] = asked[j], asked[i]
	}
	again := open(t, file0(t), Options{})
	if _, err := again.Collect(ctx, asked[:101], by); err != nil {
		t.Fatal(err)
	}
	for _, b := range again.Ballots() {
		if got := fmt.Sprint(b.Ranking); got != said[b.Item.ID] {
			t.Errorf("item %s: %s, before %s", b.Item.ID, got, said[b.Item.ID])
		}
	}
}

func TestSimulatedRefuses(t *testing.T) {
	q := Question{Candidates: scored(1, 0)}
	for want, c := range map[string]struct {
		by Simulated
		q  Question
	}{
		"Simulated.Prefers is nil":         {Simulated{}, q},
		"Simulated.Temperature is -1":      {Simulated{Prefers: logistic, Temperature: -1}, q},
		"Simulated.Temperature is NaN":     {Simulated{Prefers: logistic, Temperature: math.NaN()}, q},
		"open the poll without Scale":      {Simulated{Prefers: logistic}, Question{Candidates: q.Candidates, Scale: 5}},
		`candidate "x" has no scores`:      {Simulated{Prefers: logistic}, Question{Candidates: []Candidate{{Text: "x"}}}},
		"two probabilities whose sum is 1": {Simulated{Prefers: func(_, _ map[string]float64) float64 { return 0.9 }}, q},
	} {
		if _, err := c.by.Put(ctx, c.q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	// Far apart is no overflow, and no draw.
	for seed := range uint64(100) {
		a, err := Simulated{Prefers: world.Raters()[0].Prefers}.Put(ctx, Question{Candidates: scored(-40, 40), Seed: seed})
		if err != nil || a.ranking[0][0] != 1 {
			t.Fatalf("%v, %v", a, err)
		}
	}
}
