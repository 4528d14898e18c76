package method_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
)

func letters(_ data.Record, answer string) float64 { return float64(strings.Count(answer, "t")) }

// The model answers twice; the answer with the higher score is the chosen one, and what the reference says of both comes with the
// pair. Equal renewals give equal pairs.
func TestOnlineDPOPairs(t *testing.T) {
	ctx, m := context.Background(), small()
	how := method.OnlineDPO{Sampling: method.Sampling{MaxTokens: 6}, Scoring: method.Scoring{Reward: letters, NoEnd: .5}}
	set := data.Set{{Prompt: "the cat"}, {Prompt: "the mat"}, {Prompt: "z"}}
	examples, err := how.Examples(ctx, m, set, 32)
	if err != nil {
		t.Fatal(err)
	}
	aux, err := how.Auxiliary(ctx, method.Run{Model: m, Base: small()})
	if err != nil {
		t.Fatal(err)
	}
	if err := aux.Annotate(ctx, examples); err != nil {
		t.Fatal(err)
	}
	logged := map[string]float64{}
	r := method.Renewal{Model: m, Examples: examples, Data: set, Step: 8, Tokens: 1000, Length: 32, Seed: 3, State: map[string]float64{}, Log: func(name, _ string, v float64) { logged[name] = v }}
	made, err := aux.Renew(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(made), int(3*(1-logged[method.Ties])+.5); got != want || got == 0 {
		t.Errorf("%d pairs, ties %g", got, logged[method.Ties])
	}
	prompts := map[string]bool{}
	for _, e := range made {
		var scores [2]float64
		for k, ids := range [][]int{e.IDs[:e.Starts[0]], e.IDs[e.Starts[0]:]} {
			prompt, said, _ := strings.Cut(data.Masked(m.Tokenizer, data.Example{IDs: ids, Labels: e.Labels[k*e.Starts[0]:][:len(ids)]}).String(), "[")
			prompts[prompt] = true
			scores[k] = float64(strings.Count(m.Tokenizer.Decode(ids[slices.Index(ids, m.Tokenizer.Assistant())+1:]), "t"))
			if ids[len(ids)-1] != m.Tokenizer.EOS() {
				scores[k] -= .5
			}
			if strings.Contains(said, "<|assistant|>") || said == "" {
				t.Errorf("%s[%s", prompt, said)
			}
		}
		if !(scores[0] > scores[1]) {
			t.Errorf("chosen scores %g, rejected %g: %v", scores[0], scores[1], data.Masked(m.Tokenizer, e))
		}
		if e.Numbers["reference chosen"] >= 0 || e.Numbers["reference rejected"] >= 0 || e.Numbers["1/tokens chosen"] <= 0 {
			t.Errorf("%v", e.Numbers)
		}
	}
	if len(prompts) != len(made) {
		t.Errorf("%d prompts in %d pairs", len(prompts), len(made))
	}
	again, err := aux.Renew(ctx, r)
	if err != nil || !slices.EqualFunc(made, again, func(a, b data.Example) bool { return slices.Equal(a.IDs, b.IDs) }) {
		t.Errorf("the same renewal gave other pairs, %v", err)
	}
	how.Scoring = method.Scoring{Reward: func(data.Record, string) float64 { return 1 }}
	if aux, err = how.Auxiliary(ctx, method.Run{Model: m, Base: m}); err != nil {
		t.Fatal(err)
	}
	if _, err := aux.Renew(ctx, r); err == nil || !strings.Contains(err.Error(), "score alike") {
		t.Errorf("one score for all: %v", err)
	}
}

func TestOnlineDPORefuses(t *testing.T) {
	ctx, m := context.Background(), small()
	scoring := method.Scoring{Reward: letters}
	for name, c := range map[string]struct {
		how  method.OnlineDPO
		is   error
		says string
	}{
		"no reward":   {method.OnlineDPO{}, method.ErrNoReward, ""},
		"no head":     {method.OnlineDPO{Scoring: method.Scoring{Judge: m}}, model.ErrNoScore, ""},
		"every":       {method.OnlineDPO{Scoring: scoring, Every: -1}, nil, "Every is -1"},
		"temperature": {method.OnlineDPO{Scoring: scoring, Sampling: method.Sampling{Temperature: -1}}, nil, "Temperature"},
		"beta":        {method.OnlineDPO{Scoring: scoring, DPO: method.DPO{Beta: -1}}, nil, "Beta is -1"},
	} {
		if _, err := c.how.Auxiliary(ctx, method.Run{Model: m, Base: m}); err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (method.OnlineDPO{Scoring: scoring}).Examples(ctx, m, data.Set{{Prompt: "z"}}, 100); !errors.Is(err, data.ErrTooLong) || !strings.Contains(err.Error(), "two answers of up to 64") {
		t.Errorf("short rows: %v", err)
	}
	seen := map[string]bool{}
	for _, how := range []method.OnlineDPO{{Scoring: scoring}, {Scoring: scoring, Every: 2}, {Scoring: scoring, DPO: method.DPO{Kind: method.IPO}}, {Scoring: scoring, Sampling: method.Sampling{MaxTokens: 3}}, {Scoring: method.Scoring{Reward: letters, NoEnd: 1}}} {
		if text := fmt.Sprintf("%s %+v", how.Name(), how); seen[text] || strings.Contains(text, "0x") {
			t.Errorf("%s", text)
		} else {
			seen[text] = true
		}
	}
}
