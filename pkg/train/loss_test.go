package train_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/train"
)

// One batch of eight rows has the mean loss of eight batches of one. All records are equally long and fill their row, so
// that each row holds one, and one epoch is one batch.
func TestEightAtOnceAreEightAlone(t *testing.T) {
	j := job(t)
	j.Data, j.Eval, j.Steps, j.Length = nil, nil, 1, 6
	for i := range 8 {
		j.Data = append(j.Data, data.Record{Prompt: string(rune('0' + i)), Answer: string(rune('9' - i))})
	}
	sum := 0.0
	for i := range j.Data {
		e, err := data.Encode(j.Model.Tokenizer, j.Data[i], data.EncodeOptions{})
		if err != nil || len(e.IDs) != 6 { // bos user digit assistant digit eos
			t.Fatalf("%d tokens, %v", len(e.IDs), err)
		}
		one := j
		one.Data, one.Batch = j.Data[i:i+1], 1
		sum += train.Must(train.Run(context.Background(), one)).Log.Get(metric.Loss).Last()
	}
	j.Batch = 8
	if got := train.Must(train.Run(context.Background(), j)).Log.Get(metric.Loss).Last(); math.Abs(got-sum/8) > 1e-3 {
		t.Errorf("together %g, alone %g", got, sum/8)
	}
}

// An untrained model is about as good as guessing: ln V nats a token.
func TestFirstLossIsThatOfGuessing(t *testing.T) {
	j := job(t)
	j.Steps = 1
	if got, want := train.Must(train.Run(context.Background(), j)).Log.Get(metric.Loss).Last(), math.Log(float64(j.Model.Config.Vocab)); math.Abs(got-want) > 0.1 {
		t.Errorf("first loss %g, ln V is %g", got, want)
	}
}

// A run that diverges says so, and hands back a model without NaN.
func TestDivergedModelIsStillNumbers(t *testing.T) {
	j := job(t)
	j.LR, j.Clip, j.Eval = 1e30, -1, nil
	r, err := train.Run(context.Background(), j)
	if !errors.Is(err, train.ErrDiverged) || !strings.Contains(err.Error(), "smaller LR") {
		t.Fatalf("error %v", err)
	}
	for _, name := range r.Model.Params.Names() {
		for _, x := range r.Model.Params.Get(name).Data {
			if x != x {
				t.Fatalf("%s holds NaN", name)
			}
		}
	}
}

// Without Length, rows grow to what the longest record needs, up to the context.
func TestLengthFollowsTheData(t *testing.T) {
	j := job(t)
	j.Model = wide(t, 256)
	j.Length, j.Steps, j.Batch, j.Eval = 0, 1, 1, nil
	for _, c := range []struct{ letters, tokens int }{{10, 128}, {130, 160}, {150, 160}, {240, 256}} { // bos user ? assistant z… eos
		j.Data = data.Set{{Prompt: "?", Answer: strings.Repeat("z", c.letters)}}
		if got := train.Must(train.Run(context.Background(), j)).Tokens; got != c.tokens {
			t.Errorf("%d letters: rows of %d tokens, want %d", c.letters, got, c.tokens)
		}
	}
	j.Data = data.Set{{Prompt: "?", Answer: strings.Repeat("z", 300)}}
	if _, err := train.Run(context.Background(), j); !errors.Is(err, data.ErrTooLong) {
		t.Errorf("beyond the context: %v", err)
	}
}

// A cancel from another goroutine, at no particular moment, is heard before the next step is over.
func TestCancelFromOutside(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	j := job(t)
	j.Steps, j.Eval = 1_000_000, nil
	started := make(chan struct{})
	after := 0
	j.Watch = func(s metric.Snapshot) {
		if s.Step == 3 && !s.Done {
			close(started)
		}
		if ctx.Err() != nil && !s.Done {
			after++
		}
	}
	go func() {
		<-started
		time.Sleep(time.Millisecond)
		cancel()
	}()
	r, err := train.Run(ctx, j)
	if !errors.Is(err, context.Canceled) || r == nil || r.Steps < 3 {
		t.Fatalf("%v after %v", err, r)
	}
	if after > 1 {
		t.Errorf("%d steps were done after the cancel", after)
	}
}

func TestExamRefuses(t *testing.T) {
	if _, err := train.Exam(context.Background(), nil, facts); err == nil {
		t.Error("no model: no error")
	}
	if _, err := train.Exam(context.Background(), small(t), nil); err == nil {
		t.Error("no questions: no error")
	}
	if _, err := train.Exam(context.Background(), small(t), data.Set{{Prompt: "x"}}); err == nil {
		t.Error("no answer: no error")
	}
}
