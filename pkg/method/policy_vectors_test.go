package method_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// policyInputs are what a loss of PPO, GRPO or RLOO reads of two answers.
type policyInputs struct {
	Logits                                                  [][]float64
	Targets, Examples                                       []int32
	Old, Reference, Advantage, Answers, Same, Value, Return []float64
	Head                                                    [][]float64
	Beta                                                    float64
	Most                                                    int
}

// lossOf is a method's loss, with its gradients by the logits and by the value head.
func lossOf(t *testing.T, how method.Method, in policyInputs) (loss float64, dx, dw []float32) {
	t.Helper()
	n, vocab := len(in.Logits), len(in.Logits[0])
	g, unit, own := graph.New(), compute.New(vocab, vocab), &nn.Params{}
	for i := range vocab {
		unit.Row(i)[i] = 1
	}
	x, head := g.Param("logits", matrix(in.Logits)), g.Constant("unit", unit)
	if err := own.Add("value.weight", matrix(in.Head)); err != nil {
		t.Fatal(err)
	}
	targets := g.Ints("targets", n)
	out := model.NewOutputs(g, n, x, head, own)
	node := how.Loss(out, targets)
	moving := append([]*graph.Node{x}, out.Own.Moving()...)
	grads, err := g.Grad(node, moving...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := g.Compile(graph.Options{}, append(grads, node)...)
	if err != nil {
		t.Fatal(err)
	}
	narrow := func(values []float64) []float32 {
		list := make([]float32, n)
		for i, v := range values {
			list[i] = float32(v)
		}
		return list
	}
	advantage, share, beta := in.Advantage, make([]float64, n), make([]float64, n)
	grpo, ok := how.(method.GRPO)
	for i := range n {
		if beta[i] = in.Beta; !ok || in.Targets[i] < 0 {
			continue
		}
		advantage = in.Same // all tokens of an answer have its advantage
		lengths := []float64{3, 4}
		if share[i] = 1 / lengths[in.Examples[i]]; grpo.Corrected {
			share[i] = 1 / float64(in.Most)
		}
	}
	whole := []float64{0, 0}
	for i, e := range in.Examples {
		if e >= 0 {
			whole[e] += in.Old[i]
		}
	}
	present := slices.Repeat([]int32{-100}, n)
	present[0], present[1] = 0, 0
	err = errors.Join(m.SetInts(targets, in.Targets), out.Notes().Feed(m, in.Examples, present,
		map[string][]float32{"old log p": narrow(in.Old), "reference log p": narrow(in.Reference), "advantage": narrow(advantage), "old value": narrow(in.Value), "return": narrow(in.Return), "share": narrow(share), "beta": narrow(beta)},
		map[string][]float32{"old log p of the answer": narrow(whole), "advantage of the answer": narrow(in.Answers)}), m.Run(context.Background()))
	if err != nil {
		t.Fatal(err)
	}
	if loss, err = m.Scalar(node); err != nil {
		t.Fatal(err)
	}
	list := [2][]float32{nil, make([]float32, vocab)}
	for i, d := range grads {
		v, err := m.Value(d)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = slices.Clone(v.Data)
	}
	return loss, list[0], list[1]
}

// Losses and gradients are those of PyTorch in double precision, GRPO's and Dr. GRPO's of TRL's own code (testdata/policy.py).
func TestPolicyLossesArePublished(t *testing.T) {
	text, err := os.ReadFile("testdata/policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		policyInputs
		Cases []struct {
			Name           string
			Loss           float64
			Gradient, Head [][]float64
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	methods := map[string]method.Method{
		"ppo": method.PPO{}, "ppo, bonus": method.PPO{EntropyBonus: .05}, "ppo, KL in the loss": method.PPO{KL: method.KL{InLoss: true}},
		"ppo, temperature": method.PPO{Sampling: method.Sampling{Temperature: .7}, EntropyBonus: .05},
		"rloo":             method.RLOO{}, "grpo": method.GRPO{}, "dr. grpo": method.GRPO{Corrected: true},
	}
	if len(v.Cases) != len(methods) {
		t.Errorf("%d cases, want %d", len(v.Cases), len(methods))
	}
	for _, c := range v.Cases {
		loss, dx, dw := lossOf(t, methods[c.Name], v.policyInputs)
		if math.Abs(loss-c.Loss) > 2e-6*(1+math.Abs(c.Loss)) {
			t.Errorf("%s: loss %.8f, want %.8f", c.Name, loss, c.Loss)
		}
		for i, want := range slices.Concat(slices.Concat(c.Gradient...), slices.Concat(c.Head...)) {
			if got := slices.Concat(dx, dw)[i]; math.Abs(float64(got)-want) > 2e-6 {
				t.Errorf("%s: gradient %d is %.8f, want %.8f", c.Name, i, got, want)
			}
		}
	}
}

// By hand, one token of two that are equally likely, drawn when its probability was .4 or .7: the ratio is 1.25, outside of 1.2, or
// .714, outside of .8. With an advantage of 2 the first is clipped, −1.2·2, and the second is not, −.714·2; with −1 it is the other way
// round, and what is clipped has no gradient. Else it is −A·ratio·(1 − p).
func TestClipByHand(t *testing.T) {
	for _, c := range []struct{ old, advantage, loss, gradient float64 }{
		{.4, 2, -2.4, 0}, {.7, 2, -2 / 1.4, -1 / 1.4}, {.4, -1, 1.25, .625}, {.7, -1, .8, 0},
	} {
		in := policyInputs{Logits: [][]float64{{0, 0}, {0, 0}}, Targets: []int32{0, -100}, Examples: []int32{0, -100}, Old: []float64{math.Log(c.old)},
			Advantage: []float64{c.advantage}, Answers: []float64{c.advantage}, Head: [][]float64{{0, 0}}}
		for _, how := range []method.Method{method.PPO{}, method.RLOO{}} {
			n := 1.0
			if how.Name() == "rloo" {
				n = 2 // the second answer of the batch is empty, with a loss of zero
			}
			loss, dx, _ := lossOf(t, how, in)
			if math.Abs(loss*n-c.loss) > 1e-6 || math.Abs(float64(dx[0])*n-c.gradient) > 1e-6 {
				t.Errorf("%s, %+v: loss %.6f, gradient %.6f", how.Name(), c, loss*n, float64(dx[0])*n)
			}
		}
	}
	// The value is 1, was .5 and should be 2: clipped to .7, it is as wrong as 1.3, and has no gradient. Should it be 0, the
	// unclipped one is worse: ½·1.
	for _, c := range []struct{ returned, loss, gradient float64 }{{2, .5 * 1.69, 0}, {0, .5, 1}} {
		in := policyInputs{Logits: [][]float64{{1, 0}, {0, 0}}, Targets: []int32{0, -100}, Examples: []int32{0, -100}, Old: []float64{0},
			Value: []float64{.5}, Return: []float64{c.returned}, Head: [][]float64{{1, 0}}}
		loss, _, dw := lossOf(t, method.PPO{}, in)
		if math.Abs(loss-.1*c.loss) > 1e-6 || math.Abs(float64(dw[0])-.1*c.gradient) > 1e-6 {
			t.Errorf("%+v: loss %.6f, gradient %.6f", c, loss, dw[0])
		}
	}
}
