package session

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

const (
	coalesce     = 20 * time.Millisecond // text that follows within this time goes out together
	pieceLimit   = 32 << 10              // and so does no more than this
	outputLimit  = 4 << 20               // a cell prints no more than this; for{ fmt.Println() } must not fill the notebook
	markPatience = time.Second           // a mark that the cell kept from arriving, by closing its standard output
	wordsLimit   = 4 << 10               // what is kept of the last words of a worker
)

// pumped is one thing that a worker said: text on a stream, a mark in it, or a reply.
type pumped struct {
	stream string
	text   string
	mark   bool
	reply  *link.Reply
}

// pump puts what a worker prints and what it replies in one order and passes it to the page of the running cell.
type pump struct {
	process *process
	mark    []byte // without its digit
	items   chan pumped
	backlog []pumped // taken from items, not yet worked on
	done    chan struct{}

	pending strings.Builder
	name    string          // stream of pending
	dying   strings.Builder // of stderr, held back
	marks   map[string]int
	replied int      // the mark of the last reply
	held    []pumped // what streams said after a mark whose reply has not come yet

	mu      sync.Mutex
	sink    Sink
	stdin   bool
	printed int
}

func newPump(secret string, p *process) *pump {
	return &pump{
		process: p, mark: []byte("\x00" + secret), items: make(chan pumped, 64), done: make(chan struct{}), marks: map[string]int{},
	}
}

func (p *pump) begin(sink Sink, stdin bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sink, p.stdin, p.printed = sink, stdin, 0
}

// read cuts a stream at its marks.
func (p *pump) read(name string, r io.Reader) {
	length := len(p.mark) + 2 // a digit and a final zero byte
	buffer := make([]byte, 0, 2*pieceLimit)
	for {
		n, err := r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		for {
			i := bytes.Index(buffer, p.mark)
			if i < 0 || len(buffer) < i+length {
				break
			}
			p.say(name, buffer[:i])
			p.items <- pumped{stream: name, mark: true}
			buffer = append(buffer[:0], buffer[i+length:]...)
		}
		// What may be the beginning of a mark stays until the rest has come.
		keep := len(buffer)
		if i := bytes.IndexByte(buffer, 0); i >= 0 && err == nil {
			if tail := buffer[i:]; bytes.HasPrefix(p.mark, tail) || bytes.HasPrefix(tail, p.mark) {
				keep = i
			}
		}
		p.say(name, buffer[:keep])
		buffer = append(buffer[:0], buffer[keep:]...)
		if err != nil {
			return
		}
	}
}

func (p *pump) say(name string, text []byte) {
	if len(text) == 0 {
		return
	}
	p.items <- pumped{stream: name, text: string(text)}
}

// lastWords are what the Go runtime said when the worker ended. Call it when done is closed.
func (p *pump) lastWords() string { return p.dying.String() }

// run works until items is closed.
func (p *pump) run() {
	defer close(p.done)
	defer p.flush()
	defer func() { // a worker that ended between a mark and its reply
		for _, i := range p.held {
			p.add(i)
		}
	}()
	var timer <-chan time.Time
	for {
		if len(p.backlog) > 0 {
			i, _ := p.next(nil)
			p.take(i)
			continue
		}
		select {
		case i, ok := <-p.items:
			if !ok {
				return
			}
			p.take(i)
			if p.pending.Len() > 0 && timer == nil {
				timer = time.After(coalesce)
			}
		case <-timer:
			timer = nil
			p.flush()
		}
	}
}

func (p *pump) take(i pumped) {
	switch {
	case i.reply != nil:
		p.handle(i.reply)
	case p.marks[i.stream] > p.replied:
		p.held = append(p.held, i)
	default:
		p.add(i)
	}
}

// add takes a piece of a stream.
func (p *pump) add(i pumped) {
	if i.mark {
		p.marks[i.stream]++
		if i.stream == "stderr" && p.dying.Len() > 0 { // the worker lives: it was the cell that printed this
			p.print("stderr", p.dying.String())
			p.dying.Reset()
		}
		return
	}
	if i.stream == "stderr" && (p.dying.Len() > 0 || dyingWords(i.text)) {
		if p.dying.Len() < wordsLimit {
			p.dying.WriteString(i.text)
		}
		return
	}
	p.print(i.stream, i.text)
}

// dyingWords says whether text is how the Go runtime begins when it stops a process. What follows is its stack, which is
// ours and not the learner's, so it is held back until it is clear whether the worker ends.
func dyingWords(text string) bool {
	for _, begin := range []string{"fatal error: ", "runtime: goroutine stack exceeds", "panic: "} {
		if strings.HasPrefix(text, begin) || strings.Contains(text, "\n"+begin) {
			return true
		}
	}
	return false
}

func (p *pump) print(stream, text string) {
	i := pumped{stream: stream, text: text}
	if i.stream != p.name {
		p.flush()
		p.name = i.stream
	}
	p.pending.WriteString(i.text)
	if p.pending.Len() >= pieceLimit {
		p.flush()
	}
}

// flush passes on what was printed, up to the limit of the cell.
func (p *pump) flush() {
	text := p.pending.String()
	p.pending.Reset()
	if text == "" {
		return
	}
	p.mu.Lock()
	sink, before := p.sink, p.printed
	p.printed += len(text)
	p.mu.Unlock()
	if sink == nil || before > outputLimit {
		return
	}
	_ = sink.Emit(display.Event{Kind: display.KindStream, Name: p.name, Text: text}) // a page that is gone needs no text
	if before+len(text) > outputLimit {
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stderr", Text: "\nnote: this cell has printed 4 MiB; what follows is left out\n"})
	}
}

// next takes what comes next; ok is false at the end, and after the time is over.
func (p *pump) next(timeout <-chan time.Time) (i pumped, ok bool) {
	if len(p.backlog) > 0 {
		i, p.backlog = p.backlog[0], p.backlog[1:]
		return i, true
	}
	select {
	case i, ok = <-p.items:
	case <-timeout:
	}
	return i, ok
}

// handle passes a reply on after everything that was printed before it, and before everything that was printed after it.
func (p *pump) handle(r *link.Reply) {
	var later []pumped
	timeout := time.After(markPatience)
	for p.marks["stdout"] < r.Mark || p.marks["stderr"] < r.Mark {
		i, ok := p.next(timeout)
		if !ok {
			p.marks["stdout"], p.marks["stderr"] = max(p.marks["stdout"], r.Mark), max(p.marks["stderr"], r.Mark)
			break
		}
		if i.reply != nil || p.marks[i.stream] >= r.Mark {
			later = append(later, i)
		} else {
			p.add(i)
		}
	}
	p.backlog = slices.Concat(p.held, later, p.backlog)
	p.held, p.replied = nil, r.Mark
	p.flush()
	p.pass(r)
}

func (p *pump) pass(r *link.Reply) {
	p.mu.Lock()
	sink, stdin := p.sink, p.stdin
	p.mu.Unlock()
	switch r.Kind {
	case link.Finished:
		select {
		case p.process.outcomes <- *r.Done:
		default: // of a cell that nobody waits for any more
		}
	case link.Shown:
		if sink != nil {
			_ = sink.Emit(r.Event)
		}
	case link.Ask:
		go p.process.answer(sink, stdin, r.Prompt, r.Secret)
	case link.Goroutine:
		if sink != nil {
			_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stderr", Text: goroutineText(r.Fault)})
		}
	}
}
