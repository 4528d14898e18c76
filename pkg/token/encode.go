package token

import (
	"container/heap"
	"math"
)

// A Piece is one token of a text: text[Start:End] are its bytes.
type Piece struct {
	ID         int
	Start, End int // byte offsets
}

// Encode returns the ids of text. It never yields a special token, whatever the text contains.
func (t *Tokenizer) Encode(text string) []int {
	return t.append(make([]int, 0, len(text)/3+1), text)
}

// Pieces returns the tokens of text with their exact byte offsets. A token may
// begin or end inside a character, so an offset need not be a rune boundary.
func (t *Tokenizer) Pieces(text string) []Piece {
	ids := t.Encode(text)
	pieces := make([]Piece, len(ids))
	at := 0
	for i, id := range ids {
		end := at + len(t.tokens[id])
		pieces[i] = Piece{ID: id, Start: at, End: end}
		at = end
	}
	return pieces
}

func (t *Tokenizer) append(ids []int, text string) []int {
	var symbols []int32
	t.split.each(text, func(word string) {
		cached, ok := t.cache.get(word)
		if !ok {
			symbols = symbols[:0]
			for i := 0; i < len(word); i++ {
				symbols = append(symbols, t.bytes[word[i]])
			}
			cached = t.merge(symbols)
			t.cache.put(word, cached)
		}
		for _, id := range cached {
			ids = append(ids, int(id))
		}
	})
	return ids
}

// scanLimit is the word length, in bytes, up to which looking at all pairs beats a heap.
const scanLimit = 96

// merge applies the merges to the symbols of one word, in place: always the pair
// of the lowest rank, the leftmost first.
func (t *Tokenizer) merge(symbols []int32) []int32 {
	if len(symbols) > scanLimit {
		return t.mergeLong(symbols)
	}
	const none = int32(math.MaxInt32)
	var ranks [scanLimit]int32 // ranks[i] belongs to the pair (i, i+1)
	rank := func(i int) int32 {
		if i+1 < len(symbols) {
			if m, ok := t.pairs[pair{symbols[i], symbols[i+1]}]; ok {
				return m.rank
			}
		}
		return none
	}
	for i := range symbols {
		ranks[i] = rank(i)
	}
	for {
		best := 0
		for i := range symbols {
			if ranks[i] < ranks[best] {
				best = i
			}
		}
		if len(symbols) < 2 || ranks[best] == none {
			return symbols
		}
		symbols[best] = t.pairs[pair{symbols[best], symbols[best+1]}].id
		copy(ranks[best+1:len(symbols)-1], ranks[best+2:len(symbols)])
		symbols = append(symbols[:best+1], symbols[best+2:]...)
		ranks[best] = rank(best)
		if best > 0 {
			ranks[best-1] = rank(best - 1)
		}
	}
}

// mergeLong is merge with a linked list and a heap: n log n, so that a megabyte
// without a space does not take hours.
func (t *Tokenizer) mergeLong(symbols []int32) []int32 {
	n := len(symbols)
	next, prev := make([]int, n), make([]int, n)
	for i := range n {
		next[i], prev[i] = i+1, i-1
	}
	var queue candidates
	offer := func(i int) {
		if i < 0 || next[i] >= n {
			return
		}
		p := pair{symbols[i], symbols[next[i]]}
		if m, ok := t.pairs[p]; ok {
			heap.Push(&queue, candidate{at: i, pair: p, merge: m})
		}
	}
	for i := range n {
		offer(i)
	}
	const gone = -1
	for len(queue) > 0 {
		c := heap.Pop(&queue).(candidate)
		i := c.at
		j := next[i]
		// An older merge may have changed this place since it was offered.
		if symbols[i] == gone || j >= n || (pair{symbols[i], symbols[j]}) != c.pair {
			continue
		}
		symbols[i], symbols[j] = c.merge.id, gone
		next[i] = next[j]
		if next[j] < n {
			prev[next[j]] = i
		}
		offer(prev[i])
		offer(i)
	}
	out := symbols[:0]
	for _, id := range symbols {
		if id != gone {
			out = append(out, id)
		}
	}
	return out
}

// A candidate is a merge that was possible at a place when it was offered.
type candidate struct {
	at    int
	pair  pair
	merge merge
}

type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	if c[i].merge.rank != c[j].merge.rank {
		return c[i].merge.rank < c[j].merge.rank
	}
	return c[i].at < c[j].at
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}
