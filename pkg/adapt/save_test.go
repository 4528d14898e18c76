package adapt_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/checkpoint"
)

// What moved is saved without the base, put on it again, and gives the trained model to the last bit.
func TestSaveThenLoad(t *testing.T) {
	ctx := context.Background()
	base := small(true)
	for _, a := range []adapt.Adaptation{adapt.Last(1), adapt.BitFit(), adapt.Norms(), adapt.Untie(adapt.Head()), adapt.Unfreeze(10)} {
		dir := filepath.Join(t.TempDir(), "saved")
		tuned := adapt.Must(adapt.Attach(base, a, adapt.Run{Steps: 15})) // too short for all of Unfreeze
		moving := tuned.Stages[len(tuned.Stages)-1].Moves
		for i, name := range moving {
			tuned.Tensor(name).Data[0] += float32(i + 1)
		}
		if err := tuned.Save(ctx, dir); err != nil {
			t.Fatal(err)
		}
		f, err := checkpoint.Open(os.DirFS(dir), "adapter.safetensors")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range f.Entries() {
			names = append(names, e.Name)
		}
		f.Close()
		slices.Sort(names)
		if want := slices.Sorted(slices.Values(moving)); !slices.Equal(names, want) {
			t.Errorf("%v: the file holds %v, want %v", a, names, want)
		}
		again, err := adapt.Load(ctx, dir, base, a)
		if err != nil {
			t.Fatal(err)
		}
		if again.Model.Hash() != tuned.Model.Hash() || again.Model.Config != tuned.Model.Config || base.Hash() == tuned.Model.Hash() {
			t.Errorf("%v: loaded another model", a)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	base := small(true)
	if err := adapt.Must(adapt.Attach(base, adapt.Last(1))).Save(ctx, dir); err != nil {
		t.Fatal(err)
	}
	other := base.Clone()
	other.Params.Get("model.norm.weight").Data[0]++
	if _, err := adapt.Load(ctx, dir, other, adapt.Last(1)); !errors.Is(err, adapt.ErrOtherBase) {
		t.Errorf("other base: %v", err)
	}
	if _, err := adapt.Load(ctx, dir, base, adapt.Last(2)); !errors.Is(err, adapt.ErrOtherAdaptation) || !strings.Contains(err.Error(), "last 2 layers") {
		t.Errorf("other adaptation: %v", err)
	}
	if _, err := adapt.Load(ctx, filepath.Join(dir, "nowhere"), base, adapt.Last(1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := adapt.Load(stopped, dir, base, adapt.Last(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}

	// Files with the right words and the wrong tensors.
	file, err := checkpoint.Open(os.DirFS(dir), "adapter.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	about := file.Metadata()
	var all []checkpoint.Named
	for _, e := range file.Entries() {
		x, err := file.Tensor(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, checkpoint.Named{Name: e.Name, Tensor: x})
	}
	file.Close()
	for says, tensors := range map[string][]checkpoint.Named{
		"it is not whole": all[1:],
		"has no place":    append(slices.Clone(all), checkpoint.Named{Name: "stranger", Tensor: all[0].Tensor}),
	} {
		w, err := os.Create(filepath.Join(dir, "adapter.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(checkpoint.Write(w, tensors, checkpoint.Options{Metadata: about}), w.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := adapt.Load(ctx, dir, base, adapt.Last(1)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want an error that says %q", err, says)
		}
	}
}
