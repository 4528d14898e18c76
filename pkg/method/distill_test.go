package method_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// matrix is rows of values.
func matrix(rows [][]float64) *compute.Tensor {
	t := compute.New(len(rows), len(rows[0]))
	for i, v := range slices.Concat(rows...) {
		t.Data[i] = float32(v)
	}
	return t
}

// onLogits is the loss of a method on logits of a student and a teacher, and its gradient by the student's.
func onLogits(t *testing.T, how method.Method, student, teacher [][]float64, targets []int32) (loss float64, gradient []float32) {
	t.Helper()
	g := graph.New()
	unit := compute.New(len(student[0]), len(student[0]))
	for i := range student[0] {
		unit.Row(i)[i] = 1
	}
	x, head := g.Param("logits", matrix(student)), g.Constant("unit", unit)
	ids := g.Ints("targets", len(targets))
	node := how.Loss(&model.Outputs{Hidden: x, Head: head,
		Beside: map[string]*model.Outputs{"teacher": {Hidden: g.Constant("teacher", matrix(teacher)), Head: head}}}, ids)
	grads, err := g.Grad(node, x)
	if err != nil {
		t.Fatal(err)
	}
	m, err := g.Compile(graph.Options{}, node, grads[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.SetInts(ids, targets), m.Run(context.Background())); err != nil {
		t.Fatal(err)
	}
	if loss, err = m.Scalar(node); err != nil {
		t.Fatal(err)
	}
	dx, err := m.Value(grads[0])
	if err != nil {
		t.Fatal(err)
	}
	return loss, dx.Data
}

// By hand, between (.1, .9) and (.9, .1): KL is .8·ln 9 both ways, and half of each distance to (½, ½) is
// ln 2 + .1·ln .1 + .9·ln .9.
func TestDivergencesByHand(t *testing.T) {
	p, q := [][]float64{{math.Log(.1), math.Log(.9)}}, [][]float64{{math.Log(.9), math.Log(.1)}}
	for kind, want := range map[graph.DivergenceKind]float64{graph.ForwardKL: 1.75778, graph.ReverseKL: 1.75778, graph.JensenShannon: .36806} {
		if got, _ := onLogits(t, method.Distill{Divergence: kind}, q, p, []int32{0}); math.Abs(got-want) > 5e-6 {
			t.Errorf("%v: %.6f, want %.5f", kind, got, want)
		}
	}
	// A trap: cross-entropy with the teacher's probabilities is not the KL but lies above it by the teacher's entropy, here
	// −.1·ln .1 − .9·ln .9 = .32508. So a student that has become the teacher has a loss of zero, and no less.
	if got, _ := onLogits(t, method.Distill{}, p, p, []int32{0}); math.Abs(got) > 1e-6 {
		t.Errorf("a student that is its teacher has a loss of %g", got)
	}
}

// Losses and gradients are those of PyTorch in double precision; GKD's are those of TRL times T², which it leaves out
// (testdata/distill.py).
func TestDistillVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/distill.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Student, Teacher [][]float64
		Targets          []int32
		Cases            []struct {
			Alpha, Temperature, Beta, Loss float64
			Kind                           string
			Gradient                       [][]float64
		}
		GKD    []struct{ Beta, Temperature, Loss float64 }
		Hidden struct {
			X, Ref          [][]float64
			Squared, Cosine float64
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]graph.DivergenceKind{"forward": graph.ForwardKL, "reverse": graph.ReverseKL, "js": graph.JensenShannon}
	var sizes []float64 // of gradients at temperatures 1, 10, 100, 1000
	for _, c := range v.Cases {
		how := method.Distill{Alpha: c.Alpha, Temperature: c.Temperature, Divergence: kinds[c.Kind], Beta: c.Beta}
		loss, gradient := onLogits(t, how, v.Student, v.Teacher, v.Targets)
		// At temperature T float32 rounds log-probabilities by 2⁻²⁴, and T² makes that larger.
		far := 2e-6 * max(1, c.Temperature*c.Temperature/10)
		if math.Abs(loss-c.Loss) > far {
			t.Errorf("%v: loss %.8f, PyTorch has %.8f", how, loss, c.Loss)
		}
		size := 0.0
		for i, want := range slices.Concat(c.Gradient...) {
			if math.Abs(float64(gradient[i])-want) > 2e-6*max(1, c.Temperature/10) {
				t.Errorf("%v: gradient %d is %.8f, PyTorch has %.8f", how, i, gradient[i], want)
			}
			size += want * want
		}
		if c.Alpha == 0 && c.Kind == "forward" {
			sizes = append(sizes, math.Sqrt(size))
		}
	}
	// T² keeps gradients at one size: from a temperature of 100 to one of 1000 they change by less than a hundredth (the
	// first term that is left out is as 1/T), where without it they would shrink a hundredfold.
	n := len(sizes)
	if hundred, thousand := sizes[n-2], sizes[n-1]; math.Abs(hundred/thousand-1) > .01 {
		t.Errorf("gradients of size %g at temperature 100, %g at 1000", hundred, thousand)
	}
	if len(v.GKD) != 6 {
		t.Fatalf("%d cases of TRL, want 6: make the vectors where trl is installed", len(v.GKD))
	}
	for _, c := range v.GKD {
		how := method.Distill{Temperature: c.Temperature, Divergence: graph.JensenShannon, Beta: c.Beta}
		loss, _ := onLogits(t, how, v.Student, v.Teacher, v.Targets)
		if want := c.Temperature * c.Temperature * c.Loss; math.Abs(loss-want) > 2e-6 {
			t.Errorf("%v: loss %.8f, TRL's times T² is %.8f", how, loss, want)
		}
	}
	for cosine, want := range map[bool]float64{false: v.Hidden.Squared, true: v.Hidden.Cosine} {
		g := graph.New()
		x, ref, ids := g.Constant("x", matrix(v.Hidden.X)), g.Constant("ref", matrix(v.Hidden.Ref)), g.Ints("targets", len(v.Targets))
		apart := graph.SquaredError
		if cosine {
			apart = graph.CosineDistance
		}
		node := graph.MaskedMean(apart(x, ref), ids)
		m, err := g.Compile(graph.Options{}, node)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(m.SetInts(ids, v.Targets), m.Run(context.Background())); err != nil {
			t.Fatal(err)
		}
		if got, _ := m.Scalar(node); math.Abs(got-want) > 1e-6 {
			t.Errorf("hidden states, cosine %v: %.8f, PyTorch has %.8f", cosine, got, want)
		}
	}
}

