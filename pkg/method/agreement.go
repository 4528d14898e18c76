package method

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
)

// Agreement is how near a student is to its teacher on some records, at the tokens of the answers and their ends.
type Agreement struct {
	Positions int
	Same      int     // positions whose most probable token is the same to both
	KL        float64 // mean KL(teacher‖student) at temperature 1, nats per token
}

// Share is Same of Positions, 0 to 1.
func (a Agreement) Share() float64 {
	if a.Positions == 0 {
		return 0
	}
	return float64(a.Same) / float64(a.Positions)
}

// String is the agreement in one line.
func (a Agreement) String() string {
	return fmt.Sprintf("the same first choice at %d of %d tokens (%.1f%%), KL %.3f nats per token", a.Same, a.Positions, 100*a.Share(), a.KL)
}

// Agree compares two models of one vocabulary on the answers of a set: what Hinton et al., arXiv:1503.02531, want the student to
// learn, whether the teacher is right or not.
func Agree(ctx context.Context, student, teacher *model.Model, set data.Set) (Agreement, error) {
	var a Agreement
	switch {
	case student == nil || teacher == nil:
		return a, errors.New("method: agree: a model is nil: give it a student and a teacher")
	case len(set) == 0:
		return a, errors.New("method: agree: the set is empty: give it records with answers")
	}
	if err := sameVocabulary(teacher, student); err != nil {
		return a, fmt.Errorf("method: agree: %w", err)
	}
	examples, err := SFT{}.Examples(ctx, student, set, min(student.Config.Context, teacher.Config.Context))
	if err != nil {
		return a, fmt.Errorf("method: agree: %w", err)
	}
	for _, e := range examples {
		q, err := student.Logits(ctx, e.IDs)
		if err != nil {
			return a, fmt.Errorf("method: agree: %w", err)
		}
		p, err := teacher.Logits(ctx, e.IDs)
		if err != nil {
			return a, fmt.Errorf("method: agree: %w", err)
		}
		for i, label := range e.Labels {
			if label == data.Ignore {
				continue
			}
			same, apart := compare(p.Row(i), q.Row(i))
			a.Positions++
			a.KL += (apart - a.KL) / float64(a.Positions)
			if same {
				a.Same++
			}
		}
	}
	return a, nil
}

// compare says whether the first of the largest logits is the same, and KL(p‖q).
func compare(p, q []float32) (same bool, kl float64) {
	i, logP := normalizer(p)
	j, logQ := normalizer(q)
	for k := range p {
		u := float64(p[k]) - logP
		kl += math.Exp(u) * (u - float64(q[k]) + logQ)
	}
	return i == j, kl
}

// normalizer is the first of the largest logits, and log Σ exp of all.
func normalizer(x []float32) (top int, log float64) {
	for i, v := range x {
		if v > x[top] {
			top = i
		}
	}
	for _, v := range x {
		log += math.Exp(float64(v) - float64(x[top]))
	}
	return top, math.Log(log) + float64(x[top])
}
