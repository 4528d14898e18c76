package graph

import (
	"cmp"
	"math"
	"slices"
)

// cell is a step in a drawing, or a bend: the place where an edge goes past a layer.
type cell struct {
	step     int // in Plan.Steps; −1 for a bend
	layer    int
	x, width float64 // of its middle, and how much room it takes
	order    float64 // where it wants to stand
	up, down []*cell
}

// drawing is a plan in layers, in the way of Sugiyama, Tagawa and Toda (1981): a step stands below all that it reads,
// edges over several layers get bends, and layers are ordered so that few edges cross.
type drawing struct {
	layers [][]*cell
	edges  [][]*cell // from a step over bends to its reader
	width  float64
}

// Sizes of a drawing in pixels.
const (
	nodeWidth, nodeHeight = 172., 48.
	between, below        = 16., 28. // free room beside and under a step
	bendWidth             = 8.
)

// How often all layers are ordered and placed; more change nothing that one sees.
const sweeps, settlings = 12, 60

func arrange(p Plan) *drawing {
	d := &drawing{}
	steps := map[string]*cell{}
	put := func(c *cell) *cell {
		for len(d.layers) <= c.layer {
			d.layers = append(d.layers, nil)
		}
		d.layers[c.layer] = append(d.layers[c.layer], c)
		return c
	}
	for i, s := range p.Steps {
		c := &cell{step: i, width: nodeWidth}
		for _, name := range s.Inputs {
			if in := steps[name]; in != nil {
				c.layer = max(c.layer, in.layer+1)
			}
		}
		for _, name := range s.Inputs {
			at := steps[name]
			if at == nil {
				continue // an input or a parameter
			}
			edge := []*cell{at}
			for at.layer+1 < c.layer {
				bend := put(&cell{step: -1, layer: at.layer + 1, width: bendWidth, up: []*cell{at}})
				at.down = append(at.down, bend)
				at, edge = bend, append(edge, bend)
			}
			at.down, c.up = append(at.down, c), append(c.up, at)
			d.edges = append(d.edges, append(edge, c))
		}
		steps[s.Name] = put(c)
	}
	d.sort()
	d.place()
	return d
}

// sort orders every layer by the middle of the neighbours, down and up in turn, and keeps the order with the fewest
// crossings.
func (d *drawing) sort() {
	d.number()
	best, fewest := d.snapshot(), d.crossings()
	for sweep := range sweeps {
		for k := range d.layers {
			neighbours := func(c *cell) []*cell { return c.up }
			if sweep%2 == 1 {
				k = len(d.layers) - 1 - k
				neighbours = func(c *cell) []*cell { return c.down }
			}
			for i, c := range d.layers[k] {
				c.order = mean(neighbours(c), float64(i))
			}
			slices.SortStableFunc(d.layers[k], func(a, b *cell) int { return cmp.Compare(a.order, b.order) })
			for i, c := range d.layers[k] {
				c.x = float64(i)
			}
		}
		if n := d.crossings(); n < fewest {
			best, fewest = d.snapshot(), n
		}
	}
	d.layers = best
	d.number()
}

// number makes the place in a layer the x of its cells.
func (d *drawing) number() {
	for _, layer := range d.layers {
		for i, c := range layer {
			c.x = float64(i)
		}
	}
}

func (d *drawing) snapshot() [][]*cell {
	out := make([][]*cell, len(d.layers))
	for i, layer := range d.layers {
		out[i] = slices.Clone(layer)
	}
	return out
}

func mean(of []*cell, without float64) float64 {
	if len(of) == 0 {
		return without
	}
	var sum float64
	for _, c := range of {
		sum += c.x
	}
	return sum / float64(len(of))
}

// crossings counts pairs of lines between neighbouring layers that cross.
func (d *drawing) crossings() int {
	n := 0
	for _, layer := range d.layers {
		var lines [][2]float64
		for _, c := range layer {
			for _, to := range c.down {
				lines = append(lines, [2]float64{c.x, to.x})
			}
		}
		for i, a := range lines {
			for _, b := range lines[:i] {
				if (a[0]-b[0])*(a[1]-b[1]) < 0 {
					n++
				}
			}
		}
	}
	return n
}

