package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel"
	"github.com/tunebook/tunebook/kernel/runner"
)

// App is the program around the commands: what only main can know.
type App struct {
	Lessons fs.FS                          // the notebooks that lab copies to the work folder
	Session func() (kernel.Session, error) // opens a session; its cells run in the current folder
	Worker  func() error                   // serves the interpreter to the process that started it
	Facts   func(context.Context) []Fact   // what the library finds out about this machine, for doctor
	More    []*cobra.Command               // commands about what the kernel does not know
	Out     io.Writer                      // os.Stdout if nil
	Err     io.Writer                      // os.Stderr if nil
}

// Exit statuses.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 130 // as shells report Ctrl-C
)

// Main runs the command that arguments name and returns the exit status.
func Main(app App, arguments []string) int {
	if app.Out == nil {
		app.Out = os.Stdout
	}
	if app.Err == nil {
		app.Err = os.Stderr
	}
	root := app.root()
	root.SetArgs(arguments)
	root.SetOut(app.Out)
	root.SetErr(app.Err)
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	var failed *runner.CellError
	switch {
	case errors.As(err, &failed) && len(failed.Traceback) > 0:
		fmt.Fprintf(app.Err, "\n%s\n\ntunebook: %v\n", strings.Join(failed.Traceback, "\n"), err)
	default:
		fmt.Fprintf(app.Err, "tunebook: %v\n", err)
	}
	var usage interface{ Usage() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage) && usage.Usage(), strings.HasPrefix(err.Error(), "unknown command"):
		return exitUsage
	}
	return exitError
}

// usageError is a command line that cannot be understood. Commands from elsewhere say so with a method Usage of their own.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
func (usageError) Usage() bool     { return true }

func (a App) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tunebook",
		Short: "Go notebooks and hands-on lessons about fine-tuning language models",
		Long: `Tunebook runs Go in notebooks and teaches how language models are fine-tuned.

Start with "tunebook lab": it opens the lessons in JupyterLab.`,
		Example: `  tunebook lab                                 open the lessons in JupyterLab
  tunebook run 03-sft.ipynb --html 03-sft.html run a notebook without Jupyter
  tunebook doctor                              see what this machine has`,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see %s --help)", err, c.CommandPath())}
	})
	root.AddCommand(a.lab(), a.run(), a.kernel(), a.install(), a.doctor(), a.version(), a.worker())
	root.AddCommand(a.More...)
	return root
}

// exactly asks for one argument and names it when it is missing.
func exactly(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, arguments []string) error {
		if len(arguments) != 1 {
			return usageError{fmt.Errorf("%s needs one %s, got %d (see %s --help)", c.CommandPath(), name, len(arguments), c.CommandPath())}
		}
		return nil
	}
}

// interruptible is cancelled by Ctrl-C and by the signal that asks to stop.
func interruptible(c *cobra.Command) (context.Context, context.CancelFunc) {
	ctx := c.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}

// Version is that of the module, with the revision where it is not a release.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := strings.Trim(info.Main.Version, "()")
	if version == "" {
		version = "devel"
	}
	return version
}

func (a App) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "tunebook", Version())
			return err
		},
	}
}

func (a App) worker() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Short: "Serve the interpreter to the kernel that started this process", Hidden: true,
		DisableFlagParsing: true,
		RunE:               func(*cobra.Command, []string) error { return a.Worker() },
	}
}
