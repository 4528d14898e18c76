package graph

// Add is a + b, elementwise on equal shapes.
func Add(a, b *Node) *Node { return apply(addOp{}, a, b) }

type addOp struct{}

func (addOp) Name() string                    { return "add" }
func (addOp) Shape(in []*Node) ([]int, error) { return equalShapes(in) }
func (addOp) Reference(out []float64, in []Value) {
	for i := range out {
		out[i] = in[0].Floats[i] + in[1].Floats[i]
	}
}
func (addOp) Backward(_ []*Node, _, grad *Node) []*Node { return []*Node{grad, grad} }
func (addOp) Overwrites(int) [][2]int                   { return [][2]int{{0, 0}, {0, 1}} }
func (addOp) Bind(b *Binding) func() {
	return func() { b.Device.Add(b.Out, b.In[0].Floats, b.In[1].Floats, len(b.Out)) }
}

// Scale is factor·x.
func Scale(x *Node, factor float64) *Node { return apply(scaleOp{factor}, x) }

type scaleOp struct{ factor float64 }

func (scaleOp) Name() string                    { return "scale" }
func (scaleOp) Shape(in []*Node) ([]int, error) { return in[0].shape, nil }
func (o scaleOp) Reference(out []float64, in []Value) {
	for i, v := range in[0].Floats {
		out[i] = o.factor * v
	}
}
func (o scaleOp) Backward(_ []*Node, _, grad *Node) []*Node { return []*Node{Scale(grad, o.factor)} }
func (scaleOp) Overwrites(int) [][2]int                     { return [][2]int{{0, 0}} }
func (o scaleOp) Bind(b *Binding) func() {
	return func() { b.Device.Blend(b.Out, b.In[0].Floats, 0, float32(o.factor), len(b.Out)) }
}

// Mean is the mean of all values, a scalar.
func Mean(x *Node) *Node { return apply(meanOp{}, x) }

type meanOp struct{}

func (meanOp) Name() string                 { return "mean" }
func (meanOp) Shape([]*Node) ([]int, error) { return nil, nil }
func (meanOp) Reference(out []float64, in []Value) {
	out[0] = 0
	for _, v := range in[0].Floats {
		out[0] += v
	}
	out[0] /= float64(len(in[0].Floats))
}
func (meanOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(&spreadOp{shape: in[0].shape}, grad)}
}
func (meanOp) Bind(b *Binding) func() {
	x := b.In[0].Floats
	return func() { b.Out[0] = float32(b.Device.Sum(x, len(x)) / float64(len(x))) }
}

// spreadOp gives every value of a shape an equal share of a scalar.
type spreadOp struct {
	noSecond
	shape []int
}

func (*spreadOp) Name() string                   { return "mean.dx" }
func (o *spreadOp) Shape([]*Node) ([]int, error) { return o.shape, nil }
func (*spreadOp) Reference(out []float64, in []Value) {
	for i := range out {
		out[i] = in[0].Floats[0] / float64(len(out))
	}
}
func (*spreadOp) Bind(b *Binding) func() {
	return func() { b.Device.Fill(b.Out, b.In[0].Floats[0]/float32(len(b.Out)), len(b.Out)) }
}
