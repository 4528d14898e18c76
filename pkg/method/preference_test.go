package method_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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

// onExamples is the loss of a method on logits of one row of examples, by the examples' numbers, with its gradient by the logits
// and its reports.
func onExamples(t *testing.T, how method.Method, logits *compute.Tensor, examples []data.Example) (loss float64, gradient []float32, reports map[string]float64) {
	t.Helper()
	rows, vocab := logits.Shape[0], logits.Shape[1]
	var targets, of, present []int32
	tokens, numbers := map[string][]float32{}, map[string][]float32{}
	for i, e := range examples {
		for _, label := range e.Labels {
			targets, of = append(targets, int32(label)), append(of, int32(i))
		}
		for name, values := range e.Tokens {
			tokens[name] = append(tokens[name], values...)
		}
		for name, value := range e.Numbers {
			numbers[name] = append(numbers[name], value)
		}
	}
	for name := range numbers {
		numbers[name] = append(numbers[name], make([]float32, rows-len(examples))...)
	}
	for i := range rows {
		present = append(present, 0)
		if i >= len(examples) {
			present[i] = data.Ignore
		}
	}
	g := graph.New()
	unit := compute.New(vocab, vocab)
	for i := range vocab {
		unit.Row(i)[i] = 1
	}
	x, ids := g.Param("logits", logits), g.Ints("targets", rows)
	out := &model.Outputs{Hidden: x, Head: g.Constant("unit", unit)}
	node := how.Loss(out, ids)
	grads, err := g.Grad(node, x)
	if err != nil {
		t.Fatal(err)
	}
	want := []*graph.Node{node, grads[0]}
	for _, r := range out.Reports() {
		want = append(want, r.Node)
	}
	m, err := g.Compile(graph.Options{}, want...)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.SetInts(ids, targets), out.Notes().Feed(m, of, present, tokens, numbers), m.Run(context.Background())); err != nil {
		t.Fatal(err)
	}
	loss, err = m.Scalar(node)
	dx, err2 := m.Value(grads[0])
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	reports = map[string]float64{}
	for _, r := range out.Reports() {
		if reports[r.Name], err = m.Scalar(r.Node); err != nil {
			t.Fatal(err)
		}
	}
	return loss, dx.Data, reports
}

// apart is a pair of answers of one token each, of probability ½, whose log-ratios to the reference are half of margin and minus
// half of it.
func apart(margin float64) (*compute.Tensor, []data.Example) {
	half := float32(math.Log(.5))
	return compute.New(2, 2), []data.Example{{IDs: []int{0, 0}, Labels: []int{0, 1}, Starts: []int{1},
		Tokens:  map[string][]float32{"chosen": {1, 0}, "rejected": {0, 1}},
		Numbers: map[string]float32{"reference chosen": half - float32(margin/2), "reference rejected": half + float32(margin/2), "1/tokens chosen": 1, "1/tokens rejected": 1}}}
}

