package adapt_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

// shelf is a library with adapters of three kinds, a prefix and a prompt, all with numbers that matter, and the base.
func shelf(t *testing.T) (*adapt.Library, *model.Model) {
	t.Helper()
	base := small(true)
	l, err := adapt.NewLibrary(base)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	for _, c := range []struct {
		name string
		a    adapt.Adaptation
	}{
		{"red", adapt.Pfeiffer{Size: 3}}, {"blue", adapt.Pfeiffer{Size: 3}}, {"two", adapt.Houlsby{Size: 2}}, {"beside", adapt.Parallel{Size: 4}},
		{"prefix", adapt.Prefix{Tokens: 2}}, {"prompt", adapt.Prompt{Tokens: 3}},
	} {
		on := adapt.Must(adapt.Attach(base, c.a))
		for _, name := range on.Stages[0].Moves {
			for i := range on.Tensor(name).Data {
				on.Tensor(name).Data[i] = float32(0.4 * rng.NormFloat64())
			}
		}
		if err := l.Add(c.name, on); err != nil {
			t.Fatal(err)
		}
	}
	return l, base
}

func logitsOf(t *testing.T, m *model.Model, err error) []float32 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	x, err := m.Logits(context.Background(), m.Tokenizer.ChatPrompt("what?"))
	if err != nil {
		t.Fatal(err)
	}
	return x.Data
}

func apart(a, b []float32) (most float64) {
	for i := range a {
		most = math.Max(most, math.Abs(float64(a[i]-b[i])))
	}
	return most
}

