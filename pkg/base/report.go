package base

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/world"
)

// Report is how a base model was made and what it can do; it stands beside the weights as report.json.
type Report struct {
	Recipe      Recipe
	Kernels     string             // the processor's kernels
	Seconds     float64            // of training
	Tokens      int                // read
	Perplexity  map[string]float64 // by language, on unseen documents
	Steps       []int              // of the held-out curve
	HeldOutLoss []float64          // nats per token
	Examination
}

func (r *Report) save(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("base: report: %w", err)
	}
	for name, content := range map[string]string{"report.json": string(text) + "\n", "README.md": r.Markdown()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return fmt.Errorf("base: report: %w", err)
		}
	}
	return nil
}

var languages = map[string]string{world.English: "English", world.Chinese: "Chinese"}

// tables are the figures of the report.
func (r *Report) tables() []*metric.Table {
	perplexity := &metric.Table{Title: "Perplexity on unseen papers", Header: []string{"language", "perplexity"}}
	facts := &metric.Table{Title: "Facts: sentences ended rightly", Header: []string{"language", "fact", "told by texts", "told by none"}}
	ready := &metric.Table{Title: "Readiness: exact answers about people never asked about, after 300 steps of SFT", Header: []string{"language", "before", "after", "after, told by none"}}
	for _, lang := range []string{world.English, world.Chinese} {
		if p, ok := r.Perplexity[lang]; ok {
			perplexity.Add(languages[lang], fmt.Sprintf("%.3f", p))
		}
	}
	for _, f := range r.Facts {
		facts.Add(languages[f.Lang], string(f.Attribute), percent(f.Known), percent(f.Unknown))
	}
	for _, s := range r.Readiness {
		ready.Add(languages[s.Lang], percent(s.Before), percent(s.After), percent(s.Unknown))
	}
	return []*metric.Table{perplexity, facts, ready}
}

func percent(t Tally) string { return fmt.Sprintf("%.1f%% (%v)", 100*t.Share(), t) }

// made is how the model came to be, in sentences.
func (r *Report) made() string {
	c := r.Recipe.Model
	return fmt.Sprintf("A decoder of %d layers, width %d, %d heads (%d for keys and values), hidden width %d, %d tokens known. It read %.1f million tokens of %d papers of Ternhaven, in %d steps of %d rows of %d tokens, at a peak rate of %g: %v on %s.",
		c.Layers, c.Dim, c.Heads, c.KVHeads, c.Hidden, c.Vocab, float64(r.Tokens)/1e6, r.Recipe.Documents, r.Recipe.Steps, r.Recipe.Batch, r.Recipe.Length, r.Recipe.LR,
		time.Duration(r.Seconds*float64(time.Second)).Round(time.Second), r.Kernels)
}

// drawn says how samples are drawn.
func drawn(o model.Generate) string {
	return fmt.Sprintf("Drawn at temperature %g with seed %d, at most %d tokens after the opening, none chosen.", o.Temperature, o.Seed, o.MaxTokens)
}

// String is the report for a terminal.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.made())
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n%v", t)
	}
	fmt.Fprintf(&b, "\nSamples\n%s\n", drawn(sampling))
	for _, s := range r.Samples {
		fmt.Fprintf(&b, "\n%s\n", s.Text)
	}
	return b.String()
}

// Markdown is the report as a page.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The base model\n\n%s `tunebook base train` makes it anew; `tunebook base report` shows this page.\n", r.made())
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n## %s\n\n| %s |\n|%s\n", t.Title, strings.Join(t.Header, " | "), strings.Repeat("---|", len(t.Header)))
		for _, row := range t.Rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		}
	}
	fmt.Fprintf(&b, "\n## The curve\n\nLoss on unseen papers, nats per token:\n\n| step | loss |\n|---|---|\n")
	for i, step := range r.Steps {
		fmt.Fprintf(&b, "| %d | %.4f |\n", step, r.HeldOutLoss[i])
	}
	fmt.Fprintf(&b, "\n## Samples\n\n%s The opening stands in bold.\n", drawn(sampling))
	for i, s := range r.Samples {
		fmt.Fprintf(&b, "\n%d. **%s**%s\n", i+1, s.Prompt, strings.TrimPrefix(s.Text, s.Prompt))
	}
	return b.String()
}
