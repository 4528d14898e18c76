package kernel

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/wire"
)

// scripted is a session whose cells are one word and an argument, so that these tests are about the protocol only.
type scripted struct{}

func (scripted) Execute(ctx context.Context, c session.Cell, sink display.Sink) session.Result {
	word, rest, _ := strings.Cut(c.Code, " ")
	switch word {
	case "value":
		return session.Result{Value: display.Render(rest)}
	case "print":
		for part := range strings.FieldsSeq(rest) {
			_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: part})
		}
	case "flood":
		for i := range 100_000 {
			_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: fmt.Sprintln(i)})
		}
	case "show":
		at := display.MIMEMap{"display_id": "x"}
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stderr", Text: "before"})
		_ = sink.Emit(display.Event{Kind: display.KindShow, Data: display.Bundle{Data: display.MIMEMap{"image/png": []byte{1}}, Transient: at}})
		_ = sink.Emit(display.Event{Kind: display.KindUpdate, Data: display.Bundle{Data: display.MIMEMap{"text/plain": "2"}, Transient: at}})
		_ = sink.Emit(display.Event{Kind: display.KindClear, Wait: true})
	case "fail":
		return session.Result{Err: &session.Error{Name: "Panic", Message: rest, Traceback: []string{"cell 1:1", rest}}}
	case "wait":
		<-ctx.Done()
		return session.Result{Err: &session.Error{Name: "Interrupted", Message: "interrupted"}}
	case "sleep":
		time.Sleep(50 * time.Millisecond)
		return session.Result{Err: &session.Error{Name: "Panic", Message: "late"}}
	case "ask":
		answer, err := sink.(display.Asker).Ask(rest, false)
		if err != nil {
			return session.Result{Err: &session.Error{Name: "Error", Message: err.Error()}}
		}
		return session.Result{Value: display.Render(answer)}
	case "help":
		return session.Result{Page: display.Render("help text")}
	}
	return session.Result{}
}

func (scripted) Complete(code string, pos int) session.Completions {
	start := strings.LastIndex(code[:pos], ".") + 1
	return session.Completions{Start: start, End: pos, Matches: []session.Completion{{Text: "Println", Type: "function"}}}
}

func (scripted) Inspect(code string, pos, _ int) (display.Bundle, bool) {
	return display.Render(code[:pos]), pos > 0
}

func (scripted) IsComplete(code string) (string, string) {
	if strings.HasSuffix(code, "{") {
		return "incomplete", "\t"
	}
	return "complete", ""
}

func (scripted) Close() error { return nil }

func TestKernelInfo(t *testing.T) {
	c := start(t, scripted{})
	for _, channel := range []string{"shell", "control"} {
		var info wire.KernelInfoReply
		c.ask(channel, "kernel_info_request", struct{}{}, &info)
		if info.Status != "ok" || info.Protocol != "5.4" || info.Language.Name != "go" || info.Language.Extension != ".go" {
			t.Errorf("on %s: %+v", channel, info)
		}
	}
}

func TestExecute(t *testing.T) {
	no, yes := false, true
	for _, test := range []struct {
		name    string
		request wire.ExecuteRequest
		iopub   []string
		status  string
		count   int
	}{
		{"value", wire.ExecuteRequest{Code: "value 2"}, []string{"busy", "input 1 value 2", "result 1 2", "idle"}, "ok", 1},
		{"nothing", wire.ExecuteRequest{Code: ""}, []string{"busy", "input 1 ", "idle"}, "ok", 1},
		{"streams are gathered", wire.ExecuteRequest{Code: "print a b c"}, []string{"busy", "input 1 print a b c", "stdout abc", "idle"}, "ok", 1},
		{"displays", wire.ExecuteRequest{Code: "show"},
			[]string{"busy", "input 1 show", "stderr before", "display x AQ==", "update x 2", "clear true", "idle"}, "ok", 1},
		{"silent", wire.ExecuteRequest{Code: "print a", Silent: true}, []string{"busy", "idle"}, "ok", 0},
		{"silent value", wire.ExecuteRequest{Code: "value 1", Silent: true, StoreHistory: &yes}, []string{"busy", "idle"}, "ok", 0},
		{"not counted", wire.ExecuteRequest{Code: "value 1", StoreHistory: &no}, []string{"busy", "input 0 value 1", "result 0 1", "idle"}, "ok", 0},
		{"error", wire.ExecuteRequest{Code: "fail x"}, []string{"busy", "input 1 fail x", "error Panic x", "idle"}, "error", 1},
		{"no input allowed", wire.ExecuteRequest{Code: "ask x", AllowStdin: &no},
			[]string{"busy", "input 1 ask x", "error Error " + display.ErrNoInput.Error(), "idle"}, "error", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, scripted{})
			reply, iopub := c.execute(test.request)
			if reply.Status != test.status || reply.Count != test.count {
				t.Errorf("reply %+v", reply)
			}
			if d := cmp.Diff(test.iopub, iopub); d != "" {
				t.Errorf("iopub -want +got\n%s", d)
			}
		})
	}
}

