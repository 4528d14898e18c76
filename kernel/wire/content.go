package wire

import "encoding/json"

// The contents of the messages that a kernel reads and writes, named after their msg_type.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html documents every field.

// ExecuteRequest asks to run code.
type ExecuteRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"` // missing means true, unless silent
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      *bool             `json:"allow_stdin"`   // missing means true
	StopOnError     *bool             `json:"stop_on_error"` // missing means true
}

// ExecuteReply answers an ExecuteRequest.
type ExecuteReply struct {
	Status          string         `json:"status"` // "ok", "error" or "aborted"
	Count           int            `json:"execution_count"`
	UserExpressions map[string]any `json:"user_expressions,omitempty"`
	Payload         []any          `json:"payload,omitempty"`
	*Error
}

// Error is the content of an error message, and part of replies with status "error".
type Error struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// Page is a payload that asks the front-end to show data in a pager.
type Page struct {
	Source string         `json:"source"` // "page"
	Data   map[string]any `json:"data"`
	Start  int            `json:"start"`
}

// CodeRequest is the content of complete_request, inspect_request and is_complete_request. Cursor counts code points.
type CodeRequest struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"`
	Detail int    `json:"detail_level"`
}

// CompleteReply answers a complete_request. Start and End count code points.
type CompleteReply struct {
	Status   string         `json:"status"`
	Matches  []string       `json:"matches"`
	Start    int            `json:"cursor_start"`
	End      int            `json:"cursor_end"`
	Metadata map[string]any `json:"metadata"`
}

// InspectReply answers an inspect_request.
type InspectReply struct {
	Status   string         `json:"status"`
	Found    bool           `json:"found"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// IsCompleteReply answers an is_complete_request.
type IsCompleteReply struct {
	Status string `json:"status"` // "complete", "incomplete", "invalid" or "unknown"
	Indent string `json:"indent,omitempty"`
}

// HistoryRequest asks for earlier inputs.
type HistoryRequest struct {
	Output  bool   `json:"output"`
	Raw     bool   `json:"raw"`
	Access  string `json:"hist_access_type"` // "range", "tail" or "search"
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       int    `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// HistoryReply answers a HistoryRequest with (session, line, input) or (session, line, (input, output)).
type HistoryReply struct {
	Status  string   `json:"status"`
	History [][3]any `json:"history"`
}

// KernelInfoReply says what the kernel is.
type KernelInfoReply struct {
	Status         string       `json:"status"`
	Protocol       string       `json:"protocol_version"`
	Implementation string       `json:"implementation"`
	Version        string       `json:"implementation_version"`
	Language       LanguageInfo `json:"language_info"`
	Banner         string       `json:"banner"`
	Debugger       bool         `json:"debugger"`
	HelpLinks      []HelpLink   `json:"help_links"`
	Features       []string     `json:"supported_features"`
}

// LanguageInfo is also kept in the metadata of every notebook.
type LanguageInfo struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	MIMEType   string `json:"mimetype"`
	Extension  string `json:"file_extension"`
	Lexer      string `json:"pygments_lexer"`
	CodeMirror string `json:"codemirror_mode"`
	Exporter   string `json:"nbconvert_exporter"`
}

// HelpLink is an entry of the front-end's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Shutdown is the content of shutdown_request and its reply.
type Shutdown struct {
	Status  string `json:"status,omitempty"`
	Restart bool   `json:"restart"`
}

// Status is the content of a status message: "busy", "idle" or "starting".
type Status struct {
	State string `json:"execution_state"`
}

// Stream is text on "stdout" or "stderr".
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Display is the content of display_data and update_display_data.
type Display struct {
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient map[string]any `json:"transient"`
}

// ExecuteResult is the value of a cell.
type ExecuteResult struct {
	Count    int            `json:"execution_count"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// ExecuteInput tells every front-end what is about to run.
type ExecuteInput struct {
	Code  string `json:"code"`
	Count int    `json:"execution_count"`
}

// ClearOutput removes the outputs of the cell.
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// InputRequest asks the learner for a line.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// InputReply is the line.
type InputReply struct {
	Value string `json:"value"`
}

// Comm is the content of comm_open, comm_msg, comm_close and, with Target only, of comm_info_request.
type Comm struct {
	ID     string          `json:"comm_id,omitempty"`
	Target string          `json:"target_name,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
}
