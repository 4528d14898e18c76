package session

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/gcexportdata"
)

// imports reads export data when a package is first imported.
type imports struct {
	export func(path string) ([]byte, error)
	set    *token.FileSet
	known  map[string]*types.Package
}

// Import implements types.Importer.
func (i *imports) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := i.known[path]; p != nil && p.Complete() {
		return p, nil
	}
	data, err := i.export(path)
	if err != nil {
		return nil, err
	}
	p, err := gcexportdata.Read(bytes.NewReader(data), i.set, i.known, path)
	if err != nil {
		return nil, fmt.Errorf("session: reading the types of %q: %w", path, err)
	}
	return p, nil
}
