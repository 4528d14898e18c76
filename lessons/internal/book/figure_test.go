package book

import (
	"strings"
	"testing"
)

func TestFigures(t *testing.T) {
	const drawn = `{"cells": [{"id": "a", "outputs": [{"data": {"text/plain": ["x"]}}, {"data": {"image/svg+xml": ["<svg><title>Loss &lt;nats&gt;:\n", "sft 2.5 to 1e-3</title></svg>"]}}]}]}`
	got, err := Figures([]byte(drawn))
	if err != nil || len(got) != 1 || got[0] != (Figure{"a", "Loss <nats>:\nsft 2.5 to 1e-3"}) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Figures([]byte(strings.NewReplacer("<title>", "<g>", "</title>", "</g>").Replace(drawn))); err == nil || !strings.Contains(err.Error(), "cell a") {
		t.Errorf("a figure without words: %v", err)
	}
}

func TestNear(t *testing.T) {
	was := Figure{Title: "Exam: 3 people 60% (58% to 61% over 3 runs), loss 0.01"}
	for title, want := range map[string]string{
		was.Title: "",
		"Exam: 3 people 50% (49% to 66% over 3 runs), loss 0.09":         "",
		"Exam: 3 people 30% (29% to 32% over 3 runs), loss 0.01":         "other numbers, 30 for 60",
		"Exam: 3 people 60% (58% to 61% over 3 runs), loss 0.5":          "other numbers, 0.5 for 0.01",
		"Exam: 3 people 60% (58% to 61% over 3 runs)":                    "something else",
		"Exam: 3 people 60% (58% to 61% over 3 runs), loss 0.01, held 1": "something else",
	} {
		if got := (Figure{Title: title}).Near(was); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", title, got, want)
		}
	}
	if got := was.SameNumbers(Figure{Title: "考试：3 个人 60%（58% 到 61%，3 次），损失 0.01"}); got != "" {
		t.Error(got)
	}
	if got := was.SameNumbers(Figure{Title: "考试：3 个人 61%（58% 到 61%，3 次），损失 0.01"}); !strings.Contains(got, "3 61 58") {
		t.Error(got)
	}
}
