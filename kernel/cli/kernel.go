package cli

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel"
	"github.com/tunebook/tunebook/kernel/wire"
)

func (a App) kernel() *cobra.Command {
	return &cobra.Command{
		Use:   "kernel CONNECTION_FILE",
		Short: "Serve a notebook front-end; Jupyter starts this",
		Long: `Serves the Jupyter protocol as the connection file says. Front-ends start this through the kernelspec that
"tunebook install" writes. SIGINT interrupts the running cell, SIGTERM stops the kernel. TUNEBOOK_LOG=debug
logs to standard error what happens on the wire.`,
		Args: exactly("CONNECTION_FILE"),
		RunE: func(c *cobra.Command, arguments []string) error {
			connection, err := wire.ReadConnection(arguments[0])
			if err != nil {
				return err
			}
			session, err := a.Session()
			if err != nil {
				return err
			}
			k, err := kernel.New(connection, session, kernel.Options{Version: Version(), History: historyFile(), Log: logger()})
			if err != nil {
				session.Close()
				return err
			}
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
			defer stop()
			interrupts := make(chan os.Signal, 1)
			signal.Notify(interrupts, os.Interrupt)
			defer signal.Stop(interrupts)
			go func() {
				for range interrupts {
					k.Interrupt()
				}
			}()
			go watchParent(ctx, k.Stop)
			return k.Serve(ctx)
		},
	}
}

// historyFile keeps inputs from one kernel to the next; empty where there is no place for it.
func historyFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tunebook", "history.jsonl")
}

func logger() *slog.Logger {
	level := slog.LevelWarn
	if text := os.Getenv("TUNEBOOK_LOG"); text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			level = slog.LevelDebug
		}
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// watchParent stops a kernel whose front-end died without saying so. JPY_PARENT_PID says that a front-end owns it.
func watchParent(ctx context.Context, stop func()) {
	if os.Getenv("JPY_PARENT_PID") == "" {
		return
	}
	parent := os.Getppid()
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			if os.Getppid() != parent {
				stop()
				return
			}
		}
	}
}
