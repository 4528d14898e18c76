package data_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

func TestMaskedViewMarksWhatIsTrained(t *testing.T) {
	tok := tokenizer(t)
	e, err := data.Encode(tok, data.Record{Prompt: "<b>", Answer: "z"}, data.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	view := data.Masked(tok, e)
	if got, want := view.String(), "<|bos|> <|user|> < b > <|assistant|> [z] [<|eos|>]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	page := view.HTML()
	if strings.Contains(page, "<b>") || strings.Count(page, `title="trained on`) != 2 || strings.Count(page, `title="masked`) != 6 {
		t.Errorf("page: %s", page)
	}
}

func TestTruncateIsAskedFor(t *testing.T) {
	tok := tokenizer(t)
	r := data.Record{Prompt: "q", Answer: strings.Repeat("z", 50)}
	e, err := data.Encode(tok, r, data.EncodeOptions{MaxLength: 20, Truncate: true})
	if err != nil || len(e.IDs) != 20 || len(e.Labels) != 20 || e.Labels[19] != data.Ignore {
		t.Fatalf("%d ids, %v", len(e.IDs), err)
	}
	_, err = data.Encode(tok, r, data.EncodeOptions{MaxLength: 20})
	for _, part := range []string{`"qzz`, "55 tokens", "holds 20", "Truncate"} { // bos user q assistant 50·z eos
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error %v does not say %s", err, part)
		}
	}
}

// Who is in the exam depends on names only: not on the order, nor on how many questions each has.
func TestSplitDependsOnNamesOnly(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 50 {
		var set data.Set
		for range rng.IntN(60) {
			set = append(set, data.Record{Prompt: string(rune('a' + rng.IntN(26))), Answer: "x", Entity: string(rune('A' + rng.IntN(9)))})
		}
		frac := rng.Float64()
		one, two := set.Split(frac)
		again, _ := set.Shuffle(rng).Split(frac)
		if !slices.Equal(names(one), names(again)) {
			t.Fatalf("order changed who is in practice: %v and %v", names(one), names(again))
		}
		if one.Len()+two.Len() != set.Len() {
			t.Fatal("records were lost")
		}
		for _, name := range names(one) {
			if slices.Contains(names(two), name) {
				t.Fatalf("%s is on both sides", name)
			}
		}
	}
}

func names(s data.Set) []string {
	var out []string
	for _, r := range s {
		out = append(out, r.Entity)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestSetsAreNotChanged(t *testing.T) {
	set := data.Set{{Text: "a"}, {Text: "b"}, {Text: "c"}}
	before := slices.Clone(set)
	rng := rand.New(rand.NewPCG(1, 1))
	set.Shuffle(rng)
	only := set.Filter(func(r data.Record) bool { return r.Text != "b" })
	if !reflect.DeepEqual(set, before) || only.Len() != 2 || set.Take(9).Len() != 3 || set.Take(-1).Len() != 0 || set.At(1).Text != "b" {
		t.Errorf("%v", set)
	}
}

// Packing never loses an example, splits one or overfills a bin.
func TestPackProperty(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		length := 1 + rng.IntN(40)
		lengths := make([]int, rng.IntN(50))
		total := 0
		for i := range lengths {
			lengths[i] = 1 + rng.IntN(length)
			total += lengths[i]
		}
		seen := make([]int, len(lengths))
		bins := data.Pack(lengths, length)
		for _, bin := range bins {
			sum := 0
			for _, i := range bin {
				seen[i]++
				sum += lengths[i]
			}
			if sum > length {
				t.Fatalf("a bin of %d holds %d", length, sum)
			}
		}
		if slices.ContainsFunc(seen, func(n int) bool { return n != 1 }) {
			t.Fatalf("examples are packed %v times", seen)
		}
		if len(bins) > 1 && len(bins)*length >= 2*total+length { // two bins never both stay half empty
			t.Fatalf("%d bins of %d for %d tokens", len(bins), length, total)
		}
	}
}
