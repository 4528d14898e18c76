package session

import (
	"context"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	s := newSession(t)
	output(s, "import \"strings\"\ntype point struct{ X, Y int }\nfunc (p point) Norm() int { return p.X }\np := point{1, 2}\nvar b strings.Builder")
	for _, c := range []struct{ code, want, kind string }{
		{"strings.ToUp", "ToUpper", "function"},
		{"p.", "Norm", "method"},
		{"p.", "X", "field"},
		{"b.WriteS", "WriteString", "method"},
		{"poi", "point", "type"},
		{"q := p\nq.No", "Norm", "method"},
		{"fmt.Println(p.Y, strings.Rep", "Repeat", "function"},
		{"color.RGBAMo", "RGBAModel", "variable"},
		{"ret", "return", "keyword"},
		{"ctx.Do", "Done", "method"},
	} {
		got := s.Complete(c.code, len(c.code))
		found := false
		for _, m := range got.Matches {
			found = found || m.Text == c.want && m.Type == c.kind
		}
		if !found {
			t.Errorf("Complete(%q) = %v, want %s as %s", c.code, got.Matches, c.want, c.kind)
		}
	}
	got := s.Complete("x := 1 + le", 11)
	if got.Start != 9 || got.End != 11 {
		t.Errorf("replaces %d to %d, want 9 to 11", got.Start, got.End)
	}
}

func TestInspect(t *testing.T) {
	s := newSession(t)
	output(s, "func twice(n int) int { return 2 * n }")
	for _, c := range []struct{ code, want string }{
		{"strings.Repeat", "func strings.Repeat(s string, count int) string"},
		{"twice(", "func twice(n int) int"},
		{"fmt", "package fmt // import \"fmt\""},
	} {
		got, ok := s.Inspect(c.code, len(c.code), 0)
		if !ok || !strings.HasPrefix(got.Text(), c.want) {
			t.Errorf("Inspect(%q) = %q, want %q", c.code, got.Text(), c.want)
		}
	}
	if _, ok := s.Inspect("nothingHere", 3, 0); ok {
		t.Error("found a name that does not exist")
	}
	if r := s.Execute(context.Background(), Cell{Code: "?twice"}, &page{}); !strings.Contains(r.Page.Text(), "twice(n int) int") {
		t.Errorf("help: %+v", r)
	}
}

func TestIsComplete(t *testing.T) {
	s := newSession(t)
	for code, want := range map[string]string{
		"x := 1": "complete", "": "complete", "if true {": "incomplete", "fmt.Println(": "incomplete", "x :=": "incomplete",
		"s := `open": "incomplete", "x := )": "invalid", "for i := 0; i < 3; i++ {\n}": "complete", "func f() {}": "complete",
	} {
		if got, _ := s.IsComplete(code); got != want {
			t.Errorf("IsComplete(%q) = %s, want %s", code, got, want)
		}
	}
	if _, indent := s.IsComplete("if true {\n\tfor {"); indent != "\t\t" {
		t.Errorf("indent %q, want two tabs", indent)
	}
}

func TestRunProgram(t *testing.T) {
	s := newSession(t)
	p := &page{}
	err := s.RunProgram(context.Background(), "package main\n\nimport \"fmt\"\n\nvar a = b + 1\nvar b = f()\n\nfunc f() int { return 41 }\n\nfunc main() {\n\tfmt.Println(a)\n}\n", "p.go", p)
	if err != nil || p.String() != "42\n" {
		t.Errorf("printed %q, %v", p, err)
	}
	err = newSession(t).RunProgram(context.Background(), "package main\n\nfunc main() {\n\tx := 1\n}\n", "p.go", p)
	if err == nil || err.Line != 4 || !strings.Contains(err.Message, "declared and not used") {
		t.Errorf("a program is not relaxed as a cell is: %v", err)
	}
}

// FuzzSplit checks that items lie in the code, in order, and that nothing but space and semicolons is left out.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"x := 1\ny", "func (t T) M() {}\nfunc() {}()", "for i := 0; i < 3; i++ { f() }", "type T struct {\n", "a;b;;c", "\"", "`", "/*", "}{)("} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code string) {
		end := 0
		for _, i := range split(code) {
			if i.start < end || i.end <= i.start || i.end > len(code) {
				t.Fatalf("item %+v after %d in %q", i, end, code)
			}
			end = i.end
		}
		for _, i := range joined(split(code)) {
			if line, column := position(code, i.start); line < 1 || column < 1 {
				t.Fatalf("position %d:%d", line, column)
			}
		}
	})
}
