package book

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// Reword gives an executed notebook the prose of a fresh one, and says whether it could: code cells, their order and all
// metadata that a learner's program sees must be the same, so that the outputs are still those of what is written. What a
// cell shows does not depend on the words around it.
func Reword(fresh, executed []byte) ([]byte, bool, error) {
	want, err := plain(fresh)
	if err != nil {
		return nil, false, fmt.Errorf("fresh: %w", err)
	}
	got, err := plain(executed)
	if err != nil {
		return nil, false, fmt.Errorf("executed: %w", err)
	}
	type pile = []map[string]any
	code := func(nb map[string]any) (all, program pile) {
		cells, _ := nb["cells"].([]any)
		for _, c := range cells {
			cell, ok := c.(map[string]any)
			if !ok {
				return nil, nil
			}
			all = append(all, cell)
			if cell["cell_type"] == "code" {
				program = append(program, cell)
			}
		}
		return all, program
	}
	all, program := code(want)
	_, ran := code(got)
	if len(program) != len(ran) {
		return nil, false, nil
	}
	for i, c := range program {
		for _, key := range []string{"id", "metadata", "source"} {
			if !reflect.DeepEqual(c[key], ran[i][key]) {
				return nil, false, nil
			}
		}
	}
	cells, next := make([]any, len(all)), 0
	for i, c := range all {
		cells[i] = c
		if c["cell_type"] == "code" {
			cells[i] = ran[next]
			next++
		}
	}
	got["cells"] = cells
	about, _ := want["metadata"].(map[string]any)
	kept, _ := got["metadata"].(map[string]any)
	if kept == nil {
		return nil, false, nil
	}
	kept["tunebook"] = about["tunebook"]
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(got); err != nil {
		return nil, false, fmt.Errorf("lessons: %w", err)
	}
	return out.Bytes(), true, nil
}

// plain reads JSON with its numbers as they stand.
func plain(content []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var nb map[string]any
	err := d.Decode(&nb)
	return nb, err
}
