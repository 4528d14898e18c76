package method

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// Distill trains a student to give the probabilities that a teacher gives: the mean over the trained tokens of
//
//	Alpha·CE + (1−Alpha)·T²·D(teacher, student)
//
// with CE the cross-entropy of the labels and D a divergence between the two distributions of the next token, softened by the
// temperature T (Hinton et al., arXiv:1503.02531, section 2). Gradients of D shrink as 1/T², which T² makes good, for every
// kind of divergence. Teacher and student share a vocabulary; width and depth may differ. The teacher does not move.
type Distill struct {
	Teacher *model.Model

	Alpha       float64 // share of the labels, 0 to 1; at zero the teacher alone counts
	Temperature float64 // T, of both distributions; zero means 1

	// Divergence is graph.ForwardKL, which spreads the student over all that the teacher would say; graph.ReverseKL (MiniLLM,
	// Gu et al., arXiv:2306.08543, eq. 1), which lets it keep to a part; or graph.JensenShannon, between them (GKD, Agarwal et
	// al., arXiv:2306.13649, eq. 1).
	Divergence graph.DivergenceKind
	Beta       float64 // of JensenShannon, above 0 and below 1; zero means ½

	Hidden Hidden // what of the teacher's inner states is matched too; the zero value is nothing

	TrainOnPrompt bool // also learn what the teacher expects inside of prompts
}

// teacher is the name of the teacher among the models beside the student.
const teacher = "teacher"

// Mistakes that errors of distillation wrap.
var (
	ErrNoTeacher  = errors.New("field Teacher is nil: give it a model that knows the task, such as the Model of an earlier train.Result")
	ErrSameModel  = errors.New("the teacher is the model that trains, so there is nothing to learn from it: train a smaller model, or let a larger or better one teach")
	ErrVocabulary = errors.New("the teacher has another vocabulary than the student, so probabilities cannot be compared token by token: train the student with the teacher's tokenizer, or use method.SequenceLevel, where the teacher writes text, which works across vocabularies")
)

// Name is distill.
func (Distill) Name() string { return "distill" }

// String names every setting, the teacher by the hash of its weights.
func (d Distill) String() string {
	beta, temperature := d.divergence().Numbers()
	text := fmt.Sprintf("alpha %g, temperature %g, %v", d.Alpha, temperature, d.Divergence)
	if d.Divergence == graph.JensenShannon {
		text += fmt.Sprintf(" with beta %g", beta)
	}
	if d.Hidden.Weight != 0 {
		text += fmt.Sprintf(", hidden states %+v", d.Hidden)
	}
	if d.TrainOnPrompt {
		text += ", prompts too"
	}
	return text + ", " + taughtBy(d.Teacher)
}

func taughtBy(m *model.Model) string {
	if m == nil {
		return "no teacher"
	}
	return "teacher " + m.Hash()
}

// Examples puts each record through the chat template; the loss counts on answers and their ends.
func (d Distill) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return encode(ctx, m, set, data.EncodeOptions{TrainOnPrompt: d.TrainOnPrompt, MaxLength: length})
}

// Loss is the sum above. The teacher's outputs are out.Beside["teacher"].
func (d Distill) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	t := out.Beside[teacher]
	if t == nil {
		t = &model.Outputs{} // the graph's error names what is missing
	}
	_, temperature := d.divergence().Numbers()
	var loss *graph.Node
	add := func(term *graph.Node, weight float64) {
		if term = graph.Scale(term, weight); loss != nil {
			term = graph.Add(loss, term)
		}
		loss = term
	}
	if d.Alpha < 1 {
		apart := graph.LinearDivergence(out.Hidden, out.Head, t.Hidden, t.Head, d.divergence()) // (B·T)
		add(graph.MaskedMean(apart, targets), (1-d.Alpha)*temperature*temperature)
	}
	if d.Alpha > 0 {
		add(graph.LinearCrossEntropy(out.Hidden, out.Head, targets, nil), d.Alpha)
	}
	if d.Hidden.Weight > 0 {
		add(d.Hidden.loss(out, t, targets), d.Hidden.Weight)
	}
	return loss
}

func (d Distill) divergence() graph.Divergence {
	return graph.Divergence{Kind: d.Divergence, Beta: d.Beta, Temperature: d.Temperature}
}

// Auxiliary is the teacher, and projections where hidden states of another width are matched.
func (d Distill) Auxiliary(_ context.Context, r Run) (*Auxiliary, error) {
	if err := d.check(r); err != nil {
		return nil, fmt.Errorf("method: distill: %w", err)
	}
	params, err := d.Hidden.projections(d.Teacher, r)
	if err != nil {
		return nil, fmt.Errorf("method: distill: %w", err)
	}
	return &Auxiliary{Models: map[string]*model.Model{teacher: d.Teacher}, Params: params}, nil
}

func (d Distill) check(r Run) error {
	switch {
	case d.Teacher == nil:
		return ErrNoTeacher
	case !(d.Alpha >= 0 && d.Alpha <= 1):
		return fmt.Errorf("field Alpha is %g: want 0 (the teacher alone) to 1 (the labels alone)", d.Alpha)
	case !(d.Temperature >= 0) || math.IsInf(d.Temperature, 0):
		return fmt.Errorf("field Temperature is %g: want a number above 0, such as 2, or 0 for 1", d.Temperature)
	case d.Alpha == 1 && d.Hidden.Weight == 0:
		return errors.New("field Alpha is 1, so the teacher has no say: that is method.SFT; choose Alpha below 1")
	}
	if err := d.divergence().Check(); err != nil {
		return err
	}
	// A copy of the student's start as teacher holds it there while labels move it (learning without forgetting); without labels
	// nothing would move.
	if d.Teacher == r.Base || d.Teacher == r.Model || d.Alpha == 0 && d.Teacher.Hash() == r.Model.Hash() {
		return ErrSameModel
	}
	return sameVocabulary(d.Teacher, r.Model)
}

// sameVocabulary checks that an id means the same to both.
func sameVocabulary(teacher, student *model.Model) error {
	a, b := teacher.Tokenizer, student.Tokenizer
	switch {
	case a == nil:
		return errors.New("the teacher has no tokenizer, so nobody can tell whether its tokens are the student's: put its tokenizer.json beside its weights")
	case b == nil:
		return errors.New("the student has no tokenizer")
	}
	if a != b {
		for id := range max(a.Size(), b.Size()) {
			if id >= a.Size() || id >= b.Size() || a.Token(id) != b.Token(id) || a.IsSpecial(id) != b.IsSpecial(id) {
				return fmt.Errorf("token %d is %s to the teacher and %s to the student (%d and %d tokens): %w", id, named(a, id), named(b, id), a.Size(), b.Size(), ErrVocabulary)
			}
		}
	}
	if teacher.Config.Vocab != student.Config.Vocab {
		return fmt.Errorf("the tokens are the same, but the teacher's output layer has room for %d and the student's for %d: %w", teacher.Config.Vocab, student.Config.Vocab, ErrVocabulary)
	}
	return nil
}

// named is a token for an error.
func named(t *token.Tokenizer, id int) string {
	if id >= t.Size() {
		return "nothing"
	}
	return fmt.Sprintf("%q", t.Token(id))
}

var _ Assisted = Distill{}
