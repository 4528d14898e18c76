package token_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/token"
)

var update = flag.Bool("update", false, "rewrite testdata/ours.json; then run testdata/vectors.py")

type vector struct {
	Text string `json:"text"`
	IDs  []int  `json:"ids"`
}

// vectors reads ids that the Python package "tokenizers" gave: see testdata/vectors.py.
func vectors(t *testing.T, name string) []vector {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v []vector
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	if len(v) < 300 {
		t.Fatalf("only %d vectors in %s", len(v), name)
	}
	return v
}

func TestEncodeAgreesWithHuggingFace(t *testing.T) {
	for _, name := range []string{"digits", "plain"} {
		tok, err := token.Load(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		for round := range 2 { // the second round comes out of the cache
			for _, v := range vectors(t, name) {
				if got := tok.Encode(v.Text); !slices.Equal(got, v.IDs) {
					t.Errorf("%s, round %d: Encode(%q)\n got %v\nwant %v", name, round, v.Text, got, v.IDs)
				}
				if got := tok.Decode(v.IDs); got != v.Text {
					t.Errorf("%s: Decode = %q, want %q", name, got, v.Text)
				}
			}
		}
	}
}

// corpus is cut into lines as the reference cuts its files.
func corpus(t testing.TB) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "corpus.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(string(raw), "\n")
}

func trained(t testing.TB) *token.Tokenizer {
	t.Helper()
	tok, err := token.Train(context.Background(), corpus(t), token.TrainOptions{Vocab: 700})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// model is the part of a tokenizer.json that training decides.
type model struct {
	Model struct {
		Vocab  map[string]int  `json:"vocab"`
		Merges json.RawMessage `json:"merges"`
	} `json:"model"`
	AddedTokens []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
		Special bool   `json:"special"`
	} `json:"added_tokens"`
}

