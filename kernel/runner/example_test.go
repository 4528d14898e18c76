package runner_test

import (
	"context"
	"fmt"
	"os"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/runner"
	"github.com/tunebook/tunebook/kernel/session"
)

// shouting stands in for a *session.Session.
type shouting struct{}

func (shouting) Execute(_ context.Context, c session.Cell, _ display.Sink) session.Result {
	if c.Code == "fail" {
		return session.Result{Err: &session.Error{Name: session.Panic, Message: "as asked", Line: 1, Column: 1}}
	}
	return session.Result{Value: display.Render(c.Code + "!")}
}

// Cells run in order; the first that fails ends the run and is named.
func ExampleNotebook_Execute() {
	n, err := runner.Parse([]byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
		{"id": "a", "cell_type": "markdown", "metadata": {}, "source": "A title"},
		{"id": "b", "cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": "hello"},
		{"id": "c", "cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": "fail"},
		{"id": "d", "cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": "never run"}
	]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = n.Execute(context.Background(), shouting{}, runner.Options{Text: os.Stdout})
	fmt.Println(err)
	// Output:
	// hello!
	// cell 2, line 1: Panic: as asked
}
