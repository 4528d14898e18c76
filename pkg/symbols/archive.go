package symbols

import (
	"archive/zip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// content is a zip file: export/PATH holds export data, source/PATH/FILE the source of packages whose generic functions
// are instantiated in cells.
//
//go:embed packages.zip
var content string

// ErrUnknown says that cells cannot import a package.
var ErrUnknown = errors.New("not among the packages that cells can import")

var archive = sync.OnceValues(func() (*zip.Reader, error) {
	return zip.NewReader(strings.NewReader(content), int64(len(content)))
})

// Export returns the export data of the package at path, as golang.org/x/tools/go/gcexportdata reads it.
func Export(path string) ([]byte, error) { return read("export/"+path, path) }

func read(name, path string) ([]byte, error) {
	z, err := archive()
	if err != nil {
		return nil, fmt.Errorf("symbols: %w", err)
	}
	f, err := z.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("symbols: package %q: %w", path, ErrUnknown)
	}
	if err != nil {
		return nil, fmt.Errorf("symbols: package %q: %w", path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("symbols: package %q: %w", path, err)
	}
	return data, nil
}

// Source returns the source files of a package with generic functions, by file name; empty if it has none here.
func Source(path string) (map[string][]byte, error) {
	z, err := archive()
	if err != nil {
		return nil, fmt.Errorf("symbols: %w", err)
	}
	files := map[string][]byte{}
	prefix := "source/" + path + "/"
	for _, f := range z.File {
		file, ok := strings.CutPrefix(f.Name, prefix)
		if !ok || strings.Contains(file, "/") {
			continue
		}
		if files[file], err = read(f.Name, path); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// Paths lists the packages that cells can import, sorted.
func Paths() []string {
	z, err := archive()
	if err != nil {
		return nil
	}
	var paths []string
	for _, f := range z.File {
		if path, ok := strings.CutPrefix(f.Name, "export/"); ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}
