package method

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Hidden matches the student's hidden states with the teacher's at the trained tokens: Weight times the mean over the pairs
// of mean((W·h − h_teacher)²) (TinyBERT, Jiao et al., arXiv:1909.10351, eq. 8), or with Cosine of 1 − cos(W·h, h_teacher)
// (DistilBERT, Sanh et al., arXiv:1910.01108, section 3). Where widths differ W is learned with the student and thrown
// away after, one for each pair; otherwise there is none. The zero value matches nothing.
type Hidden struct {
	Weight float64
	Cosine bool
	// Map pairs states of the student with states of the teacher: 0 is the embeddings, l what layer l gives. Nil pairs the
	// embeddings, and layer l of the student's S with layer l·N/S, rounded, of the teacher's N (TinyBERT, section 3.1).
	Map []Pair
}

// Pair is a state of the student and the state of the teacher that it should resemble.
type Pair struct{ Student, Teacher int }

// pairs is the map of states for a student and a teacher of so many layers.
func (h Hidden) pairs(student, teacher int) []Pair {
	if h.Map != nil {
		return h.Map
	}
	pairs := []Pair{{0, 0}}
	for l := 1; l <= student; l++ {
		pairs = append(pairs, Pair{l, int(math.Round(float64(l) * float64(teacher) / float64(student)))})
	}
	return pairs
}

func (h Hidden) check(student, teacher int) error {
	if !(h.Weight >= 0) || math.IsInf(h.Weight, 0) {
		return fmt.Errorf("field Hidden.Weight is %g: want a number that is not negative", h.Weight)
	}
	if h.Weight > 0 && h.Map != nil && len(h.Map) == 0 {
		return fmt.Errorf("field Hidden.Map is empty: leave it nil for all layers")
	}
	for i, p := range h.Map {
		if p.Student < 0 || p.Student > student || p.Teacher < 0 || p.Teacher > teacher {
			return fmt.Errorf("Hidden.Map pairs the student's state %d with the teacher's %d: want 0 (the embeddings) to %d and 0 to %d", p.Student, p.Teacher, student, teacher)
		}
		if slices.Contains(h.Map[:i], p) {
			return fmt.Errorf("Hidden.Map pairs the student's state %d with the teacher's %d twice", p.Student, p.Teacher)
		}
	}
	return nil
}

// projection names the layer of a pair.
func (p Pair) projection() string { return fmt.Sprintf("distill.%d.%d", p.Student, p.Teacher) }

// projections are the weights W (teacher's width, student's width), or nil.
func (h Hidden) projections(teacher *model.Model, r Run) (*nn.Params, error) {
	student := r.Model.Config
	if err := h.check(student.Layers, teacher.Config.Layers); err != nil {
		return nil, err
	}
	if h.Weight == 0 || student.Dim == teacher.Config.Dim {
		return nil, nil
	}
	rng := rand.New(rand.NewPCG(r.Seed, 0xd1571))
	p := &nn.Params{}
	for _, pair := range h.pairs(student.Layers, teacher.Config.Layers) {
		// A state keeps its size on the way.
		if err := p.Add(pair.projection()+".weight", nn.Normal(rng, 1/math.Sqrt(float64(student.Dim)), teacher.Config.Dim, student.Dim)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// loss is the mean over the pairs.
func (h Hidden) loss(out, t *model.Outputs, targets *graph.Node) *graph.Node {
	apart := graph.SquaredError
	if h.Cosine {
		apart = graph.CosineDistance
	}
	pairs := h.pairs(len(out.States)-1, len(t.States)-1)
	var sum *graph.Node
	for _, p := range pairs {
		x := out.States[p.Student] // (B·T, D)
		if out.Own != nil {
			x = out.Own.Linear(p.projection(), x) // (B·T, D of the teacher)
		}
		term := graph.MaskedMean(apart(x, t.States[p.Teacher]), targets)
		if sum != nil {
			term = graph.Add(sum, term)
		}
		sum = term
	}
	return graph.Scale(sum, 1/float64(len(pairs)))
}
