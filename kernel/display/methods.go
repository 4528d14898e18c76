package display

import (
	"fmt"
	"image"
)

// Renderer and the interfaces after it are the shapes that [Render] looks for, under the names that gophernotes gives
// them. They are aliases of plain method sets: a type needs no import to have one.
type (
	Renderer       = interface{ Render() Data }
	SimpleRenderer = interface{ SimpleRender() MIMEMap }
	HTMLer         = interface{ HTML() string }
	JavaScripter   = interface{ JavaScript() string }
	JPEGer         = interface{ JPEG() []byte }
	JSONer         = interface{ JSON() map[string]any }
	Latexer        = interface{ Latex() string }
	Markdowner     = interface{ Markdown() string }
	PNGer          = interface{ PNG() []byte }
	PDFer          = interface{ PDF() []byte }
	SVGer          = interface{ SVG() string }
)

// Methods stands for a value whose methods compiled code cannot see, because its type was declared in a cell and lives in
// the interpreter. Whoever knows the type fills in the methods that it has; nil ones are ignored.
type Methods struct {
	Value                                                 any
	String, Error, HTML, SVG, Markdown, Latex, JavaScript func() string
	PNG, JPEG, PDF                                        func() []byte
	JSON                                                  func() map[string]any
	Render                                                func() Data
	SimpleRender                                          func() MIMEMap
	Image                                                 image.Image
}

func methodsOf(v any) Methods {
	m := Methods{Value: v}
	if v, ok := v.(fmt.Stringer); ok {
		m.String = v.String
	}
	if v, ok := v.(error); ok {
		m.Error = v.Error
	}
	if v, ok := v.(HTMLer); ok {
		m.HTML = v.HTML
	}
	if v, ok := v.(SVGer); ok {
		m.SVG = v.SVG
	}
	if v, ok := v.(Markdowner); ok {
		m.Markdown = v.Markdown
	}
	if v, ok := v.(Latexer); ok {
		m.Latex = v.Latex
	}
	if v, ok := v.(JavaScripter); ok {
		m.JavaScript = v.JavaScript
	}
	if v, ok := v.(PNGer); ok {
		m.PNG = v.PNG
	}
	if v, ok := v.(JPEGer); ok {
		m.JPEG = v.JPEG
	}
	if v, ok := v.(PDFer); ok {
		m.PDF = v.PDF
	}
	if v, ok := v.(JSONer); ok {
		m.JSON = v.JSON
	}
	if v, ok := v.(Renderer); ok {
		m.Render = v.Render
	}
	if v, ok := v.(SimpleRenderer); ok {
		m.SimpleRender = v.SimpleRender
	}
	m.Image, _ = v.(image.Image)
	return m
}

// bundle calls every method that is there. One that panics leaves its form out and is reported in the plain text.
func (m Methods) bundle() Bundle {
	b := Bundle{Data: MIMEMap{}, Metadata: MIMEMap{}, Transient: MIMEMap{}}
	var faults []string
	try := func(name string, f func()) {
		defer func() {
			if r := recover(); r != nil {
				faults = append(faults, fmt.Sprintf("display: the method %s of %T panicked: %v", name, m.Value, r))
			}
		}()
		f()
	}
	add := func(to, from MIMEMap) {
		for key, value := range from {
			to[key] = value
		}
	}
	if m.Image != nil {
		try("At", func() {
			content, size, err := encodeImage(m.Image)
			if err != nil {
				faults = append(faults, err.Error())
				return
			}
			b.Data[MIMETypePNG], b.Metadata[MIMETypePNG] = content, size
		})
	}
	for _, form := range []struct {
		name, kind string
		text       func() string
		bytes      func() []byte
	}{
		{"HTML", MIMETypeHTML, m.HTML, nil}, {"SVG", MIMETypeSVG, m.SVG, nil}, {"Markdown", MIMETypeMarkdown, m.Markdown, nil},
		{"Latex", MIMETypeLatex, m.Latex, nil}, {"JavaScript", MIMETypeJavaScript, m.JavaScript, nil},
		{"PNG", MIMETypePNG, nil, m.PNG}, {"JPEG", MIMETypeJPEG, nil, m.JPEG}, {"PDF", MIMETypePDF, nil, m.PDF},
	} {
		if form.text != nil {
			try(form.name, func() { b.Data[form.kind] = form.text() })
		}
		if form.bytes != nil {
			try(form.name, func() { b.Data[form.kind] = form.bytes() })
		}
	}
	if m.JSON != nil {
		try("JSON", func() { b.Data[MIMETypeJSON] = m.JSON() })
	}
	if m.SimpleRender != nil {
		try("SimpleRender", func() { add(b.Data, m.SimpleRender()) })
	}
	if m.Render != nil {
		try("Render", func() {
			made := m.Render()
			add(b.Data, made.Data)
			add(b.Metadata, made.Metadata)
			add(b.Transient, made.Transient)
		})
	}
	m.text(b, try)
	b = withText(b, m.Value)
	for _, fault := range faults {
		b.Data[MIMETypeText] = b.Text() + "\n" + fault
	}
	return b
}

// text sets the plain form: what the value says of itself, else, for a value with no rich form, what fmt prints.
func (m Methods) text(b Bundle, try func(string, func())) {
	if _, ok := b.Data[MIMETypeText]; ok {
		return
	}
	switch {
	case m.Error != nil:
		try("Error", func() { b.Data[MIMETypeText] = shorten(m.Error()) })
	case m.String != nil:
		try("String", func() { b.Data[MIMETypeText] = shorten(m.String()) })
	case len(b.Data) == 0:
		try("String", func() { b.Data[MIMETypeText] = shorten(fmt.Sprintf("%v", m.Value)) })
	}
}
