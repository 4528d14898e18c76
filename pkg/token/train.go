package token

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"
)

// TrainOptions say what vocabulary to learn.
type TrainOptions struct {
	Vocab    int      // number of ids; zero means 2048
	Specials []string // special tokens, first ids; nil means Specials()
}

// Train learns a byte-level BPE from texts: starting from single bytes, the most
// frequent pair of neighbours inside a word becomes a new token, again and again
// (Sennrich et al., arXiv:1508.07909, algorithm 1). Of equally frequent pairs the
// one with the smaller ids goes first, so the same texts always give the same vocabulary.
//
// Ids are: special tokens, 256 bytes, merged tokens in the order in which they were
// learned. A text too small to fill the vocabulary gives a smaller one: see
// [Tokenizer.Size]. Train fails if Vocab has no room for bytes and special tokens.
func Train(ctx context.Context, texts []string, o TrainOptions) (*Tokenizer, error) {
	if o.Vocab == 0 {
		o.Vocab = 2048
	}
	if o.Specials == nil {
		o.Specials = Specials()
	}
	if least := 256 + len(o.Specials); o.Vocab < least {
		return nil, fmt.Errorf("token: vocabulary of %d is too small: 256 bytes and %d special tokens need %d", o.Vocab, len(o.Specials), least)
	}
	t := &Tokenizer{
		specials: make(map[string]int),
		pairs:    make(map[pair]merge),
		split:    splitter{digits: true},
	}
	for _, name := range o.Specials {
		if _, twice := t.specials[name]; twice || name == "" {
			return nil, fmt.Errorf("token: special token %q is empty or named twice", name)
		}
		t.specials[name] = len(t.tokens)
		t.tokens = append(t.tokens, name)
		t.special = append(t.special, true)
	}
	for _, b := range newAlphabet().bytes() {
		t.bytes[b] = int32(len(t.tokens))
		t.tokens = append(t.tokens, string([]byte{b}))
		t.special = append(t.special, false)
	}
	words, err := t.count(ctx, texts)
	if err != nil {
		return nil, err
	}
	if err := t.learn(ctx, words, o.Vocab); err != nil {
		return nil, err
	}
	return t, nil
}

// A word is a distinct word of the training text, cut into the tokens known so far.
type word struct {
	symbols []int32
	count   int
}

// count collects the distinct words, in a fixed order.
func (t *Tokenizer) count(ctx context.Context, texts []string) ([]word, error) {
	counts := make(map[string]int)
	for i, text := range texts {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("token: training stopped after %d of %d texts: %w", i, len(texts), ctx.Err())
		}
		t.split.each(text, func(w string) {
			if n, seen := counts[w]; seen {
				counts[w] = n + 1
			} else {
				counts[strings.Clone(w)] = 1
			}
		})
	}
	keys := make([]string, 0, len(counts))
	for w := range counts {
		keys = append(keys, w)
	}
	slices.Sort(keys)
	words := make([]word, len(keys))
	for i, w := range keys {
		symbols := make([]int32, len(w))
		for j := range symbols {
			symbols[j] = t.bytes[w[j]]
		}
		words[i] = word{symbols: symbols, count: counts[w]}
	}
	return words, nil
}

// learn adds merged tokens until there are vocab ids or no pair is left.
func (t *Tokenizer) learn(ctx context.Context, words []word, vocab int) error {
	counts := make(map[pair]int)    // how often each pair occurs now
	places := make(map[pair][]int)  // words in which it occurs, or once did
	known := make(map[string]int32) // a token may be reached by two different merges
	for id, raw := range t.tokens {
		if !t.special[id] {
			known[raw] = int32(id)
		}
	}
	for i, w := range words {
		for j := 0; j+1 < len(w.symbols); j++ {
			p := pair{w.symbols[j], w.symbols[j+1]}
			counts[p] += w.count
			places[p] = appendOnce(places[p], i)
		}
	}
	queue := make(frequencies, 0, len(counts))
	for p, n := range counts {
		queue = append(queue, frequency{p, n})
	}
	heap.Init(&queue)
	for len(t.tokens) < vocab && len(queue) > 0 {
		if ctx.Err() != nil {
			return fmt.Errorf("token: training stopped at %d of %d ids: %w", len(t.tokens), vocab, ctx.Err())
		}
		top := heap.Pop(&queue).(frequency)
		if now := counts[top.pair]; now != top.count {
			// The count fell when a neighbour was merged; put it back where it belongs now.
			if now > 0 {
				heap.Push(&queue, frequency{top.pair, now})
			}
			continue
		}
		raw := t.tokens[top.pair.left] + t.tokens[top.pair.right]
		id, ok := known[raw]
		if !ok {
			id = int32(len(t.tokens))
			known[raw] = id
			t.tokens = append(t.tokens, raw)
			t.special = append(t.special, false)
		}
		t.pairs[top.pair] = merge{rank: int32(len(t.merges)), id: id}
		t.merges = append(t.merges, top.pair)

		grown := make(map[pair]bool)
		for _, i := range places[top.pair] {
			words[i].replace(top.pair, id, func(p pair, change int) {
				counts[p] += change
				if change > 0 {
					places[p] = appendOnce(places[p], i)
					grown[p] = true
				}
			})
		}
		delete(counts, top.pair)
		delete(places, top.pair)
		delete(grown, top.pair)
		for p := range grown { // any order: the heap's order is total
			heap.Push(&queue, frequency{p, counts[p]})
		}
	}
	return nil
}

// replace puts id in place of every p, from left to right, and reports how the counts of other pairs change.
func (w *word) replace(p pair, id int32, report func(p pair, change int)) {
	s := w.symbols
	for i := 0; i+1 < len(s); i++ {
		if s[i] != p.left || s[i+1] != p.right {
			continue
		}
		if i > 0 {
			report(pair{s[i-1], p.left}, -w.count)
			report(pair{s[i-1], id}, w.count)
		}
		s[i] = id
		s = append(s[:i+1], s[i+2:]...)
		if i+1 < len(s) {
			report(pair{p.right, s[i+1]}, -w.count)
			report(pair{id, s[i+1]}, w.count)
		}
	}
	w.symbols = s
}

func appendOnce(list []int, i int) []int {
	if n := len(list); n > 0 && list[n-1] == i {
		return list
	}
	return append(list, i)
}

// A frequency is a pair and how often it occurred when it was queued.
type frequency struct {
	pair  pair
	count int
}

type frequencies []frequency

func (f frequencies) Len() int { return len(f) }
func (f frequencies) Less(i, j int) bool {
	return cmp.Or(
		cmp.Compare(f[j].count, f[i].count),
		cmp.Compare(f[i].pair.left, f[j].pair.left),
		cmp.Compare(f[i].pair.right, f[j].pair.right),
	) < 0
}
func (f frequencies) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *frequencies) Push(x any)   { *f = append(*f, x.(frequency)) }
func (f *frequencies) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}