// By hand, at a margin h of 0, 1 and 2: log(1 + e^−h) and max(0, 1 − h); IPO at h = 0 and β = .1 is (1/(2·.1))² = 25; a smoothed one
// lies between both ways round.
func TestPreferencesByHand(t *testing.T) {
	for _, c := range []struct {
		how  method.Method
		h    float64 // β times the difference of the log-ratios
		beta float64
		want float64
	}{
		{method.DPO{}, 0, .1, math.Ln2},
		{method.DPO{}, 0, .1, .6931},
		{method.DPO{}, 1, .1, .3133},
		{method.DPO{}, 2, .1, .1269},
		{method.DPO{Beta: .5}, 2, .5, .1269},
		{method.DPO{}, -1, .1, 1.3133},
		{method.DPO{Kind: method.Hinge}, 0, .1, 1},
		{method.DPO{Kind: method.Hinge}, 1, .1, 0},
		{method.DPO{Kind: method.Hinge}, 2, .1, 0},
		{method.DPO{Kind: method.Hinge}, -1, .1, 2},
		{method.DPO{Kind: method.IPO}, 0, .1, 25},
		{method.DPO{Kind: method.IPO}, .5, .1, 0}, // the log-ratios are 5 = 1/(2β) apart
		{method.DPO{Kind: method.IPO, Beta: .5}, 1, .5, 1},
		{method.DPO{Smoothing: .1}, 1, .1, .9*.31326 + .1*1.31326},
		{method.DPO{Kind: method.Robust, Smoothing: .1}, 1, .1, (.9*.31326 - .1*1.31326) / .8},
		{method.DPO{Kind: method.Robust}, 2, .1, .1269},
	} {
		logits, examples := apart(c.h / c.beta)
		got, _, reports := onExamples(t, c.how, logits, examples)
		if math.Abs(got-c.want) > 5e-5 {
			t.Errorf("%v at %g: %.6f, want %.4f", c.how, c.h, got, c.want)
		}
		for name, want := range map[string]float64{method.ChosenReward: c.h / 2, method.RejectedReward: -c.h / 2, method.PairMargin: c.h, method.ChosenLogProb: -math.Ln2, method.RejectedLogProb: -math.Ln2} {
			if math.Abs(reports[name]-want) > 1e-6 {
				t.Errorf("%v at %g: %s is %g, want %g", c.how, c.h, name, reports[name], want)
			}
		}
		if ahead := reports[method.PairAccuracy]; (ahead == 1) != (c.h > 0) || (ahead == 0) != (c.h <= 0) {
			t.Errorf("%v at %g: pair accuracy %g", c.how, c.h, ahead)
		}
	}
	// Without a reference: probability ½ for both answers. SimPO is log(1 + e^γ); the odds are 1, so ORPO is ln 2·(1 + λ).
	logits, examples := apart(0)
	for _, c := range []struct {
		how  method.Method
		want float64
	}{
		{method.SimPO{}, 1.31326}, {method.SimPO{Gamma: -1}, math.Ln2}, {method.SimPO{Beta: 5, Gamma: .5}, .974077},
		{method.ORPO{}, 1.1 * math.Ln2}, {method.ORPO{Lambda: 1}, 2 * math.Ln2},
	} {
		if got, _, _ := onExamples(t, c.how, logits, examples); math.Abs(got-c.want) > 2e-6 {
			t.Errorf("%#v: %.6f, want %.6f", c.how, got, c.want)
		}
	}
}

