package token_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/token"
)

// small is the smallest useful tokenizer.json: six special tokens, 256 bytes, two merges.
func small(t testing.TB) string {
	t.Helper()
	tok, err := token.Train(context.Background(), []string{"abc abc abc"}, token.TrainOptions{Vocab: 264})
	if err != nil {
		t.Fatal(err)
	}
	return string(tok.JSON())
}

func TestParseRefuses(t *testing.T) {
	good := small(t)
	if _, err := token.Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"cut off", good[len(good)/2:], "", "unexpected end of JSON"},
		{"not JSON", good, "harbour", "invalid character"},
		{"empty object", good, "{}", "pre_tokenizer must be ByteLevel"},
		{"unigram", `"type": "BPE"`, `"type": "Unigram"`, `model type "Unigram"`},
		{"normalizer", `"normalizer": null`, `"normalizer": {"type": "NFC"}`, "normalizer is set"},
		{"truncation", `"truncation": null`, `"truncation": {"max_length": 9}`, "truncation is set"},
		{"ignore merges", `"ignore_merges": false`, `"ignore_merges": true`, "model.ignore_merges"},
		{"suffix", `"end_of_word_suffix": null`, `"end_of_word_suffix": "</w>"`, "end_of_word_suffix"},
		{"prefix space", `"add_prefix_space": false`, `"add_prefix_space": true`, "add_prefix_space: false"},
		{"no regex", `"use_regex": true`, `"use_regex": false`, "use_regex: true"},
		{"digits together", `"individual_digits": true`, `"individual_digits": false`, "individual_digits"},
		{"metaspace", `"type": "ByteLevel"`, `"type": "Metaspace"`, "pre_tokenizer must be ByteLevel"},
		{"not special", `"special": true`, `"special": false`, "is not special"},
		{"special moved", `"id": 2`, `"id": 3`, "has id 3"},
		{"gap in the ids", `"!": 6,`, ``, "need the ids 0 to 262"},
		{"missing byte", `"!": 6,`, `"!!": 6,`, "byte 0x21"},
		{"two on one id", `"!": 6`, `"!": 7`, "belongs to two tokens"},
		{"id too large", `"!": 6`, `"!": 900000000000`, "900000000000"},
		{"negative id", `"!": 6`, `"!": -6`, "-6"},
		{"not byte-level", `"!": 6`, `"▁": 6`, "not byte-level"},
		{"unknown part", `"a b"`, `"a zz"`, `"zz" is not in model.vocab`},
		{"unknown whole", `"a b"`, `"b a"`, `"ba" is not in model.vocab`},
		{"merge of three", `"a b"`, `"a b c"`, "3 parts"},
		{"merges twice", `"a b"`, `"a b", "a b"`, "repeats model.merges[0]"},
		{"merges a number", `"a b"`, `7`, "model.merges"},
		{"vocab a list", `"vocab": {`, `"vocab": [], "x": {`, "model.vocab"},
	} {
		broken := strings.Replace(good, c.old, c.new, 1)
		if broken == good {
			t.Fatalf("%s: nothing was broken", c.name)
		}
		_, err := token.Parse([]byte(broken))
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, token.ErrFormat) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// Both spellings of merges are in use: lists since tokenizers 0.20, strings before.
func TestParseMergesAsLists(t *testing.T) {
	good := small(t)
	lists := strings.Replace(good, `"a b"`, `["a", "b"]`, 1)
	lists = strings.Replace(lists, `"ab c"`, `["ab", "c"]`, 1)
	tok, err := token.Parse([]byte(lists))
	if err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("abc"); len(got) != 1 || got[0] != 263 {
		t.Errorf("Encode = %v", got)
	}
}

func FuzzRoundTrip(f *testing.F) {
	tok := trained(f)
	for _, s := range []string{"", "The harbour", "don't  go\n", "灯塔128", "\xff\xc3\x28", "👩‍👩‍👧", "<|eos|>", strings.Repeat("ab", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ids := tok.Encode(s)
		if got := tok.Decode(ids); got != s {
			t.Fatalf("Decode(Encode(%q)) = %q", s, got)
		}
		for _, id := range ids {
			if tok.IsSpecial(id) {
				t.Fatalf("%q forged a special token", s)
			}
		}
		_ = tok.Strip(ids).HTML()
	})
}

func FuzzParse(f *testing.F) {
	good := small(f)
	f.Add([]byte(good))
	f.Add([]byte(strings.Replace(good, `"a b"`, `["a","b"]`, 1)))
	f.Add([]byte(`{"model":{"vocab":{},"merges":[]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		tok, err := token.Parse(raw)
		if err != nil {
			if !errors.Is(err, token.ErrFormat) {
				t.Fatalf("error without ErrFormat: %v", err)
			}
			return
		}
		const text = "The harbour 128 灯塔 \xff"
		if got := tok.Decode(tok.Encode(text)); got != text {
			t.Fatalf("accepted a vocabulary that loses text: %q", got)
		}
		if !json.Valid(tok.JSON()) {
			t.Fatal("JSON() is not JSON")
		}
	})
}
