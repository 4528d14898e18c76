package train

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// taughtAt is a run of at with a teacher.
func taughtAt(t testing.TB, student, teacher model.Config, job Job, how func(*model.Model) method.Method) *loop {
	t.Helper()
	l := at(t, student, job)
	job = l.job
	tok := token.Must(token.Parse(l.model.Tokenizer.JSON()))
	job.Method = how(model.Must(model.New(teacher, tok, rand.New(rand.NewPCG(7, 7)))))
	l, err := newLoop(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A teacher adds its forward pass and nothing else: no gradient, no moment, no value that is kept until the backward pass but
// the one that the loss reads. Counted by hand.
func TestTeacherKeepsNothing(t *testing.T) {
	const rows, length = 4, 64
	const n = rows * length
	student := model.Config{Dim: 32, Layers: 2, Heads: 2, Hidden: 96, Context: length, Tied: true}
	wide := model.Config{Dim: 64, Layers: 5, Heads: 2, Hidden: 192, Context: length, Tied: true}
	weights := func(c model.Config) int { return c.Layers * (4*c.Dim*c.Dim + 3*c.Dim*c.Hidden) }
	how := func(m *model.Model) method.Method { return method.Distill{Teacher: m} }
	for _, recompute := range []bool{false, true} {
		job := Job{Batch: rows, Length: length, Recompute: recompute}
		alone, l := at(t, student, job), taughtAt(t, student, wide, job, how)
		vocab := l.model.Config.Vocab
		p := l.train.Plan()
		again := 0 // of the student's forward pass
		for _, s := range p.Steps {
			if strings.HasSuffix(s.Name, " again") {
				again += int(s.FLOPs)
			}
			for _, in := range s.Inputs {
				if strings.HasPrefix(in, "teacher.") && (strings.HasSuffix(s.Op, ".dw") || strings.HasSuffix(s.Op, ".dx") || strings.HasSuffix(s.Name, " again")) {
					t.Errorf("%s, %s, reads %s", s.Name, s.Op, in)
				}
			}
		}
		want := 2*n*weights(wide) + wide.Layers*2*rows*wide.Dim*length*length + // the teacher, once
			3*2*n*weights(student) + student.Layers*7*rows*student.Dim*length*length + again + // the student, forward and back
			2*n*vocab*(2*(student.Dim+wide.Dim)+2*student.Dim) // logits of both, twice; two gradients of the student's head
		if got := int(p.FLOPs()); got != want {
			t.Errorf("recompute %v: %d operations, want %d", recompute, got, want)
		}
		if l.optim.Bytes() != alone.optim.Bytes() || len(l.params) != len(alone.params) {
			t.Errorf("%d bytes of moments, %d without a teacher", l.optim.Bytes(), alone.optim.Bytes())
		}
		for _, name := range l.names {
			if strings.HasPrefix(name, "teacher.") {
				t.Errorf("%s moves", name)
			}
		}
		// What is alive at once is the student's, and the hidden values that the loss reads; each is a few rows at most beside.
		hidden := 4 * n * wide.Dim
		if more := p.Arena - alone.train.Plan().Arena; more > hidden+hidden/4 {
			t.Errorf("recompute %v: %d bytes of values more than without a teacher, whose hidden values are %d", recompute, more, hidden)
		} else {
			t.Logf("recompute %v: values %d bytes more, hidden values %d, the teacher's apart would be %d", recompute, more, hidden, p.Values-alone.train.Plan().Values)
		}
	}
}

// BenchmarkDistill is a step with the base model's shape as teacher of a student of half the depth, and how it compares with the
// same student's step of SFT. What the teacher's forward pass takes of it is what storing its hidden values ahead would save.
//
//	go test ./pkg/train -run - -bench Distill -benchtime 40x
func BenchmarkDistill(b *testing.B) {
	student := model.Config{Vocab: 2048, Dim: 96, Layers: 2, Heads: 3, Hidden: 256, Context: 256, Tied: true}
	wide := model.Config{Vocab: 2048, Dim: 128, Layers: 6, Heads: 4, KVHeads: 2, Hidden: 384, Context: 256, Tied: true}
	ctx := context.Background()
	job := Job{Batch: 8, Length: 128}
	alone := at(b, student, job)
	deep := taughtAt(b, student, wide, job, func(m *model.Model) method.Method { return method.Distill{Teacher: m} })
	flat := wide
	flat.Layers = 1
	shallow := taughtAt(b, student, flat, job, func(m *model.Model) method.Method { return method.Distill{Teacher: m} })
	times := map[*loop][]time.Duration{}
	for range 3 {
		for _, l := range []*loop{alone, deep, shallow} {
			if err := l.step(ctx, 1); err != nil {
				b.Fatal(err)
			}
		}
	}
	for b.Loop() {
		for _, l := range []*loop{alone, deep, shallow} {
			began := time.Now()
			if _, _, err := l.gradients(ctx); err != nil {
				b.Fatal(err)
			}
			times[l] = append(times[l], time.Since(began))
		}
	}
	median := func(l *loop) float64 {
		slices.Sort(times[l])
		return milliseconds(times[l][len(times[l])/2])
	}
	layer := (median(deep) - median(shallow)) / 5
	b.ReportMetric(median(deep), "ms/step")
	b.ReportMetric(median(alone), "ms/SFT")
	b.ReportMetric(6*layer, "ms/teacher")
	b.ReportMetric(float64(deep.train.Plan().Arena)/1e6, "MB-arena")
	b.ReportMetric(float64(alone.train.Plan().Arena)/1e6, "MB-arena-SFT")
}