// Losses and gradients are those of TRL's own lines in double precision (testdata/preference.py).
func TestPreferenceVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/preference.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Logits, Other             [][]float64
		Targets                   []int
		Lengths                   [][2]int
		Reference, ReferenceOther []float64
		Cases                     []struct {
			Method   string
			Settings map[string]float64
			Loss     float64
			Gradient [][]float64
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Cases) != 20 {
		t.Fatalf("%d cases, want 20", len(v.Cases))
	}
	var chosen []data.Example
	var singles []data.Example // the same answers, each with one of the others behind it
	var together [][]float64
	at := 0
	for i, n := range v.Lengths {
		whole := n[0] + n[1]
		e := data.Example{IDs: make([]int, whole), Labels: v.Targets[at:][:whole], Starts: []int{n[0]}, Tokens: map[string][]float32{}, Numbers: map[string]float32{}}
		for k, name := range []string{"chosen", "rejected"} {
			from, to := k*n[0], n[0]+k*n[1]
			part := data.Example{IDs: e.IDs[from:to], Labels: e.Labels[from:to]}
			e.Tokens[name] = make([]float32, whole)
			for p := from; p < to; p++ {
				e.Tokens[name][p] = 1
			}
			e.Numbers["1/tokens "+name], e.Numbers["reference "+name] = 1/float32(part.Trained()), float32(v.Reference[2*i+k])
			one := data.Example{IDs: make([]int, 2*len(part.IDs)), Labels: slices.Concat(part.Labels, part.Labels), Starts: []int{len(part.IDs)}, Tokens: map[string][]float32{
				"answer": append(slices.Repeat([]float32{1}, len(part.IDs)), make([]float32, len(part.IDs))...),
				"other":  append(make([]float32, len(part.IDs)), slices.Repeat([]float32{1}, len(part.IDs))...),
			}, Numbers: map[string]float32{"side": float32(1 - 2*k), "reference answer": float32(v.Reference[2*i+k]), "reference other": float32(v.ReferenceOther[2*i+k])}}
			singles = append(singles, one)
			together = append(append(together, v.Logits[at+from:at+to]...), v.Other[at+from:at+to]...)
		}
		chosen = append(chosen, e)
		at += whole
	}
	for _, c := range v.Cases {
		s := c.Settings
		var how method.Method
		logits, examples := matrix(v.Logits), chosen
		switch c.Method {
		case "dpo":
			how = method.DPO{Kind: method.DPOKind(s["Kind"]), Beta: s["Beta"], Smoothing: s["Smoothing"]}
		case "orpo":
			how = method.ORPO{Lambda: s["Lambda"]}
		case "simpo":
			how = method.SimPO{Beta: s["Beta"], Gamma: s["Gamma"]}
		case "kto":
			how = method.KTO{Beta: s["Beta"]}
			logits, examples = matrix(together), nil
			for _, e := range singles {
				numbers := map[string]float32{"side": e.Numbers["side"], "reference answer": e.Numbers["reference answer"], "reference other": e.Numbers["reference other"] - float32(s["Lower"])}
				numbers["lambda"] = float32(s["Desirable"])
				if e.Numbers["side"] < 0 {
					numbers["lambda"] = float32(s["Undesirable"])
				}
				e.Numbers = numbers
				examples = append(examples, e)
			}
		}
		loss, gradient, _ := onExamples(t, how, logits, examples)
		if math.Abs(loss-c.Loss) > 1e-5*max(.1, c.Loss) {
			t.Errorf("%s %v: loss %.8f, TRL has %.8f", c.Method, s, loss, c.Loss)
		}
		if c.Method == "kto" { // what is left out of the gradient is that of the others, zeros
			gradient = unpaired(t, gradient, singles, len(v.Logits[0]))
		}
		for i, want := range slices.Concat(c.Gradient...) {
			if math.Abs(float64(gradient[i])-want) > 2e-6*max(1, c.Loss) {
				t.Errorf("%s %v: gradient %d is %.8f, TRL has %.8f", c.Method, s, i, gradient[i], want)
			}
		}
	}
}

var liked = data.Set{{Prompt: "pp", Answer: "z", Rejected: "yy"}, {Prompt: "q", Answer: "yyy", Rejected: "z"}}

// What a loss reads comes from the records: answers and their ends are marked and counted, and the reference's log-probabilities
// are those that its logits give.
func TestPreferenceExamples(t *testing.T) {
	ctx, m := context.Background(), small()
	how := method.DPO{}
	examples, err := how.Examples(ctx, m, liked, 32)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := data.Masked(m.Tokenizer, examples[0]).String(), "<|bos|> <|user|> p p <|assistant|> [z] [<|eos|>] <|bos|> <|user|> p p <|assistant|> [y] [y] [<|eos|>]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	e := examples[0]
	if want := []float32{0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}; !slices.Equal(e.Tokens["chosen"], want) || e.Numbers["1/tokens chosen"] != .5 || e.Numbers["1/tokens rejected"] != 1./3 {
		t.Errorf("%v, %v", e.Tokens, e.Numbers)
	}
	reference := made(5, 24, 2, m.Tokenizer)
	how.Reference = reference
	aux, err := how.Auxiliary(ctx, method.Run{Model: m, Base: m})
	if err != nil {
		t.Fatal(err)
	}
	if err := aux.Annotate(ctx, examples); err != nil {
		t.Fatal(err)
	}
	for i, e := range examples {
		for k, name := range []string{"reference chosen", "reference rejected"} {
			ids, labels := e.IDs[:e.Starts[0]], e.Labels[:e.Starts[0]]
			if k == 1 {
				ids, labels = e.IDs[e.Starts[0]:], e.Labels[e.Starts[0]:]
			}
			logits, err := reference.Logits(ctx, ids)
			if err != nil {
				t.Fatal(err)
			}
			want := 0.0
			for p, label := range labels {
				if label == data.Ignore {
					continue
				}
				sum := 0.0
				for _, v := range logits.Row(p) {
					sum += math.Exp(float64(v))
				}
				want += float64(logits.Row(p)[label]) - math.Log(sum)
			}
			if got := float64(e.Numbers[name]); math.Abs(got-want) > 1e-5*math.Abs(want) {
				t.Errorf("pair %d, %s: %g, want %g", i, name, got, want)
			}
		}
	}
}

