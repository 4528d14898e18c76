package symbols_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/tunebook/tunebook/pkg/symbols"
)

func ExampleLoad() {
	p, ok := symbols.Load("strings")
	upper := p.Symbols["ToUpper"].Interface().(func(string) string)
	fmt.Println(p.Name, ok, upper("tune"))
	// Output: strings true TUNE
}

// TestPackages loads every package and compares its symbols with its export data.
func TestPackages(t *testing.T) {
	paths := symbols.Paths()
	for _, want := range []string{"fmt", "gonum.org/v1/plot/vg/vgsvg", "gorgonia.org/tensor", "github.com/tunebook/tunebook/kernel/display"} {
		if !strings.Contains(strings.Join(paths, "\n"), want) {
			t.Errorf("no package %s", want)
		}
	}
	set, known := token.NewFileSet(), map[string]*types.Package{}
	for _, path := range paths {
		p, ok := symbols.Load(path)
		if !ok {
			t.Errorf("%s has export data but no symbols", path)
			continue
		}
		data, err := symbols.Export(path)
		if err != nil {
			t.Error(err)
			continue
		}
		typed, err := gcexportdata.Read(bytes.NewReader(data), set, known, path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, name := range typed.Scope().Names() {
			f, ok := typed.Scope().Lookup(name).(*types.Func)
			if ok && f.Exported() && f.Signature().TypeParams().Len() == 0 && !p.Symbols[name].IsValid() {
				t.Errorf("%s.%s is typed but cannot be called", path, name)
			}
		}
		for _, need := range p.Needs {
			if _, ok := symbols.Load(need); !ok {
				t.Errorf("%s needs %s, which is not there", path, need)
			}
		}
	}
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
