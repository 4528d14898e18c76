package session

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestInterrupt stops cells that would go on for ever; variables and functions made before must work afterwards.
func TestInterrupt(t *testing.T) {
	for name, cell := range map[string]string{
		"a loop":       "for {}",
		"a busy loop":  "for i := 0; ; i++ { _ = i * i }",
		"a sleep":      "import \"time\"\ntime.Sleep(time.Hour)",
		"a receive":    "<-make(chan int)",
		"a send":       "make(chan int) <- 1",
		"a select":     "select {}",
		"a wait group": "import \"sync\"\nvar g sync.WaitGroup\ng.Add(1)\ng.Wait()",
		"a mutex":      "import \"sync\"\nvar m sync.Mutex\nm.Lock()\nm.Lock()",
		"its context":  "<-ctx.Done()",
		"a range":      "for range make(chan int) {}",
		"a recursion":  "func r(n int) int { if n == 0 { return 0 }; return r(n-1) }\nfor { r(50) }",
		"a flood":      "for { fmt.Println(\"a line that is long enough to fill a pipe after a while\") }",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			if got := output(s, "kept := 41\nadd := func() int { return kept + 1 }\nc := make(chan int, 1)\nsend := func() int { c <- 5; return <-c }"); got != "" {
				t.Fatal(got)
			}
			ctx, cancel := context.WithCancel(context.Background())
			var stopped time.Time
			time.AfterFunc(200*time.Millisecond, func() { stopped = time.Now(); cancel() })
			r := s.Execute(ctx, Cell{Code: cell}, &page{})
			if r.Err == nil || r.Err.Name != Interrupted {
				t.Fatalf("result %+v, want %s", r.Err, Interrupted)
			}
			t.Logf("took %v", time.Since(stopped).Round(time.Millisecond)) // a busy machine may take longer than the 200 ms that we want
			if got := output(s, "fmt.Println(add(), send())"); got != "42 5\n" {
				t.Errorf("afterwards: %q", got)
			}
		})
	}
}

// TestDeath ends the worker in the ways that cells can.
func TestDeath(t *testing.T) {
	for name, c := range map[string]struct{ cell, want string }{
		"os.Exit":       {"import \"os\"\nos.Exit(3)", "exit status 3"},
		"log.Fatal":     {"import \"log\"\nlog.Fatal(\"bye\")", "exit status 1"},
		"a stack":       {"func f(n int) int { return f(n+1) + 1 }\nf(0)", "overflowed the stack"},
		"a fatal error": {"import \"runtime\"\nruntime.GOMAXPROCS(2)\nm := map[int]int{}\nfor i := range 8 { go func() { for { m[i]++ } }() }\nfor { m[9]++ }", "process of the cell"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			output(s, "mine := 1")
			got := output(s, c.cell)
			if !strings.Contains(got, WorkerDied) || !strings.Contains(got, c.want) || !strings.Contains(got, "mine") {
				t.Errorf("got %q, want %q and what was lost", got, c.want)
			}
			if got := output(s, "1 + 1"); got != "2" {
				t.Errorf("afterwards: %q", got)
			}
			if got := output(s, "mine"); !strings.Contains(got, "undefined: mine") {
				t.Errorf("afterwards: %q", got)
			}
		})
	}
}

func TestGoroutinePanic(t *testing.T) {
	s := newSession(t)
	got := output(s, "import \"time\"\ngo func() {\n\tpanic(\"boom\")\n}()\ntime.Sleep(50 * time.Millisecond)\n\"alive\"")
	if !strings.Contains(got, "panic in a goroutine: boom") || !strings.Contains(got, "cell 1:3:") || !strings.HasSuffix(got, "alive") {
		t.Errorf("got %q", got)
	}
}

func TestOrder(t *testing.T) {
	s := newSession(t)
	p := &page{}
	s.Execute(context.Background(), Cell{Code: "import \"github.com/tunebook/tunebook/kernel/display\"\nfor i := range 3 {\n\tfmt.Println(i)\n\tdisplay.Display(i)\n}"}, p)
	var kinds []string
	for _, e := range p.events {
		kinds = append(kinds, string(e.Kind)+e.Text)
	}
	if got := strings.Join(kinds, ","); got != "stream0\n,display,stream1\n,display,stream2\n,display" {
		t.Errorf("got %q", got)
	}
}

func TestRestart(t *testing.T) {
	s := newSession(t)
	output(s, "a := 1")
	if err := s.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := output(s, "a"); !strings.Contains(got, "undefined: a") {
		t.Errorf("got %q", got)
	}
}

func BenchmarkCell(b *testing.B) {
	s := newSession(b)
	output(s, "1")
	for b.Loop() {
		if r := s.Execute(context.Background(), Cell{Code: "1+1"}, &page{}); r.Value.Text() != "2" {
			b.Fatal(r)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s := newSession(b)
		output(s, "1")
		s.Close()
	}
}