func TestFloodBecomesFewMessages(t *testing.T) {
	c := start(t, scripted{})
	_, iopub := c.execute(wire.ExecuteRequest{Code: "flood"})
	var text strings.Builder
	for _, m := range iopub {
		if s, ok := strings.CutPrefix(m, "stdout "); ok {
			text.WriteString(s)
		}
	}
	if len(iopub) > 100 || strings.Count(text.String(), "\n") != 100_000 || !strings.HasSuffix(text.String(), "\n99999\n") {
		t.Errorf("%d messages with %d lines", len(iopub), strings.Count(text.String(), "\n"))
	}
}

func TestUserExpressions(t *testing.T) {
	c := start(t, scripted{})
	reply, _ := c.execute(wire.ExecuteRequest{Code: "", UserExpressions: map[string]string{"good": "value 3", "bad": "fail it"}})
	good, bad := reply.UserExpressions["good"].(map[string]any), reply.UserExpressions["bad"].(map[string]any)
	if good["status"] != "ok" || good["data"].(map[string]any)["text/plain"] != "3" {
		t.Errorf("good: %v", good)
	}
	if bad["status"] != "error" || bad["evalue"] != "it" {
		t.Errorf("bad: %v", bad)
	}
}

func TestPage(t *testing.T) {
	c := start(t, scripted{})
	reply, _ := c.execute(wire.ExecuteRequest{Code: "help"})
	if page := fmt.Sprint(reply.Payload...); !strings.Contains(page, "help text") || !strings.Contains(page, "source:page") {
		t.Errorf("payload %s", page)
	}
}

func TestErrorAbortsWhatWaits(t *testing.T) {
	no := false
	for _, stop := range []bool{true, false} {
		c := start(t, scripted{})
		first := wire.ExecuteRequest{Code: "sleep"}
		if !stop {
			first.StopOnError = &no
		}
		c.send("shell", "execute_request", first)
		c.send("shell", "execute_request", wire.ExecuteRequest{Code: "value 1"})
		c.send("shell", "kernel_info_request", struct{}{})
		var got []string
		for range 3 {
			m := c.receive("shell")
			var reply wire.ExecuteReply
			if err := m.Into(&reply); err != nil {
				t.Fatal(err)
			}
			got = append(got, m.Header.Type+" "+reply.Status)
		}
		want := []string{"execute_reply error", "execute_reply aborted", "kernel_info_reply ok"}
		if !stop {
			want[1] = "execute_reply ok"
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("stop_on_error %v: -want +got\n%s", stop, d)
		}
		// What is sent after the error was seen runs.
		if reply, _ := c.execute(wire.ExecuteRequest{Code: "value 1"}); reply.Status != "ok" {
			t.Errorf("the next cell: %+v", reply)
		}
	}
}

func TestInterrupt(t *testing.T) {
	c := start(t, scripted{})
	c.send("shell", "execute_request", wire.ExecuteRequest{Code: "wait"})
	c.await("input 1 wait")
	began := time.Now()
	var reply wire.ExecuteReply
	c.ask("control", "interrupt_request", struct{}{}, &reply)
	if reply.Status != "ok" {
		t.Errorf("interrupt_reply %+v", reply)
	}
	c.await("error Interrupted interrupted")
	t.Logf("took %v", time.Since(began).Round(time.Millisecond))
	if m := c.receive("shell"); m.Header.Type != "execute_reply" {
		t.Errorf("got %s", m.Header.Type)
	}
	if after, _ := c.execute(wire.ExecuteRequest{Code: "value 1"}); after.Status != "ok" {
		t.Errorf("after the interrupt: %+v", after)
	}
}

func TestControlAnswersWhileShellIsBusy(t *testing.T) {
	c := start(t, scripted{})
	c.send("shell", "execute_request", wire.ExecuteRequest{Code: "wait"})
	c.await("input 1 wait")
	var info wire.KernelInfoReply
	c.ask("control", "kernel_info_request", struct{}{}, &info)
	c.kernel.Interrupt() // as SIGINT does
	c.await("error Interrupted interrupted")
}

