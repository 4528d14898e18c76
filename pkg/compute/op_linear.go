package compute

// Linear is a product with a weight: y = x·wᵀ + bias + to.
//
// In: x (Rows, In), w (Out, In), with Bias bias (Out), with Add to (Rows, Out). Out: y (Rows, Out), which may be to.
//
// With BF16, here and in the gradients, both sides of the product are rounded to bfloat16, to the nearest and ties to even,
// values below the normal ones to zero. Sums and what is added are float32.
type Linear struct {
	Rows, In, Out int
	Bias          bool
	Add           bool // as where a skip connection goes around
	BF16          bool
}

// LinearInput is the gradient of a Linear's input: dx = dy·w + to.
//
// In: dy (Rows, Out), w (Out, In), with Add to (Rows, In). Out: dx (Rows, In), which may be to.
type LinearInput struct {
	Rows, In, Out int
	Add           bool // as where x has other readers
	BF16          bool
}

// LinearWeight is the gradient of a Linear's weight: dw = dyᵀ·x.
//
// In: dy (Rows, Out), x (Rows, In). Out: dw (Out, In).
type LinearWeight struct {
	Rows, In, Out int
	BF16          bool
}

// LinearBias is the gradient of a Linear's bias: the sums of the columns of dy.
//
// In: dy (Rows, Out). Out: dbias (Out).
type LinearBias struct{ Rows, Out int }

// Embedding looks up rows: row r of y is row ids[r] of the table. With More, ids from Vocab on are rows of a second table.
//
// In: table (Vocab, Dim), ids (Rows) of integers from 0 to Vocab+More−1, with More more (More, Dim). Out: y (Rows, Dim).
type Embedding struct {
	Rows, Dim, Vocab int
	More             int // rows of the second table
}

// EmbeddingBack is the gradient of an Embedding's table: each row of dy is added to the row that it came from, onto zeros or
// to. Row i of the table belongs to id From+i; ids of other tables are passed over.
//
// In: dy (Rows, Dim), ids (Rows), with Add to (Vocab, Dim). Out: dtable (Vocab, Dim), which may be to.
type EmbeddingBack struct {
	Rows, Dim, Vocab int
	From             int
	Add              bool // as where a head has the same weight
}

func (Linear) Name() string        { return "linear" }
func (LinearInput) Name() string   { return "linear.dx" }
func (LinearWeight) Name() string  { return "linear.dw" }
func (LinearBias) Name() string    { return "linear.dbias" }
func (Embedding) Name() string     { return "embedding" }
func (EmbeddingBack) Name() string { return "embedding.dtable" }

func (o Linear) Args() (out, in []Arg) {
	in = []Arg{floats("x", o.Rows, o.In), floats("w", o.Out, o.In)}
	in = append(in, floats("bias", o.Out).when(o.Bias)...)
	in = append(in, floats("to", o.Rows, o.Out).when(o.Add)...)
	return []Arg{floats("y", o.Rows, o.Out).sum(o.Add, in)}, in
}

func (o LinearInput) Args() (out, in []Arg) {
	in = []Arg{floats("dy", o.Rows, o.Out), floats("w", o.Out, o.In)}
	in = append(in, floats("to", o.Rows, o.In).when(o.Add)...)
	return []Arg{floats("dx", o.Rows, o.In).sum(o.Add, in)}, in
}

func (o LinearWeight) Args() (out, in []Arg) {
	return []Arg{floats("dw", o.Out, o.In)}, []Arg{floats("dy", o.Rows, o.Out), floats("x", o.Rows, o.In)}
}

func (o LinearBias) Args() (out, in []Arg) {
	return []Arg{floats("dbias", o.Out)}, []Arg{floats("dy", o.Rows, o.Out)}
}

func (o Embedding) Args() (out, in []Arg) {
	in = []Arg{floats("table", o.Vocab, o.Dim), ints("ids", o.Rows)}
	return []Arg{floats("y", o.Rows, o.Dim)}, append(in, floats("more", o.More, o.Dim).when(o.More > 0)...)
}

func (o EmbeddingBack) Args() (out, in []Arg) {
	in = []Arg{floats("dy", o.Rows, o.Dim), ints("ids", o.Rows)}
	in = append(in, floats("to", o.Vocab, o.Dim).when(o.Add)...)
	return []Arg{floats("dtable", o.Vocab, o.Dim).sum(o.Add, in)}, in
}
