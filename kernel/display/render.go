package display

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"reflect"
	"unicode/utf8"
)

// textLimit bounds the plain text of one value: a slice of a million numbers must not freeze the front-end.
const textLimit = 64 << 10

// Render gives every form that v has. It recognises, in this order of precedence:
//
//   - a [Bundle], as it is;
//   - Render() Data and SimpleRender() MIMEMap;
//   - HTML, SVG, Markdown, Latex, JavaScript () string; PNG, JPEG, PDF () []byte; JSON() map[string]any, all that exist;
//   - an [image.Image], as PNG;
//   - an error, a [fmt.Stringer], and any other Go value as fmt prints it with %v.
//
// text/plain is always there. Render never panics: a method of v that does becomes text that says so.
func Render(v any) Bundle {
	switch known := v.(type) {
	case Bundle:
		return withText(known, nil)
	case *Bundle:
		if known != nil {
			return withText(*known, nil)
		}
	case Methods:
		return known.bundle()
	case *Methods:
		if known != nil {
			return known.bundle()
		}
	}
	if isNil(v) {
		return Bundle{Data: MIMEMap{MIMETypeText: "<nil>"}}
	}
	return methodsOf(v).bundle()
}

// isNil also knows nil pointers in an interface: calling a method on one would only produce a panic.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// withText adds the plain-text twin where it is missing; value is what was rendered, or nil for a ready bundle.
func withText(b Bundle, value any) Bundle {
	if _, ok := b.Data[MIMETypeText]; ok || b.Empty() && value == nil {
		return b
	}
	data := make(MIMEMap, len(b.Data)+1)
	for kind, content := range b.Data {
		data[kind] = content
	}
	data[MIMETypeText] = twin(data, value)
	b.Data = data
	return b
}

// twin is the plain text for content that has only rich forms: its own source where that reads well, else what it is.
func twin(data MIMEMap, value any) string {
	for _, kind := range []string{MIMETypeMarkdown, MIMETypeLatex} {
		if source, ok := data[kind].(string); ok {
			return source
		}
	}
	if source, ok := data[MIMETypeHTML].(string); ok {
		return htmlText(source)
	}
	if value != nil {
		return fmt.Sprintf("%T", value)
	}
	for _, kind := range []string{MIMETypeSVG, MIMETypePNG, MIMETypeJPEG, MIMETypePDF, MIMETypeJavaScript, MIMETypeJSON} {
		if content, ok := data[kind]; ok {
			return describe(kind, content)
		}
	}
	return "(no text form)"
}

// describe says what binary content is: "image/png, 640×480" or "image/svg+xml, 1234 bytes".
func describe(kind string, content any) string {
	switch content := content.(type) {
	case []byte:
		if size, _, err := image.DecodeConfig(bytes.NewReader(content)); err == nil {
			return fmt.Sprintf("%s, %d×%d", kind, size.Width, size.Height)
		}
		return fmt.Sprintf("%s, %d bytes", kind, len(content))
	case string:
		return fmt.Sprintf("%s, %d bytes", kind, len(content))
	}
	return fmt.Sprint(content)
}

// shorten cuts text at the limit, between runes, and says how much is missing.
func shorten(text string) string {
	if len(text) <= textLimit {
		return text
	}
	end := textLimit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d more bytes)", text[:end], len(text)-end)
}

func encodeImage(m image.Image) ([]byte, MIMEMap, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		return nil, nil, fmt.Errorf("display: encoding an image of %v: %w", m.Bounds(), err)
	}
	size := m.Bounds().Size()
	return out.Bytes(), MIMEMap{"width": size.X, "height": size.Y}, nil
}
