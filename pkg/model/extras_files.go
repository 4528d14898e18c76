package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/nn"
)

// parts are the files of the extras.
func (e *Extras) parts() ([]checkpoint.Part, error) {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, err
	}
	var tensors []checkpoint.Named
	for _, name := range e.Params.Names() {
		tensors = append(tensors, checkpoint.Named{Name: name, Tensor: e.Params.Get(name)})
	}
	return []checkpoint.Part{
		{Name: extraParams, Write: func(w io.Writer) error { return checkpoint.Write(w, tensors, checkpoint.Options{}) }},
		{Name: extrasFile, Write: func(w io.Writer) error { _, err := w.Write(text); return err }},
	}, nil
}

// forgetExtras removes the extras of a model that stood in a folder before.
func forgetExtras(dir string) error {
	for _, name := range []string{extrasFile, extraParams} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// loadExtras reads them, where the folder has some.
func (m *Model) loadExtras(ctx context.Context, fsys fs.FS) error {
	text, err := fs.ReadFile(fsys, extrasFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	e := &Extras{Params: &nn.Params{}}
	if err := json.Unmarshal(text, e); err != nil {
		return fmt.Errorf("%s: %w", extrasFile, err)
	}
	f, err := checkpoint.Open(fsys, extraParams)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, entry := range f.Entries() {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := f.Tensor(entry.Name)
		if err != nil {
			return err
		}
		if err := e.Params.Add(entry.Name, t); err != nil {
			return err
		}
	}
	if err := e.Check(m.Config); err != nil {
		return fmt.Errorf("%s: %w", extrasFile, err)
	}
	m.Extras = e
	return nil
}
