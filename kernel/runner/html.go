package runner

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"github.com/tunebook/tunebook/kernel/display"
)

//go:embed page.css
var styles string

//go:embed page.html
var layout string

// HTML is the notebook as one page that needs no other file and no network, readable on light and dark screens. Images
// that Markdown cells name by a relative path are read from dir.
func (n *Notebook) HTML(title, dir string) ([]byte, error) {
	type part struct {
		Kind    string
		Label   string
		Body    template.HTML
		Outputs []template.HTML
	}
	var parts []part
	text := newMarkdown(dir)
	for i, c := range n.Cells {
		p := part{Kind: c.Kind}
		switch c.Kind {
		case "markdown":
			body, err := text.render(c.Source, c.attachments())
			if err != nil {
				return nil, fmt.Errorf("runner: cell %d: %w", i+1, err)
			}
			p.Body = template.HTML(body)
		case "code":
			if strings.TrimSpace(c.Source) == "" && len(c.Outputs) == 0 {
				continue
			}
			if c.Count > 0 {
				p.Label = fmt.Sprint(c.Count)
			}
			p.Body = template.HTML(highlight(c.Source))
			for _, o := range c.Outputs {
				shown, err := o.html(text)
				if err != nil {
					return nil, fmt.Errorf("runner: cell %d: %w", i+1, err)
				}
				p.Outputs = append(p.Outputs, template.HTML(shown))
			}
		default:
			p.Body = template.HTML("<pre>" + html.EscapeString(c.Source) + "</pre>")
		}
		parts = append(parts, p)
	}
	page, err := template.New("page").Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("runner: %w", err)
	}
	var out bytes.Buffer
	err = page.Execute(&out, struct {
		Title  string
		Styles template.CSS
		Parts  []part
	}{title, template.CSS(styles), parts})
	if err != nil {
		return nil, fmt.Errorf("runner: %w", err)
	}
	return out.Bytes(), nil
}

// html shows an output in the richest form that a page without scripts can show.
func (o *Output) html(text *markdown) (string, error) {
	switch o.Kind {
	case "stream":
		return fmt.Sprintf(`<pre class="%s">%s</pre>`, html.EscapeString(o.Name), terminal(o.Text)), nil
	case "error":
		trace := strings.Join(o.Traceback, "\n")
		if trace == "" {
			trace = o.Name + ": " + o.Text
		}
		return `<pre class="error">` + terminal(trace) + `</pre>`, nil
	}
	get := func(kind string) string { s, _ := o.Data[kind].(string); return s }
	if s := get(display.MIMETypeHTML); s != "" {
		return `<div class="html">` + s + `</div>`, nil
	}
	if s := get(display.MIMETypeSVG); s != "" {
		// As an image, so that the ids and styles of one figure do not reach into another.
		return picture(display.MIMETypeSVG, base64.StdEncoding.EncodeToString([]byte(s)), o.Data), nil
	}
	for _, kind := range []string{display.MIMETypePNG, display.MIMETypeJPEG} {
		if s := get(kind); s != "" {
			return picture(kind, strings.Join(strings.Fields(s), ""), o.Data), nil
		}
	}
	for _, kind := range []string{display.MIMETypeMarkdown, display.MIMETypeLatex} {
		if s := get(kind); s != "" {
			return text.render(s, nil)
		}
	}
	if s := get(display.MIMETypeText); s != "" {
		return `<pre class="text">` + terminal(s) + `</pre>`, nil
	}
	return "", nil
}

func picture(kind, base64 string, data display.MIMEMap) string {
	alt, _ := data[display.MIMETypeText].(string)
	return fmt.Sprintf(`<img src="data:%s;base64,%s" alt="%s">`, kind, base64, html.EscapeString(alt))
}

// attachments are the images that are kept inside of a Markdown cell, as data URLs by name.
func (c *Cell) attachments() map[string]string {
	var raw map[string]map[string]lines
	if c.rest.get("attachments", &raw) != nil {
		return nil
	}
	urls := make(map[string]string, len(raw))
	for name, forms := range raw {
		for kind, content := range forms {
			urls[name] = "data:" + kind + ";base64," + strings.Join(strings.Fields(string(content)), "")
		}
	}
	return urls
}

// inline reads a local image as a data URL; it gives "" for anything that is not one.
func inline(dir, path string) string {
	if !filepath.IsLocal(filepath.FromSlash(path)) {
		return ""
	}
	kind := mime.TypeByExtension(filepath.Ext(path))
	if !strings.HasPrefix(kind, "image/") {
		return ""
	}
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	if err != nil {
		return "" // the link stays as it is, as in a front-end
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
}
