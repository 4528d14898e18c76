package kernel

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/symbols"
	"github.com/tunebook/tunebook/kernel/wire"
	"github.com/tunebook/tunebook/kernel/worker"
)

// TestMain makes the test binary the worker of its own kernels.
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

// startReal connects a client to a kernel that runs Go.
func startReal(t *testing.T) *client {
	t.Helper()
	s, err := session.New(session.Options{Export: symbols.Export, Source: symbols.Source, Packages: symbols.Paths})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return start(t, s)
}

// TestStandardInput reads from standard input in the ways of ordinary programs; the client is asked.
func TestStandardInput(t *testing.T) {
	c := startReal(t)
	for _, test := range []struct{ name, code, want string }{
		{"Scan", "var n int\nfmt.Print(\"how many? \")\nfmt.Scan(&n)\nn + 1", "43"},
		{"Scanln", "var s string\nfmt.Scanln(&s)\ns", "42"},
		{"Fscanf", "var f float64\nfmt.Fscanf(os.Stdin, \"%g\", &f)\nf / 4", "10.5"},
		{"Reader", "r := bufio.NewReader(os.Stdin)\nline, err := r.ReadString('\\n')\nfmt.Sprintf(\"%q %v\", line, err)", `"42\n" <nil>`},
		{"Reader of an earlier cell", "line, _ = r.ReadString('\\n')\nlen(line)", "3"},
		{"Scanner", "in := bufio.NewScanner(os.Stdin)\nin.Scan()\nin.Text()", "42"},
		{"in a function", "func read() (n int) { fmt.Fscan(os.Stdin, &n); return }\nread()", "42"},
	} {
		sent := c.send("shell", "execute_request", wire.ExecuteRequest{Code: test.code})
		question := c.receive("stdin")
		if question.Header.Type != "input_request" || parentOf(question) != sent.Header.ID {
			t.Fatalf("%s: %s of %s", test.name, question.Header.Type, parentOf(question))
		}
		if test.name == "Scan" {
			c.await("stdout how many? ") // stands on the page before the question does
		}
		c.sendAs("stdin", "input_reply", &question, wire.InputReply{Value: "42"})
		if got := c.result(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		c.receive("shell")
	}
}

// TestNoInputAllowed reads where the client cannot be asked. The cell must end there: nobody looks at the error of Scan.
func TestNoInputAllowed(t *testing.T) {
	c := startReal(t)
	no := false
	c.execute(wire.ExecuteRequest{Code: "kept := 5\nn := 7"})
	for _, code := range []string{
		"fmt.Scan(&n)\nfmt.Print(\"went on\")",
		"line, _ := bufio.NewReader(os.Stdin).ReadString('\\n')\nfmt.Print(\"went on\", line)",
		"for { if _, err := fmt.Scanln(&n); err == nil { break } }",
	} {
		reply, iopub := c.execute(wire.ExecuteRequest{Code: code, AllowStdin: &no})
		if reply.Status != "error" || reply.Error == nil || reply.Name != session.NoInput || !strings.Contains(reply.Value, "nobody can be asked for input") {
			t.Errorf("%s: %+v", code, reply)
		}
		if said := strings.Join(iopub, "|"); strings.Contains(said, "stdout went on") {
			t.Errorf("%s: %s", code, said)
		}
		if reply, iopub := c.execute(wire.ExecuteRequest{Code: "kept + n"}); reply.Status != "ok" || !strings.Contains(strings.Join(iopub, "|"), " 12|") {
			t.Errorf("afterwards: %+v %v", reply, iopub)
		}
	}
}

// TestInterruptWhatIsCompiled interrupts compiled code that sees the context of its cell, as the library's training loops do,
// and loops of the interpreter, which see nothing. What earlier cells made is there afterwards.
func TestInterruptWhatIsCompiled(t *testing.T) {
	c := startReal(t)
	if reply, said := c.execute(wire.ExecuteRequest{Code: "steps := 1\nkept := []string{\"a\"}"}); reply.Status != "ok" {
		t.Fatalf("%+v %v", reply, said)
	}
	for _, test := range []struct{ name, code string }{
		{"compiled code", "fmt.Println(\"begins\")\nerr := exec.CommandContext(ctx, \"sleep\", \"1000\").Run()"},
		{"an interpreted loop", "fmt.Println(\"begins\")\nfor {}"},
		{"a loop over a compiled function", "fmt.Println(\"begins\")\nfor { steps += len(strings.Repeat(\"a\", 1000)) }"},
	} {
		sent := c.send("shell", "execute_request", wire.ExecuteRequest{Code: test.code})
		for seen := ""; !strings.Contains(seen, "begins\n"); {
			if m := c.published(); parentOf(m) == sent.Header.ID {
				seen += describe(t, m)
			}
		}
		began := time.Now()
		c.send("control", "interrupt_request", struct{}{})
		m := c.receive("shell")
		took := time.Since(began).Round(time.Millisecond)
		var reply wire.ExecuteReply
		if err := m.Into(&reply); err != nil || reply.Status != "error" || reply.Error == nil || reply.Name != session.Interrupted {
			t.Errorf("%s: %+v, %v", test.name, reply, err)
		}
		t.Logf("%s: %v after the interrupt: %s", test.name, took, reply.Value)
		c.receive("control")
		reply, said := c.execute(wire.ExecuteRequest{Code: "steps > 0 && len(kept) == 1"})
		if reply.Status != "ok" || !strings.Contains(strings.Join(said, "|"), " true|") {
			t.Errorf("after %s: %+v %v", test.name, reply, said)
		}
	}
}

// result waits for the value of the running cell.
func (c *client) result() string {
	c.t.Helper()
	for {
		said := describe(c.t, c.published())
		if strings.HasPrefix(said, "error ") {
			return said
		}
		if rest, ok := strings.CutPrefix(said, "result "); ok {
			_, value, _ := strings.Cut(rest, " ")
			return value
		}
	}
}
