package display

import (
	"fmt"
	"html"
	"image"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
)

// HTML shows a piece of HTML.
func HTML(source string) Data { return MakeData(MIMETypeHTML, source) }

// Markdown shows Markdown text.
func Markdown(source string) Data { return MakeData(MIMETypeMarkdown, source) }

// SVG shows a vector image given as its source.
func SVG(source string) Data { return MakeData(MIMETypeSVG, source) }

// JavaScript runs source in the page, where the front-end trusts the notebook.
func JavaScript(source string) Data { return MakeData(MIMETypeJavaScript, source) }

// Latex shows LaTeX source, which brings its own $ signs.
func Latex(source string) Data { return MakeData(MIMETypeLatex, source) }

// Math shows a LaTeX formula given without $ signs.
func Math(formula string) Data { return MakeData(MIMETypeLatex, "$$"+strings.Trim(formula, "$")+"$$") }

// PNG shows an encoded PNG image.
func PNG(encoded []byte) Data { return MakeData(MIMETypePNG, encoded) }

// JPEG shows an encoded JPEG image.
func JPEG(encoded []byte) Data { return MakeData(MIMETypeJPEG, encoded) }

// PDF shows an encoded PDF document.
func PDF(encoded []byte) Data { return MakeData(MIMETypePDF, encoded) }

// JSON shows a tree that can be folded.
func JSON(tree map[string]any) Data { return MakeData(MIMETypeJSON, tree) }

// MIME shows content in any forms, with metadata per form or nil.
func MIME(data, metadata MIMEMap) Data { return Data{Data: data, Metadata: metadata} }

// Auto is [Render] under gophernotes' name.
func Auto(v any) Data { return Any("", v) }

// Any shows v as mimeType. An empty mimeType asks to find it out: the shape of v, or, for bytes and readers, their content.
func Any(mimeType string, v any) Data {
	switch content := v.(type) {
	case io.Reader:
		read, err := io.ReadAll(content)
		if err != nil {
			return failure(fmt.Errorf("display: reading content to show: %w", err))
		}
		return Any(mimeType, read)
	case []byte:
		if mimeType == "" {
			mimeType, _, _ = strings.Cut(http.DetectContentType(content), ";")
		}
		if strings.HasPrefix(mimeType, "text/") || mimeType == MIMETypeSVG {
			return MakeData(mimeType, string(content))
		}
		return MakeData(mimeType, content)
	}
	if mimeType == "" {
		return Render(v)
	}
	return MakeData(mimeType, v)
}

// MakeData shows content as mimeType, with a plain-text twin.
func MakeData(mimeType string, content any) Data {
	return withText(Data{Data: MIMEMap{mimeType: content}}, nil)
}

// MakeData3 shows content as mimeType, with the plain-text twin given.
func MakeData3(mimeType string, plain string, content any) Data {
	return Data{Data: MIMEMap{MIMETypeText: plain, mimeType: content}}
}

// File shows the content of a file as mimeType; an empty mimeType asks to find it out from the content. A file that
// cannot be read shows as the error.
func File(mimeType string, path string) Data {
	content, err := os.ReadFile(path)
	if err != nil {
		return failure(fmt.Errorf("display: %w", err))
	}
	if mimeType == "" && strings.HasSuffix(strings.ToLower(path), ".svg") {
		mimeType = MIMETypeSVG // its content alone looks like any XML
	}
	return Any(mimeType, content)
}

// Image shows an image as PNG.
func Image(m image.Image) Data { return Render(m) }

func failure(err error) Data { return Data{Data: MIMEMap{MIMETypeText: err.Error()}} }

var (
	hidden = regexp.MustCompile(`(?is)<(style|script|head)\b.*?</(style|script|head)>`)
	breaks = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/h[1-6]|/li|/table)\b[^>]*>`)
	cells  = regexp.MustCompile(`(?i)</t[dh]>\s*`)
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks = regexp.MustCompile(`[ \t]*\n\s*`)
)

// htmlText is what is left of HTML where only text can be shown: good enough for a table in a terminal.
func htmlText(source string) string {
	text := hidden.ReplaceAllString(source, "")
	text = cells.ReplaceAllString(text, "\t")
	text = breaks.ReplaceAllString(text, "\n")
	text = html.UnescapeString(tags.ReplaceAllString(text, ""))
	return shorten(strings.TrimSpace(blanks.ReplaceAllString(text, "\n")))
}