// made is a model of a width and depth with another seed.
func made(seed uint64, dim, layers int, tok *token.Tokenizer) *model.Model {
	return model.Must(model.New(model.Config{Dim: dim, Layers: layers, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(seed, 3))))
}

func TestDistillRefuses(t *testing.T) {
	ctx, student := context.Background(), small()
	other := token.Must(token.Train(ctx, []string{"dogs dig, dogs dug"}, token.TrainOptions{Vocab: 280}))
	fewer := token.Must(token.Train(ctx, nil, token.TrainOptions{}))
	padded := model.Must(model.New(model.Config{Vocab: 300, Dim: 16, Layers: 1, Heads: 2, Tied: true}, student.Tokenizer, rand.New(rand.NewPCG(1, 9))))
	teacher := made(2, 24, 3, student.Tokenizer)
	for name, c := range map[string]struct {
		how  method.Assisted
		is   error
		says string
	}{
		"no teacher":           {method.Distill{}, method.ErrNoTeacher, "Teacher is nil"},
		"itself":               {method.Distill{Teacher: student}, method.ErrSameModel, ""},
		"itself, with labels":  {method.Distill{Teacher: student, Alpha: .5}, method.ErrSameModel, ""},
		"a copy of itself":     {method.Distill{Teacher: student.Clone()}, method.ErrSameModel, ""},
		"other words":          {method.Distill{Teacher: made(2, 24, 3, other)}, method.ErrVocabulary, "method.SequenceLevel"},
		"fewer words":          {method.Distill{Teacher: made(2, 24, 3, fewer)}, method.ErrVocabulary, "is nothing to the teacher"},
		"room for more":        {method.Distill{Teacher: padded}, method.ErrVocabulary, "room for 300"},
		"alpha below 0":        {method.Distill{Teacher: teacher, Alpha: -.1}, nil, "Alpha is -0.1"},
		"alpha above 1":        {method.Distill{Teacher: teacher, Alpha: 1.1}, nil, "Alpha is 1.1"},
		"alpha NaN":            {method.Distill{Teacher: teacher, Alpha: math.NaN()}, nil, "Alpha"},
		"labels alone":         {method.Distill{Teacher: teacher, Alpha: 1}, nil, "method.SFT"},
		"temperature":          {method.Distill{Teacher: teacher, Temperature: -2}, nil, "Temperature is -2"},
		"infinite temperature": {method.Distill{Teacher: teacher, Temperature: math.Inf(1)}, nil, "Temperature"},
		"beta":                 {method.Distill{Teacher: teacher, Divergence: graph.JensenShannon, Beta: 1}, nil, "beta 1"},
		"kind":                 {method.Distill{Teacher: teacher, Divergence: 7}, nil, "kind 7"},
		"weight":               {method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: -1}}, nil, "Hidden.Weight"},
		"no pairs":             {method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: 1, Map: []method.Pair{}}}, nil, "Map is empty"},
		"no such layer":        {method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: 1, Map: []method.Pair{{Student: 1, Teacher: 4}}}}, nil, "want 0 (the embeddings) to 1 and 0 to 3"},
		"a pair twice":         {method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: 1, Map: []method.Pair{{1, 3}, {1, 3}}}}, nil, "twice"},
		"on-policy labels":     {method.OnPolicy{Distill: method.Distill{Teacher: teacher, Alpha: .5}}, nil, "no label"},
		"on-policy share":      {method.OnPolicy{Distill: method.Distill{Teacher: teacher}, Share: 1.5}, nil, "Share is 1.5"},
		"on-policy every":      {method.OnPolicy{Distill: method.Distill{Teacher: teacher}, Every: -1}, nil, "Every -1"},
		"on-policy prompts":    {method.OnPolicy{Distill: method.Distill{Teacher: teacher, TrainOnPrompt: true}}, nil, "TrainOnPrompt"},
		"on-policy teacher":    {method.OnPolicy{}, method.ErrNoTeacher, ""},
	} {
		_, err := c.how.Auxiliary(ctx, method.Run{Model: student.Clone(), Base: student})
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
	// A copy of the start may hold the student there while labels move it; tokenizers of equal tokens are one vocabulary.
	again := token.Must(token.Parse(student.Tokenizer.JSON()))
	for _, how := range []method.Distill{{Teacher: student.Clone(), Alpha: .5}, {Teacher: made(2, 24, 3, again)}} {
		if _, err := how.Auxiliary(ctx, method.Run{Model: student.Clone(), Base: student}); err != nil {
			t.Errorf("%v: %v", how, err)
		}
	}
	// Without its teacher the loss is an error of the graph, not half a loss.
	g := graph.New()
	x := g.Input("x", 2, 16)
	method.Distill{Alpha: .5}.Loss(&model.Outputs{Hidden: x, Head: x}, g.Ints("targets", 2))
	if err := g.Err(); err == nil {
		t.Error("no teacher beside: no error")
	}
}