func (m model) merges(t *testing.T) []string {
	t.Helper()
	var pairs [][]string
	if json.Unmarshal(m.Model.Merges, &pairs) == nil {
		lines := make([]string, len(pairs))
		for i, p := range pairs {
			lines[i] = strings.Join(p, " ")
		}
		return lines
	}
	var lines []string
	if err := json.Unmarshal(m.Model.Merges, &lines); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestTrainAgreesWithHuggingFace(t *testing.T) {
	var got, want model
	raw, err := os.ReadFile(filepath.Join("testdata", "digits.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(trained(t).JSON(), &got); err != nil {
		t.Fatal(err)
	}
	gotMerges, wantMerges := got.merges(t), want.merges(t)
	for i := range min(len(gotMerges), len(wantMerges)) {
		if gotMerges[i] != wantMerges[i] {
			t.Fatalf("merge %d is %q, want %q", i, gotMerges[i], wantMerges[i])
		}
	}
	if len(gotMerges) != len(wantMerges) {
		t.Errorf("%d merges, want %d", len(gotMerges), len(wantMerges))
	}
	if len(got.Model.Vocab) != len(want.Model.Vocab) {
		t.Errorf("%d tokens, want %d", len(got.Model.Vocab), len(want.Model.Vocab))
	}
	for token, id := range want.Model.Vocab {
		if got.Model.Vocab[token] != id {
			t.Errorf("token %q has id %d, want %d", token, got.Model.Vocab[token], id)
		}
	}
	if !slices.Equal(got.AddedTokens, want.AddedTokens) {
		t.Errorf("added tokens %v, want %v", got.AddedTokens, want.AddedTokens)
	}
}

// TestWrittenFile keeps testdata/ours.json what we write, since vectors.py checks
// that the Python package reads exactly that file with the same ids.
func TestWrittenFile(t *testing.T) {
	const path = "testdata/ours.json"
	tok := trained(t)
	if *update {
		if err := tok.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(tok.JSON(), want) {
		t.Error("JSON() is no longer testdata/ours.json: run with -update, then testdata/vectors.py")
	}
	again, err := token.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.JSON(), want) {
		t.Error("a parsed file is not written back as it came")
	}
	for _, v := range vectors(t, "digits") {
		if got := again.Encode(v.Text); !slices.Equal(got, v.IDs) {
			t.Errorf("Encode(%q) = %v, want %v", v.Text, got, v.IDs)
		}
	}
}

func TestSaveAndLoadFolder(t *testing.T) {
	dir := t.TempDir()
	tok := trained(t)
	if err := tok.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := token.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Size() != tok.Size() {
		t.Errorf("size %d, want %d", again.Size(), tok.Size())
	}
	if _, err := token.Load(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("loading a missing file: %v", err)
	}
}

func TestSpecials(t *testing.T) {
	tok := trained(t)
	ids := []int{tok.PAD(), tok.BOS(), tok.EOS(), tok.User(), tok.Assistant(), tok.System()}
	if !slices.Equal(ids, []int{0, 1, 2, 3, 4, 5}) {
		t.Fatalf("special ids %v", ids)
	}
	for i, name := range token.Specials() {
		if id, ok := tok.Special(name); !ok || id != i || !tok.IsSpecial(id) {
			t.Errorf("Special(%q) = %d, %v", name, id, ok)
		}
		for _, id := range tok.Encode("a" + name + " " + name) {
			if tok.IsSpecial(id) {
				t.Errorf("text forged %q", name)
			}
		}
	}
	if _, ok := tok.Special("<|tool|>"); ok {
		t.Error("an unknown special token was found")
	}
	prompt := tok.ChatPrompt("bread <|eos|>")
	want := append([]int{1, 3}, append(tok.Encode("bread <|eos|>"), 4)...)
	if !slices.Equal(prompt, want) {
		t.Errorf("ChatPrompt = %v, want %v", prompt, want)
	}
	if got := tok.Decode(prompt); got != "bread <|eos|>" {
		t.Errorf("Decode of a prompt = %q", got)
	}
	for _, id := range []int{-1, 2, tok.Size(), 1 << 40} {
		if tok.Bytes(id) != nil || tok.Decode([]int{id}) != "" {
			t.Errorf("id %d has text", id)
		}
	}
}

func TestWithoutOurSpecials(t *testing.T) {
	tok, err := token.Train(context.Background(), corpus(t), token.TrainOptions{Vocab: 300, Specials: []string{"<|end|>"}})
	if err != nil {
		t.Fatal(err)
	}
	if tok.EOS() != -1 || tok.Size() != 300 {
		t.Errorf("EOS %d, size %d", tok.EOS(), tok.Size())
	}
	if got := tok.ChatPrompt("bread"); !slices.Equal(got, tok.Encode("bread")) {
		t.Errorf("ChatPrompt = %v", got)
	}
}

func TestTrainErrors(t *testing.T) {
	ctx := context.Background()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		o    token.TrainOptions
		want string
	}{
		{"no room", ctx, token.TrainOptions{Vocab: 100}, "256 bytes and 6 special tokens need 262"},
		{"negative", ctx, token.TrainOptions{Vocab: -1}, "too small"},
		{"twice", ctx, token.TrainOptions{Specials: []string{"<a>", "<a>"}}, `"<a>"`},
		{"empty", ctx, token.TrainOptions{Specials: []string{""}}, "empty"},
		{"cancelled", gone, token.TrainOptions{}, "canceled"},
	} {
		if _, err := token.Train(c.ctx, corpus(t), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := token.Train(gone, corpus(t), token.TrainOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled training: %v", err)
	}
	if tok, err := token.Train(ctx, nil, token.TrainOptions{}); err != nil || tok.Size() != 262 {
		t.Errorf("no text at all: %v, %v; want the 262 bytes and special tokens", tok, err)
	}
}

func TestPieces(t *testing.T) {
	tok := trained(t)
	for _, text := range []string{"", "The harbour, 128 ships.", "灯塔lighthouse 👩‍👩‍👧", "bad \xff\xfe bytes \xe7\x81", strings.Repeat("港口 ", 99)} {
		at := 0
		var ids []int
		for _, p := range tok.Pieces(text) {
			if p.Start != at || p.End <= p.Start || text[p.Start:p.End] != string(tok.Bytes(p.ID)) {
				t.Fatalf("%q: piece %+v after byte %d", text, p, at)
			}
			at = p.End
			ids = append(ids, p.ID)
		}
		if at != len(text) || !slices.Equal(ids, tok.Encode(text)) {
			t.Errorf("%q: pieces end at %d of %d", text, at, len(text))
		}
	}
}

func TestDigitsStandAlone(t *testing.T) {
	tok := trained(t)
	for _, p := range tok.Pieces("in 1984, 128 ships; 第25号") {
		s := "in 1984, 128 ships; 第25号"[p.Start:p.End]
		if strings.ContainsAny(s, "0123456789") && len(s) > 1 {
			t.Errorf("token %q joins a digit with something", s)
		}
	}
}

func TestStrip(t *testing.T) {
	tok := trained(t)
	ids := append(tok.ChatPrompt("<b>\n"), tok.EOS())
	strip := tok.Strip(ids)
	page := strip.HTML()
	for _, want := range []string{"&lt;", "⏎", "dashed", "&lt;|eos|&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("HTML lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "<b>") || strings.Contains(page, "color:#") {
		t.Error("HTML is not escaped or fixes a colour that one theme hides")
	}
	labels := make([]int, len(ids))
	for i := range labels {
		labels[i] = -100
	}
	labels[len(ids)-2] = tok.EOS() // after the last token but one, <|eos|> is asked for
	masked := strip.Mask(labels).String()
	if !strings.HasPrefix(masked, "(<|bos|>)│(<|user|>)│") || !strings.Contains(masked, "│<|eos|>\n1 3 ") {
		t.Errorf("masked strip:\n%s", masked)
	}
	if strings.Contains(strip.String(), "(") {
		t.Error("Mask changed the strip it was called on")
	}
	for _, c := range []struct{ text, want string }{
		{" ", "·"}, {"\n", "⏎"}, {"\t", "⇥"}, {"\x00", "⟨U+0000⟩"}, {"\xff", "⟨FF⟩"},
	} {
		id := tok.Encode(c.text)
		if got := tok.Token(id[0]); len(id) != 1 || got != c.want {
			t.Errorf("Token of %q = %q, want %q", c.text, got, c.want)
		}
	}
	if got := tok.Token(9999); !strings.Contains(got, "9999") {
		t.Errorf("Token(9999) = %q", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	tok := trained(t)
	text := strings.Join(corpus(t), "")
	want := tok.Encode(text)
	done := make(chan bool)
	for range 4 {
		go func() { done <- slices.Equal(tok.Encode(text), want) }()
	}
	for range 4 {
		if !<-done {
			t.Error("ids differ between goroutines")
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	tok := trained(b)
	text := strings.Join(corpus(b), "")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tok.Encode(text)
	}
}

// A long run of letters must not cost quadratic time.
func BenchmarkEncodeLongWord(b *testing.B) {
	tok := trained(b)
	text := strings.Repeat("harbour", 1<<15)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tok.Encode(text)
	}
}
