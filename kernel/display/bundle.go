package display

import "fmt"

// MIMEMap maps MIME types to content: a string, or bytes, which JSON encodes as base64 as Jupyter wants them.
type MIMEMap = map[string]any

// MIME types that notebooks know.
const (
	MIMETypeHTML       = "text/html"
	MIMETypeJavaScript = "application/javascript"
	MIMETypeJPEG       = "image/jpeg"
	MIMETypeJSON       = "application/json"
	MIMETypeLatex      = "text/latex"
	MIMETypeMarkdown   = "text/markdown"
	MIMETypePNG        = "image/png"
	MIMETypePDF        = "application/pdf"
	MIMETypeSVG        = "image/svg+xml"
	MIMETypeText       = "text/plain"
)

// Bundle is one value in several forms; the front-end picks the richest that it can show.
type Bundle struct {
	Data      MIMEMap `json:"data,omitempty"`      // MIME type → content
	Metadata  MIMEMap `json:"metadata,omitempty"`  // MIME type → hints, such as the size of an image
	Transient MIMEMap `json:"transient,omitempty"` // not kept in the notebook file; "display_id" names a place to update
}

// Data is the name that gophernotes gives a [Bundle].
type Data = Bundle

// Empty says that there is nothing to show.
func (b Bundle) Empty() bool { return len(b.Data) == 0 }

// Text is the plain-text form, empty if there is none.
func (b Bundle) Text() string {
	switch text := b.Data[MIMETypeText].(type) {
	case nil:
		return ""
	case string:
		return text
	default:
		return fmt.Sprint(text)
	}
}

// ID is the place that this bundle is shown in and can be updated at, empty if it cannot.
func (b Bundle) ID() string {
	id, _ := b.Transient["display_id"].(string)
	return id
}

// at returns a copy of b that is shown at the place id; the maps of b itself stay as they are.
func (b Bundle) at(id string) Bundle {
	transient := make(MIMEMap, len(b.Transient)+1)
	for key, value := range b.Transient {
		transient[key] = value
	}
	transient["display_id"] = id
	b.Transient = transient
	return b
}
