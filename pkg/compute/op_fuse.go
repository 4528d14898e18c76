package compute

// Fuse is attention of each row over Count candidates: o = Σₙ softmaxₙ(q·kₙ)·vₙ (Pfeiffer et al., arXiv:2005.00247, section
// 3.2, where the candidates are the outputs of adapters). Scores are not divided.
//
// In: q (Rows, Dim), then k and v (Rows, Dim) of each candidate in turn. Out: o (Rows, Dim).
type Fuse struct{ Rows, Dim, Count int }

// FuseBack is its derivative, which computes the probabilities once more.
//
// In: do (Rows, Dim), and those of Fuse. Out: dq (Rows, Dim), then dk and dv (Rows, Dim) of each candidate in turn.
type FuseBack struct{ Rows, Dim, Count int }

func (Fuse) Name() string     { return "fuse" }
func (FuseBack) Name() string { return "fuse.back" }

func (o Fuse) Args() (out, in []Arg) {
	in = []Arg{floats("q", o.Rows, o.Dim)}
	for range o.Count {
		in = append(in, floats("k", o.Rows, o.Dim), floats("v", o.Rows, o.Dim))
	}
	return []Arg{floats("o", o.Rows, o.Dim)}, in
}

func (o FuseBack) Args() (out, in []Arg) {
	_, in = Fuse(o).Args()
	for _, a := range in {
		out = append(out, floats("d"+a.Name, a.Shape...))
	}
	return out, append([]Arg{floats("do", o.Rows, o.Dim)}, in...)
}