// Settings and the teacher's weights are in the text by which a run is recognised; no address of a pointer is.
func TestDistillSaysItsSettings(t *testing.T) {
	teacher := small()
	seen := map[string]bool{}
	for _, how := range []method.Method{
		method.Distill{Teacher: teacher}, method.Distill{Teacher: made(5, 16, 1, teacher.Tokenizer)}, method.Distill{Teacher: teacher, Alpha: .1},
		method.Distill{Teacher: teacher, Temperature: 2}, method.Distill{Teacher: teacher, Divergence: graph.ReverseKL},
		method.Distill{Teacher: teacher, Divergence: graph.JensenShannon}, method.Distill{Teacher: teacher, Divergence: graph.JensenShannon, Beta: .1},
		method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: 1}}, method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: 1, Cosine: true}},
		method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: 1, Map: []method.Pair{{1, 1}}}}, method.Distill{Teacher: teacher, TrainOnPrompt: true},
		method.OnPolicy{Distill: method.Distill{Teacher: teacher}}, method.OnPolicy{Distill: method.Distill{Teacher: teacher}, Share: .5},
		method.OnPolicy{Distill: method.Distill{Teacher: teacher}, Every: 3}, method.OnPolicy{Distill: method.Distill{Teacher: teacher}, Sampling: .5},
		method.OnPolicy{Distill: method.Distill{Teacher: teacher}, MaxTokens: 3},
		method.SequenceLevel{Teacher: teacher}, method.SequenceLevel{Teacher: teacher, Write: model.Generate{Temperature: 1}},
	} {
		text := fmt.Sprintf("%+v", how)
		if seen[text] || strings.Contains(text, "0x") {
			t.Errorf("%T: %s", how, text)
		}
		seen[text] = true
	}
}

func ExampleDistill() {
	student := small()
	teacher := made(2, 24, 3, student.Tokenizer) // wider and deeper
	aux, err := method.Distill{Teacher: teacher, Temperature: 2}.Auxiliary(context.Background(), method.Run{Model: student.Clone(), Base: student})
	fmt.Println(aux.Models["teacher"] == teacher, err)

	_, err = method.Distill{Teacher: student}.Auxiliary(context.Background(), method.Run{Model: student.Clone(), Base: student})
	fmt.Println(errors.Is(err, method.ErrSameModel))
	// Output:
	// true <nil>
	// true
}

func ExampleAgree() {
	m := small()
	a, err := method.Agree(context.Background(), m, m.Clone(), data.Set{{Prompt: "the cat", Answer: "sat"}})
	fmt.Println(a, err)
	// Output: the same first choice at 2 of 2 tokens (100.0%), KL 0.000 nats per token <nil>
}

