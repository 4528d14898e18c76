package session

import (
	"context"
	"testing"
)

// TestLastValue looks at what a last expression leaves on the page: its value, and what is printed on each stream.
func TestLastValue(t *testing.T) {
	const declared = `type shape interface{ area() int }
type square struct{ side int }
func (s square) area() int { return s.side * s.side }
type named interface{ shape; String() string }
func (s square) String() string { return fmt.Sprint("a square of ", s.side) }
type failure struct{ code int }
func (f *failure) Error() string { return fmt.Sprint("failure ", f.code) }
func parse(n int) (shape, error) { if n == 0 { return nil, &failure{7} }; return square{n}, nil }
func half(n int) (int, string, error) { if n % 2 == 1 { return n / 2, "rest", &failure{1} }; return n / 2, "", nil }
func check(n int) error { if n > 0 { return &failure{n} }; return nil }
`
	for cell, want := range map[string]struct{ value, out, err string }{
		"var e error\ne":                          {},
		"check(0)":                                {},
		"check(3)":                                {value: "failure 3"},
		"nil":                                     {},
		"ctx.Err()":                               {},
		"var s shape\ns":                          {},
		"var s named\ns":                          {},
		"var s named = square{2}\ns":              {value: "a square of 2"},
		"var s shape = square{2}\ns.area()":       {value: "4"},
		"var p *int\np":                           {value: "<nil>"},
		"parse(3)":                                {value: "{3}"},
		"parse(0)":                                {err: "error: failure 7\n"},
		"half(4)":                                 {value: "2, "},
		"half(5)":                                 {value: "2, rest", err: "error: failure 1\n"},
		"strconv.Atoi(\"12\")":                    {value: "12"},
		"os.Open(\"/no/such/file\")":              {err: "error: open /no/such/file: no such file or directory\n"},
		"fmt.Println(1)":                          {out: "1\n"},
		"(fmt.Print(\"a\"))":                      {out: "a"},
		"fmt.Fprintf(os.Stdout, \"%d\\n\", 3)":    {out: "3\n"},
		"import . \"fmt\"\nPrintln(2)":            {out: "2\n"},
		"var n int\nfmt.Sscan(\"5\", &n)":         {},
		"var n int\nfmt.Sscan(\"five\", &n)":      {err: "error: expected integer\n"},
		"var s named = square{1}\nfmt.Println(s)": {out: "a square of 1\n"},
		"var q *square\nfmt.Println(q)":           {out: "<nil>\n"},
		"rand.IntN(1)":                            {value: "0", out: "note: rand is \"math/rand/v2\" here; import another rand to use that\n"},
		"strings.ToUpper(\"a\")":                  {value: "A"},
	} {
		t.Run(cell, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			if got := output(s, declared); got != "" {
				t.Fatal(got)
			}
			p := &page{}
			r := s.Execute(context.Background(), Cell{Code: cell}, p)
			got := map[string]string{}
			for _, e := range p.events {
				got[e.Name] += e.Text
			}
			if r.Err != nil || r.Value.Text() != want.value || r.Value.Empty() != (want.value == "") {
				t.Errorf("value %q (%v), want %q", r.Value.Text(), r.Err, want.value)
			}
			if got["stdout"] != want.out || got["stderr"] != want.err {
				t.Errorf("printed %q, want %q and on stderr %q", got, want.out, want.err)
			}
		})
	}
}
