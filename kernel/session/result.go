package session

import (
	"fmt"
	"strings"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

// combined is one bundle for the values of the last expression: all of them are shown.
func combined(values []display.Bundle) display.Bundle {
	switch len(values) {
	case 0:
		return display.Bundle{}
	case 1:
		return values[0]
	}
	texts, pages := make([]string, len(values)), make([]string, len(values))
	rich := false
	for i, v := range values {
		texts[i] = v.Text()
		pages[i] = "<pre>" + escape(v.Text()) + "</pre>"
		if page, ok := v.Data[display.MIMETypeHTML].(string); ok {
			pages[i], rich = page, true
		}
	}
	b := display.Bundle{Data: display.MIMEMap{display.MIMETypeText: strings.Join(texts, ", ")}}
	if rich {
		b.Data[display.MIMETypeHTML] = strings.Join(pages, "\n")
	}
	return b
}

func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// faultError is a panic of a cell. It is reported where it happened, in whichever cell that was.
func faultError(f *link.Fault, cell string) *Error {
	e := &Error{Name: Panic, Message: f.Message, Cell: cell}
	if len(f.Places) > 0 {
		e.Cell, e.Line, e.Column = f.Places[0].Cell, f.Places[0].Line, f.Places[0].Column
	}
	e.Traceback = append(e.Traceback, "panic: "+f.Message)
	for _, p := range f.Places {
		e.Traceback = append(e.Traceback, placeText(p))
	}
	return e
}

func placeText(p link.Place) string {
	return fmt.Sprintf("    %s:%d:%d", p.Cell, p.Line, p.Column)
}

func goroutineText(f *link.Fault) string {
	var b strings.Builder
	fmt.Fprintf(&b, "panic in a goroutine: %s\n", f.Message)
	for _, p := range f.Places {
		fmt.Fprintln(&b, placeText(p))
	}
	return b.String()
}

// finished gives an error a traceback.
func finished(e *Error) *Error {
	if len(e.Traceback) == 0 {
		e.Traceback = []string{e.Name + ": " + e.Message}
	}
	return e
}
