package command

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/lessons"
	"github.com/tunebook/tunebook/lessons/internal/execute"
	"github.com/tunebook/tunebook/notebooks"
)

// New is "tunebook lessons": what there is to learn and how far the learner has come.
func New() *cobra.Command {
	var lang string
	var reset, measure bool
	c := &cobra.Command{
		Use:   "lessons",
		Short: "List the lessons and what you have done of them",
		Long: `Lists the lessons, how long each runs, the exercises that you have done and how many tries they took, and what comes
next. Checks in notebooks note that in your data folder; nothing leaves this machine. In a notebook, lessons.Progress()
shows the same.

--measure runs lessons as on a machine with two cores and prints what each cell takes: time by the clock, time of all
cores, time that it was ready and had no core, about what it would take on a quiet machine, memory at its highest.`,
		Example: `  tunebook lessons
  tunebook lessons --lang zh
  tunebook lessons --reset
  tunebook lessons --measure 03-sft`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, arguments []string) error {
			switch {
			case reset && measure:
				return fmt.Errorf("--reset and --measure are two things: give one of them")
			case measure:
				return measured(c, lang, arguments)
			case len(arguments) > 0:
				return fmt.Errorf("%q: only --measure takes names of lessons", arguments[0])
			case reset:
				return forgotten(c)
			}
			page, err := lessons.Progress(lang)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.OutOrStdout(), page)
			return err
		},
	}
	c.Flags().StringVar(&lang, "lang", "", "en or zh (default: what the environment says)")
	c.Flags().BoolVar(&reset, "reset", false, "forget what was done and begin anew")
	c.Flags().BoolVar(&measure, "measure", false, "run lessons, all or those named, and print what each cell takes")
	return c
}

func forgotten(c *cobra.Command) error {
	kept, err := lessons.Reset()
	if err != nil {
		return err
	}
	message := "There was nothing to forget."
	if kept != "" {
		message = "Forgotten. The old notes are kept until the next reset: " + kept
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), message)
	return err
}

// measured runs lessons and prints tables. It fails after all of them when one breaks a limit.
func measured(c *cobra.Command, lang string, names []string) error {
	page, err := lessons.Progress(lang) // for the language
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(page.Lessons, func(l lessons.Lesson) bool { return l.Name == name }) {
			return fmt.Errorf("no lesson %q: tunebook lessons lists them", name)
		}
	}
	parent := c.Context()
	if parent == nil {
		parent = context.Background()
	}
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	defer stop()
	runner := execute.Runner{Progress: c.ErrOrStderr(), Env: []string{execute.TwoCores}}
	var all execute.Lessons
	var over []string
	for _, l := range page.Lessons {
		if len(names) > 0 && !slices.Contains(names, l.Name) {
			continue
		}
		content, err := fs.ReadFile(notebooks.FS(), l.Notebook())
		if err != nil {
			return err
		}
		fmt.Fprintln(c.ErrOrStderr(), l.Notebook())
		_, ran, err := runner.Run(ctx, content)
		if err != nil {
			return fmt.Errorf("%s: %w", l.Notebook(), err)
		}
		all.Add(l.Name, ran)
		for _, line := range execute.Over(ran, 1) {
			over = append(over, l.Name+": "+line)
		}
		if _, err := fmt.Fprintln(c.OutOrStdout(), execute.Cells(l.Notebook(), ran)); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprint(c.OutOrStdout(), &all.Table); err != nil {
		return err
	}
	if len(over) > 0 {
		return fmt.Errorf("too slow:\n%s", strings.Join(over, "\n"))
	}
	return nil
}
