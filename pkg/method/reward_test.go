package method_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/token"
)

// onPairs is the loss of a method on a set in one batch, as a run has it, with its gradients and reports by name.
func onPairs(t *testing.T, how method.Assisted, m *model.Model, set data.Set) (loss float64, grads map[string][]float32, reports map[string]float64) {
	t.Helper()
	const length = 64
	ctx, own := context.Background(), m.Clone()
	aux, err := how.Auxiliary(ctx, method.Run{Model: own, Base: m})
	if err != nil {
		t.Fatal(err)
	}
	examples, err := how.Examples(ctx, own, set, length)
	if err != nil {
		t.Fatal(err)
	}
	sizes := make([]int, len(examples))
	for i, e := range examples {
		sizes[i] = len(e.IDs)
	}
	rows := len(data.Pack(sizes, length))
	batches, err := data.NewBatches(examples, rows, length, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b data.Batch
	if batches.Next(&b); b.Count != len(set) {
		t.Fatalf("%d of %d pairs in the batch", b.Count, len(set))
	}
	g, n := graph.New(), rows*length
	in := model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: rows, Length: length}
	targets := g.Ints("targets", n)
	out, err := own.Build(g, in, nn.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	out.Own = nn.NewBuilder(g, aux.Params, nn.Hooks{})
	node := how.Loss(out, targets)
	moving := append(out.Params, out.Own.Moving()...)
	by, err := g.Grad(node, moving...)
	if err != nil {
		t.Fatal(err)
	}
	want := append(by, node)
	for _, r := range out.Reports() {
		want = append(want, r.Node)
	}
	machine, err := g.Compile(graph.Options{}, want...)
	if err != nil {
		t.Fatal(err)
	}
	for node, values := range map[*graph.Node][]int32{in.IDs: b.IDs, in.Positions: b.Positions, in.Segments: b.Segments} {
		if err := machine.SetInts(node, values); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Notes().Feed(machine, b.Examples, b.Present, b.Tokens, b.Numbers), machine.Run(ctx)); err != nil {
		t.Fatal(err)
	}
	if loss, err = machine.Scalar(node); err != nil {
		t.Fatal(err)
	}
	grads, reports = map[string][]float32{}, map[string]float64{}
	for i, p := range moving {
		v, err := machine.Value(by[i])
		if err != nil {
			t.Fatal(err)
		}
		grads[p.Name()] = v.Data
	}
	for _, r := range out.Reports() {
		if reports[r.Name], err = machine.Scalar(r.Node); err != nil {
			t.Fatal(err)
		}
	}
	return loss, grads, reports
}

// judge is the LlamaForSequenceClassification of testdata/reward, whose tokens are bytes.
func judge(t *testing.T) *model.Model {
	t.Helper()
	m := model.Must(model.Load(context.Background(), "testdata/reward"))
	m.Tokenizer = token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	return m
}

// rewardVectors are what testdata/reward.py wrote beside it.
type rewardVectors struct {
	Pairs           data.Set
	Texts           [][]int // the chosen answers, then the rejected ones
	Scores          []float64
	Accuracy, Apart float64
	Cases           []struct {
		Name, Margin    string
		Centering, Loss float64
		Ranked          bool
	}
}

func readRewardVectors(t *testing.T) (v rewardVectors) {
	t.Helper()
	text, err := os.ReadFile("testdata/reward/vectors.json")
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Scores, losses and all gradients are those of transformers and TRL in double precision (testdata/reward.py).
func TestRewardVectors(t *testing.T) {
	ctx, m, v := context.Background(), judge(t), readRewardVectors(t)
	got, err := m.Scores(ctx, v.Texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range v.Scores {
		if math.Abs(got[i]-want) > 2e-6 {
			t.Errorf("score of text %d is %.7f, transformers have %.7f", i, got[i], want)
		}
	}
	f, err := checkpoint.Open(os.DirFS("testdata/reward"), "vectors.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, c := range v.Cases {
		set := append(data.Set(nil), v.Pairs...)
		for i := range set {
			if !c.Ranked {
				set[i].ID = ""
			}
		}
		loss, grads, reports := onPairs(t, method.Reward{Margin: c.Margin, Centering: c.Centering}, m, set)
		if math.Abs(loss-c.Loss) > 2e-6 {
			t.Errorf("%s: loss %.7f, PyTorch has %.7f", c.Name, loss, c.Loss)
		}
		// Untrained pairs are reported alike whatever the loss.
		if a, d := reports[method.PairAccuracy], reports[method.PairMargin]; math.Abs(a-v.Accuracy) > 1e-6 || math.Abs(d-v.Apart) > 2e-6 {
			t.Errorf("%s: accuracy %g and margin %g, TRL has %g and %g", c.Name, a, d, v.Accuracy, v.Apart)
		}
		seen := 0
		for name, got := range grads {
			want, err := f.Tensor(c.Name + "." + name)
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
				continue
			}
			seen++
			for i := range want.Data {
				if d := math.Abs(float64(got[i] - want.Data[i])); !(d <= 1e-5*max(1, math.Abs(float64(want.Data[i])))) {
					t.Fatalf("%s: gradient %d of %s is %g, PyTorch has %g", c.Name, i, name, got[i], want.Data[i])
				}
			}
		}
		if n := len(f.Entries()) / len(v.Cases); seen != n {
			t.Errorf("%s: gradients of %d tensors, PyTorch has %d", c.Name, seen, n)
		}
	}
}

// heads is a head that gives two texts the scores 2 and 1: their last hidden states, which heads of one coordinate each read
// out, span it.
func heads(t *testing.T, m *model.Model, chosen, rejected []int) *compute.Tensor {
	t.Helper()
	var c, r []float64
	for i := range m.Config.Dim {
		unit := compute.New(1, m.Config.Dim)
		unit.Data[i] = 1
		reader, err := m.Reader(model.ReaderOptions{Head: unit})
		if err != nil {
			t.Fatal(err)
		}
		read, err := reader.Read(context.Background(), [][]int{chosen, rejected})
		if err != nil {
			t.Fatal(err)
		}
		c, r = append(c, float64(read[0].Scores[len(chosen)-1])), append(r, float64(read[1].Scores[len(rejected)-1]))
	}
	dot := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	det := dot(c, c)*dot(r, r) - dot(c, r)*dot(c, r)
	x, y := (2*dot(r, r)-dot(c, r))/det, (dot(c, c)-2*dot(c, r))/det
	head := compute.New(1, m.Config.Dim)
	for i := range head.Data {
		head.Data[i] = float32(x*c[i] + y*r[i])
	}
	return head
}

// By hand, with rewards of 2 and 1: −ln σ(1) = .3133; −ln σ(.5) = .4741; and .01·3² = .09 more. The gradient by the rewards is
// ∓(1 − σ), so that by the head is that of the last hidden states' difference: nothing where the texts are alike.
func TestRewardByHand(t *testing.T) {
	m, set := judge(t), data.Set{{Prompt: "who", Answer: "mara", Rejected: "tom", Scores: map[string]float64{"gap": .5}}}
	examples, err := method.Reward{}.Examples(context.Background(), m, set, 64)
	if err != nil {
		t.Fatal(err)
	}
	e := examples[0]
	copy(m.Params.Get("score.weight").Data, heads(t, m, e.IDs[:e.Starts[0]], e.IDs[e.Starts[0]:]).Data)
	for _, c := range []struct {
		how  method.Reward
		want float64
	}{{method.Reward{}, .3133}, {method.Reward{Margin: "gap"}, .4741}, {method.Reward{Centering: .01}, .3133 + .09}, {method.Reward{Margin: "gap", Centering: .01}, .4741 + .09}} {
		loss, _, reports := onPairs(t, c.how, m, set)
		if math.Abs(loss-c.want) > 5e-5 {
			t.Errorf("%+v: loss %.5f, want %.4f", c.how, loss, c.want)
		}
		if reports[method.PairAccuracy] != 1 || math.Abs(reports[method.PairMargin]-1) > 1e-5 {
			t.Errorf("%+v: reports %v", c.how, reports)
		}
	}
	// A head of zeros does not know: ln 2, and no pair is ahead.
	clear(m.Params.Get("score.weight").Data)
	if loss, _, reports := onPairs(t, method.Reward{}, m, set); math.Abs(loss-math.Ln2) > 1e-6 || reports[method.PairAccuracy] != 0 {
		t.Errorf("a head of zeros: loss %.6f, %v", loss, reports)
	}
}

// A model without a head gets one of zeros, in the run's copy and not in what it is a copy of. The ends of both answers are what
// the head reads.
func TestRewardAddsAHead(t *testing.T) {
	ctx, base := context.Background(), small()
	own := base.Clone()
	aux, err := method.Reward{}.Auxiliary(ctx, method.Run{Model: own, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	if !own.Config.Score || base.Config.Score || aux.Params.Get("score.weight") != own.Params.Get("score.weight") || base.Params.Get("score.weight") != nil {
		t.Errorf("heads: %v in the copy, %v in the base", own.Config.Score, base.Config.Score)
	}
	examples, err := method.Reward{}.Examples(ctx, base, data.Set{{Prompt: "a", Answer: "b", Rejected: "ccc"}}, 32)
	if err != nil {
		t.Fatal(err)
	}
	e, eos := examples[0], base.Tokenizer.EOS()
	for i, id := range e.IDs {
		end := i == e.Starts[0]-1 || i == len(e.IDs)-1
		sign := float32(0)
		if end {
			sign = 1
			if i >= e.Starts[0] {
				sign = -1
			}
		}
		if end != (id == eos) || end != (e.Labels[i] != data.Ignore) || e.Tokens["sign"][i] != sign || e.Tokens["end"][i] != sign*sign {
			t.Errorf("token %d of %v, which begin at %v, is %d with label %d, sign %g, end %g", i, e.IDs, e.Starts, id, e.Labels[i], e.Tokens["sign"][i], e.Tokens["end"][i])
		}
	}
}

// Three pairs of one ranking have the votes of one alone: 2/3 each, and two for it, when the mean over six is one.
func TestRankingsShareAVote(t *testing.T) {
	same := func(id string) data.Record { return data.Record{Prompt: "a", Answer: "b", Rejected: "c", ID: id} }
	other := same("1")
	other.Prompt = "another prompt"
	examples, err := method.Reward{}.Examples(context.Background(), small(), data.Set{same("1"), same("1"), same("1"), same("2"), same(""), same(""), other}, 64)
	if err != nil {
		t.Fatal(err)
	}
	// Five votes over seven pairs.
	for i, share := range []float64{1. / 3, 1. / 3, 1. / 3, 1, 1, 1, 1} {
		if got := float64(examples[i].Numbers["weight"]); math.Abs(got-share*7/5) > 1e-6 {
			t.Errorf("pair %d weighs %g, want %g", i, got, share*7/5)
		}
	}
}

func TestRewardRefuses(t *testing.T) {
	ctx, m := context.Background(), small()
	one := data.Record{Prompt: "a", Answer: "b", Rejected: "c"}
	for name, c := range map[string]struct {
		how    method.Reward
		record data.Record
		is     error
		says   string
	}{
		"no pair":   {method.Reward{}, data.Record{Prompt: "a", Answer: "b"}, method.ErrNoRejected, `record 0: record "a"`},
		"no answer": {method.Reward{}, data.Record{Prompt: "a", Rejected: "b"}, data.ErrNoAnswer, ""},
		"no margin": {method.Reward{Margin: "gap"}, one, nil, `no Scores["gap"]`},
		"too long":  {method.Reward{}, data.Record{Prompt: "a", Answer: "b", Rejected: strings.Repeat("c", 30)}, data.ErrTooLong, "set Job.Length to 4"},
	} {
		_, err := c.how.Examples(ctx, m, data.Set{c.record}, 32)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, centering := range []float64{-.01, math.NaN(), math.Inf(1)} {
		if _, err := (method.Reward{Centering: centering}).Auxiliary(ctx, method.Run{Model: m.Clone(), Base: m}); err == nil || !strings.Contains(err.Error(), "Centering") {
			t.Errorf("centering %g: %v", centering, err)
		}
	}
	if _, err := m.Scores(ctx, [][]int{{1, 2}}); !errors.Is(err, model.ErrNoScore) {
		t.Errorf("scores without a head: %v", err)
	}
	m.Tokenizer = nil
	if _, err := (method.Reward{}).Examples(ctx, m, data.Set{one}, 32); err == nil {
		t.Error("a model without a tokenizer was accepted")
	}
}

// Loading what transformers wrote, without an output layer, and saving it gives the same tensors and a config.json that transformers
// read: `python reward.py open` on such a folder prints the scores of vectors.json.
func TestRewardModelIsSaved(t *testing.T) {
	ctx, m, v := context.Background(), judge(t), readRewardVectors(t)
	dir := t.TempDir()
	if err := m.Save(ctx, dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/config.json")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Architectures []string          `json:"architectures"`
		Labels        map[string]string `json:"id2label"`
		PAD           *int              `json:"pad_token_id"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(config.Architectures) != "[LlamaForSequenceClassification]" || len(config.Labels) != 1 || config.PAD == nil || *config.PAD != 0 {
		t.Errorf("config.json: %s", text)
	}
	ours, err := checkpoint.Open(os.DirFS(dir), "model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	theirs, err := checkpoint.Open(os.DirFS("testdata/reward"), "model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	if got, want := len(ours.Entries()), len(theirs.Entries()); got != want {
		t.Errorf("%d tensors, transformers wrote %d", got, want)
	}
	for _, e := range theirs.Entries() {
		want, err := theirs.Tensor(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.Tensor(e.Name)
		if err != nil || fmt.Sprint(got.Shape, got.Data) != fmt.Sprint(want.Shape, want.Data) {
			t.Errorf("%s differs: %v", e.Name, err)
		}
	}
	again := model.Must(model.Load(ctx, dir))
	before, _ := m.Scores(ctx, v.Texts)
	after, err := again.Scores(ctx, v.Texts)
	if err != nil || fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("scores %v before and %v after saving, %v", before, after, err)
	}
}
