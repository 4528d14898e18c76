package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// listed is one package as go list and its export data describe it.
type listed struct {
	path   string
	types  *types.Package
	export []byte            // as gcexportdata reads it
	source map[string][]byte // only of sourced packages
}

func moduleRoot() (string, error) {
	out, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// list builds the packages and reads their export data, sorted by path. Trimmed paths: export data has the place of every
// declaration, and where a machine keeps its files is nobody's business.
func (r *room) list() ([]*listed, error) {
	arguments := append([]string{"list", "-e", "-trimpath", "-export", "-json=ImportPath,Export,Dir,GoFiles,Name,Error,Standard"}, r.patterns...)
	command := exec.CommandContext(context.Background(), "go", arguments...)
	command.Dir = r.dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := command.Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return nil, fmt.Errorf("go list: %w", err)
	}
	set := token.NewFileSet()
	known := map[string]*types.Package{}
	var packages []*listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Export, Dir, Name string
			GoFiles                       []string
			Error                         *struct{ Err string }
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if r.omits(p.ImportPath) || p.Name == "main" {
			continue
		}
		if p.Export == "" {
			log.Printf("left out %s, which does not build", p.ImportPath)
			continue
		}
		l, err := load(set, known, p.ImportPath, p.Export)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		if slices.Contains(r.sourced, p.ImportPath) {
			l.source = map[string][]byte{}
			for _, name := range p.GoFiles {
				if l.source[name], err = os.ReadFile(filepath.Join(p.Dir, name)); err != nil {
					return nil, err
				}
			}
		}
		packages = append(packages, l)
	}
	slices.SortFunc(packages, func(a, b *listed) int { return strings.Compare(a.path, b.path) })
	return packages, nil
}

func load(set *token.FileSet, known map[string]*types.Package, path, file string) (*listed, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f) //nolint:staticcheck // go list -export still gives archives
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	p, err := gcexportdata.Read(bytes.NewReader(data), set, known, path)
	if err != nil {
		return nil, err
	}
	return &listed{path: path, types: p, export: data}, nil
}

// archiveOf packs export data and sources. Entries carry no time, so that equal input gives equal bytes.
func archiveOf(packages []*listed) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, content []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	}
	for _, p := range packages {
		if err := add("export/"+p.path, p.export); err != nil {
			return nil, err
		}
		names := make([]string, 0, len(p.source))
		for name := range p.source {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if err := add("source/"+p.path+"/"+name, p.source[name]); err != nil {
				return nil, err
			}
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
