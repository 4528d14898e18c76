// Command gen writes the symbols and the export data of the packages that cells can import, for every folder named symbols
// that has a packages.txt. It prints the packages that it left out because they do not build.
//
//	go run ./kernel/symbols/gen          write z_*.go and packages.zip of all rooms
//	go run ./kernel/symbols/gen -check   fail if they are out of date
package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"strings"
)

// table is what every room's package has: rooms must not import each other, so each has it whole.
//
//go:embed table.go.txt
var table []byte

func main() {
	log.SetFlags(0)
	log.SetPrefix("symbols: ")
	check := flag.Bool("check", false, "write nothing; fail if a file would change")
	flag.Parse()
	if err := run(*check); err != nil {
		log.Fatal(err)
	}
}

func run(check bool) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	found, err := rooms(root)
	if err != nil {
		return err
	}
	// Packages of one room need those of another, so all are listed before anything is written.
	packages, known := map[*room][]*listed{}, map[string]bool{}
	for _, r := range found {
		if packages[r], err = r.list(); err != nil {
			return fmt.Errorf("%s: %w", r.dir, err)
		}
		for _, p := range packages[r] {
			known[p.path] = true
		}
	}
	for _, r := range found {
		if err := r.write(packages[r], known, check); err != nil {
			return err
		}
	}
	return nil
}

// write brings a room up to date, or says what would change.
func (r *room) write(packages []*listed, known map[string]bool, check bool) error {
	files := map[string][]byte{}
	for _, p := range packages {
		text, err := symbolsOf(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		files[fileName(p.path)] = text
	}
	var err error
	if files["z_table.go"], err = format.Source(append([]byte(header), table...)); err != nil {
		return err
	}
	if files["z_packages.go"], err = tableOf(packages, known); err != nil {
		return err
	}
	if files["packages.zip"], err = archiveOf(packages); err != nil {
		return err
	}
	stale, err := staleFiles(r.dir, files)
	if err != nil {
		return err
	}
	if check {
		return compare(r.dir, files, stale)
	}
	for _, name := range stale {
		if err := os.Remove(filepath.Join(r.dir, name)); err != nil {
			return err
		}
	}
	for name, content := range files {
		path := filepath.Join(r.dir, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
			continue // an unchanged time stamp saves the compiler work
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// staleFiles are generated files of packages that are gone.
func staleFiles(dir string, files map[string][]byte) ([]string, error) {
	old, err := filepath.Glob(filepath.Join(dir, "z_*.go"))
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, path := range old {
		if name := filepath.Base(path); files[name] == nil {
			stale = append(stale, name)
		}
	}
	return stale, nil
}

// compare reports drift. The export data is left out: it holds the compiler's build ids and positions, which change
// without any change of the API, and what matters of it is in the symbols, too.
func compare(dir string, files map[string][]byte, stale []string) error {
	drift := stale
	for name, content := range files {
		if name == "packages.zip" {
			continue
		}
		if old, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(old, content) {
			drift = append(drift, name)
		}
	}
	if len(drift) > 0 {
		return fmt.Errorf("%s is out of date, run \"go generate ./kernel/symbols\": %s", dir, strings.Join(drift, ", "))
	}
	return nil
}

func fileName(path string) string { return "z_" + mangle(path) + ".go" }

// mangle makes an identifier and file name of an import path. The ending keeps _linux or _test from meaning something.
func mangle(path string) string {
	path = strings.TrimPrefix(path, module+"/")
	return strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path) + "_symbols"
}
