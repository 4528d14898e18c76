package compute

import "fmt"

// UnaryKind is a function of single values.
type UnaryKind int

// The functions of Unary. What they are used for stands at the functions of the same names in package graph.
const (
	Exp        UnaryKind = iota // e^x
	Log                         // ln x
	Sigmoid                     // 1/(1 + e^−x)
	LogSigmoid                  // ln(1/(1 + e^−x))
	Square                      // x²
	Log1mExp                    // ln(1 − e^x), for x below 0
	Positive                    // 1 where x is above 0, else 0; it has no derivative
	Clamp                       // x, not below A and not above B; the derivative is 1 from A to B and 0 beyond
	Shift                       // x + A
)

var unaryNames = [...]string{"exp", "log", "sigmoid", "log-sigmoid", "square", "log1mexp", "positive", "clamp", "shift"}

func (k UnaryKind) String() string {
	if k < 0 || int(k) >= len(unaryNames) {
		return fmt.Sprintf("UnaryKind(%d)", int(k))
	}
	return unaryNames[k]
}

// Unary is y = f(x), each value by itself, for vectors such as a loss has one value a token in.
//
// In: x (N). Out: y (N), which may be x.
type Unary struct {
	N    int
	Kind UnaryKind
	A, B float64 // of Clamp and Shift
}

// UnaryBack is its derivative: dy·f'(x).
//
// In: dy (N), x (N). Out: dx (N), which may be dy.
type UnaryBack struct {
	N    int
	Kind UnaryKind
	A, B float64
}

// BinaryKind is a function of two values.
type BinaryKind int

// The functions of Binary.
const (
	Sub BinaryKind = iota // a − b
	Mul                   // a·b
	Min                   // the smaller one; where both are the same it is a, as for the gradient
	Max                   // the larger one, likewise
)

var binaryNames = [...]string{"sub", "mul", "min", "max"}

func (k BinaryKind) String() string {
	if k < 0 || int(k) >= len(binaryNames) {
		return fmt.Sprintf("BinaryKind(%d)", int(k))
	}
	return binaryNames[k]
}

// Binary is y = f(a, b), value by value.
//
// In: a (N), b (N). Out: y (N), which may be a or b.
type Binary struct {
	N    int
	Kind BinaryKind
}

// BinaryBack is one side of its derivative, by a or with Second by b.
//
// In: dy (N), a (N), b (N). Out: da or db (N), which may be dy.
type BinaryBack struct {
	N      int
	Kind   BinaryKind
	Second bool
}

// SumBy sums the values of each group, in their order; a group without values is 0.
//
// In: x (N), groups (N) of integers, each below Groups, or Ignore. Out: y (Groups).
type SumBy struct{ N, Groups int }

// SumByBack is its derivative: the dy of each value's group, 0 where that is Ignore.
//
// In: dy (Groups), groups (N) of integers. Out: dx (N).
type SumByBack struct{ N, Groups int }

func (o Unary) Name() string     { return o.Kind.String() }
func (o UnaryBack) Name() string { return o.Kind.String() + ".dx" }
func (o Binary) Name() string    { return o.Kind.String() }
func (SumBy) Name() string       { return "sum-by" }
func (SumByBack) Name() string   { return "sum-by.dx" }

func (o BinaryBack) Name() string {
	if o.Second {
		return o.Kind.String() + ".db"
	}
	return o.Kind.String() + ".da"
}

func (o Unary) limits() error {
	if o.Kind == Clamp && !(o.A <= o.B) {
		return fmt.Errorf("bounds %g and %g: want the lower one first", o.A, o.B)
	}
	return known(o.Kind >= 0 && int(o.Kind) < len(unaryNames), o.Kind)
}

func (o UnaryBack) limits() error { return Unary(o).limits() }
func (o Binary) limits() error {
	return known(o.Kind >= 0 && int(o.Kind) < len(binaryNames), o.Kind)
}
func (o BinaryBack) limits() error { return Binary{Kind: o.Kind}.limits() }

func known(is bool, kind fmt.Stringer) error {
	if !is {
		return fmt.Errorf("there is no %s", kind)
	}
	return nil
}

func (o Unary) Args() (out, in []Arg)     { return elementwise(o.N) }
func (o UnaryBack) Args() (out, in []Arg) { return elementwiseBack(o.N) }

func (o Binary) Args() (out, in []Arg) {
	return []Arg{floats("y", o.N).over(0, 1)}, []Arg{floats("a", o.N), floats("b", o.N)}
}

func (o BinaryBack) Args() (out, in []Arg) {
	return []Arg{floats("dx", o.N).over(0)}, []Arg{floats("dy", o.N), floats("a", o.N), floats("b", o.N)}
}

func (o SumBy) Args() (out, in []Arg) {
	return []Arg{floats("y", o.Groups)}, []Arg{floats("x", o.N), ints("groups", o.N)}
}

func (o SumByBack) Args() (out, in []Arg) {
	return []Arg{floats("dx", o.N)}, []Arg{floats("dy", o.Groups), ints("groups", o.N)}
}
