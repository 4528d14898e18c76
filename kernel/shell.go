package kernel

import (
	"unicode/utf8"

	"github.com/tunebook/tunebook/kernel/wire"
)

// handleShell answers one request of the shell channel.
func (k *Kernel) handleShell(m wire.Message) {
	k.page.send(&m, "status", wire.Status{State: "busy"})
	defer k.page.send(&m, "status", wire.Status{State: "idle"})
	switch m.Header.Type {
	case "execute_request":
		k.execute(&m)
	case "complete_request":
		k.complete(&m)
	case "inspect_request":
		k.inspect(&m)
	case "is_complete_request":
		k.isComplete(&m)
	case "history_request":
		k.past(&m)
	case "comm_open", "comm_msg", "comm_close", "comm_info_request":
		k.comm(&m)
	default:
		k.common(k.shell, &m)
	}
}

// handleControl answers one request of the control channel, at once.
func (k *Kernel) handleControl(m wire.Message) {
	k.page.send(&m, "status", wire.Status{State: "busy"})
	defer k.page.send(&m, "status", wire.Status{State: "idle"})
	k.common(k.control, &m)
}

// common answers what may come on either channel, on the one that it came on.
func (k *Kernel) common(from *wire.Router, m *wire.Message) {
	switch m.Header.Type {
	case "kernel_info_request":
		k.reply(from, m, "kernel_info_reply", k.info())
	case "interrupt_request":
		k.Interrupt()
		k.reply(from, m, "interrupt_reply", wire.ExecuteReply{Status: "ok"})
	case "shutdown_request":
		var request wire.Shutdown
		if !k.understood(from, m, &request) {
			return
		}
		reply := wire.Shutdown{Status: "ok", Restart: request.Restart}
		k.reply(from, m, "shutdown_reply", reply)
		k.page.send(m, "shutdown_reply", reply)
		k.Stop()
	default:
		k.log.Warn("a request that is not known here was left unanswered", "type", m.Header.Type)
	}
}

// understood decodes the content of m, or answers with an error.
func (k *Kernel) understood(from *wire.Router, m *wire.Message, into any) bool {
	err := m.Into(into)
	if err == nil {
		return true
	}
	k.log.Warn("a request cannot be understood", "type", m.Header.Type, "error", err)
	kind := m.Header.Type
	if n := len(kind) - len("_request"); n > 0 && kind[n:] == "_request" {
		kind = kind[:n]
	}
	fault := &wire.Error{Name: "ProtocolError", Value: err.Error(), Traceback: []string{err.Error()}}
	k.reply(from, m, kind+"_reply", wire.ExecuteReply{Status: "error", Error: fault})
	return false
}

func (k *Kernel) complete(m *wire.Message) {
	var request wire.CodeRequest
	if !k.understood(k.shell, m, &request) {
		return
	}
	found := k.session.Complete(request.Code, byteOffset(request.Code, request.Cursor))
	reply := wire.CompleteReply{
		Status: "ok", Matches: []string{}, Metadata: map[string]any{},
		Start: codePoints(request.Code, found.Start), End: codePoints(request.Code, found.End),
	}
	typed := []map[string]any{} // an extension of the protocol that JupyterLab shows
	for _, match := range found.Matches {
		reply.Matches = append(reply.Matches, match.Text)
		typed = append(typed, map[string]any{"text": match.Text, "type": match.Type, "start": reply.Start, "end": reply.End})
	}
	reply.Metadata["_jupyter_types_experimental"] = typed
	k.reply(k.shell, m, "complete_reply", reply)
}

func (k *Kernel) inspect(m *wire.Message) {
	var request wire.CodeRequest
	if !k.understood(k.shell, m, &request) {
		return
	}
	help, found := k.session.Inspect(request.Code, byteOffset(request.Code, request.Cursor), request.Detail)
	k.reply(k.shell, m, "inspect_reply", wire.InspectReply{
		Status: "ok", Found: found, Data: object(help.Data), Metadata: object(help.Metadata),
	})
}

func (k *Kernel) isComplete(m *wire.Message) {
	var request wire.CodeRequest
	if !k.understood(k.shell, m, &request) {
		return
	}
	status, indent := k.session.IsComplete(request.Code)
	k.reply(k.shell, m, "is_complete_reply", wire.IsCompleteReply{Status: status, Indent: indent})
}

// comm answers widget messages: there is no target yet, and the protocol says how to say so.
func (k *Kernel) comm(m *wire.Message) {
	switch m.Header.Type {
	case "comm_info_request":
		k.reply(k.shell, m, "comm_info_reply", map[string]any{"status": "ok", "comms": map[string]any{}})
	case "comm_open":
		var request wire.Comm
		if err := m.Into(&request); err != nil {
			k.log.Warn("a comm cannot be understood", "error", err)
			return
		}
		k.log.Info("a comm has no target here", "target", request.Target)
		k.page.send(m, "comm_close", map[string]any{"comm_id": request.ID, "data": map[string]any{}})
	}
}

// byteOffset is where the code point number n of code begins. Jupyter counts code points, Go counts bytes.
func byteOffset(code string, n int) int {
	for at := range code {
		if n <= 0 {
			return at
		}
		n--
	}
	return len(code)
}

// codePoints counts the code points before the byte at offset.
func codePoints(code string, offset int) int {
	return utf8.RuneCountInString(code[:min(max(offset, 0), len(code))])
}
