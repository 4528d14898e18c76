package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel/lab"
)

func (a App) install() *cobra.Command {
	var user bool
	var prefix string
	c := &cobra.Command{
		Use:   "install",
		Short: "Make the kernel known to Jupyter",
		Long: `Writes the kernelspec, so that JupyterLab, Notebook, VS Code, nbclient and others offer "Go (Tunebook)".
"tunebook lab" does not need it.`,
		Example: `  tunebook install                    for this user
  tunebook install --prefix /usr/local  for everyone, or into a Python environment`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if user && prefix != "" {
				return usageError{fmt.Errorf("--user and --prefix exclude each other")}
			}
			cache, err := lab.Cache()
			if err != nil {
				return err
			}
			executable, err := lab.StableExecutable(cache)
			if err != nil {
				return err
			}
			data := filepath.Join(prefix, "share", "jupyter")
			if prefix == "" {
				if data, err = lab.UserData(); err != nil {
					return err
				}
			}
			dir, err := lab.InstallKernelspec(data, executable)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "The kernel %q is installed in %s; it runs %s\n", lab.KernelTitle, dir, executable)
			return err
		},
	}
	c.Flags().BoolVar(&user, "user", false, "for this user (default)")
	c.Flags().StringVar(&prefix, "prefix", "", "into PREFIX/share/jupyter")
	return c
}
