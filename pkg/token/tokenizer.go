package token

import (
	"strings"
	"sync"
)

// A Tokenizer is a byte-level BPE vocabulary. It never changes once made and may
// be used by several goroutines at once.
type Tokenizer struct {
	tokens   []string       // raw bytes by id; for a special token, its name
	special  []bool         // by id
	specials map[string]int // name to id
	bytes    [256]int32     // the id of every single byte
	pairs    map[pair]merge
	merges   []pair // in order of rank
	split    splitter
	source   []byte // the tokenizer.json it was parsed from, nil if trained here
	cache    cache
}

// A pair is two neighbouring token ids.
type pair struct{ left, right int32 }

// A merge replaces a pair by one id. Lower ranks were learned earlier and go first.
type merge struct{ rank, id int32 }

// Must returns t, or panics if err is not nil.
func Must(t *Tokenizer, err error) *Tokenizer {
	if err != nil {
		panic(err)
	}
	return t
}

// Size returns the number of ids: special tokens, bytes and merged tokens.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Bytes returns the bytes that id stands for; nil for a special token and for an
// id outside the vocabulary. One character may be spread over several tokens.
func (t *Tokenizer) Bytes(id int) []byte {
	if id < 0 || id >= len(t.tokens) || t.special[id] {
		return nil
	}
	return []byte(t.tokens[id])
}

// AppendBytes appends what Bytes returns to dst.
func (t *Tokenizer) AppendBytes(dst []byte, id int) []byte {
	if id < 0 || id >= len(t.tokens) || t.special[id] {
		return dst
	}
	return append(dst, t.tokens[id]...)
}

// Decode returns the text of ids. Special tokens, and ids outside the vocabulary, have no text.
func (t *Tokenizer) Decode(ids []int) string {
	var s strings.Builder
	for _, id := range ids {
		if id >= 0 && id < len(t.tokens) && !t.special[id] {
			s.WriteString(t.tokens[id])
		}
	}
	return s.String()
}

// cache remembers the ids of short words. Text repeats its words, and a lookup is
// several times cheaper than merging again.
type cache struct {
	mu    sync.RWMutex
	words map[string][]int32
}

const (
	cacheWords  = 1 << 14 // entries; when full, new words are merged every time
	cacheLength = 32      // bytes; longer words seldom come back
)

func (c *cache) get(word string) ([]int32, bool) {
	if len(word) > cacheLength {
		return nil, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	ids, ok := c.words[word]
	return ids, ok
}

func (c *cache) put(word string, ids []int32) {
	if len(word) > cacheLength {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.words == nil {
		c.words = make(map[string][]int32)
	}
	if len(c.words) < cacheWords {
		// Clones, so that the cache does not keep the caller's whole text alive.
		c.words[strings.Clone(word)] = append([]int32(nil), ids...)
	}
}
