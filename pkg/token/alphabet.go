package token

import (
	"fmt"
	"strings"
)

// alphabet is GPT-2's mapping between bytes and printable characters. It lets a
// byte-level vocabulary live in a JSON file as plain strings: printable Latin-1
// bytes stand for themselves, the other 68 are moved to U+0100 and up, so that a
// space reads as Ġ and a newline as Ċ.
type alphabet struct {
	symbol [256]rune
	value  map[rune]byte
}

func newAlphabet() *alphabet {
	a := &alphabet{value: make(map[rune]byte, 256)}
	moved := rune(0x100)
	for b := range 256 {
		r := rune(b)
		printable := r >= '!' && r <= '~' || r >= '¡' && r <= '¬' || r >= '®' && r <= 'ÿ'
		if !printable {
			r = moved
			moved++
		}
		a.symbol[b] = r
		a.value[r] = byte(b)
	}
	return a
}

// spell writes raw bytes with the alphabet's characters.
func (a *alphabet) spell(raw string) string {
	var s strings.Builder
	for i := 0; i < len(raw); i++ {
		s.WriteRune(a.symbol[raw[i]])
	}
	return s.String()
}

// read is the reverse of spell.
func (a *alphabet) read(spelled string) (string, error) {
	raw := make([]byte, 0, len(spelled))
	for _, r := range spelled {
		b, ok := a.value[r]
		if !ok {
			return "", fmt.Errorf("character %q is not in the byte-level alphabet", r)
		}
		raw = append(raw, b)
	}
	return string(raw), nil
}

// bytes lists all byte values in the order of their characters, which is the
// order in which training gives them ids.
func (a *alphabet) bytes() []byte {
	order := make([]byte, 0, 256)
	for r := rune(0); len(order) < 256; r++ {
		if b, ok := a.value[r]; ok {
			order = append(order, b)
		}
	}
	return order
}