// Prompts alone are examples where the student writes every answer; what it writes is trained on from the first token of the
// answer to the end, and cut to a row.
func TestOnPolicyExamples(t *testing.T) {
	ctx, m := context.Background(), small()
	how := method.OnPolicy{Distill: method.Distill{Teacher: made(2, 24, 3, m.Tokenizer)}, MaxTokens: 6}
	examples, err := how.Examples(ctx, m, data.Set{{Prompt: "z"}, {Prompt: "y", Answer: "x"}}, 32)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"<|bos|> <|user|> z <|assistant|> [<|eos|>]", "<|bos|> <|user|> y <|assistant|> [x] [<|eos|>]"} {
		if got := data.Masked(m.Tokenizer, examples[i]).String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	aux, err := how.Auxiliary(ctx, method.Run{Model: m, Base: small()})
	if err != nil {
		t.Fatal(err)
	}
	const length = 8
	r := method.Renewal{Model: m, Examples: examples, Step: 20, Tokens: 1000, Length: length, Seed: 3}
	made, err := aux.Renew(ctx, r)
	if err != nil || len(made) != len(examples) {
		t.Fatalf("%d examples, %v", len(made), err)
	}
	for _, e := range made {
		if len(e.IDs) > length || len(e.IDs) <= 4 || e.Labels[2] != data.Ignore || e.Labels[3] != e.IDs[4] || e.Labels[len(e.IDs)-1] != data.Ignore {
			t.Errorf("%v", data.Masked(m.Tokenizer, e))
		}
	}
	again, err := aux.Renew(ctx, r)
	if err != nil || !slices.EqualFunc(made, again, func(a, b data.Example) bool { return slices.Equal(a.IDs, b.IDs) }) {
		t.Error("the same renewal gave other examples")
	}
	r.Tokens = 1
	if made, err = aux.Renew(ctx, r); err != nil || len(made) != 1 {
		t.Errorf("%d examples for one token, %v", len(made), err)
	}
	how.Share = .5
	if _, err := how.Examples(ctx, m, data.Set{{Prompt: "z"}}, 32); !errors.Is(err, data.ErrNoAnswer) {
		t.Errorf("half of the answers the data's, of which there are none: %v", err)
	}
}

func TestAnsweredRefuses(t *testing.T) {
	ctx, m := context.Background(), small()
	for name, err := range map[string]error{
		"no model":  second(method.Answered(ctx, nil, data.Set{{Prompt: "z"}}, model.Generate{})),
		"no prompt": second(method.Answered(ctx, m, data.Set{{Text: "z"}}, model.Generate{})),
		"no end":    second(method.Answered(ctx, m, data.Set{{Prompt: "z"}}, model.Generate{MaxTokens: 1})),
		"options":   second(method.Answered(ctx, m, data.Set{{Prompt: "z"}}, model.Generate{MaxTokens: -1})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
	if _, err := method.Agree(ctx, m, nil, data.Set{{Prompt: "z", Answer: "z"}}); err == nil {
		t.Error("no teacher: no error")
	}
	if _, err := method.Agree(ctx, m, m, nil); err == nil {
		t.Error("no records: no error")
	}
}

func second(_ data.Set, err error) error { return err }

func ExampleSequenceLevel() {
	ctx, student := context.Background(), small()
	// A teacher's text is all that is needed of it, so its vocabulary may be another one.
	other := token.Must(token.Train(ctx, nil, token.TrainOptions{}))
	untaught := model.Must(model.New(model.Config{Dim: 8, Layers: 1, Heads: 2, Tied: true}, other, rand.New(rand.NewPCG(1, 1))))
	_, err := method.SequenceLevel{Teacher: untaught, Write: model.Generate{MaxTokens: 4}}.Examples(ctx, student, data.Set{{Prompt: "hello"}}, 32)
	fmt.Println(err)
	// Output: method: answered: none of 1 answers came to an end: raise MaxTokens, or fine-tune the model to answer first
}

func ExampleOnPolicy() {
	student := small()
	how := method.OnPolicy{Distill: method.Distill{Teacher: made(2, 24, 3, student.Tokenizer)}, Share: .5, Every: 20}
	aux, err := how.Auxiliary(context.Background(), method.Run{Model: student.Clone(), Base: student})
	fmt.Println(aux.Every, aux.Renew != nil, err)
	// Output: 20 true <nil>
}

func ExampleHidden() {
	student := small() // one layer of width 16
	teacher := made(2, 24, 3, student.Tokenizer)
	how := method.Distill{Teacher: teacher, Hidden: method.Hidden{Weight: 1}}
	aux, err := how.Auxiliary(context.Background(), method.Run{Model: student.Clone(), Base: student})
	fmt.Println(aux.Params.Names(), aux.Params.Get("distill.1.3.weight").Shape, err)
	// Output: [distill.0.0.weight distill.1.3.weight] [24 16] <nil>
}
