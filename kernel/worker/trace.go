package worker

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/tunebook/tunebook/kernel/worker/link"
)

// traceLimit bounds what is kept of the interpreter's notes on one cell.
const traceLimit = 64 << 10

// trace collects what the interpreter writes while a panic unwinds: one line for each function, innermost first.
type trace struct {
	mu   sync.Mutex
	text bytes.Buffer
	now  link.Place // the statement of the cell that runs
}

func (t *trace) at(cell string, line, column int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = link.Place{Cell: cell, Line: line, Column: column}
}

func (t *trace) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text.Len() < traceLimit {
		t.text.Write(p)
	}
	return len(p), nil
}

func (t *trace) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Reset()
	t.now = link.Place{}
}

// fileSuffix ends the file names of lowered text; see package lower.
const fileSuffix = "/_.go"

// traceLine is as the interpreter writes it: "cell 3:2:1: panic: main.f(...)".
var traceLine = regexp.MustCompile(`^(.+):(\d+):(\d+): panic(?:: (.*)\(\.\.\.\))?`)

// places reads the notes and forgets them. The first place is the statement of the cell, unless a goroutine panicked; the
// interpreter knows of the functions below only where they begin.
func (t *trace) places(goroutine bool) []link.Place {
	t.mu.Lock()
	defer t.mu.Unlock()
	var places []link.Place
	if !goroutine && t.now.Line > 0 {
		places = append(places, t.now)
	}
	for line := range strings.Lines(t.text.String()) {
		m := traceLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		if strings.HasPrefix(m[4], "main.cell_") && !goroutine {
			continue // the cell itself
		}
		p := link.Place{Cell: strings.TrimSuffix(m[1], fileSuffix), Function: m[4]}
		p.Line, _ = strconv.Atoi(m[2])
		p.Column, _ = strconv.Atoi(m[3])
		if n := len(places); n == 0 || places[n-1] != p {
			places = append(places, p)
		}
	}
	t.text.Reset()
	return places
}
