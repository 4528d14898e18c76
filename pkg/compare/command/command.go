package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compare"
)

// options are what the command line says.
type options struct {
	config, dir            string
	html, json, csv        string
	threads, workers       int
	example, serve, shared bool

	program []string // instead of this program, in tests
}

// New is "tunebook compare": ways to fine-tune side by side, without a notebook.
func New() *cobra.Command { return command(nil) }

func command(program []string) *cobra.Command {
	o := options{program: program}
	c := &cobra.Command{
		Use:   "compare",
		Short: "Train several ways to fine-tune, over several seeds, and put them side by side",
		Long: `Trains each method of a configuration with each seed, asks all of them the same held-out questions, and prints a table and a
verdict: quality, what the base forgot, parameters, size on disk, memory (measured, in a process for each run) and time.

Finished runs are kept under a hash of all that they depend on: the same command again takes seconds, and one setting changed
trains only what is new. Ctrl-C keeps what is finished and saves what is under way; the same command goes on from there.

Progress goes to standard error, the report to standard output. The exit status is 0 when all is finished, 130 after Ctrl-C,
2 for a mistake in the command line, and 1 for any other.`,
		Example: `  tunebook compare --example > methods.yaml
  tunebook compare --config methods.yaml --html report.html
  tunebook compare --config methods.yaml --csv runs.csv --json report.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	f := c.Flags()
	f.StringVar(&o.config, "config", "", "the `FILE` that says what to compare, YAML; see --example")
	f.BoolVar(&o.example, "example", false, "print a configuration with all there is, explained")
	f.StringVar(&o.html, "html", "", "write the report with its figures to a `FILE`, one page that needs nothing else")
	f.StringVar(&o.json, "json", "", "write everything to a `FILE`, with the curves; - is standard output")
	f.StringVar(&o.csv, "csv", "", "write a line for each run to a `FILE`; - is standard output")
	f.StringVar(&o.dir, "dir", "", "where runs are kept (default tunebook/compare in your folder for caches)")
	f.IntVar(&o.threads, "threads", 0, "cores of one run, instead of what the configuration says")
	f.IntVar(&o.workers, "workers", 0, "runs at the same time, instead of what the configuration says")
	f.BoolVar(&o.shared, "shared", false, "runs share one process: a little faster, and their memory is not measured")
	f.BoolVar(&o.serve, "serve", false, "")
	_ = f.MarkHidden("serve") // it exists
	return c
}

func (o options) run(c *cobra.Command) error {
	parent := c.Context()
	if parent == nil {
		parent = context.Background()
	}
	switch {
	case o.serve: // Ctrl-C reaches all processes of a terminal; the one that asked says when to stop
		signal.Ignore(os.Interrupt)
		return compare.Serve(parent, c.InOrStdin(), c.OutOrStdout())
	case o.example:
		_, err := fmt.Fprint(c.OutOrStdout(), compare.Example())
		return err
	case o.config == "":
		return errors.New("--config is missing: --example prints a configuration to begin with")
	case o.threads < 0 || o.workers < 0:
		return fmt.Errorf("--threads %d, --workers %d: want 1 or more, or 0 for what the configuration says", o.threads, o.workers)
	}
	for _, path := range []string{o.html, o.json, o.csv} { // before hours are spent
		if path == "" || path == "-" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: there is no folder %s", path, filepath.Dir(path))
		}
	}
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	defer stop()
	config, err := compare.ReadConfig(o.config)
	if err != nil {
		return err
	}
	study, err := config.Study(ctx)
	if err != nil {
		return err
	}
	study.Dir = o.dir
	if o.threads > 0 {
		study.Threads = o.threads
	}
	if o.workers > 0 {
		study.Workers = o.workers
	}
	if !o.shared {
		if study.Program, err = o.own(); err != nil {
			return err
		}
	}
	line := &progress{out: c.ErrOrStderr()}
	report, err := compare.Run(ctx, study, line.show)
	line.clear()
	if report == nil {
		return err
	}
	if written := o.write(c.OutOrStdout(), report); written != nil {
		return errors.Join(written, err)
	}
	if ctx.Err() != nil {
		fmt.Fprintln(c.ErrOrStderr(), "Stopped. What is finished is kept, and runs under way are saved: the same command goes on from there.")
	}
	return err
}

// own is this program, to be started for each run.
func (o options) own() ([]string, error) {
	if o.program != nil {
		return o.program, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("this program cannot find itself to give each run a process: %w; --shared does without", err)
	}
	return []string{exe, "compare", "--serve"}, nil
}

// write writes the report everywhere it was asked for.
func (o options) write(out io.Writer, r *compare.Report) error {
	text, err := r.JSON()
	if err != nil {
		return err
	}
	toOut := false
	for _, f := range []struct {
		path string
		text func() []byte
	}{{o.html, func() []byte { return []byte(r.Page()) }}, {o.json, func() []byte { return text }}, {o.csv, func() []byte { return []byte(r.CSV()) }}} {
		switch f.path {
		case "":
		case "-":
			toOut = true
			_, err = out.Write(f.text())
		default:
			err = save(f.path, f.text())
		}
		if err != nil {
			return err
		}
	}
	if toOut {
		return nil
	}
	_, err = fmt.Fprint(out, r)
	return err
}

// save writes a file, all of it or nothing.
func save(path string, text []byte) error {
	err := checkpoint.SaveDir(filepath.Dir(path), []checkpoint.Part{{Name: filepath.Base(path), Write: func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}}})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// progress is a line that is written over, a few times a second; where nobody watches, a line whenever a run ends.
type progress struct {
	out   io.Writer
	last  time.Time
	done  int
	notes int
}

func (p *progress) show(s compare.Snapshot) {
	for ; p.notes < len(s.Notes); p.notes++ {
		p.clear()
		fmt.Fprintln(p.out, s.Notes[p.notes])
	}
	done := s.Count(compare.Finished, compare.Failed, compare.Known)
	if !terminal(p.out) {
		if done > p.done {
			fmt.Fprintln(p.out, s)
		}
		p.done = done
		return
	}
	if time.Since(p.last) > 200*time.Millisecond || done > p.done {
		text := []rune(s.String())
		const wide = 150 // a line that wraps cannot be written over
		fmt.Fprintf(p.out, "\r\x1b[K%s", string(text[:min(len(text), wide)]))
		p.last, p.done = time.Now(), done
	}
}

func (p *progress) clear() {
	if terminal(p.out) {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// terminal says whether somebody watches.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && !strings.EqualFold(os.Getenv("TERM"), "dumb")
}
