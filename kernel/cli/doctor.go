package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel/lab"
)

// Fact is one line of doctor.
type Fact struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	OK     bool   `json:"ok"`
	Advice string `json:"advice,omitempty"` // what to do about it
}

func (a App) doctor() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say and measure what this machine has, and what to do about what it lacks",
		Example: `  tunebook doctor
  tunebook doctor --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := interruptible(c)
			defer stop()
			facts := a.facts(ctx)
			if asJSON {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(facts)
			}
			return list(c.OutOrStdout(), facts)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "for programs")
	return c
}

func (a App) facts(ctx context.Context) []Fact {
	facts := []Fact{
		{Name: "Tunebook", Value: Version(), OK: true},
		{Name: "Go", Value: strings.TrimPrefix(runtime.Version(), "go") + " " + runtime.GOOS + "/" + runtime.GOARCH, OK: true},
	}
	if a.Facts != nil {
		facts = append(facts, a.Facts(ctx)...)
	}
	facts = append(facts, memoryFact(memory()))
	return append(facts, jupyterFacts(ctx)...)
}

// memoryFact judges by what the lessons need: a base model, its optimizer and JupyterLab fit into 2 GB.
func memoryFact(bytes uint64) Fact {
	f := Fact{Name: "Memory", Value: fmt.Sprintf("%.1f GB", float64(bytes)/1e9), OK: bytes >= 2e9}
	switch {
	case bytes == 0:
		f.Value, f.OK = "unknown", true
	case !f.OK:
		f.Advice = "the lessons want 2 GB: close other programs"
	}
	return f
}

func jupyterFacts(ctx context.Context) []Fact {
	python := Fact{Name: "Python", OK: true}
	found, err := lab.FindPython(ctx)
	if python.Value = found.Version + " " + found.Path; err != nil {
		python = Fact{Name: "Python", Value: "not found", Advice: err.Error()}
	}
	jupyter := Fact{Name: "JupyterLab", OK: true}
	found, err = lab.FindJupyterLab(ctx)
	cache, noCache := lab.Cache()
	if err != nil && noCache == nil {
		found, err = lab.PrivateEnvironment(cache).Find(ctx)
	}
	if jupyter.Value = found.Version + " " + found.Path; err != nil {
		jupyter = Fact{Name: "JupyterLab", Value: "not found", OK: python.OK, Advice: "tunebook lab makes a private one, once"}
	}
	return []Fact{python, jupyter, kernelspecFact()}
}

func kernelspecFact() Fact {
	folders, err := lab.SearchPath()
	if err != nil {
		return Fact{Name: "Kernelspec", Value: "unknown", Advice: err.Error()}
	}
	for _, folder := range folders {
		executable, err := lab.FindKernelspec(folder)
		switch {
		case err == nil:
			return Fact{Name: "Kernelspec", Value: executable, OK: true}
		case executable != "":
			return Fact{Name: "Kernelspec", Value: executable + " is gone", Advice: "tunebook install"}
		case !errors.Is(err, os.ErrNotExist):
			return Fact{Name: "Kernelspec", Value: err.Error(), Advice: "tunebook install"}
		}
	}
	return Fact{Name: "Kernelspec", Value: "not installed", OK: true,
		Advice: "tunebook lab does not need it; for other front-ends: tunebook install"}
}

func list(w io.Writer, facts []Fact) error {
	width := 0
	for _, f := range facts {
		width = max(width, len(f.Name))
	}
	for _, f := range facts {
		sign := "✓"
		if !f.OK {
			sign = "✗"
		}
		if _, err := fmt.Fprintf(w, "%s %-*s  %s\n", sign, width, f.Name, f.Value); err != nil {
			return err
		}
		if f.Advice != "" {
			if _, err := fmt.Fprintf(w, "  %-*s  → %s\n", width, "", f.Advice); err != nil {
				return err
			}
		}
	}
	return nil
}
