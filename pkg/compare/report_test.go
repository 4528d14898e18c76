package compare

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/metric"
)

// made is a report of runs written by hand: right answers of 100 by job and seed, bytes to store by job.
func made(seeds int, jobs ...any) *Report {
	r := &Report{Name: "by hand", Task: "sums", Base: "a decoder"}
	for i := range seeds {
		r.Seeds = append(r.Seeds, uint64(i+1))
	}
	for i := 0; i < len(jobs); i += 3 {
		m := &Method{Name: jobs[i].(string), How: "by hand", Before: Marks{Right: 1, Asked: 100, Perplexity: 1.5}}
		for k, right := range jobs[i+2].([]int) {
			m.Runs = append(m.Runs, &Trial{Name: m.Name, Seed: uint64(k + 1), Key: fmt.Sprintf("%s-%d", m.Name, k+1), Size: int64(jobs[i+1].(int)), Trainable: 1234567, Parameters: 2469134,
				Seconds: 2, Marks: Marks{Right: right, Asked: 100, Perplexity: 1.5 + float64(right)/100}, Log: &metric.Log{Name: m.Name}})
		}
		r.Methods = append(r.Methods, m)
	}
	return r
}

// By hand. full 60, 62, 64: mean 62, deviation 2. lora 59, 62, 62: mean 61, differences −1, 0, −2: mean −1, deviation 1.
// norms 30, 31, 32: differences −30, −31, −32. For two comparisons the quantile of Student's t with two degrees of freedom is
// that of 1 − 0.05/4: for ν = 2 it is t = (2p−1)·sqrt(2/(4p(1−p))), at p = 0.9875 6.2054. So lora: −1 ± 6.2054/√3 =
// −1 ± 3.583 contains zero, a tie; norms: −31 ± 3.583 does not.
func TestVerdictByHand(t *testing.T) {
	r := made(3, "full", 5_800_000, []int{60, 62, 64}, "lora", 200_000, []int{59, 62, 62}, "norms", 7_000, []int{30, 31, 32})
	k, err := r.Rank("quality")
	if err != nil {
		t.Fatal(err)
	}
	p := 0.9875
	half := (2*p - 1) * math.Sqrt(2/(4*p*(1-p))) / math.Sqrt(3) / 100
	if math.Abs(half-0.03583) > 1e-5 {
		t.Fatalf("the arithmetic of the test: %g", half)
	}
	want := []Difference{{"lora", -0.01, -0.01 - half, -0.01 + half, 3, true}, {"norms", -0.31, -0.31 - half, -0.31 + half, 3, false}}
	if k.Best != "full" || len(k.Others) != 2 {
		t.Fatalf("%+v", k)
	}
	for i, d := range k.Others {
		w := want[i]
		if d.Name != w.Name || d.Tie != w.Tie || d.Pairs != 3 || math.Abs(d.Mean-w.Mean) > 1e-9 || math.Abs(d.Low-w.Low) > 1e-6 || math.Abs(d.High-w.High) > 1e-6 {
			t.Errorf("%+v, want %+v", d, w)
		}
	}
	verdict := r.Verdict()
	for _, part := range []string{
		"exact answers: full has the best mean. Behind it: norms (-31.0 points, interval -34.6 to -27.4). A tie with it, which the seeds do not settle: lora (-1.0 points, interval -4.6 to +2.6).",
		"norms has the best mean", // of perplexity, which is lowest where the least was learned
		"Of the 2 that the seeds do not tell apart at the task, lora stores least: 0.200 MB.",
		"paired by seed over 3 seeds", "Bonferroni",
	} {
		if !strings.Contains(verdict, part) {
			t.Errorf("the verdict lacks %q:\n%s", part, verdict)
		}
	}
}

// What seeds share is taken out by pairing: both jobs vary by ten between seeds, and one is always two ahead, give or take one
// question of a hundred, below which no deviation is believed: 2 ± 4.3027/√3 · 1 = 2 ± 2.48 is a tie, 3 ± 2.48 is not.
func TestPairingAndGrain(t *testing.T) {
	for lead, tie := range map[int]bool{2: true, 3: false} {
		r := made(3, "a", 1, []int{50, 60, 70}, "b", 1, []int{50 - lead, 60 - lead, 70 - lead})
		k, err := r.Rank("quality")
		if err != nil {
			t.Fatal(err)
		}
		d := k.Others[0]
		if d.Tie != tie || math.Abs(d.High+float64(lead)/100-4.302653*0.01/math.Sqrt(3)) > 1e-6 {
			t.Errorf("a lead of %d: %+v", lead, d)
		}
	}
}

