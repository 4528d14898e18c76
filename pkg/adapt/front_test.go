package adapt_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

// A fresh prefix or prompt that starts from a text is the base that has read the text; through an MLP too.
func TestFrontStartsAsText(t *testing.T) {
	ctx := context.Background()
	base := small(true)
	for _, p := range base.Params.Names() { // large enough that what was read matters
		if x := base.Params.Get(p); len(x.Shape) == 2 {
			for i := range x.Data {
				x.Data[i] *= 10
			}
		}
	}
	ids := base.Tokenizer.Encode("and then")
	text := base.Tokenizer.Encode("first")
	n := len(text)
	logits := func(m *model.Model, ids []int) []float32 {
		x, err := m.Logits(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data[(len(x.Data)/x.Shape[1]-1)*x.Shape[1]:] // after the last token
	}
	want, without := logits(base, append(append([]int{}, text...), ids...)), logits(base, ids)
	for _, a := range []adapt.Adaptation{adapt.Prompt{Tokens: n, Text: "first"}, adapt.Prefix{Tokens: n, Text: "first"}, adapt.Prefix{Tokens: n, Text: "first", Hidden: 5}} {
		m, err := adapt.Must(adapt.Attach(base, a)).Merged()
		if err != nil {
			t.Fatal(err)
		}
		var off, apart float64
		for i, got := range logits(m, ids) {
			off = math.Max(off, math.Abs(float64(got-want[i])))
			apart = math.Max(apart, math.Abs(float64(got-without[i])))
		}
		if off > 1e-4 || apart < 1e-2 {
			t.Errorf("%v: %g off the base that has read the text, %g off the base that has not", a, off, apart)
		}
	}
}

// What stands in front, counted by hand: kv values of keys and as many of values in each layer for a position of a prefix.
func TestFrontSizes(t *testing.T) {
	for _, c := range []struct {
		a    adapt.Adaptation
		want int
	}{
		{adapt.Prefix{}, 10 * depth * 2 * kv},
		{adapt.Prefix{Tokens: 3}, 3 * depth * 2 * kv},
		{adapt.Prefix{Tokens: 3, Hidden: 7}, 3*dim + 7*dim + 7 + depth*2*kv*(7+1)},
		{adapt.Prompt{}, 20 * dim},
		{adapt.Prompt{Tokens: 5, Text: "how"}, 5 * dim},
	} {
		got := adapt.Must(adapt.Attach(small(true), c.a))
		if got.Trainable() != c.want {
			t.Errorf("%v: %d parameters move, want %d", c.a, got.Trainable(), c.want)
		}
	}
	m, err := adapt.Must(adapt.Attach(small(true), adapt.Prefix{Tokens: 3, Hidden: 7})).Merged()
	if err != nil || m.Count() != small(true).Count()+3*depth*2*kv {
		t.Errorf("the MLP is not dropped: %d parameters, %v", m.Count(), err)
	}
}

func TestFrontRefuses(t *testing.T) {
	for says, a := range map[string]adapt.Adaptation{
		"want 1 to 31":     adapt.Prefix{Tokens: 32}, // the context
		"-1 positions":     adapt.Prompt{Tokens: -1},
		"a positive width": adapt.Prefix{Hidden: -1},
	} {
		if _, err := adapt.Attach(small(true), a); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want an error that says %q", a, err, says)
		}
	}
	twice := adapt.Must(adapt.Attach(small(true), adapt.Prefix{Tokens: 2})).Model
	if _, err := adapt.Attach(twice, adapt.Prefix{Tokens: 2}); err == nil || !strings.Contains(err.Error(), "in front already") {
		t.Errorf("a second prefix: %v", err)
	}
}
