// Package comparison asserts what the lesson claims.
package comparison

import (
	"context"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/compare"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// way is the lesson's.
type way struct {
	name string
	what adapt.Adaptation
	rate float64
}

// lab is the lesson's study on one folder.
type lab struct {
	study compare.Study
	last  compare.Snapshot
}

func begin(t *testing.T) *lab {
	t.Helper()
	ctx := context.Background()
	practice, rest := data.Must(world.Questions(ctx)).Split(0.8)
	made, err := base.HowMade()
	if err != nil {
		t.Fatal(err)
	}
	return &lab{study: compare.Study{
		Base: model.Must(base.Load(ctx)), Practice: practice, Exam: rest.Take(96), Dir: t.TempDir(),
		Text: data.Must(world.Text(ctx, world.TextOptions{Documents: 12, Seed: made.Recipe.Seed + 1})),
	}}
}

func (l *lab) run(t *testing.T, ways ...way) *compare.Report {
	t.Helper()
	s := l.study
	for _, w := range ways {
		j := train.Job{Method: method.SFT{}, Steps: 60, Batch: 4}.With(w.name, w.what)
		j.LR = w.rate
		s.Jobs = append(s.Jobs, j)
	}
	r, err := compare.Run(context.Background(), s, func(s compare.Snapshot) { l.last = s })
	if err != nil {
		t.Fatal(err)
	}
	table, err := r.Table("quality", "perplexity", "trainable", "size")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%v\n%s", table, r.Verdict())
	return r
}

func low(rank int) adapt.LoRA {
	return adapt.LoRA{Rank: rank, Alpha: 16, On: []string{"all-linear"}}
}

func usual() []way {
	return []way{{"full", adapt.Full(), 1e-3}, {"last", adapt.Last(1), 1e-2}, {"lora", low(8), 1e-2}, {"pfeiffer", adapt.Pfeiffer{Size: 16}, 2e-2}, {"ia3", adapt.IA3{}, 2e-1}}
}

// values are a column of a method, by seed.
func values(t *testing.T, r *compare.Report, name, column string) []float64 {
	t.Helper()
	c, err := compare.ColumnOf(column)
	if err != nil {
		t.Fatal(err)
	}
	v := c.Values(r.Method(name))
	if len(v) != len(r.Seeds) {
		t.Fatalf("%s has %d values of %s for %d seeds", name, len(v), column, len(r.Seeds))
	}
	return v
}

// mean is that of the seeds.
func mean(t *testing.T, r *compare.Report, name, column string) float64 {
	t.Helper()
	m, _ := metric.MeanStd(values(t, r, name, column))
	return m
}

// The lab: full has the best mean, with every seed more than all but LoRA, and is the largest to store; five ways and three seeds are fifteen runs, of which
// one changed setting trains three again, and nothing trains twice.
func TestTheLab(t *testing.T) {
	l := begin(t)
	r := l.run(t, usual()...)
	if n := l.last.Count(compare.Finished); n != 15 || !r.Whole() {
		t.Errorf("%d runs were trained, want 15", n)
	}
	full := values(t, r, "full", "quality")
	for _, other := range []string{"last", "lora", "pfeiffer", "ia3"} {
		for i, v := range values(t, r, other, "quality") {
			if v >= full[i] && other != "lora" {
				t.Errorf("seed %d: %s answers %.3f, full %.3f: want full ahead", i+1, other, v, full[i])
			}
		}
		if other != "ia3" && mean(t, r, "ia3", "perplexity") < mean(t, r, other, "perplexity")+1 {
			t.Errorf("ia3 ends at a perplexity of %.3f, %s at %.3f: the lesson says that ia3 forgets most by far", mean(t, r, "ia3", "perplexity"), other, mean(t, r, other, "perplexity"))
		}
		if size := mean(t, r, other, "size"); size > mean(t, r, "full", "size")/6 {
			t.Errorf("%s stores %.3f MB", other, size)
		}
	}
	rank, err := r.Rank("quality")
	if err != nil || rank.Best != "full" {
		t.Errorf("the best mean is that of %q, %v", rank.Best, err)
	}
	for _, d := range rank.Others {
		if !d.Tie {
			t.Errorf("%s is behind: the lesson says that three seeds settle nothing of the answers", d.Name)
		}
	}
	changed := usual()
	changed[2].what = low(2)
	thin := l.run(t, changed...)
	if trained, known := l.last.Count(compare.Finished), l.last.Count(compare.Known); trained != 3 || known != 12 {
		t.Errorf("another rank: %d runs trained, %d known; want 3 and 12", trained, known)
	}
	if was, is := mean(t, r, "lora", "size"), mean(t, thin, "lora", "size"); is > was/3 {
		t.Errorf("rank 2 stores %.3f MB, rank 8 %.3f", is, was)
	}
	l.run(t, changed...)
	if n := l.last.Count(compare.Finished); n != 0 {
		t.Errorf("the same study again trained %d runs", n)
	}
}

// One rate for all: with the other's rate full and LoRA both answer clearly less, with every seed;
// at LoRA's rate LoRA is ahead.
func TestTheRateDecides(t *testing.T) {
	l := begin(t)
	own := l.run(t, way{"full", adapt.Full(), 1e-3}, way{"lora", low(8), 1e-2})
	swapped := l.run(t, way{"full", adapt.Full(), 1e-2}, way{"lora", low(8), 1e-3})
	fast, alike := values(t, own, "lora", "quality"), values(t, swapped, "full", "quality") // both at 1e-2
	for i := range fast {
		if fast[i] <= alike[i] {
			t.Errorf("seed %d: at LoRA's rate LoRA answers %.3f, full %.3f", i+1, fast[i], alike[i])
		}
	}
	for _, name := range []string{"full", "lora"} {
		good, bad := values(t, own, name, "quality"), values(t, swapped, name, "quality")
		for i := range good {
			if bad[i] > good[i]/2 {
				t.Errorf("seed %d: %s answers %.3f at its own rate, %.3f at the other's", i+1, name, good[i], bad[i])
			}
		}
	}
}
