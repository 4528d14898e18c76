package book

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A Figure is what an executed notebook says that a figure shows. Every figure of package plot has it in words, for those
// who cannot see it, with all of its numbers.
type Figure struct {
	Cell  string // the id of the cell that drew it
	Title string
}

var title = regexp.MustCompile(`(?s)<title>(.*?)</title>`)

// Figures are those of an executed notebook, in order. A figure without words is an error.
func Figures(executed []byte) ([]Figure, error) {
	var nb struct {
		Cells []struct {
			ID      string
			Outputs []struct{ Data map[string]json.RawMessage }
		}
	}
	if err := json.Unmarshal(executed, &nb); err != nil {
		return nil, fmt.Errorf("lessons: notebook: %w", err)
	}
	var out []Figure
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			raw, ok := o.Data["image/svg+xml"]
			if !ok {
				continue
			}
			var svg source
			if err := json.Unmarshal(raw, &svg); err != nil {
				return nil, fmt.Errorf("lessons: cell %s: a figure: %w", c.ID, err)
			}
			words := title.FindStringSubmatch(string(svg))
			if words == nil {
				return nil, fmt.Errorf("lessons: cell %s: a figure does not say in words what it shows", c.ID)
			}
			out = append(out, Figure{c.ID, html.UnescapeString(words[1])})
		}
	}
	return out, nil
}

var number = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?`)

// Numbers are those of the figure's words, in order.
func (f Figure) Numbers() []float64 {
	var out []float64
	for _, s := range number.FindAllString(f.Title, -1) {
		v, _ := strconv.ParseFloat(s, 64) // the pattern is that of a number
		out = append(out, v)
	}
	return out
}

// Near says how two figures of one cell differ, empty when they show about the same: the same words with numbers that are
// within a third of each other, or within a tenth of one. Runs are equal on one machine; kernels for other processors add
// in another order, and three hundred steps on the same differences have grown.
func (f Figure) Near(other Figure) string {
	mine, others := f.Numbers(), other.Numbers()
	if number.ReplaceAllString(f.Title, "#") != number.ReplaceAllString(other.Title, "#") {
		return fmt.Sprintf("shows something else: %q, was %q", f.Title, other.Title)
	}
	for i := range mine {
		if math.Abs(mine[i]-others[i]) > 0.1+max(math.Abs(mine[i]), math.Abs(others[i]))/3 {
			return fmt.Sprintf("shows other numbers, %v for %v: %q, was %q", mine[i], others[i], f.Title, other.Title)
		}
	}
	return ""
}

// SameNumbers says how the numbers of two languages' figures differ, empty when they are the same in the same order.
func (f Figure) SameNumbers(other Figure) string {
	if a, b := fmt.Sprint(f.Numbers()), fmt.Sprint(other.Numbers()); a != b {
		return fmt.Sprintf("numbers %s, in the other language %s: %q, %q", strings.Trim(a, "[]"), strings.Trim(b, "[]"), f.Title, other.Title)
	}
	return ""
}
