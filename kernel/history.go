package kernel

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/tunebook/tunebook/kernel/wire"
)

// remembered bounds how much of the file is kept in memory.
const remembered = 10_000

// entry is one input, one line of the history file.
type entry struct {
	Session int    `json:"session"`
	Line    int    `json:"line"`
	Input   string `json:"input"`
	Output  string `json:"output,omitempty"`
}

// history keeps inputs, in memory and in a file that several kernels may append to.
type history struct {
	mu      sync.Mutex
	entries []entry
	session int // the current one; they count from 1
	line    int
	file    *os.File // nil keeps nothing on disk
}

// openHistory reads the file, which need not exist. The history works in memory even where an error is returned.
func openHistory(name string) (*history, error) {
	h := &history{session: 1}
	if name == "" {
		return h, nil
	}
	if err := h.read(name); err != nil {
		return h, fmt.Errorf("kernel: history: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return h, fmt.Errorf("kernel: history: %w", err)
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return h, fmt.Errorf("kernel: history: %w", err)
	}
	h.file = file
	return h, nil
}

func (h *history) read(name string) error {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 64<<20) // one input is one line, however long
	for in.Scan() {
		var e entry
		if json.Unmarshal(in.Bytes(), &e) != nil {
			continue // a line that a crash cut short
		}
		h.session = max(h.session, e.Session+1)
		h.entries = append(h.entries, e)
	}
	if extra := len(h.entries) - remembered; extra > 0 {
		h.entries = slices.Clone(h.entries[extra:])
	}
	return in.Err()
}

func (h *history) add(input, output string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.line++
	e := entry{Session: h.session, Line: h.line, Input: input, Output: output}
	h.entries = append(h.entries, e)
	if h.file == nil {
		return
	}
	e.Output = "" // the file is for recalling inputs
	if encoded, err := json.Marshal(e); err == nil {
		_, _ = h.file.Write(append(encoded, '\n')) // a full disk must not stop a cell
	}
}

func (h *history) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	defer func() { h.file = nil }()
	return h.file.Close()
}

// find answers a history_request.
func (h *history) find(r wire.HistoryRequest) []entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []entry
	switch r.Access {
	case "range":
		session := r.Session
		if session <= 0 { // zero is the current session, -1 the one before
			session += h.session
		}
		for _, e := range h.entries {
			if e.Session == session && e.Line >= r.Start && (r.Stop == nil || e.Line < *r.Stop) {
				found = append(found, e)
			}
		}
		return found
	case "search":
		for _, e := range h.entries {
			if globs(r.Pattern, e.Input) {
				found = append(found, e)
			}
		}
	default: // tail
		found = slices.Clone(h.entries)
	}
	if r.Unique {
		found = lastOfEach(found)
	}
	if r.N > 0 && len(found) > r.N {
		found = found[len(found)-r.N:]
	}
	return found
}

// globs matches * and ? against any characters, newlines and slashes too, which path.Match does not cross.
func globs(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	var i, j int
	star, from := -1, 0
	for j < len(t) {
		switch {
		case i < len(p) && (p[i] == '?' || p[i] == t[j]) && p[i] != '*':
			i, j = i+1, j+1
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// lastOfEach keeps the last of equal inputs.
func lastOfEach(entries []entry) []entry {
	seen := make(map[string]bool)
	var kept []entry
	for _, e := range slices.Backward(entries) {
		if !seen[e.Input] {
			seen[e.Input] = true
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	return kept
}

func (k *Kernel) past(m *wire.Message) {
	var request wire.HistoryRequest
	if !k.understood(k.shell, m, &request) {
		return
	}
	reply := wire.HistoryReply{Status: "ok", History: [][3]any{}}
	for _, e := range k.history.find(request) {
		var input any = e.Input
		if request.Output {
			input = [2]any{e.Input, e.Output}
		}
		reply.History = append(reply.History, [3]any{e.Session, e.Line, input})
	}
	k.reply(k.shell, m, "history_reply", reply)
}
