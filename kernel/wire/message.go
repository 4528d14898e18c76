package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Version is the version of the Jupyter messaging protocol that is spoken here.
const Version = "5.4"

// The ways in which a message can be unreadable. A kernel drops such a message and logs why.
var (
	ErrDelimiter = errors.New("wire: no <IDS|MSG> delimiter")
	ErrShort     = errors.New("wire: fewer than four frames after the signature")
	ErrSignature = errors.New("wire: wrong signature; the sender does not know the key of the connection file")
	ErrHeader    = errors.New("wire: unreadable header")
	ErrContent   = errors.New("wire: unreadable content")
)

// delimiter separates routing identities from the message.
const delimiter = "<IDS|MSG>"

// Header says what a message is and who sent it.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
	Subshell string `json:"subshell_id,omitempty"`
}

// Message is one message of the protocol. Parent and the dictionaries stay as they came, so that what this package does
// not know is passed on unchanged.
type Message struct {
	Identities [][]byte // the route on ROUTER sockets, the topic on iopub
	Header     Header
	Parent     json.RawMessage // the header of the request that this answers, or {}
	Metadata   json.RawMessage
	Content    json.RawMessage
	Buffers    [][]byte

	header json.RawMessage // as received, to be sent back unchanged as the parent of replies
}

// Parse reads the frames of a message and checks its signature. The errors wrap the Err values of this package.
func Parse(key Key, frames [][]byte) (Message, error) {
	var m Message
	at := -1
	for i, frame := range frames {
		if string(frame) == delimiter {
			at = i
			break
		}
	}
	if at < 0 {
		return m, fmt.Errorf("%w in %d frames", ErrDelimiter, len(frames))
	}
	m.Identities = frames[:at]
	rest := frames[at+1:]
	if len(rest) < 5 {
		return m, fmt.Errorf("%w: got %d", ErrShort, max(0, len(rest)-1))
	}
	if !key.Check(rest[0], rest[1:5]) {
		return m, ErrSignature
	}
	m.header, m.Parent, m.Metadata, m.Content, m.Buffers = rest[1], rest[2], rest[3], rest[4], rest[5:]
	if err := json.Unmarshal(m.header, &m.Header); err != nil {
		return m, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	if m.Header.Type == "" || m.Header.ID == "" {
		return m, fmt.Errorf("%w: msg_type or msg_id is missing", ErrHeader)
	}
	for _, dictionary := range []json.RawMessage{m.Parent, m.Metadata, m.Content} {
		if d := bytes.TrimSpace(dictionary); len(d) == 0 || d[0] != '{' || !json.Valid(d) {
			return m, fmt.Errorf("%w: %s: a frame is not a JSON object", ErrContent, m.Header.Type)
		}
	}
	return m, nil
}

// Into decodes the content into v, a pointer to one of the content types of this package.
func (m Message) Into(v any) error {
	if err := json.Unmarshal(m.Content, v); err != nil {
		return fmt.Errorf("%w of %s: %w", ErrContent, m.Header.Type, err)
	}
	return nil
}

// New makes a message of the session given, with content as its content. It answers parent, or nothing if that is nil.
func New(session, kind string, parent *Message, content any) (Message, error) {
	m := Message{
		Header: Header{
			ID: rand.Text(), Session: session, Username: "tunebook", Type: kind, Version: Version,
			Date: time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		},
		Parent: json.RawMessage("{}"), Metadata: json.RawMessage("{}"),
	}
	if parent != nil {
		m.Parent, m.Identities = parent.header, parent.Identities
		if m.Parent == nil {
			encoded, err := json.Marshal(parent.Header)
			if err != nil {
				return m, fmt.Errorf("wire: the parent of %s: %w", kind, err)
			}
			m.Parent = encoded
		}
	}
	var err error
	if m.Content, err = json.Marshal(content); err != nil {
		return m, fmt.Errorf("wire: the content of %s: %w", kind, err)
	}
	return m, nil
}

// Frames are the frames of the message on the wire, signed.
func (m Message) Frames(key Key) ([][]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return nil, fmt.Errorf("wire: the header of %s: %w", m.Header.Type, err)
	}
	signed := [][]byte{header, m.Parent, m.Metadata, m.Content}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(delimiter), key.Sign(signed))
	frames = append(frames, signed...)
	return append(frames, m.Buffers...), nil
}
