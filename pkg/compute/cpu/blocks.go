package cpu

// block is a part of a product that one worker computes: some rows of C, and some panels, counted through all its
// right-hand sides.
type block struct{ row, rows, panel, panels int }

const (
	// blockTiles is the least number of tiles of rows in a block, if there are as many: a panel serves all of them.
	blockTiles = 8
	// blockFloats is how much of A a block may take beyond that: a part of the second-level cache.
	blockFloats = 1 << 16
	// blockWork is the least number of multiply-adds in a block that is cut, in those of a tile on one block of the
	// depth: some ten microseconds, so that handing blocks out costs little.
	blockWork = 16
)

// divide cuts a product of so many rows, panels and depth into blocks of all panels, and the last of them across: into
// one part for each worker, and the very last into four, so that no worker waits long for another (after guided
// scheduling, Polychronopoulos and Kuck, 1987). Cut by rows they would read all of B for few rows.
func (d *Device) divide(rows, panels, depth int) []block {
	out := d.blocks[:0]
	if rows == 0 || panels == 0 {
		return out
	}
	tile, workers := d.level.rows(), d.Threads()
	tiles := (rows + tile - 1) / tile
	most := max(blockTiles, blockFloats/(tile*max(1, min(depth, depthReach))))
	count := (tiles + most - 1) / most
	across := 0 // blocks that are cut
	if workers > 1 {
		across = min(count, workers+count%workers)
	}
	for i := range count {
		from, to := tiles*i/count*tile, min(rows, tiles*(i+1)/count*tile)
		parts := 1
		if i >= count-across {
			parts = workers
			if i == count-1 {
				parts = 4 * workers
			}
			work := (to - from + tile - 1) / tile * panels * (1 + depth/depthBlock)
			parts = min(parts, panels, max(1, work/blockWork))
		}
		for part := range parts {
			p := panels * part / parts
			out = append(out, block{from, to - from, p, panels*(part+1)/parts - p})
		}
	}
	d.blocks = out
	return out
}
