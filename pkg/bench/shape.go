package bench

import "fmt"

// Shape is one product of a linear layer.
type Shape struct {
	Kind          string // NT, NN or TN
	Rows, In, Out int
}

// Shapes are the products of small models: batch × length rows of 1024 tokens, both narrow and wide layers.
func Shapes() []Shape {
	var out []Shape
	for _, kind := range []string{"NT", "NN", "TN"} {
		for _, in := range []int{128, 256, 512} {
			for _, to := range []int{128, 352, 512, 1024, 2048} {
				out = append(out, Shape{kind, 1024, in, to})
			}
		}
	}
	return out
}

// String is the shape's name, such as "NT 1024x128x352": rows, inputs, outputs.
func (s Shape) String() string { return fmt.Sprintf("%s %dx%dx%d", s.Kind, s.Rows, s.In, s.Out) }

// sizes are the M, N and K of C (M × N) = A (M × K) · B (K × N).
func (s Shape) sizes() (m, n, k int) {
	switch s.Kind {
	case "NN":
		return s.Rows, s.In, s.Out
	case "TN":
		return s.Out, s.In, s.Rows
	}
	return s.Rows, s.Out, s.In
}

// FLOPs of the product.
func (s Shape) FLOPs() float64 { return 2 * float64(s.Rows) * float64(s.In) * float64(s.Out) }

// Bytes of the three matrices.
func (s Shape) Bytes() int { return 4 * (s.Rows*s.In + s.In*s.Out + s.Rows*s.Out) }

func (s Shape) check() error {
	if s.Kind != "NT" && s.Kind != "NN" && s.Kind != "TN" {
		return fmt.Errorf("bench: shape %v: kind is %q, want NT, NN or TN", s, s.Kind)
	}
	if s.Rows < 1 || s.In < 1 || s.Out < 1 {
		return fmt.Errorf("bench: shape %v: every size must be at least 1", s)
	}
	return nil
}
