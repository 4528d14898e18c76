// Command gen writes the symbols and the export data of the packages that cells can import. It prints the packages that
// it left out because they do not build.
//
//	go run ./pkg/symbols/gen          write pkg/symbols/z_*.go and packages.zip
//	go run ./pkg/symbols/gen -check   fail if they are out of date
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("symbols: ")
	check := flag.Bool("check", false, "write nothing; fail if a file would change")
	directory := flag.String("dir", "", "the folder of package symbols; empty finds it from the module")
	flag.Parse()
	dir := *directory
	if dir == "" {
		root, err := moduleRoot()
		if err != nil {
			log.Fatal(err)
		}
		dir = filepath.Join(root, "pkg", "symbols")
	}
	if err := run(dir, *check); err != nil {
		log.Fatal(err)
	}
}

func run(dir string, check bool) error {
	packages, err := list(dir)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, p := range packages {
		if files[fileName(p.path)], err = symbolsOf(p); err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
	}
	if files["z_packages.go"], err = tableOf(packages); err != nil {
		return err
	}
	if files["packages.zip"], err = archiveOf(packages); err != nil {
		return err
	}
	stale, err := staleFiles(dir, files)
	if err != nil {
		return err
	}
	if check {
		return compare(dir, files, stale)
	}
	for _, name := range stale {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
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
		return fmt.Errorf("out of date, run \"go generate ./pkg/symbols\": %s", strings.Join(drift, ", "))
	}
	return nil
}

func fileName(path string) string { return "z_" + mangle(path) + ".go" }

// mangle makes an identifier and file name of an import path. The ending keeps _linux or _test from meaning something.
func mangle(path string) string {
	path = strings.TrimPrefix(path, module+"/")
	return strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path) + "_symbols"
}