func TestPreferencesRefuse(t *testing.T) {
	ctx, m := context.Background(), small()
	for name, c := range map[string]struct {
		how  method.Assisted
		is   error
		says string
	}{
		"beta":               {method.DPO{Beta: -1}, nil, "Beta is -1"},
		"beta NaN":           {method.DPO{Beta: math.NaN()}, nil, "Beta"},
		"kind":               {method.DPO{Kind: 9}, nil, "Kind is 9"},
		"half are wrong":     {method.DPO{Kind: method.Robust, Smoothing: .5}, nil, "Smoothing is 0.5"},
		"what cannot smooth": {method.DPO{Kind: method.IPO, Smoothing: .1}, nil, "ipo does not smooth"},
		"another vocabulary": {method.DPO{Reference: other(t)}, method.ErrReference, ""},
		"kto beta":           {method.KTO{Beta: math.Inf(1)}, nil, "Beta"},
		"kto weight":         {method.KTO{Undesirable: -1}, nil, "Undesirable is -1"},
		"kto, another's":     {method.KTO{Reference: other(t)}, method.ErrReference, ""},
		"lambda":             {method.ORPO{Lambda: -1}, nil, "Lambda is -1"},
		"simpo beta":         {method.SimPO{Beta: -2}, nil, "Beta is -2"},
		"gamma NaN":          {method.SimPO{Gamma: math.NaN()}, nil, "Gamma"},
	} {
		if _, err := c.how.Auxiliary(ctx, method.Run{Model: m, Base: m}); err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, how := range []method.Method{method.DPO{}, method.ORPO{}, method.SimPO{}} {
		if _, err := how.Examples(ctx, m, data.Set{{Prompt: "z", Answer: "z"}}, 32); !errors.Is(err, method.ErrNoRejected) {
			t.Errorf("%s: no rejected answer: %v", how.Name(), err)
		}
	}
}

// Settings and the reference's weights are in the text by which a run is recognised; no address of a pointer is.
func TestPreferencesSayTheirSettings(t *testing.T) {
	seen := map[string]bool{}
	m := small()
	for _, how := range []method.Method{
		method.DPO{}, method.DPO{Beta: .2}, method.DPO{Kind: method.IPO}, method.DPO{Smoothing: .1}, method.DPO{Reference: m}, method.DPO{Reference: made(3, 16, 1, m.Tokenizer)},
		method.KTO{}, method.KTO{Beta: .2}, method.KTO{Desirable: 2}, method.KTO{Undesirable: 2}, method.KTO{Reference: m},
		method.ORPO{}, method.ORPO{Lambda: 1}, method.SimPO{}, method.SimPO{Beta: 1}, method.SimPO{Gamma: .5},
	} {
		text := fmt.Sprintf("%s %+v", how.Name(), how)
		if seen[text] || strings.Contains(text, "0x") {
			t.Errorf("%T: %s", how, text)
		}
		seen[text] = true
	}
}

func ExampleDPO() {
	m := small()
	pairs := data.Set{{Prompt: "xy", Answer: "z", Rejected: "yy"}}
	examples, err := method.DPO{Beta: 0.1}.Examples(context.Background(), m, pairs, 32)
	fmt.Println(data.Masked(m.Tokenizer, examples[0]), err)
	// Output: <|bos|> <|user|> x y <|assistant|> [z] [<|eos|>] <|bos|> <|user|> x y <|assistant|> [y] [y] [<|eos|>] <nil>
}

// other is a model of another vocabulary.
func other(t *testing.T) *model.Model {
	t.Helper()
	return made(2, 16, 1, token.Must(token.Train(context.Background(), []string{"dogs dig, dogs dug"}, token.TrainOptions{Vocab: 280})))
}
