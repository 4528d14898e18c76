package feedback

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"

	"github.com/tunebook/tunebook/pkg/data"
)

// maxCandidates is how many letters there are to name them.
const maxCandidates = 26

// Candidate is one answer to compare. A rater sees Text only.
type Candidate struct {
	Text   string             `json:"text"`
	Name   string             `json:"name,omitempty"`   // where it comes from: a model, a temperature
	Scores map[string]float64 `json:"scores,omitempty"` // how good it truly is, where that is known; simulated raters look at it
}

// Item is a prompt with the candidates for its answer.
type Item struct {
	ID         string      `json:"id,omitempty"` // its name in a set; empty means its key
	Prompt     string      `json:"prompt"`
	Lang       string      `json:"lang,omitempty"`   // en or zh
	Entity     string      `json:"entity,omitempty"` // who it is about; data.Set.Split keeps an entity on one side
	Candidates []Candidate `json:"candidates"`
}

// Answers is an item with candidates that are only texts.
func Answers(id, prompt string, texts ...string) Item {
	item := Item{ID: id, Prompt: prompt}
	for _, text := range texts {
		item.Candidates = append(item.Candidates, Candidate{Text: text})
	}
	return item
}

// Key tells items apart by what a rater sees: 16 hex digits of the SHA-256 of ID, prompt and texts. Other answers under the same ID
// are another item, so a vote never counts for answers that nobody saw.
func (i Item) Key() string {
	shown := []string{i.ID, i.Prompt}
	for _, c := range i.Candidates {
		shown = append(shown, c.Text)
	}
	return hex.EncodeToString(digest(shown...)[:8])
}

// digest is the SHA-256 of some texts, each with its length in front.
func digest(texts ...string) []byte {
	h := sha256.New()
	for _, text := range texts {
		var length [8]byte
		binary.LittleEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(length[:])
		h.Write([]byte(text))
	}
	return h.Sum(nil)
}

// name is what people call the item.
func (i Item) name() string {
	if i.ID != "" {
		return i.ID
	}
	return i.Key()
}

// check refuses an item that cannot be put to a rater.
func (i Item) check(least int) error {
	switch n := len(i.Candidates); {
	case n < least && least == 2:
		return fmt.Errorf("item %q has %d candidates: a ranking needs two or more", i.name(), n)
	case n < least:
		return fmt.Errorf("item %q has no candidates", i.name())
	case n > maxCandidates:
		return fmt.Errorf("item %q has %d candidates: show at most %d at once", i.name(), n, maxCandidates)
	}
	return nil
}

// Items gathers the records of a set into items: records whose IDs agree before the point and whose prompts are the same are the
// candidates of one item, as World.Candidates writes them. A record without an ID goes by its prompt alone.
func Items(set data.Set) ([]Item, error) {
	at := map[string]int{}
	var items []Item
	for n, r := range set {
		if r.Prompt == "" {
			return nil, fmt.Errorf("feedback: record %d has no prompt: candidates are records with a prompt and an answer", n)
		}
		id, _, _ := strings.Cut(r.ID, ".")
		key := string(digest(id, r.Prompt))
		i, ok := at[key]
		if !ok {
			i = len(items)
			at[key] = i
			items = append(items, Item{ID: id, Prompt: r.Prompt, Lang: r.Lang, Entity: r.Entity})
		}
		items[i].Candidates = append(items[i].Candidates, Candidate{Text: r.Answer, Name: r.Truth["source"], Scores: maps.Clone(r.Scores)})
	}
	for _, i := range items {
		if err := i.check(2); err != nil {
			return nil, fmt.Errorf("feedback: %w", err)
		}
	}
	return items, nil
}