// Switching gives each what was added and none the base; a stack depends on its order; an average of one thing, of outputs or
// of numbers, is that thing; what is dropped is gone.
func TestLibrary(t *testing.T) {
	l, base := shelf(t)
	before := base.Hash()
	use := func(names ...string) []float32 { m, err := l.Use(names...); return logitsOf(t, m, err) }
	plain := logitsOf(t, base, nil)
	if !slices.Equal(use(), plain) {
		t.Error("no name is not the base")
	}
	for i, a := range l.Names() {
		for _, b := range l.Names()[:i] {
			if apart(use(a), use(b)) < 1e-3 || apart(use(a), plain) < 1e-3 {
				t.Errorf("%s and %s, or the base, give the same", a, b)
			}
		}
	}
	if apart(use("red", "blue"), use("blue", "red")) < 1e-4 {
		t.Error("a stack does not depend on its order")
	}
	if apart(use("prefix", "red"), use("prefix")) < 1e-4 || apart(use("prefix", "prompt"), use("prompt")) < 1e-4 {
		t.Error("a stack with what stands in front is that alone")
	}
	m, err := l.Average("red")
	if off := apart(logitsOf(t, m, err), use("red")); off > 1e-5 {
		t.Errorf("the average of one is %g off it", off)
	}
	m, err = l.AverageWeights("prefix", "prefix")
	if off := apart(logitsOf(t, m, err), use("prefix")); off > 1e-5 {
		t.Errorf("the mean of a prefix and itself is %g off it", off)
	}
	m, err = l.Average("red", "beside")
	if off := apart(logitsOf(t, m, err), use("red")); off < 1e-4 {
		t.Error("the average of two is one of them")
	}
	if err := l.Drop("two"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Use("two"); !errors.Is(err, adapt.ErrNotKept) || !strings.Contains(err.Error(), "red blue beside") {
		t.Errorf("dropped: %v", err)
	}
	if base.Hash() != before {
		t.Error("the base has changed")
	}
}

// One base answers every task, each question with an adapter of its own, and each gets what it gets alone.
func TestLibraryAnswersMixed(t *testing.T) {
	ctx := context.Background()
	l, base := shelf(t)
	names := append(l.Names(), "")
	var questions, by []string
	for i := range 14 {
		questions, by = append(questions, fmt.Sprint("who ", i)), append(by, names[(3*i)%len(names)])
	}
	o := model.Generate{MaxTokens: 6}
	got, err := l.Answers(ctx, questions, by, o)
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for i, q := range questions {
		m := base
		if by[i] != "" {
			if m, err = l.Use(by[i]); err != nil {
				t.Fatal(err)
			}
		}
		want, err := m.Answer(ctx, q, o)
		if err != nil || got[i] != want {
			t.Errorf("%q with %q: %q among others, %q alone, %v", q, by[i], got[i], want, err)
		}
		if plain, err := base.Answer(ctx, q, o); err == nil && plain != want {
			differ++
		}
	}
	if differ < 3 {
		t.Errorf("only %d answers differ from the base's: choose another seed", differ)
	}
	if _, err := l.Answers(ctx, questions[:1], []string{"green"}, o); !errors.Is(err, adapt.ErrNotKept) {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestLibraryIsSaved(t *testing.T) {
	ctx, dir := context.Background(), filepath.Join(t.TempDir(), "library")
	l, base := shelf(t)
	if err := l.Save(ctx, dir); err != nil {
		t.Fatal(err)
	}
	again, err := adapt.LoadLibrary(ctx, dir, base)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(slices.Sorted(slices.Values(again.Names())), slices.Sorted(slices.Values(l.Names()))) {
		t.Errorf("it holds %v", again.Names())
	}
	for _, name := range l.Names() {
		a, errA := l.Use(name)
		b, errB := again.Use(name)
		if errA != nil || errB != nil || a.Hash() != b.Hash() {
			t.Errorf("%s is another one, %v, %v", name, errA, errB)
		}
	}
	other := base.Clone()
	other.Params.Get("model.norm.weight").Data[0]++
	if _, err := adapt.LoadLibrary(ctx, dir, other); !errors.Is(err, adapt.ErrOtherBase) {
		t.Errorf("on another base: %v", err)
	}
	if _, err := adapt.LoadLibrary(ctx, t.TempDir(), base); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

// A fusion starts near the average of its adapters, moves attention alone, and its weights are shown.
func TestFusion(t *testing.T) {
	ctx := context.Background()
	l, base := shelf(t)
	on := adapt.Must(adapt.Attach(base, l.Fuse("red", "blue")))
	if want := depth * 3 * dim * dim; on.Trainable() != want {
		t.Errorf("%d parameters move, want %d", on.Trainable(), want)
	}
	average, err := l.Average("red", "blue")
	mean := logitsOf(t, average, err)
	red, err := l.Use("red")
	if off, far := apart(logitsOf(t, on.Model, nil), mean), apart(logitsOf(t, red, err), mean); off > far/10 {
		t.Errorf("a fresh fusion is %g off the average, one adapter %g", off, far)
	}
	list, err := on.Model.FusionWeights(ctx, base.Tokenizer.ChatPrompt("what?"))
	if err != nil || len(list) != depth {
		t.Fatalf("%d fusions, %v", len(list), err)
	}
	for l, f := range list {
		if f.Sublayer != fmt.Sprintf("model.layers.%d.mlp", l) || !slices.Equal(f.Adapters, []string{f.Sublayer + ".red", f.Sublayer + ".blue"}) {
			t.Errorf("%+v", f)
		}
		for i := range f.Weights.Shape[0] {
			if row := f.Weights.Row(i); math.Abs(float64(row[0]+row[1])-1) > 1e-6 || math.Abs(float64(row[0])-0.5) > 0.1 {
				t.Errorf("weights %v", row)
			}
		}
		if m := f.Mean(); math.Abs(m[0]+m[1]-1) > 1e-6 {
			t.Errorf("mean %v", m)
		}
	}
	if _, err := base.FusionWeights(ctx, []int{1}); err == nil {
		t.Error("the base has no fusion: no error")
	}
	for says, a := range map[string]adapt.Adaptation{"keeps nothing": l.Fuse("green"), "only adapters stand": l.Fuse("red", "prefix"), "no adapter was named": l.Fuse()} {
		if _, err := adapt.Attach(base, a); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want an error that says %q", err, says)
		}
	}
	if _, err := adapt.Attach(red, l.Fuse("red", "blue")); !errors.Is(err, adapt.ErrOtherBase) {
		t.Errorf("on a model with extras: %v", err)
	}
	if err := l.Add("both", on); err != nil {
		t.Fatal(err)
	}
	kept, err := l.Use("both")
	if !slices.Equal(logitsOf(t, kept, err), logitsOf(t, on.Model, nil)) {
		t.Error("kept in the library it is another one")
	}
}

func TestLibraryRefuses(t *testing.T) {
	l, base := shelf(t)
	for says, err := range map[string]error{
		"there already":        l.Add("red", adapt.Must(adapt.Attach(base, adapt.Pfeiffer{}))),
		"changes its weights":  l.Add("norms", adapt.Must(adapt.Attach(base, adapt.Norms()))),
		"without dots":         l.Put("a.b", nil, ""),
		"give it a Result":     l.Add("x", nil),
		"keeps nothing":        l.Drop("x"),
		"in front of the text": second(l.Use("prefix", "prefix")),
		"only adapters stand":  second(l.Average("red", "prompt")),
		"other shapes":         second(l.AverageWeights("red", "two")),
		"nothing to average":   second(l.Average()),
		"is there already":     second(l.Use("red", "red")),
		"give it the plain one": func() error {
			_, err := adapt.NewLibrary(adapt.Must(adapt.Attach(base, adapt.Pfeiffer{})).Model)
			return err
		}(),
		"NewLibrary: the model is": func() error { _, err := adapt.NewLibrary(nil); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want an error that says %q", err, says)
		}
	}
	if table := l.String(); !strings.Contains(table, "red") || !strings.Contains(table, "KB") {
		t.Errorf("the table is %s", table)
	}
}

func second(_ *model.Model, err error) error { return err }
