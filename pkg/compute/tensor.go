package compute

import (
	"fmt"
	"strings"
)

// Tensor is a dense, row-major array of float32. A scalar has an empty Shape and one element.
type Tensor struct {
	Shape []int
	Data  []float32
}

// New returns a tensor of zeros. It panics on a negative dimension, which is a programmer's error.
func New(shape ...int) *Tensor {
	return &Tensor{Shape: append([]int(nil), shape...), Data: Floats(size(shape))}
}

// From wraps data without copying it. It fails when the shape does not have exactly len(data) elements.
func From(data []float32, shape ...int) (*Tensor, error) {
	for _, d := range shape {
		if d < 0 {
			return nil, fmt.Errorf("compute: shape %v has a negative dimension", shape)
		}
	}
	if n := size(shape); n != len(data) {
		return nil, fmt.Errorf("compute: shape %v needs %d values, the data has %d", shape, n, len(data))
	}
	return &Tensor{Shape: append([]int(nil), shape...), Data: data}, nil
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 {
			panic(fmt.Sprintf("compute: shape %v has a negative dimension", shape))
		}
		n *= d
	}
	return n
}

// Len is the number of elements.
func (t *Tensor) Len() int { return len(t.Data) }

// Bytes is the size of the elements in memory.
func (t *Tensor) Bytes() int { return 4 * len(t.Data) }

// Clone returns a copy that shares nothing with t.
func (t *Tensor) Clone() *Tensor {
	data := Floats(len(t.Data))
	copy(data, t.Data)
	return &Tensor{Shape: append([]int(nil), t.Shape...), Data: data}
}

// Row is row i of the tensor seen as a matrix (Len/last, last), sharing its memory.
func (t *Tensor) Row(i int) []float32 {
	if len(t.Shape) == 0 {
		return t.Data
	}
	width := t.Shape[len(t.Shape)-1]
	return t.Data[i*width : (i+1)*width : (i+1)*width]
}

// String shows the shape and the first few values: float32[2 3] 0.1 0.2 0.3 ….
func (t *Tensor) String() string {
	const most = 6
	var b strings.Builder
	fmt.Fprintf(&b, "float32%v", t.Shape)
	for i, v := range t.Data {
		if i == most {
			b.WriteString(" …")
			break
		}
		fmt.Fprintf(&b, " %.4g", v)
	}
	return b.String()
}
