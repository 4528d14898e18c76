package runner

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/kernel/display"
)

// Output is one output of a code cell, as nbformat writes it.
type Output struct {
	Kind      string // "stream", "display_data", "execute_result" or "error"
	Name      string // stream: "stdout" or "stderr"; error: its name
	Text      string // stream: the text; error: the message
	Traceback []string
	Data      display.MIMEMap // texts and base64 as strings
	Metadata  display.MIMEMap
	Count     int // execute_result

	id   string // the place that can be updated
	rest json.RawMessage
}

// outputJSON has the members of all kinds.
type outputJSON struct {
	Kind      string          `json:"output_type"`
	Name      string          `json:"name,omitempty"`
	Text      *lines          `json:"text,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
	Metadata  display.MIMEMap `json:"metadata,omitzero"`
	Count     *int            `json:"execution_count,omitempty"`
	ErrName   *string         `json:"ename,omitempty"`
	ErrValue  *string         `json:"evalue,omitempty"`
	Traceback []string        `json:"traceback,omitzero"`
}

// UnmarshalJSON reads an output and remembers it whole, so that what is not understood is kept.
func (o *Output) UnmarshalJSON(content []byte) error {
	var raw outputJSON
	if err := json.Unmarshal(content, &raw); err != nil {
		return fmt.Errorf("an output: %w", err)
	}
	*o = Output{Kind: raw.Kind, Name: raw.Name, Metadata: raw.Metadata, Traceback: raw.Traceback, rest: slices.Clone(content)}
	if raw.Text != nil {
		o.Text = string(*raw.Text)
	}
	if raw.Count != nil {
		o.Count = *raw.Count
	}
	if raw.ErrName != nil {
		o.Name = *raw.ErrName
	}
	if raw.ErrValue != nil {
		o.Text = *raw.ErrValue
	}
	var data map[string]json.RawMessage
	if len(raw.Data) > 0 {
		if err := json.Unmarshal(raw.Data, &data); err != nil {
			return fmt.Errorf("the data of an output: %w", err)
		}
	}
	o.Data = make(display.MIMEMap, len(data))
	for kind, value := range data {
		var text lines
		if isJSON(kind) || text.UnmarshalJSON(value) != nil {
			o.Data[kind] = value
		} else {
			o.Data[kind] = string(text)
		}
	}
	return nil
}

// MarshalJSON writes an output: as it was read, or in the form that Jupyter writes.
func (o *Output) MarshalJSON() ([]byte, error) {
	if o.rest != nil {
		return o.rest, nil
	}
	raw := outputJSON{Kind: o.Kind}
	switch o.Kind {
	case "stream":
		text := lines(o.Text)
		raw.Name, raw.Text = o.Name, &text
		return encode(raw)
	case "error":
		raw.ErrName, raw.ErrValue, raw.Traceback = &o.Name, &o.Text, o.Traceback
		if raw.Traceback == nil {
			raw.Traceback = []string{}
		}
		return encode(raw)
	case "execute_result":
		raw.Count = &o.Count
	}
	raw.Metadata = o.Metadata
	if raw.Metadata == nil {
		raw.Metadata = display.MIMEMap{}
	}
	data := make(display.MIMEMap, len(o.Data))
	for kind, value := range o.Data {
		if text, ok := value.(string); ok && isText(kind) {
			value = lines(text)
		}
		data[kind] = value
	}
	var err error
	if raw.Data, err = encode(data); err != nil {
		return nil, err
	}
	return encode(raw)
}

func isJSON(kind string) bool {
	return kind == display.MIMETypeJSON || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

// isText says which kinds a notebook file keeps as a list of lines.
func isText(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == display.MIMETypeJavaScript || kind == display.MIMETypeSVG
}

// shown makes an output of a bundle. Bytes become base64, as they are in the file.
func shown(kind string, b display.Bundle) *Output {
	o := &Output{Kind: kind, id: b.ID(), Metadata: maps.Clone(b.Metadata)}
	o.fill(b)
	return o
}

func (o *Output) fill(b display.Bundle) {
	o.Data, o.Metadata = make(display.MIMEMap, len(b.Data)), b.Metadata
	for kind, value := range b.Data {
		if raw, ok := value.([]byte); ok {
			value = base64.StdEncoding.EncodeToString(raw)
		}
		o.Data[kind] = value
	}
}
