// Tunebook runs Go in notebooks and teaches how language models are fine-tuned. See README.md.
//
// This is the one place where the kernel and the library meet.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tunebook/tunebook/kernel"
	"github.com/tunebook/tunebook/kernel/cli"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/symbols"
	"github.com/tunebook/tunebook/kernel/worker"
	teaching "github.com/tunebook/tunebook/lessons/symbols"
	"github.com/tunebook/tunebook/notebooks"
	"github.com/tunebook/tunebook/pkg/bench/command"
	"github.com/tunebook/tunebook/pkg/compute"
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
		More:   []*cobra.Command{command.New()},
	}, os.Args[1:]))
}

// machine says what the engine will use of this machine, and why.
func machine() []cli.Fact {
	device := cpu.Default()
	facts := []cli.Fact{
		{Name: "CPU", Value: cpu.Report(), OK: true},
		{Name: "Threads", Value: fmt.Sprint(device.Threads()), OK: true},
	}
	if device.Level() == cpu.Portable {
		facts[0].Advice = "lessons run, but slowly: the engine is fast on processors with AVX2 or AVX-512"
	}
	switch pages := compute.HugePages(); pages {
	case "":
	case "never":
		facts = append(facts, cli.Fact{Name: "Huge pages", Value: pages, OK: true,
			Advice: "training is a little faster with them: echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"})
	default:
		facts = append(facts, cli.Fact{Name: "Huge pages", Value: pages, OK: true})
	}
	return facts
}
