package plot

import (
	"hash/fnv"
	"image/color"
	"math"
	"slices"
	"strings"
)

// palette gives every name of the lessons its one colour. Each has a contrast of at least 3 to the card, as graphics
// need (WCAG 2.1, 1.4.11), and names that meet in one figure stay apart for red-blind and green-blind readers; a test
// computes both. The first word of a label decides, so "lora r=8" is lora.
var palette = []struct {
	name string
	rgb  uint32
}{
	{"base", 0x646c77},    // before any fine-tuning
	{"teacher", 0x1f2328}, // the large model of distillation
	{"sft", 0x3b6fe0},
	{"full", 0x862a44},
	{"frozen", 0x6e3410}, // below, so that what is left moves
	{"last", 0x6e3410},   // the same, named after what moves
	{"head", 0x617cdd},
	{"biases", 0x390572},
	{"bitfit", 0x390572},
	{"norms", 0xbb17b6},
	{"unfreeze", 0x12a104},
	{"adapter", 0x0097a3},
	{"houlsby", 0x5c3f00},
	{"pfeiffer", 0x132a77},
	{"parallel", 0xdb3cbd},
	{"lora", 0xd94f00},
	{"dora", 0x052e5d},
	{"qlora", 0x080eb6},
	{"pissa", 0xd92dba},
	{"rslora", 0x459c58},
	{"ia3", 0x0a9864},
	{"prefix", 0x76992f},
	{"prompt", 0x2c29d4},
	{"distilled", 0x00507f}, // the student
	{"reward", 0xd61f45},
	{"dpo", 0x6f1a9e},
	{"ppo", 0xe0489f},
	{"grpo", 0x2a2ae0},
	{"rag", 0x1f8a2a},
}

// spare colours are for names that the table does not know.
var spare = []uint32{0x3b6fe0, 0xd94f00, 0x0097a3, 0x6f1a9e, 0x862a44, 0x76992f}

// Color is the colour of a method, a model or any other name. Names of the table keep theirs in every figure:
// base, teacher, sft, full, frozen or last, head, biases or bitfit, norms, unfreeze, adapter, houlsby, pfeiffer, parallel,
// lora, dora, qlora, pissa, rslora, ia3, prefix, prompt, distilled, reward, dpo, ppo, grpo, rag.
// Any other name gets one of six spare colours, always the same one. What stands after a comma does not count, so
// "lora, held-out" and "lora" are one run. Where two runs of one method meet in a figure, as "lora r=4" and "lora r=16" do,
// the first has the colour and the others shades of it.
func Color(name string) color.Color {
	rgb, ok := known(name)
	if !ok {
		h := fnv.New32a()
		h.Write([]byte(stem(name)))
		rgb = spare[h.Sum32()%uint32(len(spare))]
	}
	return opaque(rgb)
}

// stem is what decides the colour of a name that the table does not know.
func stem(name string) string {
	before, _, _ := strings.Cut(name, ",")
	return strings.TrimSpace(before)
}

// known looks the first word of name up in the palette.
func known(name string) (rgb uint32, ok bool) {
	first := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune(" ,:+/(-", r) })
	if len(first) == 0 {
		return 0, false
	}
	for _, p := range palette {
		if p.name == first[0] {
			return p.rgb, true
		}
	}
	return 0, false
}

// colors gives each name of one figure its colour. Names of one method get shades of theirs, and two unknown names never
// share a spare while spares last.
func colors(names []string) []color.Color {
	out := make([]color.Color, len(names))
	given := map[color.Color]string{}  // by whom a spare is taken
	runs := map[color.Color][]string{} // of one method, by its colour
	for i, name := range names {
		out[i] = Color(name)
		if _, ok := known(name); ok {
			given[out[i]] = stem(name)
			if !slices.Contains(runs[out[i]], stem(name)) {
				runs[out[i]] = append(runs[out[i]], stem(name))
			}
		}
	}
	for i, name := range names {
		if _, ok := known(name); ok {
			out[i] = shade(out[i], slices.Index(runs[out[i]], stem(name)))
			continue
		}
		name = stem(name)
		for k := 0; k < len(spare) && given[out[i]] != "" && given[out[i]] != name; k++ {
			out[i] = opaque(spare[k])
		}
		given[out[i]] = name
	}
	return out
}

// shade is the i-th of five shades of c, c itself the first. Light colours grow darker and dark ones lighter, as far as keeps them
// a colour and leaves graphics their contrast of 3.
func shade(c color.Color, i int) color.Color {
	if i == 0 {
		return c
	}
	r, g, b, _ := c.RGBA()
	far := min(0.2*float64(i), 0.8)
	toward := func(v uint32, end float64) uint8 { return uint8(math.Round(float64(v>>8)*(1-far) + end*far)) }
	dark := 299*r+587*g+114*b < 1000*0x5000 // luma, ITU-R BT.601
	if !dark {
		return color.RGBA{R: toward(r, 0), G: toward(g, 0), B: toward(b, 0), A: 0xff}
	}
	far *= 0.85
	return color.RGBA{R: toward(r, 175), G: toward(g, 155), B: toward(b, 175), A: 0xff}
}

func opaque(rgb uint32) color.RGBA {
	return color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}

// faded is c with a part of its strength, 0 to 1.
func faded(c color.Color, strength float64) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: uint8(255*strength + 0.5)}
}
