package cli

import (
	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel/lab"
)

func (a App) lab() *cobra.Command {
	var o lab.Options
	var quiet bool
	c := &cobra.Command{
		Use:   "lab [NOTEBOOK]",
		Short: "Open the lessons in JupyterLab",
		Long: `Opens the lessons in JupyterLab 4. Where there is none, a private Python environment is made in your cache folder,
once. The lessons are copied to the work folder; what you change there is never overwritten. The server listens
on this machine only, with a random token. Ctrl-C stops it and all kernels.`,
		Example: `  tunebook lab
  tunebook lab en/03-sft.ipynb
  tunebook lab --no-browser --port 9000 --dir ~/tunebook`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, arguments []string) error {
			ctx, stop := interruptible(c)
			defer stop()
			o.Lessons, o.Browser, o.Out = a.Lessons, !quiet, c.OutOrStdout()
			if len(arguments) == 1 {
				o.Open = arguments[0]
			}
			return lab.Run(ctx, o)
		},
	}
	c.Flags().StringVar(&o.Dir, "dir", "", "work folder for the lessons (default ./tunebook-lessons)")
	c.Flags().IntVar(&o.Port, "port", 0, "port of the server (default 8888, or any free one)")
	c.Flags().BoolVar(&quiet, "no-browser", false, "print the address and open nothing")
	c.Flags().StringVar(&o.IP, "ip", "", "address to listen on, for containers (default 127.0.0.1)")
	return c
}
