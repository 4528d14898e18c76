package compute

import "math"

// nf4Middle are the values halfway between neighbours of NF4: below the first is code 0, and so on.
var nf4Middle = func() (m [15]float32) {
	for i := range m {
		m[i] = (NF4[i] + NF4[i+1]) / 2
	}
	return m
}()

// QuantizeNF4 gives the codes and scales of a weight for LinearNF4: the scale of a block is its largest value, whatever its
// sign, and each value becomes the number of NF4 that is nearest to it over the scale (arXiv:2305.14314, eq. 1 and section 3).
func QuantizeNF4(w []float32) (codes []int32, scales []float32) {
	codes, scales = make([]int32, (len(w)+7)/8), make([]float32, (len(w)+NF4Block-1)/NF4Block)
	for i := range scales {
		block := w[i*NF4Block : min((i+1)*NF4Block, len(w))]
		largest := float32(0)
		for _, v := range block {
			largest = max(largest, float32(math.Abs(float64(v))))
		}
		scales[i] = largest
		for k, v := range block {
			code := int32(7) // zero
			if largest > 0 {
				code = nearestNF4(v / largest)
			}
			at := i*NF4Block + k
			codes[at/8] |= code << (4 * (at % 8))
		}
	}
	return codes, scales
}

// nearestNF4 is the code of the number that is nearest to a value from −1 to 1.
func nearestNF4(v float32) int32 {
	lo, hi := 0, len(nf4Middle)
	for lo < hi {
		if at := (lo + hi) / 2; v > nf4Middle[at] {
			lo = at + 1
		} else {
			hi = at
		}
	}
	return int32(lo)
}

// DequantizeNF4 writes the values from number from on that codes and scales stand for, as many as w holds.
func DequantizeNF4(w []float32, codes []int32, scales []float32, from int) {
	for i := 0; i < len(w); {
		at := from + i
		end := min(len(w), i+NF4Block-at%NF4Block)
		s := scales[at/NF4Block]
		var table [16]float32
		for k, v := range NF4 {
			table[k] = v * s
		}
		for ; i < end && (from+i)%8 != 0; i++ {
			w[i] = table[uint32(codes[(from+i)/8])>>(4*((from+i)%8))&15]
		}
		for ; i+8 <= end; i += 8 {
			c, to := uint32(codes[(from+i)/8]), w[i:i+8:i+8]
			to[0], to[1], to[2], to[3] = table[c&15], table[c>>4&15], table[c>>8&15], table[c>>12&15]
			to[4], to[5], to[6], to[7] = table[c>>16&15], table[c>>20&15], table[c>>24&15], table[c>>28]
		}
		for ; i < end; i++ {
			w[i] = table[uint32(codes[(from+i)/8])>>(4*((from+i)%8))&15]
		}
	}
}
