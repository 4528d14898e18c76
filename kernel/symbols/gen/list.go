package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// module is ours; its name is left out of the names of files.
const module = "github.com/tunebook/tunebook"

// room is a folder with a table of its own.
type room struct {
	dir      string
	patterns []string // of go list
	omitted  []string // patterns that end in /... or paths
	sourced  []string
}

// rooms finds every packages.txt in a folder symbols of the module.
func rooms(root string) ([]*room, error) {
	lists, err := filepath.Glob(filepath.Join(root, "*", "symbols", "packages.txt"))
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("no folder symbols below %s has a packages.txt", root)
	}
	var found []*room
	for _, path := range lists {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		r := &room{dir: filepath.Dir(path)}
		for line := range strings.Lines(string(text)) {
			switch line = strings.TrimSpace(line); {
			case line == "" || line[0] == '#':
			case line[0] == '!':
				r.omitted = append(r.omitted, line[1:])
			case line[0] == '+':
				r.sourced = append(r.sourced, line[1:])
			default:
				r.patterns = append(r.patterns, line)
			}
		}
		found = append(found, r)
	}
	return found, nil
}

// omits says whether a package is left out: the list says so, or nobody outside of its parent may import it.
func (r *room) omits(path string) bool {
	if slices.ContainsFunc(r.omitted, func(pattern string) bool {
		tree, whole := strings.CutSuffix(pattern, "/...")
		return path == tree || whole && strings.HasPrefix(path, tree+"/")
	}) {
		return true
	}
	return slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool {
		return part == "internal" || part == "vendor" || part == "testdata"
	})
}
