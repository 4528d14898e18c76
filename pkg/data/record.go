package data

import (
	"bytes"
	"crypto/sha256"
	"math"
	"math/rand/v2"
	"slices"
)

// Message is one turn of a dialogue.
type Message struct {
	Role    string `json:"role"` // user, assistant or system
	Content string `json:"content"`
}

// Record is one item: either Prompt and Answer, or Messages, or Text for pre-training.
type Record struct {
	Prompt   string    `json:"prompt,omitempty"`
	Answer   string    `json:"answer,omitempty"`
	Text     string    `json:"text,omitempty"`
	Messages []Message `json:"messages,omitempty"`
	Kind     string    `json:"kind,omitempty"`   // question, dialogue, label, …
	Lang     string    `json:"lang,omitempty"`   // en or zh
	Entity   string    `json:"entity,omitempty"` // who or what it is about; Split keeps an entity on one side

	// What methods beyond SFT and measures need. Models are never shown Truth and Scores.
	Rejected string             `json:"rejected,omitempty"` // a worse answer to the same prompt
	ID       string             `json:"id,omitempty"`       // its name in a set: of a document, of a pair
	Date     string             `json:"date,omitempty"`     // of a document: 1907-03-14
	Truth    map[string]string  `json:"truth,omitempty"`    // what is so, by name
	Scores   map[string]float64 `json:"scores,omitempty"`   // how good it is, by name
}

// Set is a list of records.
type Set []Record

// Must returns set or panics with err. For cells, where a panic is shown with its line.
func Must(set Set, err error) Set {
	if err != nil {
		panic(err)
	}
	return set
}

// Len is the number of records.
func (s Set) Len() int { return len(s) }

// At is record i.
func (s Set) At(i int) Record { return s[i] }

// Split divides the set so that frac of the entities, rounded, are in train and no entity is on both sides. Records
// without an entity count as one each. Who goes where depends on the names only, not on the order.
func (s Set) Split(frac float64) (train, test Set) {
	var names []string
	seen := map[string]bool{}
	for _, r := range s {
		if name := r.about(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
		return bytes.Compare(x[:], y[:])
	})
	for _, name := range names[min(len(names), int(math.Round(frac*float64(len(names))))):] {
		seen[name] = false
	}
	for _, r := range s {
		if seen[r.about()] {
			train = append(train, r)
		} else {
			test = append(test, r)
		}
	}
	return train, test
}

// about is what Split keeps together.
func (r Record) about() string {
	if r.Entity != "" {
		return r.Entity
	}
	return r.Prompt + "\x00" + r.Text
}

// Shuffle returns the records in an order drawn from rng; s itself keeps its order.
func (s Set) Shuffle(rng *rand.Rand) Set {
	out := append(Set(nil), s...)
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// Filter returns the records for which keep is true.
func (s Set) Filter(keep func(Record) bool) Set {
	var out Set
	for _, r := range s {
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// Take returns the first n records, or all when there are fewer.
func (s Set) Take(n int) Set { return s[:min(max(n, 0), len(s))] }
