package check_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/lessons/check"
)

// The usual mistakes of lesson 00 each get their own hint, in both languages.
func TestNotebookCharacters(t *testing.T) {
	const text = "Ternhaven is 燕鸥港." // 9 + 1 + 2 + 1 + 3 + 1 characters, of which three take three bytes
	for _, c := range []struct {
		counted int
		en, zh  string
	}{
		{17, "", ""},
		{0, "as the exercise left it", "还没有动过"},
		{23, "number of bytes", "字节数"},
		{3, "number of words", "词数"},
		{15, "Spaces count", "空格也算"},
		{40, "too large", "太大了"},
	} {
		for lang, want := range map[string]string{"": c.en, "zh": c.zh} {
			if said := message(t, func() { check.Notebook{Lang: lang}.Characters(text, c.counted) }); (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%d: got %q, want %q", c.counted, said, want)
			}
		}
	}
}

func TestNotebookStops(t *testing.T) {
	for want, work := range map[string]func(context.Context) int{
		"": func(ctx context.Context) int {
			n := 0
			for ; ctx.Err() == nil; n++ {
				time.Sleep(time.Millisecond)
			}
			return n
		},
		"still at work":     func(context.Context) int { time.Sleep(2 * time.Second); return 1 },
		"before anybody":    func(context.Context) int { return 300 },
		"how far it came":   func(ctx context.Context) int { <-ctx.Done(); return 0 },
		"panicked: so what": func(context.Context) int { panic("so what") },
	} {
		if said := message(t, func() { check.Notebook{}.Stops(work) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("got %q, want %q", said, want)
		}
	}
	if said := message(t, func() { check.Notebook{Lang: "zh"}.Stops(nil) }); !strings.Contains(said, "还没有函数") {
		t.Error(said)
	}
}
