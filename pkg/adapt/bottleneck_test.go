package adapt_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

// What adapters add, counted by hand.
func TestBottleneckSizes(t *testing.T) {
	one := func(size int) int { return 2*dim*size + size + dim }
	for _, c := range []struct {
		a    adapt.Adaptation
		want int
	}{
		{adapt.Houlsby{}, 2 * depth * one(1)}, // a sixteenth of 16
		{adapt.Houlsby{Size: 5}, 2 * depth * one(5)},
		{adapt.Pfeiffer{Reduction: 4}, depth * one(4)},
		{adapt.Pfeiffer{Size: 3, SkipFirst: 2}, one(3)},
		{adapt.Parallel{Size: 7}, depth * one(7)},
	} {
		base := small(true)
		t1 := adapt.Must(adapt.Attach(base, c.a))
		if t1.Trainable() != c.want || t1.Count() != base.Count()+c.want || t1.Model.Count() != t1.Count() {
			t.Errorf("%v: %d of %d parameters move, want %d by hand", c.a, t1.Trainable(), t1.Count(), c.want)
		}
	}
}

// Up-projections start at zero, so a fresh adapter changes no logit, bit for bit, also on top of a trained one.
func TestFreshAdapterChangesNoBit(t *testing.T) {
	ctx := context.Background()
	base := small(true)
	ids := base.Tokenizer.ChatPrompt("what?")
	logits := func(m *model.Model) []float32 {
		got, err := m.Logits(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		return got.Data
	}
	want := logits(base)
	for _, a := range []adapt.Adaptation{adapt.Houlsby{}, adapt.Pfeiffer{}, adapt.Parallel{}, adapt.Houlsby{Activation: model.Tanh}} {
		m, err := adapt.Must(adapt.Attach(base, a)).Merged()
		if err != nil || !slices.Equal(logits(m), want) {
			t.Errorf("%v: other logits, %v", a, err)
		}
		m.Extras.Params.Get("model.layers.1.mlp.adapter.up.bias").Data[0] = 1
		if slices.Equal(logits(m), want) {
			t.Errorf("%v: the adapter does nothing", a)
		}
	}
}

func TestBottlenecksRefuse(t *testing.T) {
	for says, a := range map[string]adapt.Adaptation{
		"want neither negative":     adapt.Houlsby{Size: -1},
		"want one of them":          adapt.Pfeiffer{Size: 3, Reduction: 4},
		"leaves nothing of a width": adapt.Parallel{Reduction: 17},
		"want 0 to 2":               adapt.Houlsby{SkipFirst: 3},
		`activation "softplus"`:     adapt.Houlsby{Activation: "softplus"},
	} {
		if _, err := adapt.Attach(small(true), a); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want an error that says %q", a, err, says)
		}
	}
	twice := adapt.Must(adapt.Attach(small(true), adapt.Pfeiffer{})).Model
	if _, err := adapt.Attach(twice, adapt.Pfeiffer{}); err == nil || !strings.Contains(err.Error(), "adapt.Library") && !strings.Contains(err.Error(), "in a Library") {
		t.Errorf("a second adapter of the same name: %v", err)
	}
}

// The card says where they stand and how many move.
func TestBottleneckCard(t *testing.T) {
	got := adapt.Must(adapt.Attach(small(true), adapt.Pfeiffer{Size: 2, SkipFirst: 1}))
	if want := "pfeiffer-2 from layer 1: 164 of"; !strings.HasPrefix(got.String(), want) {
		t.Errorf("%s, want %s…", got, want)
	}
	// 164 numbers of 4 bytes.
	if want := "2 adapters, 0.7 KB to keep"; !strings.HasSuffix(got.Table().Title, want) || !strings.Contains(got.HTML(), want) {
		t.Errorf("%s, want …%s", got.Table().Title, want)
	}
	var rows []string
	for _, r := range got.Table().Rows {
		if strings.HasPrefix(r[0], "extras") {
			rows = append(rows, strings.Join(r, "|"))
		}
	}
	if want := []string{"extras of layer 1|82|82|100.0%", "extras of layer 2|82|82|100.0%"}; !slices.Equal(rows, want) {
		t.Errorf("%v, want %v", rows, want)
	}
}
