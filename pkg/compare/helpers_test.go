package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// What this test binary does when it is started as another process.
const (
	serveRuns = "TUNEBOOK_TEST_SERVE" // be Study.Program
	killedIn  = "TUNEBOOK_TEST_KILLED"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(serveRuns) != "":
		if err := Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case os.Getenv(killedIn) != "":
		waitToBeKilled()
	}
	os.Exit(m.Run())
}

// program is this test binary as Study.Program.
func program(t *testing.T) []string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(serveRuns, "1")
	return []string{exe}
}

// small writes a model and files for a study that takes a second, and returns its folder.
func small(t *testing.T) string {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	var practice, exam, text data.Set
	animals := []string{"cat", "dog", "hen", "fox", "owl", "cow"}
	for i, a := range animals {
		for _, b := range animals {
			r := data.Record{Prompt: "say " + a + " " + b, Answer: a, Kind: "say", Lang: "en"}
			if a > b {
				r.Kind = "repeat"
			}
			if practice = append(practice, r); i < 2 {
				exam = append(exam, r)
			}
		}
		text = append(text, data.Record{Text: strings.Repeat("the "+a+" sat on the mat. ", 3)})
	}
	var corpus []string
	for _, r := range practice {
		corpus = append(corpus, r.Prompt+" "+r.Answer)
	}
	tok := token.Must(token.Train(ctx, corpus, token.TrainOptions{Vocab: 300}))
	m := model.Must(model.New(model.Config{Dim: 32, Layers: 2, Heads: 2, Context: 64, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))
	if err := m.Save(ctx, filepath.Join(dir, "base")); err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]data.Set{"practice.jsonl": practice, "exam.jsonl": exam, "text.jsonl": text} {
		if err := set.SaveJSONL(ctx, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const smallConfig = `name: small
base: base
text: text.jsonl
task: {practice: practice.jsonl, exam_file: exam.jsonl}
seeds: 2
threads: 1
workers: 1
steps: 60
save_every: 30
batch: 2
length: 32
lr: 5e-3
methods:
  - full
  - {method: last, layers: 1}
`

// long is smallConfig with runs that take long enough to be killed in.
var long = strings.NewReplacer("steps: 60", "steps: 1000", "save_every: 30", "save_every: 250\neval_every: 500").Replace(smallConfig)

// study is that of a configuration, kept in a folder of its own.
func study(t *testing.T, dir, config string) Study {
	t.Helper()
	c, err := ParseConfig([]byte(config), dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Study(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s.Dir = t.TempDir()
	return s
}

// bits is all of a report that does not depend on the clock, on memory and on how often it was interrupted.
func bits(t *testing.T, r *Report) string {
	t.Helper()
	var out strings.Builder
	for _, m := range r.Methods {
		for _, run := range m.Runs {
			c := *run
			c.Seconds, c.Step, c.Peak, c.Idle, c.PeakHow, c.Resumed, c.Beside, c.Threads, c.model = 0, 0, 0, 0, "", false, 0, 0, nil
			text, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			trained, err := r.Model(m.Name, run.Seed).Load(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "%s %s\n%s\n", m.Name, trained.Hash(), text)
		}
	}
	return out.String() + r.Verdict()
}

// trained counts the runs that were not known, from the last snapshot.
type trained struct{ known, made int }

func (c *trained) watch(s Snapshot) {
	if s.Done {
		c.known, c.made = s.Count(Known), s.Count(Finished)
	}
}

func mustRun(t *testing.T, s Study, watch func(Snapshot)) *Report {
	t.Helper()
	r, err := Run(context.Background(), s, watch)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
