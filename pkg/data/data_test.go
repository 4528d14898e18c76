package data_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/token"
)

func tokenizer(t testing.TB) *token.Tokenizer {
	t.Helper()
	tok, err := token.Train(context.Background(), []string{"the cat sat on the mat"}, token.TrainOptions{Vocab: 280})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// From TRL's packing test: lengths 3, 4, 1 into bins of 4 give [4,5,6,7] and [1,2,3,8].
func TestPackBestFit(t *testing.T) {
	if got, want := data.Pack([]int{3, 4, 1}, 4), [][]int{{1}, {0, 2}}; !reflect.DeepEqual(got, want) {
		t.Fatalf("bins %v, want %v", got, want)
	}
}

func TestEncodeMasksThePrompt(t *testing.T) {
	tok := tokenizer(t)
	e, err := data.Encode(tok, data.Record{Prompt: "ab", Answer: "cd"}, data.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	q, a := tok.Encode("ab"), tok.Encode("cd")
	want := append(append([]int{tok.BOS(), tok.User()}, q...), tok.Assistant())
	start := len(want)
	want = append(append(want, a...), tok.EOS())
	if !reflect.DeepEqual(e.IDs, want) {
		t.Fatalf("ids %v, want %v", e.IDs, want)
	}
	if !reflect.DeepEqual(e.IDs[:start], tok.ChatPrompt("ab")) {
		t.Fatal("training and generation use different templates")
	}
	for i, label := range e.Labels {
		want := data.Ignore
		if i+1 >= start && i+1 < len(e.IDs) { // the answer and its end are predicted by the token before
			want = e.IDs[i+1]
		}
		if label != want {
			t.Errorf("label %d is %d, want %d", i, label, want)
		}
	}
	if tok.PAD() == tok.EOS() {
		t.Error("pad and end are one token: the model would never learn to stop")
	}
}

func TestEncodeRefuses(t *testing.T) {
	tok := tokenizer(t)
	for _, c := range []struct {
		record data.Record
		max    int
		want   error
	}{
		{data.Record{Answer: "x"}, 0, data.ErrNoPrompt},
		{data.Record{Prompt: "x"}, 0, data.ErrNoAnswer},
		{data.Record{Prompt: "the cat", Answer: strings.Repeat("sat ", 50)}, 20, data.ErrTooLong},
		{data.Record{Messages: []data.Message{{Role: "assistant", Content: "x"}}}, 0, data.ErrNoPrompt},
	} {
		if _, err := data.Encode(tok, c.record, data.EncodeOptions{MaxLength: c.max}); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.record, err, c.want)
		}
	}
}

func TestSplitKeepsEntitiesApart(t *testing.T) {
	var set data.Set
	for i := range 300 {
		set = append(set, data.Record{Prompt: fmt.Sprint(i), Answer: "x", Entity: fmt.Sprint("person ", i%50)})
	}
	train, test := set.Split(0.8)
	if train.Len() != 240 || test.Len() != 60 {
		t.Fatalf("%d and %d records, want 240 and 60", train.Len(), test.Len())
	}
	seen := map[string]bool{}
	for _, r := range train {
		seen[r.Entity] = true
	}
	for _, r := range test {
		if seen[r.Entity] {
			t.Fatalf("%s is on both sides", r.Entity)
		}
	}
}

func TestBatchesKeepExamplesWhole(t *testing.T) {
	examples := []data.Example{{IDs: []int{1, 2, 3}, Labels: []int{2, 3, data.Ignore}}, {IDs: []int{4, 5}, Labels: []int{5, data.Ignore}}, {IDs: []int{6}, Labels: []int{data.Ignore}}}
	deal := func(seed uint64) []data.Batch {
		batches, err := data.NewBatches(examples, 2, 4, 0, seed)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]data.Batch, 5)
		for i := range out {
			batches.Next(&out[i])
		}
		return out
	}
	first := deal(3)
	if !reflect.DeepEqual(first, deal(3)) {
		t.Fatal("equal seeds deal differently")
	}
	for _, b := range first {
		for i, id := range b.IDs {
			switch {
			case id == 0 && b.Targets[i] != data.Ignore:
				t.Fatal("padding is trained on")
			case id == 1 && (b.Positions[i] != 0 || b.IDs[i+1] != 2 || b.Positions[i+1] != 1 || b.Segments[i] != b.Segments[i+1]):
				t.Fatalf("example torn apart: %+v", b)
			}
		}
	}
	if _, err := data.NewBatches(nil, 2, 4, 0, 1); err == nil {
		t.Error("no examples: want an error")
	}
	if _, err := data.NewBatches(examples, 2, 2, 0, 1); !errors.Is(err, data.ErrTooLong) {
		t.Errorf("example longer than a row: %v", err)
	}
}

func ExampleSet_Split() {
	set := data.Set{
		{Prompt: "Who bakes?", Answer: "Mara.", Entity: "Mara"},
		{Prompt: "Where does Mara live?", Answer: "Mill Lane.", Entity: "Mara"},
		{Prompt: "Who fishes?", Answer: "Tom.", Entity: "Tom"},
	}
	practice, exam := set.Split(0.5)
	fmt.Println(practice.Len()+exam.Len(), "records, none of Mara's on the other side")
	// Output: 3 records, none of Mara's on the other side
}
