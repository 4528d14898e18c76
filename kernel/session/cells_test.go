package session

import (
	"strings"
	"testing"
)

// TestCells runs cells one after the other in a session of their own; what the last one comes to must contain want.
// Values are what the Go compiler's program would print.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string
		want  string
	}{
		{"a function literal at top level runs once", []string{"n := 0\nfunc() { n++ }()\nn"}, "1"},
		{"returning what a channel gives", []string{"func get(c chan int) int { return <-c }", "c := make(chan int, 1)\nc <- 7\nget(c)"}, "7"},
		{"shadowing at top level", []string{"i := 1\n{\n\ti := i\n\ti++\n\tfmt.Print(i)\n}\nfmt.Print(i)"}, "21"},
		{"loop variables are new in each iteration", []string{"var fs []func() int\nfor i := 0; i < 3; i++ { fs = append(fs, func() int { return i }) }\nfor _, f := range fs { fmt.Print(f()) }"}, "012"},
		{"comma-ok assertion of a variable of an earlier cell", []string{"var x any = \"s\"", "v, ok := x.(string)\nfmt.Println(v, ok)"}, "s true"},
		{"a failed cell leaves nothing behind", []string{"a := 1", "b := a + \"x\"", "b := 2\na + b"}, "3"},
		{"a failed cell changes no variable", []string{"a := 1", "a = 5\nvar s string = a", "a"}, "1"},
		{"callers see a function that is declared again", []string{"func f() int { return 1 }\nfunc g() int { return f() * 10 }", "func f() int { return 2 }", "g()"}, "20"},
		{"callers see a function with another result", []string{"func f() int { return 1 }\nfunc g() string { return fmt.Sprint(f()) }", "func f() string { return \"two\" }", "g()"}, "two"},
		{"a caller that no longer fits is gone and says why", []string{"func f() int { return 1 }\nfunc g() int { return f() }", "func f() string { return \"\" }", "g()"}, "undefined: g (a later cell broke it"},
		{"functions see a variable that is declared again", []string{"k := 1\nfunc get() int { return k }", "k := 9", "get()"}, "9"},
		{"functions see a variable of another type", []string{"k := 1\nfunc get() string { return fmt.Sprint(k) }", "k := \"nine\"", "get()"}, "nine"},
		{"a type declared again is the new one in functions", []string{"type T struct{ A int }\nfunc name(t T) string { return fmt.Sprintf(\"%+v\", t) }", "type T struct{ A, B int }", "name(T{1, 2})"}, "{A:1 B:2}"},
		{"a variable of an old type is announced", []string{"type T struct{ A int }\nt := T{1}", "type T struct{ B string }"}, "t still has the T of an earlier cell"},
		{"a variable may use its old self", []string{"n := 4", "n := n + 1\nn"}, "5"},
		{"a parameter is no reference to a variable of its name", []string{"type stack struct{ items []int }\nfunc (s *stack) push(x int) { n := x; s.items = append(s.items, n) }\nvar st stack", "x, n, s, items := 1, 2, 3, 4\nst = stack{}\nst.push(x + n + s + items)\nst.items"}, "[10]"},
		{"a defer in a range over a function is refused", []string{"func up(yield func(int) bool) { yield(1) }\nfor i := range up { defer fmt.Print(i) }"}, "Unsupported: lower: the interpreter cannot run this: defer in the body"},
		{"a defer in a function in a range over a function", []string{"func up(yield func(int) bool) { yield(1) }\nfor i := range up { func() { defer fmt.Print(i); fmt.Print(0) }() }"}, "01"},
		{"unexported fields are not encoded", []string{"type T struct { Name string `json:\"name\"`; age int; tags []string `json:\"tags\"` }\nb, _ := json.Marshal([]T{{\"a\", 1, nil}})\nstring(b)"}, `[{"name":"a"}]`},
		{"unexported fields are not decoded", []string{"type T struct { Name string; age int }\nvar t T\nerr := json.Unmarshal([]byte(`{\"Name\":\"a\",\"age\":3,\"Xage\":4}`), &t)\nfmt.Print(t.Name, t.age, err)"}, "a0 <nil>"},
		{"a conversion between structs with unexported fields", []string{"type A struct { x int; Y int }\ntype B struct { x int; Y int }", "b := B(A{1, 2})\nanon := struct { x int; Y int }{3, 4}\nb = anon\nb.x + A(b).Y"}, "7"},
		{"a field of an element in a composite literal", []string{"import \"go/scanner\"\nlist := scanner.ErrorList{{Msg: \"m\"}}", "fmt.Print([]string{\"a\", list[0].Msg}, map[string]string{\"k\": (list)[0].Pos.Filename + list[0].Msg})"}, "[a m] map[k:m]"},
		{"all results are shown", []string{"func two() (int, string) { return 1, \"x\" }\ntwo()"}, "1, x"},
		{"an error that is nil is not shown", []string{"var err error\nerr"}, ""},
		{"a result without its nil error", []string{"strconv.Atoi(\"7\")"}, "7"},
		{"a result with its error", []string{"strconv.Atoi(\"x\")"}, "error: strconv.Atoi: parsing \"x\": invalid syntax"},
		{"only an error, nil", []string{"func check() error { return nil }\ncheck()"}, ""},
		{"fields of an earlier cell by position", []string{"type pair struct{ a, b int }", "p := pair{1, 2}\np.b"}, "2"},
		{"fields by position in a function of the same cell", []string{"type pair struct{ a, b int }\nfunc swap(p pair) pair { return pair{p.b, p.a} }", "swap(pair{1, 2}).a"}, "2"},
		{"fields by position in slices, maps and pointers", []string{"type pair struct{ a, b int }", "ps := []*pair{{1, 2}, {3, 4}}\nm := map[string]pair{\"x\": {5, 6}}\nps[1].a + m[\"x\"].b"}, "9"},
		{"fields by position of a generic type", []string{"type pair[T any] struct{ a, b T }", "pair[string]{\"x\", \"y\"}.b"}, "y"},
		{"fields by position and embedded", []string{"type base struct{ n int }\ntype full struct { base; s string }", "full{base{3}, \"x\"}.n"}, "3"},
		{"too few fields by position", []string{"type pair struct{ a, b int }", "pair{1}"}, "too few values in struct literal"},
		{"a field by position of another type", []string{"type pair struct{ a, b int }", "pair{1, \"x\"}"}, "cannot use \"x\""},
		{"a call without result shows nothing", []string{"func none() {}\nnone()"}, ""},
		{"printing shows no count", []string{"fmt.Println(\"a\")"}, "a\n"},
		{"a missing return is found", []string{"func f() int { if true { return 1 } }"}, "cell 1:1:37: missing return"},
		{"generic function of a compiled package", []string{"s := []string{\"b\", \"a\"}\nslices.Sort(s)\nslices.Contains(s, \"a\")\nfmt.Println(s, slices.Index(s, \"b\"))"}, "[a b] 1"},
		{"generic constraint", []string{"type num interface{ ~int | ~float64 }\nfunc sum[T num](xs ...T) (t T) { for _, x := range xs { t += x }; return }", "sum(1.5, 2) + float64(sum(1, 2))"}, "6.5"},
		{"a generic function that is declared again", []string{"func id[T any](x T) T { return x }\nfunc use() int { return id(3) }", "func id[T any](x T) T { var zero T; return zero }", "use()"}, "0"},
		{"a receiver without a name, parameters with", []string{"type T struct{}\nfunc (T) Add(a, b int) int { return a + b }\nfunc (*T) Say(s string) string { return s }", "t := T{}\nfmt.Sprint(t.Add(1, 2), t.Say(\"x\"))"}, "3x"},
		{"a receiver with a name, parameters without", []string{"type T struct{ n int }\nfunc (t T) Get(int, ...string) int { return t.n }", "T{4}.Get(1, \"x\")"}, "4"},
		{"a generic receiver without a name", []string{"type T[V any] struct{}\nfunc (T[V]) Same(v V) V { return v }", "T[int]{}.Same(5)"}, "5"},
		{"generic method", []string{"type pair[K comparable, V any] struct { k K; v V }\nfunc (p pair[K, V]) String() string { return fmt.Sprint(p.k, \"=\", p.v) }", "p := pair[string, int]{\"a\", 1}\np"}, "a=1"},
		{"range over a function with return", []string{"func up(yield func(int) bool) { for i := 0; yield(i); i++ {} }\nfunc first(n int) int { for i := range up { if i*i > n { return i } }; return -1 }\nfirst(10)"}, "4"},
		{"break and continue in a range over a function", []string{"func up(yield func(int) bool) { for i := 0; i < 9; i++ { if !yield(i) { return } } }\nouter:\nfor i := range up { for j := range up { if j == 2 { continue outer }; if i == 2 { break outer }; fmt.Print(i, j, \" \") } }"}, "0 0 0 1 1 0 1 1 "},
		{"min max clear", []string{"m := map[int]int{1: 1}\nclear(m)\nfmt.Println(min(3, 1, 2), max(2.5, 1), len(m))"}, "1 2.5 0"},
		{"deferred arguments are evaluated at once", []string{"func f() (s string) { x := 1; defer func(v int) { s = fmt.Sprint(v) }(x); x = 2; return \"\" }\nf()"}, "1"},
		{"a type shows itself", []string{"type page struct{}\nfunc (page) HTML() string { return \"<b>hi</b>\" }\nfunc (page) String() string { return \"hi\" }\npage{}"}, "hi"},
		{"an error type prints its message", []string{"type E struct{ n int }\nfunc (e E) Error() string { return fmt.Sprint(\"E\", e.n) }\nfmt.Println(E{3})"}, "E3"},
		{"an interface of the cell", []string{"type shape interface{ area() int }\ntype sq struct{ a int }\nfunc (s sq) area() int { return s.a * s.a }\nvar s shape = sq{3}\ns.area()", "var v any = s\nw, ok := v.(shape)\nfmt.Println(w.area(), ok)"}, "9 true"},
		{"an alias", []string{"type I = int\nvar i I = 3\ni"}, "3"},
		{"constants with iota", []string{"const ( A = iota; B; C )\nfmt.Println(A, B, C)", "C"}, "2"},
		{"big constants are exact", []string{"const big = 1 << 100\nbig >> 98"}, "4"},
		{"ctx is there", []string{"ctx.Err() == nil"}, "true"},
		{"scan asks", []string{"var n int\nfmt.Scan(&n)\nn + 1"}, "43"},
		{"a scanner on standard input asks", []string{"s := bufio.NewScanner(os.Stdin)\ns.Scan()\ns.Text()"}, "42"},
		{"Display needs no package", []string{"{\n\tDisplay(display.Markdown(\"*hi*\"))\n}\n1"}, "1"},
		{"Display may be declared", []string{"func Display(n int) int { return n + 1 }\nDisplay(2)", "Display(3)"}, "4"},
		{"select and labels", []string{"c := make(chan int, 3)\nc <- 1\nc <- 2\nclose(c)\nsum := 0\nloop:\nfor { select { case v, ok := <-c: if !ok { break loop }; sum += v } }\nsum"}, "3"},
		{"a type switch", []string{"func kind(v any) string { switch x := v.(type) { case nil: return \"nil\"; case int, int64: return fmt.Sprintf(\"%T\", x); case error: return x.Error() }; return \"?\" }\nkind(nil) + kind(3) + kind(fmt.Errorf(\"e\")) + kind(1.5)"}, "nilinte?"},
		{"swap through a map and a slice", []string{"m := map[string]int{\"a\": 1}\ns := []int{5, 6}\nm[\"a\"], s[0] = s[1], m[\"a\"]\nfmt.Println(m, s)"}, "map[a:6] [1 6]"},
		{"a panic names the line", []string{"x := []int{1}\n\nfmt.Println(x[len(x)])"}, "Panic: cell 1:3:"},
		{"a panic in a function names the line of the cell", []string{"func boom() {\n\tpanic(\"oh\")\n}", "x := 1\nboom()"}, "Panic: cell 2:2:1: oh"},
		{"a panic with an error says the error", []string{"panic(fmt.Errorf(\"bad %d\", 3))"}, "Panic: cell 1:1:1: bad 3"},
		{"a panic with an error of a function", []string{"func must(err error) { if err != nil { panic(err) } }\n_, err := os.Open(\"/nowhere\")\nmust(err)"}, "open /nowhere: no such file"},
		{"unused imports are fine", []string{"import \"strings\"\n1"}, "1"},
		{"an undefined name", []string{"undefinedName + 1"}, "CompileError: cell 1:1:1: undefined: undefinedName"},
		{"a syntax error", []string{"x := (1 + \n"}, "CompileError: cell 1:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			var last string
			var all []string
			for _, cell := range c.cells {
				last = output(s, cell)
				all = append(all, last)
			}
			if !strings.Contains(last, c.want) || c.want == "" && last != "" {
				t.Errorf("cells came to %q, want the last to contain %q", all, c.want)
			}
			if c.name == "printing shows no count" && last != c.want {
				t.Errorf("got %q", last)
			}
		})
	}
}
