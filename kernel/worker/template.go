package worker

import (
	"fmt"
	htmltemplate "html/template"
	"io"
	"reflect"
	"regexp"
	"text/template"
	"text/template/parse"
)

// execute runs a template on a value of an interpreted type. Its methods that the template names are called before, and
// what they return stands beside the fields. A template that prints the value as a whole gets the value as it is.
func execute(t any, w io.Writer, name string, value any, methods map[string]func() (any, error)) error {
	var text string
	var run func(data any) error
	switch t := t.(type) {
	case *template.Template:
		if name != "" {
			if t = t.Lookup(name); t == nil {
				return fmt.Errorf("template: no template %q", name)
			}
		}
		text, run = treeText(t.Tree), func(data any) error { return t.Execute(w, data) }
	case *htmltemplate.Template:
		if name != "" {
			if t = t.Lookup(name); t == nil {
				return fmt.Errorf("html/template: no template %q", name)
			}
		}
		text, run = treeText(t.Tree), func(data any) error { return t.Execute(w, data) }
	}
	data := map[string]any{}
	for method, call := range methods {
		if !regexp.MustCompile(`\.` + method + `\b`).MatchString(text) {
			continue
		}
		v, err := call()
		if err != nil {
			return fmt.Errorf("template: calling %s: %w", method, err)
		}
		data[method] = v
	}
	if len(data) == 0 {
		return run(value)
	}
	v := reflect.Indirect(reflect.ValueOf(value))
	if v.Kind() != reflect.Struct {
		return run(data)
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() {
			data[f.Name] = v.Field(i).Interface()
		}
	}
	return run(data)
}

func treeText(t *parse.Tree) string {
	if t == nil || t.Root == nil {
		return ""
	}
	return t.Root.String()
}
