package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel"
	"github.com/tunebook/tunebook/kernel/lab"
	"github.com/tunebook/tunebook/kernel/runner"
)

func (a App) run() *cobra.Command {
	var o runner.Options
	c := &cobra.Command{
		Use:   "run FILE.ipynb|FILE.go",
		Short: "Run a notebook or a Go program, without Jupyter and without Python",
		Long: `Runs a notebook in the session that the kernel uses and writes it with its outputs, as a notebook, as one
self-contained HTML page, or both; with neither, outputs are printed as text. Progress goes to standard error.
It stops at the first cell that fails, says which and where, and exits with status 1; what ran until then is
written. A cell with the tag raises-exception may fail. A .go file runs as a program.`,
		Example: `  tunebook run 03-sft.ipynb
  tunebook run 03-sft.ipynb --out executed.ipynb --html page.html
  tunebook run experiment.go`,
		Args: exactly("FILE"),
		RunE: func(c *cobra.Command, arguments []string) error {
			ctx, stop := interruptible(c)
			defer stop()
			path := arguments[0]
			switch ext := strings.ToLower(filepath.Ext(path)); ext {
			case ".go":
				if o.Out != "" || o.HTML != "" || o.AllowErrors {
					return usageError{fmt.Errorf("--out, --html and --allow-errors are for notebooks; %s is a Go program", path)}
				}
				return a.program(ctx, path)
			case ".ipynb":
			default:
				return usageError{fmt.Errorf("%s: only .ipynb and .go files can be run, not %q", path, ext)}
			}
			// The file is read before a session is started, so that a wrong name fails at once.
			n, err := runner.Read(path)
			if err != nil {
				return err
			}
			session, err := a.Session()
			if err != nil {
				return err
			}
			defer session.Close()
			o.Progress, o.Kernelspec, o.Language = c.ErrOrStderr(), kernelspec(), language()
			if o.Out == "" && o.HTML == "" {
				o.Text = c.OutOrStdout()
			}
			return n.Run(ctx, path, session, o)
		},
	}
	c.Flags().StringVar(&o.Out, "out", "", "write the executed notebook to this file; may be the file that is run")
	c.Flags().StringVar(&o.HTML, "html", "", "write a self-contained page to this file")
	c.Flags().BoolVar(&o.AllowErrors, "allow-errors", false, "run the cells after one that failed, too; the status is still 1")
	return c
}

func kernelspec() map[string]string {
	return map[string]string{"name": lab.KernelName, "display_name": lab.KernelTitle, "language": "go"}
}

func language() map[string]string {
	info := kernel.Language()
	return map[string]string{"name": info.Name, "version": info.Version, "mimetype": info.MIMEType, "file_extension": info.Extension,
		"pygments_lexer": info.Lexer, "codemirror_mode": info.CodeMirror, "nbconvert_exporter": info.Exporter}
}
