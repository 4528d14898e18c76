package compute

// MaskedMean is the mean of the values whose label is not Ignore, 0 where none counts.
//
// In: x (N), labels (N) of integers. Out: y, a scalar.
type MaskedMean struct{ N int }

// MaskedMeanBack is its derivative: an equal share of dy for each value that counts, 0 for the others.
//
// In: dy, a scalar, labels (N) of integers. Out: dx (N).
type MaskedMeanBack struct{ N int }

// RowDistance is how far each row of x is from the same row of ref: mean((x − ref)²), or with Cosine 1 − x·ref/(|x|·|ref|),
// which is 1 where either is all zeros.
//
// In: x (Rows, Dim), ref (Rows, Dim). Out: y (Rows).
type RowDistance struct {
	Rows, Dim int
	Cosine    bool
}

// RowDistanceBack is its derivative by x; ref does not move.
//
// In: dy (Rows), x (Rows, Dim), ref (Rows, Dim). Out: dx (Rows, Dim).
type RowDistanceBack struct {
	Rows, Dim int
	Cosine    bool
}

func (MaskedMean) Name() string     { return "masked-mean" }
func (MaskedMeanBack) Name() string { return "masked-mean.dx" }

func (o RowDistance) Name() string {
	if o.Cosine {
		return "cosine-distance"
	}
	return "squared-error"
}

func (o RowDistanceBack) Name() string { return RowDistance(o).Name() + ".dx" }

func (o MaskedMean) Args() (out, in []Arg) {
	return []Arg{floats("y")}, []Arg{floats("x", o.N), ints("labels", o.N)}
}

func (o MaskedMeanBack) Args() (out, in []Arg) {
	return []Arg{floats("dx", o.N)}, []Arg{floats("dy"), ints("labels", o.N)}
}

func (o RowDistance) Args() (out, in []Arg) {
	return []Arg{floats("y", o.Rows)}, []Arg{floats("x", o.Rows, o.Dim), floats("ref", o.Rows, o.Dim)}
}

func (o RowDistanceBack) Args() (out, in []Arg) {
	_, in = RowDistance(o).Args()
	return []Arg{floats("dx", o.Rows, o.Dim)}, append([]Arg{floats("dy", o.Rows)}, in...)
}
