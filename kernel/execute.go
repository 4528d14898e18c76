package kernel

import (
	"context"
	"fmt"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/wire"
)

// straggle is how long a failed cell waits for requests that were sent with it and are still on their way, so that they
// are aborted with those that have arrived.
const straggle = 10 * time.Millisecond

func (k *Kernel) execute(m *wire.Message) {
	var request wire.ExecuteRequest
	if !k.understood(k.shell, m, &request) {
		return
	}
	keep := !request.Silent && yes(request.StoreHistory)
	if keep {
		k.count++
	}
	ctx, end := k.begin()
	defer end()
	show := &sink{kernel: k, parent: m, silent: request.Silent, ask: k.asker(ctx, m, yes(request.AllowStdin))}
	if !request.Silent {
		k.page.send(m, "execute_input", wire.ExecuteInput{Code: request.Code, Count: k.count})
	}
	result := k.session.Execute(ctx, session.Cell{
		Number: k.count, Name: fmt.Sprintf("cell %d", k.count), Code: request.Code,
		Silent: request.Silent, AllowStdin: yes(request.AllowStdin),
	}, display.Limit(show, display.StreamLimit))
	if keep {
		k.history.add(request.Code, result.Value.Text())
	}
	if result.Err != nil {
		k.failed(m, &request, result.Err)
		return
	}
	if !result.Value.Empty() && !request.Silent {
		k.page.send(m, "execute_result", wire.ExecuteResult{
			Count: k.count, Data: result.Value.Data, Metadata: object(result.Value.Metadata),
		})
	}
	reply := wire.ExecuteReply{Status: "ok", Count: k.count, UserExpressions: k.expressions(ctx, show, request.UserExpressions)}
	if !result.Page.Empty() {
		reply.Payload = append(reply.Payload, wire.Page{Source: "page", Data: result.Page.Data})
	}
	k.page.flush()
	k.reply(k.shell, m, "execute_reply", reply)
}

// begin makes the context of one cell, which Interrupt cancels.
func (k *Kernel) begin() (context.Context, func()) {
	ctx, cancel := context.WithCancel(k.done)
	k.mu.Lock()
	k.cancel = cancel
	k.mu.Unlock()
	return ctx, func() {
		k.mu.Lock()
		k.cancel = nil
		k.mu.Unlock()
		cancel()
	}
}

// failed reports an error and drops the cells that wait behind it.
func (k *Kernel) failed(m *wire.Message, request *wire.ExecuteRequest, e *session.Error) {
	fault := faultOf(e)
	if !request.Silent {
		k.page.send(m, "error", fault)
	}
	var aborted []wire.Message
	if yes(request.StopOnError) {
		time.Sleep(straggle)
		aborted = k.queue.abort()
	}
	k.page.flush()
	k.reply(k.shell, m, "execute_reply", wire.ExecuteReply{Status: "error", Count: k.count, Error: fault})
	for i := range aborted {
		k.page.send(&aborted[i], "status", wire.Status{State: "busy"})
		k.reply(k.shell, &aborted[i], "execute_reply", wire.ExecuteReply{Status: "aborted", Count: k.count})
		k.page.send(&aborted[i], "status", wire.Status{State: "idle"})
	}
}

func faultOf(e *session.Error) *wire.Error {
	trace := e.Traceback
	if len(trace) == 0 {
		trace = []string{e.Name + ": " + e.Message}
	}
	return &wire.Error{Name: e.Name, Value: e.Message, Traceback: trace}
}

// expressions evaluates the user_expressions of a request; each has its own status.
func (k *Kernel) expressions(ctx context.Context, show *sink, asked map[string]string) map[string]any {
	values := make(map[string]any, len(asked))
	quiet := *show
	quiet.silent = true
	for name, code := range asked {
		result := k.session.Execute(ctx, session.Cell{Number: k.count, Name: "expression " + name, Code: code, Silent: true}, &quiet)
		if e := result.Err; e != nil {
			values[name] = map[string]any{"status": "error", "ename": e.Name, "evalue": e.Message, "traceback": faultOf(e).Traceback}
			continue
		}
		values[name] = map[string]any{"status": "ok", "data": object(result.Value.Data), "metadata": object(result.Value.Metadata)}
	}
	return values
}

// yes reads a field whose absence means true.
func yes(field *bool) bool { return field == nil || *field }
