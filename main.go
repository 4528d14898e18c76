// Tunebook runs Go in notebooks and teaches how language models are fine-tuned. See README.md.
//
// This is the one place where the kernel and the library meet.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel"
	"github.com/tunebook/tunebook/kernel/cli"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/symbols"
	"github.com/tunebook/tunebook/kernel/worker"
	lessons "github.com/tunebook/tunebook/lessons/command"
	teaching "github.com/tunebook/tunebook/lessons/symbols"
	"github.com/tunebook/tunebook/notebooks"
	base "github.com/tunebook/tunebook/pkg/base/command"
	bench "github.com/tunebook/tunebook/pkg/bench/command"
	"github.com/tunebook/tunebook/pkg/bench/doctor"
	compare "github.com/tunebook/tunebook/pkg/compare/command"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	library "github.com/tunebook/tunebook/pkg/symbols"
)

// importable is what cells can import, of every room.
func importable() symbols.Table { return symbols.Join(symbols.All(), library.All(), teaching.All()) }

func main() {
	table := importable()
	os.Exit(cli.Main(cli.App{
		Lessons: notebooks.FS(),
		Session: func() (kernel.Session, error) {
			return session.New(session.Options{Export: table.Export, Source: table.Source, Packages: table.Paths})
		},
		Worker: func() error { return worker.Main(worker.Options{Load: table.Load}) },
		Facts:  machine,
		More:   []*cobra.Command{base.New(), bench.New(), compare.New(), lessons.New()},
	}, os.Args[1:]))
}

// machine says what the engine will use of this machine, why, and what that gives.
func machine(ctx context.Context) []cli.Fact {
	root, device := os.DirFS("/"), cpu.Default()
	figures, err := doctor.Measure(ctx, root, device)
	if err != nil {
		figures = doctor.Figures{} // interrupted: what is known without measuring
	}
	var facts []cli.Fact
	for _, f := range doctor.Facts(doctor.Read(root), cpu.Levels(), device.Threads(), figures) {
		facts = append(facts, cli.Fact(f))
	}
	return facts
}
