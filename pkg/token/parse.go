package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrFormat is wrapped by every error about the content of a tokenizer.json.
var ErrFormat = errors.New("not a tokenizer.json that this package reads")

// FileName is what a folder with a model calls its tokenizer.
const FileName = "tokenizer.json"

// Load reads a tokenizer.json, named by its own path or by the folder that holds it.
func Load(path string) (*Tokenizer, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, FileName)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	t, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// file mirrors tokenizer.json. Fields that could change ids are all here, so that
// a file which needs something else is refused rather than read wrongly.
type file struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  *step           `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       *step           `json:"decoder"`
	Model         bpe             `json:"model"`
}

type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// step is a pre-tokenizer or a decoder.
type step struct {
	Type             string `json:"type"`
	AddPrefixSpace   *bool  `json:"add_prefix_space,omitempty"`
	TrimOffsets      *bool  `json:"trim_offsets,omitempty"`
	UseRegex         *bool  `json:"use_regex,omitempty"`
	IndividualDigits *bool  `json:"individual_digits,omitempty"`
	PreTokenizers    []step `json:"pretokenizers,omitempty"`
}

type bpe struct {
	Type         string          `json:"type"`
	Dropout      json.RawMessage `json:"dropout"`
	UnkToken     *string         `json:"unk_token"`
	Prefix       *string         `json:"continuing_subword_prefix"`
	Suffix       *string         `json:"end_of_word_suffix"`
	FuseUnk      bool            `json:"fuse_unk"`
	ByteFallback bool            `json:"byte_fallback"`
	IgnoreMerges bool            `json:"ignore_merges"`
	Vocab        json.RawMessage `json:"vocab"`
	Merges       json.RawMessage `json:"merges"`
}

// Parse reads the content of a tokenizer.json: byte-level BPE, with GPT-2's split
// rule, with or without digits apart. A file of another kind is refused with an
// error that names what is not supported; such errors wrap [ErrFormat].
func Parse(raw []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("token: %w: %w", ErrFormat, err)
	}
	t := &Tokenizer{
		specials: make(map[string]int),
		pairs:    make(map[pair]merge),
		source:   slices.Clone(raw),
	}
	for _, read := range []func(file) error{t.readRules, t.readVocab, t.readMerges} {
		if err := read(f); err != nil {
			return nil, fmt.Errorf("token: %w: %w", ErrFormat, err)
		}
	}
	return t, nil
}

func set(v json.RawMessage) bool { return len(v) > 0 && string(v) != "null" }

// readRules checks everything around the vocabulary.
func (t *Tokenizer) readRules(f file) error {
	if f.Model.Type != "BPE" && f.Model.Type != "" {
		return fmt.Errorf("model type %q; only BPE is supported", f.Model.Type)
	}
	for _, c := range []struct {
		field string
		used  bool
	}{
		{"normalizer", set(f.Normalizer)},
		{"truncation", set(f.Truncation)},
		{"padding", set(f.Padding)},
		{"model.dropout", set(f.Model.Dropout) && string(f.Model.Dropout) != "0.0"},
		{"model.continuing_subword_prefix", f.Model.Prefix != nil && *f.Model.Prefix != ""},
		{"model.end_of_word_suffix", f.Model.Suffix != nil && *f.Model.Suffix != ""},
		{"model.ignore_merges", f.Model.IgnoreMerges},
	} {
		if c.used {
			return fmt.Errorf("%s is set, which would give other ids than ours; only files without it are supported", c.field)
		}
	}
	steps := []step{}
	if p := f.PreTokenizer; p != nil {
		steps = append(steps, *p)
		if p.Type == "Sequence" {
			steps = p.PreTokenizers
		}
	}
	if len(steps) == 2 && steps[0].Type == "Digits" && yes(steps[0].IndividualDigits) {
		t.split.digits = true
		steps = steps[1:]
	}
	if len(steps) != 1 || steps[0].Type != "ByteLevel" {
		return errors.New("pre_tokenizer must be ByteLevel, or a Sequence of Digits (individual_digits) and ByteLevel")
	}
	if b := steps[0]; b.AddPrefixSpace == nil || *b.AddPrefixSpace {
		return errors.New("pre_tokenizer ByteLevel needs add_prefix_space: false; a text is never given a space that it does not have")
	} else if b.UseRegex != nil && !*b.UseRegex {
		return errors.New("pre_tokenizer ByteLevel needs use_regex: true; other split rules are not supported")
	}
	if f.Decoder == nil || f.Decoder.Type != "ByteLevel" {
		return errors.New("decoder must be ByteLevel")
	}
	return nil
}

func yes(b *bool) bool { return b != nil && *b }

// readVocab fills tokens, special tokens and single bytes.
func (t *Tokenizer) readVocab(f file) error {
	var vocab map[string]int
	if !set(f.Model.Vocab) {
		return errors.New("model.vocab is missing")
	}
	if err := json.Unmarshal(f.Model.Vocab, &vocab); err != nil {
		return fmt.Errorf("model.vocab: %w", err)
	}
	size := len(vocab)
	for _, a := range f.AddedTokens {
		if !a.Special {
			return fmt.Errorf("added token %d %q is not special: text would be searched for it, which is not supported", a.ID, a.Content)
		}
		if a.Content == "" {
			return fmt.Errorf("added token %d has no content", a.ID)
		}
		if _, twice := t.specials[a.Content]; twice {
			return fmt.Errorf("added token %q is there twice", a.Content)
		}
		t.specials[a.Content] = a.ID
		if id, ok := vocab[a.Content]; !ok {
			size++
		} else if id != a.ID {
			return fmt.Errorf("added token %q has id %d, but model.vocab gives it %d", a.Content, a.ID, id)
		}
	}
	t.tokens, t.special = make([]string, size), make([]bool, size)
	filled := make([]bool, size)
	fill := func(id int, spelled, raw string) error {
		if id < 0 || id >= size {
			return fmt.Errorf("token %q has id %d, but %d tokens need the ids 0 to %d", spelled, id, size, size-1)
		}
		if filled[id] {
			return fmt.Errorf("id %d belongs to two tokens, one of them %q", id, spelled)
		}
		filled[id], t.tokens[id] = true, raw
		return nil
	}
	for name, id := range t.specials {
		if err := fill(id, name, name); err != nil {
			return err
		}
		t.special[id] = true
	}
	for i := range t.bytes {
		t.bytes[i] = -1
	}
	letters := newAlphabet()
	for spelled, id := range vocab {
		if _, ok := t.specials[spelled]; ok {
			continue
		}
		raw, err := letters.read(spelled)
		if err != nil {
			return fmt.Errorf("model.vocab: token %d %q: %w; the vocabulary is not byte-level", id, spelled, err)
		}
		if raw == "" {
			return fmt.Errorf("model.vocab: token %d is empty", id)
		}
		if err := fill(id, spelled, raw); err != nil {
			return fmt.Errorf("model.vocab: %w", err)
		}
		if len(raw) == 1 {
			t.bytes[raw[0]] = int32(id)
		}
	}
	for b, id := range t.bytes {
		if id < 0 {
			return fmt.Errorf("model.vocab: byte 0x%02X, written %q, is missing, so some texts could not be encoded", b, string(letters.symbol[b]))
		}
	}
	return nil
}

// readMerges accepts both spellings of a merge: ["a", "b"] and "a b".
func (t *Tokenizer) readMerges(f file) error {
	var pairs [][]string
	if !set(f.Model.Merges) {
		return errors.New("model.merges is missing")
	}
	if err := json.Unmarshal(f.Model.Merges, &pairs); err != nil {
		var lines []string
		if err := json.Unmarshal(f.Model.Merges, &lines); err != nil {
			return fmt.Errorf("model.merges must be a list of [left, right] or of \"left right\": %w", err)
		}
		pairs = make([][]string, len(lines))
		for i, line := range lines {
			pairs[i] = strings.Split(line, " ")
		}
	}
	ids := make(map[string]int32, len(t.tokens))
	for id, raw := range t.tokens {
		if !t.special[id] {
			ids[raw] = int32(id)
		}
	}
	letters := newAlphabet()
	find := func(i int, spelled string) (int32, error) {
		raw, err := letters.read(spelled)
		if err != nil {
			return 0, fmt.Errorf("model.merges[%d]: %w", i, err)
		}
		id, ok := ids[raw]
		if !ok {
			return 0, fmt.Errorf("model.merges[%d]: %q is not in model.vocab", i, spelled)
		}
		return id, nil
	}
	for i, m := range pairs {
		if len(m) != 2 {
			return fmt.Errorf("model.merges[%d] has %d parts instead of 2", i, len(m))
		}
		left, err := find(i, m[0])
		if err != nil {
			return err
		}
		right, err := find(i, m[1])
		if err != nil {
			return err
		}
		id, err := find(i, m[0]+m[1])
		if err != nil {
			return err
		}
		p := pair{left, right}
		if old, twice := t.pairs[p]; twice {
			return fmt.Errorf("model.merges[%d] repeats model.merges[%d]", i, old.rank)
		}
		t.pairs[p] = merge{rank: int32(i), id: id}
		t.merges = append(t.merges, p)
	}
	return nil
}