func TestInput(t *testing.T) {
	c := start(t, scripted{})
	c.send("shell", "execute_request", wire.ExecuteRequest{Code: "ask name?"})
	question := c.receive("stdin")
	var asked wire.InputRequest
	if err := question.Into(&asked); err != nil || question.Header.Type != "input_request" || asked.Prompt != "name?" {
		t.Fatalf("%s %+v, %v", question.Header.Type, asked, err)
	}
	stale, _ := wire.New("c", "input_request", nil, struct{}{})
	c.sendAs("stdin", "input_reply", &stale, wire.InputReply{Value: "of another question"})
	c.sendAs("stdin", "input_reply", &question, wire.InputReply{Value: "Ann"})
	c.await("result 1 Ann")
	c.receive("shell")

	c.send("shell", "execute_request", wire.ExecuteRequest{Code: "ask again?"})
	c.receive("stdin")
	c.kernel.Interrupt()
	var reply wire.ExecuteReply
	if err := c.receive("shell").Into(&reply); err != nil || reply.Status != "error" {
		t.Errorf("an interrupted question: %+v, %v", reply, err)
	}
}

func TestCodeQuestionsCountCodePoints(t *testing.T) {
	c := start(t, scripted{})
	var found wire.CompleteReply
	c.ask("shell", "complete_request", wire.CodeRequest{Code: "名.Pr", Cursor: 4}, &found)
	if found.Start != 2 || found.End != 4 || found.Matches[0] != "Println" {
		t.Errorf("complete %+v", found)
	}
	typed := found.Metadata["_jupyter_types_experimental"].([]any)[0].(map[string]any)
	if typed["type"] != "function" {
		t.Errorf("type %v", typed)
	}
	var help wire.InspectReply
	c.ask("shell", "inspect_request", wire.CodeRequest{Code: "名字", Cursor: 1}, &help)
	if !help.Found || help.Data["text/plain"] != "名" {
		t.Errorf("inspect %+v", help)
	}
	var whole wire.IsCompleteReply
	c.ask("shell", "is_complete_request", wire.CodeRequest{Code: "for {"}, &whole)
	if whole.Status != "incomplete" || whole.Indent != "\t" {
		t.Errorf("is_complete %+v", whole)
	}
}

func TestUnreadableRequestsAreAnswered(t *testing.T) {
	c := start(t, scripted{})
	var reply wire.ExecuteReply
	c.ask("shell", "execute_request", map[string]any{"code": 5}, &reply)
	if reply.Status != "error" || !strings.Contains(reply.Value, "code") {
		t.Errorf("%+v", reply)
	}
	c.send("shell", "no_such_request", struct{}{}) // left unanswered, kills nothing
	if reply, _ := c.execute(wire.ExecuteRequest{Code: "value 1"}); reply.Status != "ok" {
		t.Errorf("%+v", reply)
	}
}

func TestForgedRequestsAreDropped(t *testing.T) {
	c := start(t, scripted{})
	c.key = "guessed"
	c.send("control", "shutdown_request", wire.Shutdown{})
	c.send("shell", "execute_request", wire.ExecuteRequest{Code: "value 1"})
	c.key = testKey
	if reply, _ := c.execute(wire.ExecuteRequest{Code: "value 2"}); reply.Count != 1 {
		t.Errorf("the forged cell was counted: %+v", reply)
	}
}

func TestComm(t *testing.T) {
	c := start(t, scripted{})
	var info map[string]any
	c.ask("shell", "comm_info_request", struct{}{}, &info)
	if info["status"] != "ok" || len(info["comms"].(map[string]any)) != 0 {
		t.Errorf("%v", info)
	}
	c.send("shell", "comm_open", wire.Comm{ID: "1", Target: "unknown"})
	c.await("comm_close")
}

func TestShutdown(t *testing.T) {
	for _, code := range []string{"", "wait"} {
		c := start(t, scripted{})
		if code != "" {
			c.send("shell", "execute_request", wire.ExecuteRequest{Code: code})
			c.await("input 1 " + code)
		}
		var reply wire.Shutdown
		c.ask("control", "shutdown_request", wire.Shutdown{Restart: true}, &reply)
		if !reply.Restart || reply.Status != "ok" {
			t.Errorf("%+v", reply)
		}
		c.await("shutdown_reply")
		select {
		case err := <-c.served:
			if err != nil {
				t.Error(err)
			}
			c.served <- nil
		case <-time.After(5 * time.Second):
			t.Fatal("the kernel still serves")
		}
	}
}
