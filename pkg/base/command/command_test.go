package command_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/base/command"
	"github.com/tunebook/tunebook/pkg/model"
)

// run is the command line, its output and its messages.
func run(ctx context.Context, stderr io.Writer, args ...string) (out string, err error) {
	var stdout bytes.Buffer
	c := command.New()
	c.SetArgs(args)
	c.SetOut(&stdout)
	c.SetErr(stderr)
	c.SilenceErrors, c.SilenceUsage = true, true
	err = c.ExecuteContext(ctx)
	return stdout.String(), err
}

// cancelOn cancels when a line that contains its text is written.
type cancelOn struct {
	text   string
	cancel context.CancelFunc
}

func (c cancelOn) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.text) {
		c.cancel()
	}
	return len(p), nil
}

// A run that was stopped goes on and gives the weights of one that was not; what it leaves can be loaded and reported.
func TestTrainStopsAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	args := func(out string) []string {
		return []string{"train", "--twin", "--documents", "400", "--steps", "40", "--out", filepath.Join(dir, out)}
	}
	if _, err := run(t.Context(), io.Discard, args("whole")...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := run(ctx, cancelOn{"base ", cancel}, args("stopped")...) // at the first line of progress
	if err == nil || !strings.Contains(err.Error(), "goes on") {
		t.Fatalf("a stopped run says %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "stopped")); !os.IsNotExist(err) {
		t.Errorf("a stopped run left a model: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "stopped.run")); err != nil {
		t.Errorf("a stopped run kept nothing: %v", err)
	}
	out, err := run(t.Context(), io.Discard, args("stopped")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Perplexity", "Facts", "Readiness", "Samples", "亲爱的"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report has no %q", want)
		}
	}
	whole, resumed := model.Must(model.Load(t.Context(), filepath.Join(dir, "whole"))), model.Must(model.Load(t.Context(), filepath.Join(dir, "stopped")))
	if whole.Hash() != resumed.Hash() {
		t.Error("other weights than those of a run that was not stopped")
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 {
		t.Errorf("left in the folder: %v", left)
	}
	r, err := base.ReadReport(filepath.Join(dir, "stopped"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Tokens != 40*8*128 || len(r.Samples) != 20 || len(r.Facts) != 12 {
		t.Errorf("the report: %d tokens, %d samples, %d kinds of facts", r.Tokens, len(r.Samples), len(r.Facts))
	}
	page, err := run(t.Context(), io.Discard, "report", "--markdown", filepath.Join(dir, "stopped"))
	if err != nil || !strings.HasPrefix(page, "# The base model") {
		t.Errorf("report: %v, %.40q", err, page)
	}

	// A model is replaced only by force.
	if _, err := run(t.Context(), io.Discard, args("whole")...); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a model in the way: %v", err)
	}
	if _, err := run(t.Context(), io.Discard, append(args("whole"), "--force", "--seed", "2")...); err != nil {
		t.Error(err)
	}
	if m := model.Must(model.Load(t.Context(), filepath.Join(dir, "whole"))); m.Hash() == whole.Hash() {
		t.Error("--force did not replace the model")
	}
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	letters := filepath.Join(dir, "letters")
	if err := os.MkdirAll(letters, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(letters, "mine.txt"), []byte("dear"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "odd"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "odd", "report.json"), []byte(`{"Steps":[1],"HeldOutLoss":[]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"no base model":           {"train", "--out", letters, "--force"},
		"not a directory":         {"train", "--out", filepath.Join(letters, "mine.txt")},
		"--threads -1":            {"train", "--out", filepath.Join(dir, "x"), "--threads", "-1"},
		"want all positive":       {"train", "--out", filepath.Join(dir, "x"), "--steps", "0"},
		"unknown flag":            {"train", "--speed", "9"},
		"tunebook base train wro": {"report", filepath.Join(dir, "none")},
		"1 steps and 0 losses":    {"report", filepath.Join(dir, "odd")},
	} {
		if _, err := run(t.Context(), io.Discard, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want an error with %q", args, err, want)
		}
	}
	if got, err := os.ReadFile(filepath.Join(letters, "mine.txt")); err != nil || string(got) != "dear" {
		t.Errorf("somebody's file: %q, %v", got, err)
	}
}

func TestReportOfTheEmbeddedModel(t *testing.T) {
	out, err := run(t.Context(), io.Discard, "report")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out, "\n\n"); n < 20 {
		t.Errorf("%d paragraphs, want twenty samples at least:\n%s", n, out)
	}
}