// place makes the lines short and straight: it lowers the sum of weight·(x − x′)² over all pieces of edges, layer by
// layer, within what the order and the room that each cell takes allow.
func (d *drawing) place() {
	for _, layer := range d.layers {
		settle(layer, func(*cell) (sum, weight float64) { return 0, 1 })
	}
	for sweep := range settlings {
		for k := range d.layers {
			if sweep%2 == 1 {
				k = len(d.layers) - 1 - k
			}
			settle(d.layers[k], pull)
		}
	}
	d.straighten()
	left, right := math.Inf(1), math.Inf(-1)
	for _, layer := range d.layers {
		for _, c := range layer {
			left, right = min(left, c.x-c.width/2), max(right, c.x+c.width/2)
		}
	}
	for _, layer := range d.layers {
		for _, c := range layer {
			c.x -= left
		}
	}
	d.width = right - left
}

// pull is where the neighbours want c, times how much, and how much. Long edges should be straight, so their pieces
// pull the most (Gansner et al., A technique for drawing directed graphs, 1993, section 4).
func pull(c *cell) (sum, weight float64) {
	for _, side := range [][]*cell{c.up, c.down} {
		for _, n := range side {
			w := 1.
			switch {
			case c.step < 0 && n.step < 0:
				w = 8
			case c.step < 0 || n.step < 0:
				w = 0.5
			}
			sum, weight = sum+w*n.x, weight+w
		}
	}
	if weight == 0 {
		return c.x, 1
	}
	return sum, weight
}

// straighten puts the bends of an edge below each other where their neighbours leave the room.
func (d *drawing) straighten() {
	at := map[*cell]int{}
	for _, layer := range d.layers {
		for i, c := range layer {
			at[c] = i
		}
	}
	for range 4 { // a line that has moved makes room for others
		for _, edge := range d.edges {
			bends := edge[1 : len(edge)-1]
			if len(bends) == 0 {
				continue
			}
			low, high := math.Inf(-1), math.Inf(1)
			for _, c := range bends {
				layer, i := d.layers[c.layer], at[c]
				if i > 0 {
					low = max(low, layer[i-1].x+apart(layer[i-1], c))
				}
				if i+1 < len(layer) {
					high = min(high, layer[i+1].x-apart(c, layer[i+1]))
				}
			}
			if low <= high {
				x := max(low, min(high, mean(bends, 0)))
				for _, c := range bends {
					c.x = x
				}
			}
		}
	}
}

// apart is how far the middles of two neighbours in a layer are from each other at least.
func apart(a, b *cell) float64 { return (a.width+b.width)/2 + between }

// settle finds the places nearest to the wanted ones, in weighted squares, at which no two cells of a layer overlap:
// isotonic regression by pooling neighbours that are in each other's way (Ayer et al., 1955).
func settle(layer []*cell, want func(*cell) (sum, weight float64)) {
	type pool struct {
		sum, weight float64
		first, last int
	}
	var pools []pool
	room := make([]float64, len(layer)) // how far each stands from the first when all are pressed together
	for i, c := range layer {
		if i > 0 {
			room[i] = room[i-1] + apart(layer[i-1], c)
		}
		sum, weight := want(c)
		pools = append(pools, pool{sum - weight*room[i], weight, i, i})
		for n := len(pools); n > 1 && pools[n-2].sum/pools[n-2].weight >= pools[n-1].sum/pools[n-1].weight; n-- {
			a, b := pools[n-2], pools[n-1]
			pools = append(pools[:n-2], pool{a.sum + b.sum, a.weight + b.weight, a.first, b.last})
		}
	}
	for _, p := range pools {
		for i := p.first; i <= p.last; i++ {
			layer[i].x = p.sum/p.weight + room[i]
		}
	}
}
