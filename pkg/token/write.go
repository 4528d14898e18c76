package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// JSON returns the tokenizer as Hugging Face's tokenizer.json. A tokenizer that
// was parsed is returned byte for byte as it came, so that nothing the file said
// about other programs is lost.
//
// The Python package parses special tokens out of text unless told not to: for the
// same ids there, set tokenizer.encode_special_tokens = True.
func (t *Tokenizer) JSON() []byte {
	if t.source != nil {
		return bytes.Clone(t.source)
	}
	no, on := false, true
	f := file{
		Version:      "1.0",
		PreTokenizer: &step{Type: "ByteLevel", AddPrefixSpace: &no, TrimOffsets: &on, UseRegex: &on},
		Decoder:      &step{Type: "ByteLevel", AddPrefixSpace: &no, TrimOffsets: &on, UseRegex: &on},
	}
	if t.split.digits {
		f.PreTokenizer = &step{Type: "Sequence", PreTokenizers: []step{
			{Type: "Digits", IndividualDigits: &on}, *f.PreTokenizer,
		}}
	}
	letters := newAlphabet()
	var vocab, merges bytes.Buffer
	for id, raw := range t.tokens {
		spelled := raw
		if t.special[id] {
			f.AddedTokens = append(f.AddedTokens, addedToken{ID: id, Content: raw, Special: true})
		} else {
			spelled = letters.spell(raw)
		}
		member(&vocab, spelled)
		fmt.Fprintf(&vocab, ":%d", id)
	}
	for _, p := range t.merges {
		member(&merges, letters.spell(t.tokens[p.left])+" "+letters.spell(t.tokens[p.right]))
	}
	f.Model = bpe{
		Type:   "BPE",
		Vocab:  json.RawMessage("{" + vocab.String() + "}"),
		Merges: json.RawMessage("[" + merges.String() + "]"),
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // as Hugging Face writes it: <|eos|> stays readable
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		panic(err) // every value above is a string, a number or a bool
	}
	return out.Bytes()
}

// member appends a JSON string, after a comma unless it is the first.
func member(b *bytes.Buffer, s string) {
	if b.Len() > 0 {
		b.WriteByte(',')
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	b.Truncate(b.Len() - 1) // the newline that Encode adds
}

// Save writes tokenizer.json to path, or into path if it is a folder. The file
// appears whole or not at all.
func (t *Tokenizer) Save(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, FileName)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tokenizer-*")
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(t.JSON())
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("token: save %s: %w", path, err)
	}
	return nil
}
