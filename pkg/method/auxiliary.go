package method

import (
	"context"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Assisted is a Method that takes more than the model that trains: other models, such as a teacher or a reference;
// parameters of its own, such as a projection or a value head; examples that are renewed on the way, such as what the model
// writes. Its Loss finds the first two in Outputs.Beside and Outputs.Own.
type Assisted interface {
	Method
	// Auxiliary is asked once for each run, before anything is encoded or planned. It refuses what cannot work. Equal runs get
	// equal answers, so that a run can be resumed; for that too, a method that holds pointers has a String method, which
	// names all that the curve depends on.
	Auxiliary(ctx context.Context, r Run) (*Auxiliary, error)
}

// Run is what a method may know of the run that it is for.
type Run struct {
	Model *model.Model // the one that trains: the run's copy
	Base  *model.Model // what it is a copy of
	Seed  uint64       // of what the method draws
}

// Auxiliary is what a method brings to a run. The zero value is nothing.
type Auxiliary struct {
	// Models stand in the graph before the model that trains, on the same tokens, and do not move: they get no gradient, no
	// moments, and what is inside of them is not kept. Loss finds their outputs in Outputs.Beside, by name.
	Models map[string]*model.Model

	// Moving are models that stand there likewise and do move, at the run's rate, such as a critic: copies that belong to the run.
	// The weights that Loss reaches are saved with the run.
	Moving map[string]*model.Model

	// Params are parameters beside the model's that move with it, from values that equal runs share. Those that Loss uses,
	// through Outputs.Own, are saved with the run; they are no part of the model that comes out.
	Params *nn.Params

	// Annotate adds numbers to the examples, those of the data and the held-out ones, before the first step: such as what a
	// reference model, which then need not stand in the graph, thinks of them. It is asked again when a run is resumed.
	Annotate func(ctx context.Context, examples []data.Example) error

	// Renew gives the examples for the steps to come, every Every steps and before the first. Nil where examples stay.
	Renew func(ctx context.Context, r Renewal) ([]data.Example, error)
	Every int

	PerExample bool   // the loss is a mean over examples, and not over trained tokens
	Unit       string // the loss's, as an axis shows it; empty means nats per token
}

// Renewal is what Renew may go by.
type Renewal struct {
	Model    *model.Model   // as it stands, with what an adaptation adds folded in; read it only
	Examples []data.Example // those of the data
	Data     data.Set       // the records that they were made from
	Step     int            // how many steps have been taken
	Tokens   int            // how many tokens are read until the next renewal, padding included
	Length   int            // the most tokens of an example
	Rows     int            // how many rows one step reads
	Seed     uint64         // of the run

	// State is what the method keeps from one renewal to the next, saved with the run: it is empty at first, and what Renew
	// writes into it is there the next time.
	State map[string]float64
	// Log writes a value into the run's log, at this step.
	Log func(name, unit string, value float64)
}
