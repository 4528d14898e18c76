package cpu

import "math"

// Mask says which values Dropout keeps: it is a function of these fields and of a value's index alone, so nothing needs to
// be stored for the backward pass.
type Mask struct {
	Rate  float64 // of the values that are dropped, at least 0 and below 1, to the nearest multiple of 2⁻³¹
	Seed  uint64
	Step  uint32 // of training
	Layer uint32 // among the dropouts of a model
}

// scale is what a value that is kept is multiplied by.
func (m Mask) scale() float32 { return float32(1 / (1 - m.Rate)) }

// threshold is the least half of a random word that keeps its value.
func (m Mask) threshold() int32 { return int32(min(math.Round(m.Rate*(1<<31)), 1<<31-1)) }

// twice is the threshold in both halves of a word, as kernels take it.
func (m Mask) twice() uintptr { return uintptr(uint64(m.threshold()) * (1<<32 + 1)) }

// maskValues is the number of values that sixteen blocks of random words decide on.
const maskValues = 64

// words are four random words for each of maskValues/4 blocks from number block on: word w of block b decides on value 16·w + b
// of the group.
func (m Mask) words(block uint64) [4]uint32 {
	return philox([4]uint32{uint32(block), uint32(block >> 32), m.Step, m.Layer}, [2]uint32{uint32(m.Seed), uint32(m.Seed >> 32)})
}

// philox is Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC'11, section 3.3).
func philox(c [4]uint32, key [2]uint32) [4]uint32 {
	for range 10 {
		first, second := uint64(c[0])*0xD2511F53, uint64(c[2])*0xCD9E8D57
		c = [4]uint32{uint32(second>>32) ^ c[1] ^ key[0], uint32(second), uint32(first>>32) ^ c[3] ^ key[1], uint32(first)}
		key[0] += 0x9E3779B9
		key[1] += 0xBB67AE85
	}
	return c
}

type dropoutTask struct {
	level Level
	y, x  []float32
	mask  Mask
}

func (t *dropoutTask) part(_ *worker, lo, hi int) {
	y, x := t.y[lo:hi], t.x[lo:hi]
	block := uint64(lo / maskValues * (maskValues / 4))
	scale, threshold := t.mask.scale(), t.mask.threshold()
	if n := len(y) / maskValues; n > 0 && t.level != Portable {
		kernel := dropoutAVX2
		if t.level == AVX512 {
			kernel = dropoutAVX512
		}
		kernel(&y[0], &x[0], uintptr(block), uintptr(t.mask.Step), uintptr(t.mask.Layer), uintptr(uint32(t.mask.Seed)), uintptr(t.mask.Seed>>32),
			t.mask.twice(), scale, uintptr(n))
		y, x, block = y[n*maskValues:], x[n*maskValues:], block+uint64(n*maskValues/4)
	}
	for len(y) > 0 {
		n := min(maskValues, len(y))
		for b := range maskValues / 4 {
			words := t.mask.words(block)
			block++
			for i := b; i < n; i += maskValues / 4 {
				keep := scale
				if int32(words[i/(maskValues/4)]>>1) < threshold {
					keep = 0
				}
				y[i] = x[i] * keep
			}
		}
		y, x = y[n:], x[n:]
	}
}

// Dropout does y = x/(1−rate) where the mask keeps a value, and x·0 elsewhere, over n values (Srivastava et al., JMLR 15,
// 2014, scaled in training so that nothing is scaled afterwards). With dy for x it is the backward pass. y may be x.
func (d *Device) Dropout(y, x []float32, n int, m Mask) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.dropout
	*t = dropoutTask{d.level, y[:n], x[:n], m}
	d.pool.run(t, n, elements)
	*t = dropoutTask{}
}
