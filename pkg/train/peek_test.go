package train_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/train"
)

// Peek is shown the weights as they stand, at every so many steps and at the end, and the run does not notice.
func TestPeek(t *testing.T) {
	ctx, j := context.Background(), job(t)
	j.Steps, j.EvalEvery, j.Schedule = 7, 2, optim.Constant{} // the other schedules end at a rate of zero
	plain, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	for every, want := range map[int][]int{0: {2, 4, 6, 7}, 3: {3, 6, 7}, 7: {7}, 9: {7}} {
		var steps []int
		var hashes []string
		p := j
		p.PeekEvery = every
		p.Peek = func(step int, m *model.Model) {
			steps, hashes = append(steps, step), append(hashes, m.Hash())
			if _, err := m.Answer(ctx, "What does Mara do?", model.Generate{MaxTokens: 2}); err != nil {
				t.Error(err)
			}
		}
		r, err := train.Run(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(steps, want) {
			t.Errorf("every %d: shown after steps %v, want %v", every, steps, want)
		}
		if hashes[len(hashes)-1] != r.Model.Hash() || r.Model.Hash() != plain.Model.Hash() {
			t.Errorf("every %d: the last look is not the result, or the result another one than without looking", every)
		}
		if slices.Sort(hashes); len(slices.Compact(hashes)) != len(steps) {
			t.Errorf("every %d: two looks saw the same weights", every)
		}
	}
	j.PeekEvery = -1
	if _, err := train.Run(ctx, j); err == nil || !strings.Contains(err.Error(), "PeekEvery -1") {
		t.Error(err)
	}
}