func TestVerdictWithLittle(t *testing.T) {
	one := made(1, "a", 1, []int{50}, "b", 1, []int{10}).Verdict()
	if !strings.Contains(one, "Nothing can be said about b") || !strings.Contains(one, "One seed shows one run of each and ranks nothing") {
		t.Errorf("one seed:\n%s", one)
	}
	if none := made(2, "a", 1, []int{}, "b", 1, []int{}).Verdict(); !strings.Contains(none, "No run is finished") {
		t.Errorf("no run:\n%s", none)
	}
	alone := made(2, "a", 1, []int{50, 51}).Verdict()
	if !strings.Contains(alone, "a has the best mean.") || strings.Contains(alone, "tie") {
		t.Errorf("alone:\n%s", alone)
	}
	half := made(2, "a", 1, []int{50, 51}, "b", 1, []int{50})
	if half.Whole() || !strings.Contains(half.String(), "1 of 4 runs are missing") {
		t.Errorf("a run is missing:\n%s", half)
	}
}

func TestTableByHand(t *testing.T) {
	r := made(3, "full", 5_800_000, []int{60, 62, 64}, "lora", 200_000, []int{59, 62, 62})
	table, err := r.Table("quality", "perplexity", "trainable", "share", "size", "peak")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"(before)", "1.0%", "1.500", "", "", "", ""},
		{"full", "62.0% ± 2.0", "2.120 ± 0.020", "1,234,567", "50.00%", "5.800", "not measured"},
		{"lora", "61.0% ± 1.7", "2.110 ± 0.017", "1,234,567", "50.00%", "0.200", "not measured"}, // √3
	}
	if fmt.Sprint(table.Rows) != fmt.Sprint(want) {
		t.Errorf("%q\nwant %q", table.Rows, want)
	}
	if _, err := r.Table("qualty"); err == nil || !strings.Contains(err.Error(), "there are quality, loss") {
		t.Errorf("%v", err)
	}
}

func TestExports(t *testing.T) {
	r := made(2, "full", 5_800_000, []int{60, 62}, "lora, <fast>", 200_000, []int{59, 62})
	rows, err := csv.NewReader(strings.NewReader(r.CSV())).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%v, %v", rows, err)
	}
	line := map[string]string{}
	for i, name := range rows[0] {
		line[name] = rows[4][i]
	}
	for name, want := range map[string]string{"method": "lora, <fast>", "seed": "2", "quality": "0.62", "size (MB)": "0.2", "peak (MB)": "", "trainable": "1.234567e+06", "key": "lora, <fast>-2"} {
		if line[name] != want {
			t.Errorf("CSV: %s is %q, want %q", name, line[name], want)
		}
	}
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Verdict string
		Methods []struct {
			Name    string
			Summary []summary
			Runs    []Trial
		}
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if s := read.Methods[0].Summary[0]; s.Column != "quality" || math.Abs(s.Mean-0.61) > 1e-12 || math.Abs(s.Std-0.02/math.Sqrt2) > 1e-12 || s.N != 2 || read.Methods[1].Runs[1].Right != 62 || read.Verdict != r.Verdict() {
		t.Errorf("JSON: %+v", read)
	}
	page := r.Page()
	for _, part := range []string{"<!DOCTYPE html>", "prefers-color-scheme:dark", "<svg", "lora, &lt;fast&gt;", "exact answers against size to store"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	for _, bad := range []string{"<fast>", "http://www.w3.org/1999/xhtml", "src=", "NaN"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	again, err := r.JSON()
	if err != nil || string(again) != string(text) || r.Page() != page {
		t.Error("two writings of one report differ")
	}
}

// On the front of size and quality: lora is smaller than full and behind it in the mean; the third is larger and worse than lora.
func TestParetoByHand(t *testing.T) {
	r := made(2, "full", 5_800_000, []int{60, 62}, "lora", 200_000, []int{59, 61}, "last", 800_000, []int{40, 41})
	figure, err := r.Pareto("size", "quality")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(figure), "exact answers against size to store: full 61% at 5.8, on the front; lora 60% at 0.2, on the front; last 40% at 0.8 (sums · 2 seeds)"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if _, err := r.Pareto("size", "beauty"); err == nil {
		t.Error("no error for a column that there is not")
	}
}

// Two seeds at 1, 3 and 3, 5: the mean is 2, 4 with the band between them; a long curve is cut into windows of a power of two.
func TestCurvesByHand(t *testing.T) {
	a, b := &metric.Log{Name: "x"}, &metric.Log{Name: "x"}
	for i, v := range []float64{1, 3} {
		a.Add(metric.EvalLoss, "nats per token", 10*(i+1), v)
		b.Add(metric.EvalLoss, "nats per token", 10*(i+1), v+2)
	}
	l := line("x", []*metric.Series{a.Get(metric.EvalLoss), b.Get(metric.EvalLoss)})
	if fmt.Sprint(l.X, l.Y, l.Low, l.High) != "[10 20] [2 4] [1 3] [3 5]" {
		t.Errorf("%+v", l)
	}
	long := &metric.Series{}
	for i := range 130 {
		long.Add(i+1, float64(i+1))
	}
	x, y := windowed(long) // windows of 4: the first is the mean of 1 to 4, the last that of 129 and 130
	if len(x) != 33 || x[0] != 2.5 || y[0] != 2.5 || x[32] != 129.5 || y[32] != 129.5 {
		t.Errorf("%d windows, %v, %v", len(x), x, y)
	}
}
