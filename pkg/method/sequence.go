package method

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// SequenceLevel is distillation by text (Kim and Rush, arXiv:1606.07947, section 3.2): the teacher answers the prompts, and the
// student is fine-tuned on these answers. Text is all that passes from one to the other, so vocabularies may differ, and
// records need no answers. The paper searches for the teacher's most probable answer with a beam; here the teacher takes the
// most probable token each time, or draws where Write says so. What the teacher writes on held-out records is what
// Job.Eval is measured against.
type SequenceLevel struct {
	Teacher *model.Model
	Write   model.Generate // how the teacher writes; zero is greedy, up to 64 tokens
}

// Name is sequence-level.
func (SequenceLevel) Name() string { return "sequence-level" }

// String names every setting, the teacher by the hash of its weights.
func (s SequenceLevel) String() string {
	w := s.Write
	return fmt.Sprintf("at most %d tokens, temperature %g, top-k %d, top-p %g, seed %d, stop %q, %v, %s", w.MaxTokens, w.Temperature, w.TopK, w.TopP, w.Seed, w.Stop, w.Weights, taughtBy(s.Teacher))
}

// Examples lets the teacher answer and puts its answers through the student's chat template.
func (s SequenceLevel) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	written, err := Answered(ctx, s.Teacher, set, s.Write)
	if err != nil {
		return nil, err
	}
	return SFT{}.Examples(ctx, m, written, length)
}

// Loss is the cross-entropy over what the teacher wrote.
func (SequenceLevel) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	return graph.LinearCrossEntropy(out.Hidden, out.Head, targets, nil)
}

// Answered is the set with a model's answers in place of its own. Records whose answer did not come to an end, or is empty, are
// left out: to imitate them would be to learn where the limit was.
func Answered(ctx context.Context, m *model.Model, set data.Set, o model.Generate) (data.Set, error) {
	switch {
	case m == nil:
		return nil, fmt.Errorf("method: answered: %w", ErrNoTeacher)
	case m.Tokenizer == nil:
		return nil, errors.New("method: answered: the model has no tokenizer: put its tokenizer.json beside its weights")
	}
	prompts := make([][]int, len(set))
	for i, r := range set {
		if r.Prompt == "" {
			return nil, fmt.Errorf("method: answered: record %d: %w", i, data.ErrNoPrompt)
		}
		prompts[i] = m.Tokenizer.ChatPrompt(r.Prompt)
	}
	d, err := m.Decoder(ctx, o.Weights)
	if err != nil {
		return nil, fmt.Errorf("method: answered: %w", err)
	}
	said, err := d.ContinueIDs(ctx, prompts, o)
	if err != nil {
		return nil, fmt.Errorf("method: answered: %w", err)
	}
	var out data.Set
	for i, ids := range said {
		r := set[i]
		r.Answer = m.Tokenizer.Decode(ids)
		if n := len(ids); n > 0 && ids[n-1] == m.Tokenizer.EOS() && r.Answer != "" {
			out = append(out, r)
		}
	}
	if len(out) == 0 && len(set) > 0 {
		return nil, fmt.Errorf("method: answered: none of %d answers came to an end: raise MaxTokens, or fine-tune the model to answer first", len(set))
	}
	return out, nil
}

var _ Method = SequenceLevel{}
