package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

func TestReadJSONL(t *testing.T) {
	long := strings.Repeat("灯", 200_000) // beyond any fixed line buffer
	for name, c := range map[string]struct {
		text string
		want data.Set
	}{
		"pair": {`{"prompt":"a","answer":"b","lang":"en","entity":"Mara"}`, data.Set{{Prompt: "a", Answer: "b", Lang: "en", Entity: "Mara"}}},
		"preference": {`{"prompt":"a","answer":"b","rejected":"c","id":"7","date":"1905-01-31","truth":{"rater":"hasty"},"scores":{"gap":-0.5}}`,
			data.Set{{Prompt: "a", Answer: "b", Rejected: "c", ID: "7", Date: "1905-01-31", Truth: map[string]string{"rater": "hasty"}, Scores: map[string]float64{"gap": -0.5}}}},
		"prompt alone":   {`{"prompt":"a"}`, data.Set{{Prompt: "a"}}},
		"text":           {`{"text":"a"}`, data.Set{{Text: "a"}}},
		"dialogue":       {`{"messages":[{"role":"user","content":"a"}]}`, data.Set{{Messages: []data.Message{{Role: "user", Content: "a"}}}}},
		"blank lines":    {"\n{\"text\":\"a\"}\r\n\n  {\"text\":\"b\"}\n\n", data.Set{{Text: "a"}, {Text: "b"}}},
		"no newline":     {"{\"text\":\"a\"}\n{\"text\":\"b\"}", data.Set{{Text: "a"}, {Text: "b"}}},
		"byte-order":     {"\xef\xbb\xbf{\"text\":\"a\"}", data.Set{{Text: "a"}}},
		"very long line": {`{"text":"` + long + `"}`, data.Set{{Text: long}}},
	} {
		got, err := data.ReadJSONL(context.Background(), strings.NewReader(c.text))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %d records, %v", name, len(got), err)
		}
	}
}

func TestReadJSONLRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want error  // nil when only the words count
		says string // part of the message
	}{
		"nothing":        {"", data.ErrEmpty, ""},
		"blank only":     {"\n\n", data.ErrEmpty, ""},
		"bad JSON":       {"{\"text\":\"a\"}\n{\"text\":}", nil, "line 2: invalid character"},
		"cut short":      {"{\"text\":\"a\"", nil, "line 1: the object does not end"},
		"unknown field":  {`{"promt":"a","answer":"b"}`, nil, `unknown field "promt"`},
		"wrong type":     {`{"prompt":7}`, nil, "line 1"},
		"no prompt":      {"{\"text\":\"a\"}\n\n{\"answer\":\"b\"}", data.ErrNoPrompt, "line 3"},
		"empty object":   {`{}`, data.ErrNothing, "line 1"},
		"null":           {`null`, data.ErrNothing, "line 1"},
		"two kinds":      {`{"text":"a","prompt":"b"}`, data.ErrAmbiguous, "line 1"},
		"array":          {`[{"text":"a"}]`, nil, "one object a line"},
		"two on a line":  {`{"text":"a"} {"text":"b"}`, nil, "more follows"},
		"latin-1":        {"{\"text\":\"\xe9\"}", data.ErrEncoding, "line 1"},
		"utf-16":         {"\xff\xfe{\x00}\x00", data.ErrEncoding, "line 1"},
		"endless line":   {strings.Repeat("x", 17<<20), data.ErrLong, "line 1"},
		"second is long": {"{\"text\":\"a\"}\n" + strings.Repeat("x", 17<<20), data.ErrLong, "line 2"},
	} {
		set, err := data.ReadJSONL(context.Background(), strings.NewReader(c.text))
		if err == nil || set != nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v records and error %v, want %v %q", name, set, err, c.want, c.says)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := data.ReadJSONL(ctx, strings.NewReader(`{"text":"a"}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestJSONLFiles(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "set.jsonl")
	set := data.Set{{Prompt: "1 < 2 & 灯塔?", Answer: "line\nbreak"}, {Text: "x"}}
	if err := set.SaveJSONL(ctx, path); err != nil {
		t.Fatal(err)
	}
	if got, err := data.LoadJSONL(ctx, path); err != nil || !reflect.DeepEqual(got, set) {
		t.Errorf("came back as %+v, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := data.LoadJSONL(ctx, path); err == nil || !strings.Contains(err.Error(), "set.jsonl: line 1") {
		t.Errorf("the error does not name file and line: %v", err)
	}
	if err := set.SaveJSONL(ctx, filepath.Join(path, "below-a-file")); err == nil {
		t.Error("saved below a file")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("temporary files were left: %v", left)
	}
}

// Whatever is read can be written and read again, and is the same.
func FuzzReadJSONL(f *testing.F) {
	for _, s := range []string{`{"prompt":"a","answer":"b"}`, "\xef\xbb\xbf{\"text\":\"灯\"}\n\n{\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", `{`, `[]`, "null\n", `{"text":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := data.ReadJSONL(context.Background(), bytes.NewReader(text))
		if err != nil {
			if set != nil {
				t.Fatal("records beside an error")
			}
			return
		}
		var b bytes.Buffer
		if err := set.WriteJSONL(&b); err != nil {
			t.Fatal(err)
		}
		again, err := data.ReadJSONL(context.Background(), &b)
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
		if !reflect.DeepEqual(set, again) {
			t.Fatalf("%+v came back as %+v", set, again)
		}
	})
}

func ExampleSet_Head() {
	set := data.Set{{Prompt: "谁烤面包?", Answer: "玛拉。", Entity: "Mara"}, {Prompt: "Who fishes?", Answer: "Tom.", Entity: "Tom"}}
	fmt.Print(set.Head(1))
	// Output:
	// 2 records
	//    prompt     answer  about
	// ───────────────────────────
	// 0  谁烤面包?  玛拉。  Mara
}
