package reference

// Dropout does y = x/(1−rate) or 0, value by value. Value i is kept unless its random word, halved, is below rate·2³¹: word
// ⌊i mod 64 / 16⌋ of Philox block 16·⌊i/64⌋ + i mod 16, the counter being the block's number (two words), step and layer.
func Dropout(y, x []float64, seed uint64, step, layer uint32, rate float64) {
	for i, v := range x {
		block := uint64(i)/64*16 + uint64(i)%16
		words := Philox([4]uint32{uint32(block), uint32(block >> 32), step, layer}, [2]uint32{uint32(seed), uint32(seed >> 32)})
		y[i] = 0
		if float64(words[i%64/16]>>1) >= rate*(1<<31) {
			y[i] = v / (1 - rate)
		}
	}
}

// Philox is Philox4x32-10 (Salmon et al., SC'11, section 3.3): four random words for each counter and key.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	high := func(a, b uint32) uint32 { return uint32(uint64(a) * uint64(b) >> 32) }
	const m0, m1 = 0xD2511F53, 0xCD9E8D57
	l0, r0, l1, r1 := counter[0], counter[1], counter[2], counter[3]
	for round := range uint32(10) {
		k0, k1 := key[0]+round*0x9E3779B9, key[1]+round*0xBB67AE85
		l0, r0, l1, r1 = high(m1, l1)^r0^k0, m1*l1, high(m0, l0)^r1^k1, m0*l0
	}
	return [4]uint32{l0, r0, l1, r1}
}
