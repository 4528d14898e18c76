package execute

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What another notebook has trained is taken from the folder, to the last bit, and is not trained again: the watcher is called
// once. A run with another seed or rate is trained and does not disturb what is kept; one that shows itself on the way is trained whole each time.
func TestShare(t *testing.T) {
	dir := t.TempDir()
	train := func(rate string, seed int, peek, env string) (calls, hash string) {
		t.Helper()
		r := Runner{Env: []string{OneCore, env}}
		executed, _, err := r.Run(t.Context(), notebook(fmt.Sprintf(`calls := 0
m := model.Must(base.Load(ctx))
r := train.Must(train.Run(ctx, train.Job{Name: %q, Model: m, Method: method.SFT{}, Data: data.Must(world.Questions(ctx)).Take(40), Steps: 24, Batch: 1, LR: %s, Seed: %d,
	Watch: func(metric.Snapshot) { calls++ }, Peek: %s}))
fmt.Println("calls", calls, "hash", r.Model.Hash(), "end")`, env, rate, seed, peek)))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(executed), "calls ")
		calls, after, _ = strings.Cut(after, " hash ")
		hash, _, found := strings.Cut(after, " end")
		if !found {
			t.Fatalf("%s", executed)
		}
		return calls, hash
	}
	const never, look = "nil", "func(int, *model.Model) {}"
	_, alone := train("1e-3", 1, never, "A=1")
	_, other := train("1e-3", 2, never, "A=1")
	for _, c := range []struct {
		rate        string
		seed        int
		peek, calls string
	}{
		{"1e-3", 1, never, "24"}, // English
		{"1e-3", 1, never, "1"},  // Chinese
		{"1e-3", 1, look, "24"},
		{"2e-3", 1, never, "24"},
		{"1e-3", 2, never, "24"},
		{"1e-3", 1, never, "1"},
	} {
		calls, hash := train(c.rate, c.seed, c.peek, Share(dir))
		if same := hash == alone; calls != c.calls || same != (c.rate == "1e-3" && c.seed == 1) || c.seed == 2 && hash != other {
			t.Errorf("%+v: watched %s times, the model is that of a run alone: %v", c, calls, same)
		}
	}
	kept, err := filepath.Glob(filepath.Join(dir, "1", "*"))
	if err != nil || len(kept) != 1 {
		t.Errorf("kept %v, %v", kept, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "2")); !os.IsNotExist(err) {
		t.Errorf("one run a notebook, and a second is kept: %v", err)
	}
}
