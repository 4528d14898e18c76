package adapt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
)

// file holds what moved, by name, with the line of the adaptation and the hash of the base as metadata.
const file = "adapter.safetensors"

// Keys of the metadata.
const (
	adaptationKey = "tunebook.adaptation"
	baseKey       = "tunebook.base"
)

// What a saved adapter needs to be put on a model again.
var (
	ErrOtherBase       = errors.New("this was trained on another base model: its numbers mean nothing on this one")
	ErrOtherAdaptation = errors.New("this holds another adaptation: load it with the one that it was trained with")
)

// Save writes what moves, and what was added, to a folder: the part of the model that the base does not have. All of it or
// nothing.
func (t *Attached) Save(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("adapt: save %s: %w", dir, err)
	}
	var tensors []checkpoint.Named
	for _, name := range t.kept() {
		tensors = append(tensors, checkpoint.Named{Name: name, Tensor: t.Tensor(name)})
	}
	about := map[string]string{adaptationKey: t.Adaptation.String(), baseKey: t.Base.Hash()}
	err := checkpoint.SaveDir(dir, []checkpoint.Part{{Name: file, Write: func(w io.Writer) error {
		return checkpoint.Write(w, tensors, checkpoint.Options{Metadata: about})
	}}})
	if err != nil {
		return fmt.Errorf("adapt: save %s: %w", dir, err)
	}
	return nil
}

// Load puts what Save wrote on a copy of base. The adaptation must be the one that was saved, and base the model that it was
// trained on; both are checked. Merged of what it returns is the trained model.
func Load(ctx context.Context, dir string, base *model.Model, a Adaptation) (*Attached, error) {
	t, err := Attach(base, a, Run{Steps: forever})
	if err != nil {
		return nil, err
	}
	if err := t.load(ctx, dir); err != nil {
		return nil, fmt.Errorf("adapt: load %s: %w", dir, err)
	}
	return t, nil
}

// forever is a run in which every stage is reached.
const forever = 1 << 30

func (t *Attached) load(ctx context.Context, dir string) error {
	f, err := checkpoint.Open(os.DirFS(dir), file)
	if err != nil {
		return err
	}
	defer f.Close()
	about := f.Metadata()
	if was, is := about[adaptationKey], t.Adaptation.String(); was != is {
		return fmt.Errorf("saved %q, asked for %q: %w", was, is, ErrOtherAdaptation)
	}
	if about[baseKey] != t.Base.Hash() {
		return ErrOtherBase
	}
	for _, name := range t.needed() {
		if !f.Has(name) {
			return fmt.Errorf("%s lacks %s: it is not whole", file, name)
		}
	}
	for _, e := range f.Entries() {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := t.Tensor(e.Name)
		if to == nil || !slices.Equal(to.Shape, e.Shape) {
			return fmt.Errorf("%s %v has no place in the model with %s", e.Name, e.Shape, t.Adaptation.Name())
		}
		from, err := f.Tensor(e.Name)
		if err != nil {
			return err
		}
		copy(to.Data, from.Data)
	}
	return nil
}

// kept are the names of what is saved: what moves in the end, and what was added and does not.
func (t *Attached) kept() []string { return t.withAdded(t.Stages[len(t.Stages)-1].Moves) }

// needed are the names that every file has, also of a run that was too short for the later stages.
func (t *Attached) needed() []string { return t.withAdded(t.Stages[0].Moves) }

func (t *Attached) withAdded(names []string) []string {
	names = slices.Clone(names)
	if t.Added != nil {
		for _, name := range t.Added.Names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Tensor is a parameter of the model or an added one, itself and not a copy; nil if there is none of that name.
func (t *Attached) Tensor(name string) *compute.Tensor {
	if p := t.Model.Param(name); p != nil || t.Added == nil {
		return p
	}
	return t.Added.Get(name)
}
