package symbols_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/kernel/symbols"
)

func ExampleLoad() {
	p, ok := symbols.Load("strings")
	upper := p.Symbols["ToUpper"].Interface().(func(string) string)
	fmt.Println(p.Name, ok, upper("tune"))
	// Output: strings true TUNE
}

func ExampleJoin() {
	mine := symbols.Table{
		Load:   func(path string) (symbols.Package, bool) { return symbols.Package{Name: "mine"}, path == "my/own" },
		Export: func(string) ([]byte, error) { return []byte("export data"), nil },
		Source: func(string) (map[string][]byte, error) { return nil, nil },
		Paths:  func() []string { return []string{"my/own"} },
	}
	both := symbols.Join(symbols.All(), mine)
	for _, path := range []string{"fmt", "my/own", "no/such"} {
		p, ok := both.Load(path)
		_, err := both.Export(path)
		fmt.Println(p.Name, ok, err)
	}
	// Output:
	// fmt true <nil>
	// mine true <nil>
	//  false symbols: package "no/such": not among the packages that cells can import
}

func TestUnknown(t *testing.T) {
	if _, ok := symbols.Load("no/such"); ok {
		t.Error("loaded a package that does not exist")
	}
	if _, err := symbols.Export("no/such"); !errors.Is(err, symbols.ErrUnknown) || !strings.Contains(err.Error(), "no/such") {
		t.Errorf("got %v", err)
	}
	if files, err := symbols.Source("slices"); err != nil || len(files) == 0 {
		t.Errorf("source of slices: %d files, %v", len(files), err)
	}
}

// What must not stand in an interpreter is not there, though go list names it.
func TestLeftOut(t *testing.T) {
	for _, path := range symbols.Paths() {
		if path == "unsafe" || path == "syscall" || path == "plugin" || strings.HasPrefix(path, "simd") || strings.Contains(path, "internal") {
			t.Errorf("%s can be imported", path)
		}
	}
}
