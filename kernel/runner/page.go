package runner

import (
	"sync"

	"github.com/tunebook/tunebook/kernel/display"
)

// page collects the events of running cells into the outputs of a notebook, as a front-end would.
type page struct {
	mu     sync.Mutex
	cell   *Cell
	clear  bool                 // the next output replaces all that is there
	places map[string][]*Output // display_id → outputs to update, in any cell
	echo   func(display.Event)
}

var _ display.Sink = (*page)(nil)

// begin directs what follows to c.
func (p *page) begin(c *Cell) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.changed, c.Outputs, c.Count = true, nil, 0
	p.cell, p.clear = c, false
}

func (p *page) Emit(e display.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.echo != nil {
		p.echo(e)
	}
	switch e.Kind {
	case display.KindStream:
		p.stream(e.Name, e.Text)
	case display.KindShow:
		p.add(shown("display_data", e.Data))
	case display.KindUpdate:
		for _, o := range p.places[e.Data.ID()] {
			o.fill(e.Data)
		}
	case display.KindClear:
		if p.clear = e.Wait; !e.Wait {
			p.cell.Outputs = nil
		}
	}
	return nil
}

// result adds the value of a cell, or its error.
func (p *page) result(o *Output) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(o)
}

func (p *page) add(o *Output) {
	if p.clear {
		p.clear, p.cell.Outputs = false, nil
	}
	p.cell.Outputs = append(p.cell.Outputs, o)
	if o.id != "" {
		if p.places == nil {
			p.places = make(map[string][]*Output)
		}
		p.places[o.id] = append(p.places[o.id], o)
	}
}

// stream appends to the last output where that is the same stream, so that a loop of prints is one output.
func (p *page) stream(name, text string) {
	if n := len(p.cell.Outputs); n > 0 && !p.clear {
		if last := p.cell.Outputs[n-1]; last.Kind == "stream" && last.Name == name {
			last.Text += text
			return
		}
	}
	p.add(&Output{Kind: "stream", Name: name, Text: text})
}
