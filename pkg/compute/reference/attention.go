package reference

import "math"

// RoPE turns value i of each head with value i+headDim/2 by position·base^(−2i/headDim) (arXiv:2104.09864, section
// 3.2.2). x and y are (rows, heads·headDim); inverse turns back.
func RoPE(y, x []float64, positions []int32, heads, headDim int, base float64, inverse bool) {
	rotate(y, x, positions, heads, headDim, inverse, func(position, i int) (sin, cos float64) {
		return math.Sincos(float64(position) * math.Pow(base, -2*float64(i)/float64(headDim)))
	})
}

// Rotate is RoPE by a table of cosines and sines, each (context, headDim/2).
func Rotate(y, x []float64, positions []int32, heads, headDim int, cos, sin []float64, inverse bool) {
	rotate(y, x, positions, heads, headDim, inverse, func(position, i int) (float64, float64) {
		return sin[position*(headDim/2)+i], cos[position*(headDim/2)+i]
	})
}

func rotate(y, x []float64, positions []int32, heads, headDim int, inverse bool, angle func(position, i int) (sin, cos float64)) {
	half := headDim / 2
	for r, position := range positions {
		for h := range heads {
			at := (r*heads + h) * headDim
			for i := range half {
				s, c := angle(int(position), i)
				if inverse {
					s = -s
				}
				a, b := x[at+i], x[at+half+i]
				y[at+i], y[at+half+i] = a*c-b*s, b*c+a*s
			}
		}
	}
}

// Shape names the sizes of causal self-attention; rows are Batch·Length.
type Shape struct{ Batch, Length, Heads, KVHeads, HeadDim int }

// probabilities calls visit for each row and query head with the softmax over the keys that it sees. The last prefix rows of
// the keys are seen by all.
func (s Shape) probabilities(q, k []float64, segments []int32, prefix int, visit func(row, head int, keys []int, p []float64)) {
	scale := 1 / math.Sqrt(float64(s.HeadDim))
	for b := range s.Batch {
		for i := range s.Length {
			row := b*s.Length + i
			for h := range s.Heads {
				var keys []int
				var p []float64
				see := func(key int) {
					var dot float64
					for c := range s.HeadDim {
						dot += q[(row*s.Heads+h)*s.HeadDim+c] * k[s.kv(key, h)+c]
					}
					keys, p = append(keys, key), append(p, dot*scale)
				}
				for j := range prefix {
					see(s.Batch*s.Length + j)
				}
				for j := i; j >= 0; j-- {
					key := b*s.Length + j
					if segments != nil && segments[key] != segments[row] {
						break
					}
					see(key)
				}
				softmax(p)
				visit(row, h, keys, p)
			}
		}
	}
}

// kv is where the key or value of a row for a query head starts.
func (s Shape) kv(row, head int) int {
	return (row*s.KVHeads + head/(s.Heads/s.KVHeads)) * s.HeadDim
}

func softmax(x []float64) {
	largest := math.Inf(-1)
	for _, v := range x {
		largest = math.Max(largest, v)
	}
	var sum float64
	for i, v := range x {
		x[i] = math.Exp(v - largest)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

// Attention is causal attention with grouped heads; segments as in cpu.Attention.
func Attention(o, q, k, v []float64, segments []int32, s Shape) {
	PrefixAttention(o, q, k, v, segments, s, 0)
}

// PrefixAttention is Attention where keys and values have prefix rows more, the last ones, which every row sees.
func PrefixAttention(o, q, k, v []float64, segments []int32, s Shape, prefix int) {
	clear(o)
	s.probabilities(q, k, segments, prefix, func(row, head int, keys []int, p []float64) {
		for n, key := range keys {
			for c := range s.HeadDim {
				o[(row*s.Heads+head)*s.HeadDim+c] += p[n] * v[s.kv(key, head)+c]
			}
		}
	})
}

// AttentionBackward gives dq, dk and dv.
func AttentionBackward(dq, dk, dv, do, q, k, v []float64, segments []int32, s Shape) {
	PrefixAttentionBackward(dq, dk, dv, do, q, k, v, segments, s, 0)
}

// PrefixAttentionBackward is AttentionBackward with prefix rows more in k, v, dk and dv.
func PrefixAttentionBackward(dq, dk, dv, do, q, k, v []float64, segments []int32, s Shape, prefix int) {
	clear(dq)
	clear(dk)
	clear(dv)
	scale := 1 / math.Sqrt(float64(s.HeadDim))
	s.probabilities(q, k, segments, prefix, func(row, head int, keys []int, p []float64) {
		at := (row*s.Heads + head) * s.HeadDim
		dp := make([]float64, len(p))
		var mean float64
		for n, key := range keys {
			for c := range s.HeadDim {
				dp[n] += do[at+c] * v[s.kv(key, head)+c]
				dv[s.kv(key, head)+c] += p[n] * do[at+c]
			}
			mean += p[n] * dp[n]
		}
		for n, key := range keys {
			ds := p[n] * (dp[n] - mean) * scale
			for c := range s.HeadDim {
				dq[at+c] += ds * k[s.kv(key, head)+c]
				dk[s.kv(key, head)+c] += ds * q[at+c]
			}
		}
	})
}
