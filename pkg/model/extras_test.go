package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

// with draws the numbers of extras, large enough that every part matters.
func with(t *testing.T, m *Model, seed uint64, e Extras) *Extras {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	e.Params = &nn.Params{}
	for _, s := range e.Shapes(m.Config) {
		if err := e.Params.Add(s.Name, nn.Normal(rng, 0.3, s.Dims...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Check(m.Config); err != nil {
		t.Fatal(err)
	}
	return &e
}

// kinds are extras of every kind on the model of drawn.
func kinds(t *testing.T, m *Model) map[string]*Extras {
	const attention, mlp = "model.layers.0.self_attn", "model.layers.1.mlp"
	b := func(name string, size int, a Activation, scale float64, parallel bool) Bottleneck {
		return Bottleneck{name, size, a, scale, parallel}
	}
	return map[string]*Extras{
		"nothing": nil,
		"bottlenecks": with(t, m, 1, Extras{Sites: []Site{
			{Sublayer: attention, Adapters: []Bottleneck{b("a", 5, GELU, 1, false)}},
			{Sublayer: mlp, Adapters: []Bottleneck{b("b", 17, ReLU, 4, true)}},
		}}),
		"stack": with(t, m, 2, Extras{Sites: []Site{
			{Sublayer: mlp, Adapters: []Bottleneck{b("a", 3, Tanh, 1, false)}},
			{Sublayer: mlp, Adapters: []Bottleneck{b("b", 4, SiLU, 0.5, false)}},
		}}),
		"sum": with(t, m, 3, Extras{Sites: []Site{
			{Sublayer: mlp, Adapters: []Bottleneck{b("a", 3, ReLU, 0.5, false), b("b", 4, ReLU, 0.5, true)}},
			{Sublayer: mlp, Adapters: []Bottleneck{b("c", 2, GELU, 1, false)}},
		}}),
		"fusion": with(t, m, 4, Extras{Sites: []Site{
			{Sublayer: mlp, Adapters: []Bottleneck{b("a", 3, ReLU, 1, false), b("b", 4, ReLU, 2, false)}, Fusion: "f"},
			{Sublayer: mlp, Adapters: []Bottleneck{b("c", 2, GELU, 1, false)}},
		}}),
		"updates": with(t, m, 8, Extras{Updates: []LowRank{
			{"model.layers.0.self_attn.q_proj", "q", 3, 0.5}, {"model.layers.0.self_attn.k_proj", "k", 1, 1}, {"model.layers.1.self_attn.v_proj", "v", 2, 1},
			{"model.layers.0.self_attn.o_proj", "o", 4, 1}, {"model.layers.1.mlp.gate_proj", "gate", 5, 1}, {"model.layers.0.mlp.up_proj", "up", 2, 1},
			{"model.layers.1.mlp.down_proj", "down", 17, 0.2}, {"model.layers.1.mlp.down_proj", "more", 2, 1},
		}, Sites: []Site{{Sublayer: mlp, Adapters: []Bottleneck{b("a", 3, ReLU, 1, false)}}}}),
		"prefix": with(t, m, 5, Extras{Prefix: 3}),
		"prompt": with(t, m, 6, Extras{Prompt: 4}),
		"all": with(t, m, 7, Extras{Prefix: 2, Prompt: 3, Sites: []Site{
			{Sublayer: attention, Adapters: []Bottleneck{b("a", 5, GELU, 1, false)}},
		}}),
	}
}

// Two records packed into one row of the training graph have the hidden values that the decoder gives each alone: one
// description, two executors, and every record sees the prefix.
func TestGraphMeetsDecoder(t *testing.T) {
	ctx := context.Background()
	for name, e := range kinds(t, drawn(t, 64)) {
		m := drawn(t, 64)
		if err := m.Extend(e); err != nil {
			t.Fatal(err)
		}
		prompt, front := 0, 0
		if e != nil {
			prompt, front = e.Prompt, e.Front()
		}
		records := [][]int{m.Tokenizer.ChatPrompt("one"), m.Tokenizer.ChatPrompt("another, longer")}
		var ids, positions, segments []int32
		for s, r := range records {
			for i := range prompt + len(r) {
				id := m.Config.Vocab + i
				if i >= prompt {
					id = r[i-prompt]
				}
				ids, positions, segments = append(ids, int32(id)), append(positions, int32(i)), append(segments, int32(s))
			}
		}
		n, V := len(ids), m.Config.Vocab
		g := graph.New()
		in := Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: 1, Length: n}
		out, err := m.Build(g, in, nn.Hooks{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		logits := graph.Linear(out.Hidden, out.Head, nil)
		machine, err := g.Compile(graph.Options{}, logits)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(machine.SetInts(in.IDs, ids), machine.SetInts(in.Positions, positions), machine.SetInts(in.Segments, segments), machine.Run(ctx)); err != nil {
			t.Fatal(err)
		}
		got, err := machine.Value(logits)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, r := range records {
			want, err := m.Logits(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			at += prompt
			for i, w := range want.Data {
				if g := got.Data[at*V+i]; math.Abs(float64(g-w)) > 1e-3*math.Max(1, math.Abs(float64(w))) {
					t.Fatalf("%s (%d in front), position %d, logit %d: %g in the graph, %g decoded", name, front, i/V, i%V, g, w)
				}
			}
			at += len(r)
		}
	}
}

// A batch in which each row has extras of its own gives every row what it gets alone, to the last bit: the logits of prompts
// and of steps, and the texts.
func TestMixedBatchIsExactlyEachAlone(t *testing.T) {
	ctx := context.Background()
	m := drawn(t, 64)
	var all []*Extras
	var names []string
	for name := range kinds(t, m) {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, kinds(t, m)[name])
	}
	d, err := m.MixedDecoder(ctx, Int8, all...)
	if err != nil {
		t.Fatal(err)
	}
	V := m.Config.Vocab
	var prompts [][]int
	var of []int
	for i := range 2 * len(all) {
		prompts, of = append(prompts, m.Tokenizer.ChatPrompt(strings.Repeat("why ", i%3)+fmt.Sprint(i))), append(of, i/2)
	}
	run := func(prompts [][]int, of []int) (first, second [][]float32) {
		d.reserve(len(prompts), 64)
		d.kinds = of
		next, logits, err := d.prefill(ctx, prompts, 0)
		if err != nil || next != len(prompts) {
			t.Fatal(next, err)
		}
		for i := range prompts {
			first = append(first, slices.Clone(logits[i*V:(i+1)*V]))
		}
		d.clear()
		for i, p := range prompts {
			d.row(7, i, d.of(i).front()+len(p))
		}
		hidden, err := d.forward(ctx)
		if err != nil {
			t.Fatal(err)
		}
		logits = d.logits(hidden, len(prompts))
		for i := range prompts {
			second = append(second, slices.Clone(logits[i*V:(i+1)*V]))
		}
		return first, second
	}
	first, second := run(prompts, of)
	seen := map[float32]string{}
	for i, p := range prompts {
		a, b := run([][]int{p}, of[i:i+1])
		if !slices.Equal(a[0], first[i]) || !slices.Equal(b[0], second[i]) {
			t.Errorf("%s: other logits beside others", names[of[i]])
		}
		if i%2 == 0 {
			if other, same := seen[a[0][0]-a[0][1]]; same {
				t.Errorf("%s computes what %s does", names[of[i]], other)
			}
			seen[a[0][0]-a[0][1]] = names[of[i]]
		}
	}

	var questions []string
	var by []int
	for i := range 3 * len(all) { // in an order that must be undone
		questions, by = append(questions, fmt.Sprint("who ", i)), append(by, (5*i)%len(all))
	}
	o := Generate{MaxTokens: 6, Temperature: 1, Seed: 3}
	got, err := d.AnswersBy(ctx, questions, by, o)
	if err != nil {
		t.Fatal(err)
	}
	for k := range all {
		want, err := d.AnswersBy(ctx, questions, slices.Repeat([]int{k}, len(questions)), o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range questions {
			if by[i] == k && got[i] != want[i] {
				t.Errorf("%s, question %d: %q beside others, %q among its own", names[k], i, got[i], want[i])
			}
		}
	}
	if _, err := d.AnswersBy(ctx, questions[:1], []int{len(all)}, o); err == nil || !strings.Contains(err.Error(), "has 0 to 8") {
		t.Errorf("extras that are not there: %v", err)
	}
	if _, err := d.AnswersBy(ctx, questions[:2], []int{0}, o); err == nil {
		t.Error("one number for two questions: no error")
	}
}

// With extras too a token allocates nothing.
func TestTokensWithExtrasAllocateNothing(t *testing.T) {
	ctx := context.Background()
	m := drawn(t, 400)
	for name, e := range kinds(t, m) {
		d, err := m.MixedDecoder(ctx, Float32, e, nil)
		if err != nil {
			t.Fatal(err)
		}
		questions, by := slices.Repeat([]string{"Why?"}, 4), []int{0, 1, 0, 1}
		write := func(tokens int) {
			if _, err := d.AnswersBy(ctx, questions, by, Generate{MaxTokens: tokens, Stop: []string{"never said"}}); err != nil {
				t.Fatal(err)
			}
		}
		write(120)
		if short, long := testing.AllocsPerRun(2, func() { write(40) }), testing.AllocsPerRun(2, func() { write(120) }); long > short {
			t.Errorf("%s: %g allocations for 40 tokens, %g for 120", name, short, long)
		}
	}
}

func TestExtrasRefuse(t *testing.T) {
	m := drawn(t, 16)
	ok := Bottleneck{"a", 3, ReLU, 1, false}
	at := func(b ...Bottleneck) Extras {
		return Extras{Sites: []Site{{Sublayer: "model.layers.1.mlp", Adapters: b}}}
	}
	wide, odd, far := ok, ok, ok
	wide.Size, odd.Activation, far.Scale = 0, "sine", math.Inf(1)
	for says, e := range map[string]Extras{
		"no linear layer":              {Updates: []LowRank{{"model.layers.0.mlp", "u", 1, 1}}},
		"a rank of at least 1":         {Updates: []LowRank{{"model.layers.0.mlp.up_proj", "u", 0, 1}}},
		"room for text":                {Prefix: 8, Prompt: 8},
		"want none negative":           {Prefix: -1},
		`no sublayer "model.layers.9`:  {Sites: []Site{{Sublayer: "model.layers.9.mlp", Adapters: []Bottleneck{ok}}}},
		"has no adapters":              at(),
		"want at least 1":              at(wide),
		`activation "sine"`:            at(odd),
		"want a finite number":         at(far),
		"stands at two places":         at(ok, ok),
		"a.down.weight [3 40] is miss": at(ok),
	} {
		e.Params = &nn.Params{}
		if err := m.Extend(&e); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want an error that says %q", err, says)
		}
	}
	if m.Extras != nil {
		t.Error("what was refused is on the model")
	}
	if err := m.Extend(with(t, m, 1, Extras{Prompt: 10})); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Answer(context.Background(), "long", Generate{}); !errors.Is(err, ErrContext) {
		t.Errorf("a question that fits only without the prompt: %v", err)
	}
	if _, err := m.Logits(context.Background(), make([]int, 7)); !errors.Is(err, ErrContext) {
		t.Errorf("ids that fit only without the prompt: %v", err)
	}
}

// The numbers of METHODS.md for a Llama of 3.2 billion parameters, whose published configurations have 200 virtual tokens;
// shapes are counted, nothing is made.
func TestSizesOnALargeModel(t *testing.T) {
	c := Config{Vocab: 128256, Dim: 3072, Layers: 28, Heads: 24, KVHeads: 8, Hidden: 8192, Context: 131072, Tied: true}
	if n := (&Extras{Prefix: 200}).Count(c); n != 11_468_800 {
		t.Errorf("a prefix of 200 has %d parameters, want 11468800", n)
	}
	if n := (&Extras{Prompt: 200}).Count(c); n != 614_400 {
		t.Errorf("a prompt of 200 has %d parameters, want 614400", n)
	}
}
