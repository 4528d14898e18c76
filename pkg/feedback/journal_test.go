package feedback

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// contents are the bytes of a file.
func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A crash may tear the last line at any of its bytes: what was before is kept, the torn part is set aside and told, a line that
// lacks its end alone gets it, and the next vote stands in a line of its own.
func TestTornLastLine(t *testing.T) {
	path := file0(t)
	collect(t, open(t, path, Options{}), 2, "123", "321")
	whole := contents(t, path)
	first := bytes.IndexByte(whole, '\n') + 1
	cuts := []int{first, first + 1, len(whole) - 2, len(whole) - 1, len(whole)}
	for n := first + 13; n < len(whole)-2; n += 37 {
		cuts = append(cuts, n)
	}
	for _, n := range cuts {
		path := file0(t)
		put(t, path, whole[:n])
		p := open(t, path, Options{})
		want, torn := 1, n > first && n < len(whole)-1
		if n >= len(whole)-1 {
			want = 2
		}
		if got := len(p.Ballots()); got != want {
			t.Errorf("cut at %d: %d votes, want %d", n, got, want)
		}
		if notes := p.Warnings(); torn != (len(notes) == 1 && strings.HasPrefix(notes[0], "the last line was torn (") && strings.Contains(notes[0], "votes.jsonl.torn")) || !torn && notes != nil {
			t.Errorf("cut at %d: warnings %q", n, notes)
		}
		if torn {
			if got, want := string(contents(t, path+".torn")), string(whole[first:n])+"\n"; got != want {
				t.Errorf("cut at %d: set aside %q, want %q", n, got, want)
			}
		}
		s, _ := collect(t, p, 3, slices.Repeat([]string{"213"}, 3-want)...)
		if all, notes, err := Load(ctx, path); len(all) != 3 || notes != nil || err != nil || s.Known != want {
			t.Errorf("cut at %d: then %d votes, %q, %v; %+v", n, len(all), notes, err, s)
		}
		if torn && !strings.Contains(s.String(), "the last line was torn") {
			t.Errorf("cut at %d: the rater reads %q", n, s)
		}
	}
}

// faulty is a file on a disk that fails.
type faulty struct {
	*os.File
	room int   // bytes that can still be written
	full error // after them; nil is a short write that says nothing
	sync error
}

func (f faulty) Write(b []byte) (int, error) {
	n, err := f.File.Write(b[:min(len(b), f.room)])
	if err == nil && n < len(b) {
		err = f.full
	}
	return n, err
}

func (f faulty) Sync() error { return errors.Join(f.sync, f.File.Sync()) }

// When the disk is full or fails, the vote does not count, the file is byte for byte what it was, the error says so, and the same
// poll goes on when there is room.
func TestFullDisk(t *testing.T) {
	for name, c := range map[string]struct {
		fault faulty
		want  error
		words string
	}{
		"no room":     {faulty{full: syscall.ENOSPC}, syscall.ENOSPC, "the vote could not be written and does not count"},
		"some room":   {faulty{room: 60, full: syscall.ENOSPC}, syscall.ENOSPC, "make room and go on"},
		"short write": {faulty{room: 60}, nil, "short write"},
		"sync fails":  {faulty{room: 1 << 20, sync: syscall.EIO}, syscall.EIO, "the vote is not safely on the disk and does not count"},
	} {
		t.Run(name, func(t *testing.T) {
			path := file0(t)
			p := open(t, path, Options{})
			collect(t, p, 1, "123")
			before := contents(t, path)
			p.journal.open = func(path string) (file, error) {
				f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
				c.fault.File = f
				return c.fault, err
			}
			k := &typist{lines: []string{"321", "123"}}
			s, err := p.Collect(ctx, items(3), k.prompt())
			if err == nil || !strings.HasPrefix(err.Error(), `feedback: item "q2": `+path+": ") || !strings.Contains(err.Error(), c.words) || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%v", err)
			}
			if s.Known != 1 || s.Voted != 0 || s.Left != 2 || len(k.asked) != 1 {
				t.Errorf("%+v, asked %d times", s, len(k.asked))
			}
			if after := contents(t, path); !bytes.Equal(before, after) {
				t.Errorf("the file was\n%s and is\n%s", before, after)
			}
			p.journal.open = openFile
			if s, k := collect(t, p, 3, "321", "123"); s.Voted != 2 || s.Known != 1 || len(k.asked) != 2 {
				t.Errorf("with room: %+v", s)
			}
			if all, notes, err := Load(ctx, path); len(all) != 3 || notes != nil || err != nil {
				t.Errorf("with room: %d votes, %q, %v", len(all), notes, err)
			}
		})
	}
}

// A file that has lost lines is not written to.
func TestShorter(t *testing.T) {
	path := file0(t)
	p := open(t, path, Options{})
	collect(t, p, 2, "123", "123")
	before := contents(t, path)
	before = before[:bytes.IndexByte(before, '\n')+1]
	put(t, path, before)
	if _, err := p.Collect(ctx, items(3), (&typist{lines: []string{"123"}}).prompt()); !errors.Is(err, ErrShort) {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(before, contents(t, path)) {
		t.Error("it was written to")
	}
}

// A lock that another program holds is waited for, as long as nobody interrupts.
func TestLocked(t *testing.T) {
	path := file0(t)
	p := open(t, path, Options{})
	holder, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	if err := lock(holder.Fd()); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, _, err := p.Undo(short); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "waiting for another program to write") {
		t.Errorf("%v", err)
	}
	time.AfterFunc(20*time.Millisecond, func() { holder.Close() })
	if s, _ := collect(t, p, 1, "123"); s.Voted != 1 {
		t.Errorf("%+v", s)
	}
}

// The same person has two notebooks open: what is answered in one is not asked in the other.
func TestTwoNotebooks(t *testing.T) {
	path := file0(t)
	here, there := open(t, path, Options{}), open(t, path, Options{})
	k := &typist{lines: []string{"123", "123"}}
	prompt := k.prompt()
	ask := prompt.Ask
	prompt.Ask = func(q string) (string, error) {
		if len(k.asked) == 0 { // while the first question waits
			if s, _ := collect(t, there, 2, "321", "321"); s.Voted != 2 {
				t.Errorf("there: %+v", s)
			}
		}
		return ask(q)
	}
	s, err := here.Collect(ctx, items(3), prompt)
	if err != nil || s.Voted != 2 || s.Known != 1 || !slices.Equal(k.prompts(), []string{"Question 1", "Question 3"}) {
		t.Errorf("%+v, %v, asked %q", s, err, k.prompts())
	}
	// The later of the two votes on question 1 counts.
	if current := here.Ballots().Current(); len(here.Ballots()) != 4 || len(current) != 3 || current[1].Item.ID != "q1" || current[1].Ranking[0][0] != current[1].Order[0] {
		t.Errorf("%+v", current)
	}
	if name := filepath.Base(here.Path()); name != "votes.jsonl" {
		t.Error(name)
	}
}
