package lab

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// openBrowser opens address in the learner's browser and does not wait for it.
func openBrowser(ctx context.Context, address string) error {
	ctx = context.WithoutCancel(ctx) // the program that opens it may become the browser, which is not ours to end
	var command *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		command = exec.CommandContext(ctx, "rundll32", "url.dll,FileProtocolHandler", address)
	case "darwin":
		command = exec.CommandContext(ctx, "open", address)
	default:
		command = exec.CommandContext(ctx, "xdg-open", address)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	go func() { _ = command.Wait() }()
	return nil
}
