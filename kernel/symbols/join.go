package symbols

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Join makes one table of several. Where two hold a package, the first counts.
func Join(tables ...Table) Table {
	home := sync.OnceValue(func() map[string]Table {
		home := map[string]Table{}
		for _, t := range tables {
			for _, path := range t.Paths() {
				if _, known := home[path]; !known {
					home[path] = t
				}
			}
		}
		return home
	})
	return Table{
		Load: func(path string) (Package, bool) {
			for _, t := range tables {
				if p, ok := t.Load(path); ok {
					return p, true
				}
			}
			return Package{}, false
		},
		Export: func(path string) ([]byte, error) {
			if t, known := home()[path]; known {
				return t.Export(path)
			}
			return nil, unknown(path)
		},
		Source: func(path string) (map[string][]byte, error) {
			if t, known := home()[path]; known {
				return t.Source(path)
			}
			return nil, nil
		},
		Paths: func() []string { return slices.Sorted(maps.Keys(home())) },
	}
}

func unknown(path string) error { return fmt.Errorf("symbols: package %q: %w", path, ErrUnknown) }
