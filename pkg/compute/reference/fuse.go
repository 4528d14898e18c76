package reference

import "github.com/tunebook/tunebook/pkg/compute"

// FuseWeights are softmaxₙ(q·kₙ) of each row, (rows, candidates); x is q, then k and v of each candidate.
func FuseWeights(x [][]float64, rows, dim int) []float64 {
	n := len(x) / 2
	p := make([]float64, rows*n)
	for r := range rows {
		for i := range n {
			for c := range dim {
				p[r*n+i] += x[0][r*dim+c] * x[1+2*i][r*dim+c]
			}
		}
		softmax(p[r*n : (r+1)*n])
	}
	return p
}

// Fuse is Σₙ softmaxₙ(q·kₙ)·vₙ for each row.
func Fuse(o []float64, x [][]float64, rows, dim int) {
	n := len(x) / 2
	p := FuseWeights(x, rows, dim)
	clear(o)
	for r := range rows {
		for i := range n {
			for c := range dim {
				o[r*dim+c] += p[r*n+i] * x[2+2*i][r*dim+c]
			}
		}
	}
}

// FuseBackward gives dq, then dk and dv of each candidate.
func FuseBackward(dx [][]float64, do []float64, x [][]float64, rows, dim int) {
	n := len(x) / 2
	p := FuseWeights(x, rows, dim)
	clear(dx[0])
	for r := range rows {
		dp, mean := make([]float64, n), 0.0
		for i := range n {
			for c := range dim {
				dp[i] += do[r*dim+c] * x[2+2*i][r*dim+c]
				dx[2+2*i][r*dim+c] = p[r*n+i] * do[r*dim+c]
			}
			mean += p[r*n+i] * dp[i]
		}
		for i := range n {
			ds := p[r*n+i] * (dp[i] - mean)
			for c := range dim {
				dx[0][r*dim+c] += ds * x[1+2*i][r*dim+c]
				dx[1+2*i][r*dim+c] = ds * x[0][r*dim+c]
			}
		}
	}
}

func fuse(op compute.Op, out, x [][]float64) bool {
	switch op := op.(type) {
	case compute.Fuse:
		Fuse(out[0], x, op.Rows, op.Dim)
	case compute.FuseBack:
		FuseBackward(out, x[0], x[1:], op.Rows, op.Dim)
	default:
		return false
	}
	return true
}
