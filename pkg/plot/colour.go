package plot

import (
	"hash/fnv"
	"image/color"
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
	{"frozen", 0x6e3410},
	{"adapter", 0x0097a3},
	{"lora", 0xd94f00},
	{"prefix", 0x76992f},
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
// base, teacher, sft, full, frozen, adapter, lora, prefix, distilled, reward, dpo, ppo, grpo, rag.
// Any other name gets one of six spare colours, always the same one. What stands after a comma does not count, so
// "lora, held-out" and "lora" are one run.
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
	first := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune(" ,:+/(", r) })
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

// colors gives each name of one figure its colour. Two unknown names in a figure never share one while spares last.
func colors(names []string) []color.Color {
	out := make([]color.Color, len(names))
	given := map[color.Color]string{} // by whom a spare is taken
	for i, name := range names {
		out[i] = Color(name)
		if _, ok := known(name); ok {
			given[out[i]] = stem(name)
		}
	}
	for i, name := range names {
		if _, ok := known(name); ok {
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

func opaque(rgb uint32) color.RGBA {
	return color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}

// faded is c with a part of its strength, 0 to 1.
func faded(c color.Color, strength float64) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: uint8(255*strength + 0.5)}
}
