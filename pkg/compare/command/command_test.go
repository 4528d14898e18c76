package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compare"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

const asProgram = "TUNEBOOK_TEST_COMPARE"

// TestMain makes the test binary the program that runs are given.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		c := New()
		c.SetArgs(os.Args[1:])
		if err := c.Execute(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func call(t *testing.T, ctx context.Context, arguments ...string) (out, progress string, err error) {
	t.Helper()
	t.Setenv(asProgram, "1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	c := command([]string{exe, "--serve"})
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	c.SetArgs(arguments)
	err = c.ExecuteContext(ctx)
	return stdout.String(), stderr.String(), err
}

// files writes a base and a configuration that take a second.
func files(t *testing.T) (dir, config string) {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	var set data.Set
	for _, a := range []string{"cat", "dog", "hen", "fox"} {
		set = append(set, data.Record{Prompt: "say " + a, Answer: a})
	}
	tok := token.Must(token.Train(ctx, []string{"say cat dog hen fox"}, token.TrainOptions{Vocab: 280}))
	m := model.Must(model.New(model.Config{Dim: 16, Layers: 2, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))
	config = filepath.Join(dir, "c.yaml")
	err := errors.Join(m.Save(ctx, filepath.Join(dir, "base")), set.SaveJSONL(ctx, filepath.Join(dir, "set.jsonl")),
		os.WriteFile(config, []byte("base: base\ntask: {practice: set.jsonl, exam_file: set.jsonl}\nsteps: 20\nsave_every: 20\nbatch: 1\nlength: 32\nseeds: 2\nthreads: 1\nworkers: 1\nmethods: [full, last]\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return dir, config
}

func TestCompare(t *testing.T) {
	ctx := context.Background()
	dir, config := files(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	out, progress, err := call(t, ctx, "--config", config, "--dir", at("runs"), "--html", at("r.html"), "--json", at("r.json"), "--csv", at("r.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"full", "last", "exact answers", "How sure", "peak memory, measured"} {
		if !strings.Contains(out, part) {
			t.Errorf("the report lacks %q:\n%s", part, out)
		}
	}
	if !strings.Contains(progress, "4/4 runs") || strings.Contains(progress, "known") {
		t.Errorf("progress:\n%s", progress)
	}
	page, err := os.ReadFile(at("r.html"))
	if err != nil || !strings.Contains(string(page), "<svg") {
		t.Errorf("the page: %v", err)
	}
	var read struct{ Whole bool }
	text, err := os.ReadFile(at("r.json"))
	if err = errors.Join(err, json.Unmarshal(text, &read)); err != nil || !read.Whole {
		t.Errorf("JSON: %v, %+v", err, read)
	}
	rows, err := os.ReadFile(at("r.csv"))
	if err != nil || strings.Count(string(rows), "\n") != 5 {
		t.Errorf("CSV: %v\n%s", err, rows)
	}
	// The same again trains nothing and writes the same bytes.
	again, progress, err := call(t, ctx, "--config", config, "--dir", at("runs"), "--csv", "-")
	if err != nil || again != string(rows) || !strings.Contains(progress, "(4 known)") {
		t.Errorf("again: %v, %s\n%s\nwant\n%s", err, progress, again, rows)
	}
}

func TestInterrupted(t *testing.T) {
	dir, config := files(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, progress, err := call(t, ctx, "--config", config, "--dir", filepath.Join(dir, "runs"))
	if !errors.Is(err, context.Canceled) { // exit status 130: kernel/cli
		t.Errorf("%v, %s", err, progress)
	}
}

func TestExampleAndMistakes(t *testing.T) {
	ctx := context.Background()
	out, _, err := call(t, ctx, "--example")
	if err != nil || out != compare.Example() {
		t.Errorf("%v\n%s", err, out)
	}
	dir, config := files(t)
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("methods:\n  - ful\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{nil, "--config is missing"},
		{[]string{"--config", "none.yaml"}, "none.yaml"},
		{[]string{"--config", bad}, `bad.yaml: compare: the configuration has a mistake: line 2: there is no method "ful" (did you mean "full"?)`},
		{[]string{"--config", config, "--html", filepath.Join(dir, "no", "r.html")}, "there is no folder"},
		{[]string{"--config", config, "--threads", "-1"}, "want 1 or more"},
		{[]string{"--config", config, "more"}, "unknown command"},
	} {
		if _, _, err := call(t, ctx, c.arguments...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.arguments, err, c.want)
		}
	}
	help, _, err := call(t, ctx, "--help")
	if err != nil || !strings.Contains(help, "--example > methods.yaml") || strings.Contains(help, "--serve") {
		t.Errorf("%v\n%s", err, help)
	}
}
