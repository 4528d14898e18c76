package session

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/symbols"
	"github.com/tunebook/tunebook/kernel/worker"
)

// TestMain makes the test binary its own worker.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := worker.Main(worker.Options{Load: symbols.Load}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// page is a front-end that keeps what it gets.
type page struct {
	mu     sync.Mutex
	text   strings.Builder
	events []display.Event
	answer string
}

func (p *page) Emit(e display.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
	p.text.WriteString(e.Text)
	return nil
}

func (p *page) Ask(string, bool) (string, error) { return p.answer, nil }

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func newSession(t testing.TB) *Session {
	t.Helper()
	s, err := New(Options{Export: symbols.Export, Source: symbols.Source, Packages: symbols.Paths})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// output is everything that a cell came to, as text.
func output(s *Session, cell string) string {
	p := &page{answer: "42"}
	r := s.Execute(context.Background(), Cell{Code: cell, AllowStdin: true}, p)
	text := p.String() + r.Value.Text()
	if r.Err != nil {
		text += r.Err.Error()
	}
	return text
}
