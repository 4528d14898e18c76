package adapt

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/tunebook/tunebook/pkg/compute"
)

// PiSSA, Meng et al., arXiv:2404.02948, eq. 2 to 4: with W = U·S·Vᵀ, A and B begin as the largest r singular values and their
// vectors, s·B·A = U_r·S_r·V_rᵀ, and what stays frozen is the rest, W − s·B·A. So training moves the part of the weight that
// counts most, from the first step on, and starts at the base model up to rounding.

// principal fills A and B, and leaves in w what they do not hold.
func principal(w, down, up *compute.Tensor, scale float64) error {
	out, in, rank := w.Shape[0], w.Shape[1], down.Shape[0]
	wide := mat.NewDense(out, in, nil)
	for i, v := range w.Data {
		wide.RawMatrix().Data[i] = float64(v)
	}
	var svd mat.SVD
	if !svd.Factorize(wide, mat.SVDThin) {
		return errors.New("its singular values were not found: is there a weight that is not a finite number?")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	s := svd.Values(nil)
	for k := range rank {
		root := math.Sqrt(s[k] / scale)
		for o := range out {
			up.Data[o*rank+k] = float32(u.At(o, k) * root)
		}
		for i := range in {
			down.Data[k*in+i] = float32(v.At(i, k) * root)
		}
	}
	// From the rounded factors, so that the sum is the weight again.
	for o := range out {
		for i := range in {
			var sum float64
			for k := range rank {
				sum += float64(up.Data[o*rank+k]) * float64(down.Data[k*in+i])
			}
			w.Data[o*in+i] = float32(wide.At(o, i) - scale*sum)
		}
	}
	return nil
}
