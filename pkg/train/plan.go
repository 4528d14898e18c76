package train

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/optim"
)

// build writes the model and its loss as a graph.
func (l *loop) build(h nn.Hooks) (g *graph.Graph, moving []*graph.Node, err error) {
	g = graph.New()
	n := l.job.Batch * l.job.Length
	l.in = model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: l.job.Batch, Length: l.job.Length}
	l.targets = g.Ints("targets", n)
	beside, besides, err := l.beside(g)
	if err != nil {
		return nil, nil, err
	}
	out, err := l.model.Build(g, l.in, h)
	if err != nil {
		return nil, nil, err
	}
	out.Beside = beside
	if l.aux.Params != nil {
		out.Own = nn.NewBuilder(g, l.aux.Params, nn.Hooks{})
	}
	l.loss, l.dropout = l.job.Method.Loss(out, l.targets), out.Dropout
	l.notes, l.reports = out.Notes(), out.Reports()
	l.values = make([]float64, len(l.reports))
	moving = append(out.Params, besides...)
	if out.Own != nil {
		moving, err = append(moving, out.Own.Moving()...), out.Own.Err()
	}
	// A method that scores texts does not read an output layer that stands alone.
	if head := l.model.Config.HeadName(); err == nil && g.Err() == nil && !l.model.Config.Tied {
		moving = slices.DeleteFunc(moving, func(n *graph.Node) bool { return n.Name() == head && !n.Reaches(l.loss) })
	}
	return g, moving, err
}

// enter plans a stage of the adaptation: a graph with the gradients of what moves and nothing else, a second plan of the
// loss alone for measuring, and moments for what joins. What moved before keeps its moments.
func (l *loop) enter(stage int) error {
	l.leave()
	l.stage, l.train, l.measure, l.grads, l.sums = stage, nil, nil, nil, nil // the memory of the old plans is free for the new ones
	g, moving, err := l.build(l.fit.HooksAt(stage))
	if err != nil {
		return err
	}
	moving = l.order(moving)
	grads, err := g.Grad(l.loss, moving...)
	if err != nil {
		return err
	}
	if l.train, err = g.Compile(graph.Options{Device: l.job.Device, Recompute: l.job.Recompute, Products: l.job.Products}, append(grads, l.scalars()...)...); err != nil {
		return err
	}
	if err := l.measurable(); err != nil {
		return err
	}
	if len(l.held) > 0 {
		if l.measure, err = g.Compile(graph.Options{Device: l.job.Device}, l.scalars()...); err != nil {
			return err
		}
	}
	had := len(l.params)
	l.names, l.params = nil, nil
	for i, p := range moving {
		l.names, l.params = append(l.names, p.Name()), append(l.params, l.tensor(p.Name()))
		grad, err := l.train.Value(grads[i])
		if err != nil {
			return err
		}
		l.grads = append(l.grads, grad)
		if l.job.Accumulate > 1 {
			l.sums = append(l.sums, compute.New(grad.Shape...))
		}
	}
	if l.optim == nil {
		l.optim, had = optim.NewAdamW(l.job.Device, nil, optim.Options{WeightDecay: l.job.WeightDecay}), 0
	}
	for i, name := range l.names[had:] {
		l.optim.AddAt(l.fit.Rate(name), l.params[had+i])
	}
	return nil
}

// measurable refuses held-out records where the loss reads what only renewed examples bring, such as advantages.
func (l *loop) measurable() error {
	if l.aux.Renew == nil || len(l.held) == 0 {
		return nil
	}
	for name := range l.notes.Tokens {
		if l.held[0].Tokens[name] == nil {
			return fmt.Errorf("the loss of %s is about answers that the model draws on the way, and held-out records have none: leave Job.Eval out, and measure the model in Job.Peek or afterwards", l.job.Method.Name())
		}
	}
	return nil
}

// scalars are the loss and what is reported beside it.
func (l *loop) scalars() []*graph.Node {
	out := []*graph.Node{l.loss}
	for _, r := range l.reports {
		out = append(out, r.Node)
	}
	return out
}

// order puts those first that moved first, and else keeps the order of the graph, so that a later stage only appends.
func (l *loop) order(moving []*graph.Node) []*graph.Node {
	return slices.SortedStableFunc(slices.Values(moving), func(a, b *graph.Node) int { return l.beganAt(a.Name()) - l.beganAt(b.Name()) })
}

// beganAt is how many steps came before a parameter moved.
func (l *loop) beganAt(name string) int {
	after, _ := l.fit.Begins(name)
	return after
}
