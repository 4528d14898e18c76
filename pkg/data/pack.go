package data

import (
	"cmp"
	"slices"
)

// Pack puts items of the given lengths into bins of the given length by best-fit decreasing (Ding et al.,
// arXiv:2404.10830): the longest first, each into the fullest bin that has room. It returns the indices in each bin.
// Items longer than a bin are left out; Encode refuses them before.
func Pack(lengths []int, length int) [][]int {
	order := make([]int, len(lengths))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lengths[b], lengths[a]) })
	var bins [][]int
	room := make([][]int, length+1) // bins by the room that is left
	for _, i := range order {
		n := lengths[i]
		if n > length {
			continue
		}
		bin := -1
		for r := n; r <= length; r++ {
			if len(room[r]) > 0 {
				bin = room[r][0]
				room[r] = room[r][1:]
				room[r-n] = append(room[r-n], bin)
				break
			}
		}
		if bin < 0 {
			bins = append(bins, nil)
			bin = len(bins) - 1
			room[length-n] = append(room[length-n], bin)
		}
		bins[bin] = append(bins[bin], i)
	}
	return bins
}
