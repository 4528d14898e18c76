package cpu

// cuts are the first rows of consecutive ranges, and the end of the last.
type cuts []int32

func (c cuts) count() int { return len(c) - 1 }

// rows are those of ranges from to to.
func (c cuts) rows(from, to int) (lo, hi int) { return int(c[from]), int(c[to]) }

// cutTiles is the number of tiles in the longest range: the rows of A then stay in the cache while panel after panel is
// multiplied with them.
const cutTiles = 8

// cut divides rows into ranges of whole tiles that get shorter towards the end, as guided scheduling does (Polychronopoulos
// and Kuck, 1987): long ones read B less often, and with short ones at the end no worker waits long for another.
func (d *Device) cut(rows int) cuts {
	tile, workers := d.level.rows(), d.Threads()
	out := append(d.cuts[:0], 0)
	for lo := 0; lo < rows; {
		left := (rows - lo + tile - 1) / tile
		n := min(max(1, (left+2*workers-1)/(2*workers)), cutTiles)
		if workers == 1 {
			n = cutTiles
		}
		lo = min(rows, lo+n*tile)
		out = append(out, int32(lo))
	}
	d.cuts = out
	return out
}
