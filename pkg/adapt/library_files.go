package adapt

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Save writes each entry to a file of its own in a folder, NAME.safetensors, all of them or none.
func (l *Library) Save(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("adapt: library: save %s: %w", dir, err)
	}
	var parts []checkpoint.Part
	for _, it := range l.items {
		var tensors []checkpoint.Named
		for _, name := range it.extras.Params.Names() {
			tensors = append(tensors, checkpoint.Named{Name: name, Tensor: it.extras.Params.Get(name)})
		}
		about := map[string]string{adaptationKey: it.told, baseKey: l.hash, extrasKey: describe(it.extras)}
		parts = append(parts, checkpoint.Part{Name: it.name + ".safetensors", Write: func(w io.Writer) error {
			return checkpoint.Write(w, tensors, checkpoint.Options{Metadata: about})
		}})
	}
	if err := checkpoint.SaveDir(dir, parts); err != nil {
		return fmt.Errorf("adapt: library: save %s: %w", dir, err)
	}
	return nil
}

// LoadLibrary reads what Save wrote, by name. base must be the model that all were trained on.
func LoadLibrary(ctx context.Context, dir string, base *model.Model) (*Library, error) {
	l, err := NewLibrary(base)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	if err != nil {
		return nil, fmt.Errorf("adapt: library: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("adapt: library: %s: %w: no file ends with .safetensors", dir, os.ErrNotExist)
	}
	for _, path := range files {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("adapt: library: %w", err)
		}
		if err := l.read(dir, filepath.Base(path)); err != nil {
			return nil, fmt.Errorf("adapt: library: %s: %w", path, err)
		}
	}
	return l, nil
}

func (l *Library) read(dir, file string) error {
	f, err := checkpoint.Open(os.DirFS(dir), file)
	if err != nil {
		return err
	}
	defer f.Close()
	about := f.Metadata()
	if about[baseKey] != l.hash {
		return ErrOtherBase
	}
	e := &model.Extras{Params: &nn.Params{}}
	if err := json.Unmarshal([]byte(about[extrasKey]), e); err != nil {
		return fmt.Errorf("this is not of a library: %w", err)
	}
	for _, s := range e.Shapes(l.base.Config) {
		t, err := f.Tensor(s.Name)
		if err != nil {
			return err
		}
		if err := e.Params.Add(s.Name, t); err != nil {
			return err
		}
	}
	return l.Put(strings.TrimSuffix(file, ".safetensors"), e, about[adaptationKey])
}
