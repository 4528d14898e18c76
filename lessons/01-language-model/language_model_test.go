package cloze

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

const seeds = 3

// The pair that stands side by side most often, counted by hand as in the lesson, is the first piece that a tokenizer
// learns from the same papers.
func TestFirstMergeByHand(t *testing.T) {
	ctx := context.Background()
	word := regexp.MustCompile(`'s| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+`)
	for _, lang := range []string{world.English, world.Chinese} {
		neighbours, best := map[string]int{}, ""
		var texts []string
		for _, r := range data.Must(world.Text(ctx, world.TextOptions{Documents: 1000, Lang: lang})) {
			texts = append(texts, r.Text)
			for _, w := range word.FindAllString(r.Text, -1) {
				for i := 0; i+1 < len(w); i++ {
					pair := w[i : i+2]
					if neighbours[pair]++; neighbours[pair] > neighbours[best] {
						best = pair
					}
				}
			}
		}
		tok, err := token.Train(ctx, texts, token.TrainOptions{Vocab: 6 + 256 + 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(tok.Bytes(262)); got != best {
			t.Errorf("%s: the first piece is %q, by hand %q", lang, got, best)
		}
	}
}

// softmax by the definition (Hinton et al., arXiv:1503.02531, eq. 1).
func softmax(scores []float32, temperature float64) []float64 {
	p, sum := make([]float64, len(scores)), 0.0
	for i, z := range scores {
		p[i] = math.Exp(float64(z) / temperature)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// Numbers by hand: the engine's bets are the softmax of its scores, and its loss is the mean of their surprise. Warmth only
// ever spreads the bets.
func TestNumbersByHand(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	for _, opening := range []string{"On", "很多"} {
		ids := append([]int{m.Tokenizer.BOS()}, m.Tokenizer.Encode(opening)...)
		logits, err := m.Logits(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		scores := logits.Row(len(ids) - 1)
		bets, err := m.Next(ctx, opening, m.Config.Vocab)
		if err != nil {
			t.Fatal(err)
		}
		p, sum := softmax(scores, 1), 0.0
		for _, c := range bets {
			sum += c.Prob
			if math.Abs(c.Prob-p[c.ID]) > 1e-6 {
				t.Errorf("%s %s: engine %g, by hand %g", opening, c.Token, c.Prob, p[c.ID])
			}
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%s: the bets add up to %g", opening, sum)
		}
		choices := 0.0
		for tenth := 2; tenth <= 40; tenth += 2 {
			entropy := 0.0
			for _, p := range softmax(scores, float64(tenth)/10) {
				if p > 0 {
					entropy -= p * math.Log(p)
				}
			}
			if n := math.Exp(entropy); n < choices || n > float64(m.Config.Vocab) {
				t.Errorf("%s: %g choices at temperature %g after %g before it", opening, n, float64(tenth)/10, choices)
			} else {
				choices = n
			}
		}
		if choices < 500 {
			t.Errorf("%s: only %g choices at temperature 4", opening, choices)
		}
	}
	for _, r := range data.Must(world.Text(ctx, world.TextOptions{Documents: 3, Seed: 77})) {
		line := append(append([]int{m.Tokenizer.BOS()}, m.Tokenizer.Encode(r.Text)...), m.Tokenizer.EOS())
		after, err := m.Logits(ctx, line)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i := 1; i < len(line); i++ {
			sum -= math.Log(softmax(after.Row(i-1), 1)[line[i]])
		}
		mean := sum / float64(len(line)-1)
		engine, err := train.Measure(ctx, m, method.Causal{}, data.Set{r}, m.Config.Context)
		if err != nil || math.Abs(mean-engine) > 1e-4*engine {
			t.Errorf("by hand %g, engine %g, %v", mean, engine, err)
		}
	}
}

// Nine tenths of the way from equal bets to the town's own papers is style, which sister towns have too; the rest is
// knowledge. Shuffled words cost more than equal bets. So for three samples and three towns.
func TestStyleAndKnowledge(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	measure := func(town *world.World, seed uint64, change func(string, string) string) float64 {
		set := data.Must(town.Text(ctx, world.TextOptions{Documents: 100, Seed: 70 + seed}))
		for i, r := range set {
			set[i].Text = change(r.Lang, r.Text)
		}
		loss, err := train.Measure(ctx, m, method.Causal{}, set, 128)
		if err != nil {
			t.Fatal(err)
		}
		return loss
	}
	same := func(_, text string) string { return text }
	guess := math.Log(float64(m.Config.Vocab))
	for seed := uint64(1); seed <= seeds; seed++ {
		rng := rand.New(rand.NewPCG(seed, 0))
		shuffle := func(lang, text string) string {
			parts, space := strings.Fields(text), " "
			if lang == world.Chinese {
				parts, space = strings.Split(text, ""), ""
			}
			rng.Shuffle(len(parts), func(a, b int) { parts[a], parts[b] = parts[b], parts[a] })
			return strings.Join(parts, space)
		}
		home, sister, shuffled := measure(world.Town(), seed, same), measure(world.Must(world.New(world.Options{Seed: 1 + seed})), seed, same), measure(world.Town(), seed, shuffle)
		t.Logf("seed %d: home %.3f, sister town %.3f, shuffled %.2f, equal bets %.2f", seed, home, sister, shuffled, guess)
		if style := (guess - sister) / (guess - home); style < 0.8 || style > 0.96 || shuffled < guess {
			t.Errorf("seed %d: style is %.0f%% of the way, shuffled words cost %.2f", seed, 100*style, shuffled)
		}
	}
}

// It knows its own people and nobody of a sister town, and bets on its inventions with most of its money.
func TestWhatItKnows(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	writer, err := m.Decoder(ctx, model.Float32)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]map[world.Attribute]string{
		world.English: {world.Street: " lives in", world.Village: " comes from", world.Food: "'s favourite food is"},
		world.Chinese: {world.Street: "住在", world.Village: "来自", world.Food: "最喜欢的食物是"},
	}
	ask := func(town *world.World, people int, lang string) (right, bet float64) {
		asked := 0.0
		for _, fact := range []world.Attribute{world.Street, world.Village, world.Food} {
			for _, p := range town.People()[:people] {
				if _, lives := world.Town().Person(p.Name.In(lang)); lives != (town == world.Town()) {
					continue
				}
				opening := p.Name.In(lang) + words[lang][fact]
				said, err := writer.Generate(ctx, opening, model.Generate{MaxTokens: 8})
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(strings.TrimSpace(said), p.Fact(fact, lang)) {
					right++
				}
				next, err := m.Next(ctx, opening, 1)
				if err != nil {
					t.Fatal(err)
				}
				bet += next[0].Prob
				asked++
			}
		}
		return right / asked, bet / asked
	}
	for _, lang := range []string{world.English, world.Chinese} {
		if right, bet := ask(world.Town(), 50, lang); right < 0.9 || bet < 0.8 {
			t.Errorf("%s: of its own town it knows %.0f%%, with bets of %.0f%%", lang, 100*right, 100*bet)
		}
		for seed := uint64(1); seed <= seeds; seed++ {
			right, bet := ask(world.Must(world.New(world.Options{Seed: 1 + seed})), 20, lang)
			t.Logf("%s, sister town %d: right %.0f%%, bets %.0f%%", lang, seed, 100*right, 100*bet)
			if right > 0.15 || bet < 0.5 {
				t.Errorf("%s, sister town %d: it knows %.0f%%, with bets of %.0f%%", lang, seed, 100*right, 100*bet)
			}
		}
	}
}

// Neighbours on both sides make gaps easier than as many on the left, for every seed; and who is used to a right side
// cannot write: the base model, which knows how the town writes, is far more surprised by its text.
func TestBothSidesFillBetterAndCannotWrite(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	reading := data.Must(world.Text(ctx, world.TextOptions{Documents: 6000}))
	held := data.Must(world.Text(ctx, world.TextOptions{Documents: 60, Seed: 77}))
	for seed := uint64(1); seed <= seeds; seed++ {
		var score [2]Score
		var surprise [2]float64
		for k, w := range []Window{{Left: 8}, {Left: 4, Right: 4}} {
			c, err := Train(ctx, w, m.Tokenizer, reading, Options{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if score[k], err = c.Measure(ctx, held); err != nil {
				t.Fatal(err)
			}
			for _, opening := range []string{"Otto Jessop", "奥托·杰索普"} {
				text, err := c.Continue(ctx, opening, 20)
				if err != nil {
					t.Fatal(err)
				}
				loss, err := train.Measure(ctx, m, method.Causal{}, data.Set{{Text: text}}, 128)
				if err != nil {
					t.Fatal(err)
				}
				surprise[k] += loss / 2
			}
		}
		t.Logf("seed %d: %s; the base model's surprise at what they write %.2f and %.2f", seed, fmt.Sprintf("left %+v, both sides %+v", score[0], score[1]), surprise[0], surprise[1])
		if score[1].Loss > score[0].Loss/2 || score[1].Accuracy < score[0].Accuracy+0.2 {
			t.Errorf("seed %d: both sides are not clearly better: %+v, %+v", seed, score[0], score[1])
		}
		if surprise[1] < surprise[0]+1 {
			t.Errorf("seed %d: what both sides write surprises no more: %.2f, %.2f", seed, surprise[0], surprise[1])
		}
	}
}
