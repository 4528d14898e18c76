package runner

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ErrNotebook says that a file is not a notebook that can be read here.
var ErrNotebook = errors.New("not a notebook")

// fields is a JSON object whose unknown members are kept.
type fields map[string]json.RawMessage

// Notebook is an .ipynb file.
type Notebook struct {
	Cells []*Cell
	rest  fields // everything but the cells
	minor int
}

// Cell is one cell of a notebook.
type Cell struct {
	Kind   string // "code", "markdown" or "raw"
	Source string
	Tags   []string

	Count   int // the execution count, zero if the cell was not run
	Outputs []*Output

	changed bool   // Count and Outputs are ours; otherwise they stay as they are in the file
	rest    fields // the cell as it was read
}

// ID is the cell's name in the file; empty in formats before 4.5.
func (c *Cell) ID() string {
	var id string
	if json.Unmarshal(c.rest["id"], &id) != nil {
		return ""
	}
	return id
}

// Read reads a notebook file.
func Read(path string) (*Notebook, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("runner: %w", err)
	}
	n, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("runner: %s: %w", path, err)
	}
	return n, nil
}

// Parse reads the content of a notebook file. Its errors wrap [ErrNotebook] and say where.
func Parse(content []byte) (*Notebook, error) {
	n := &Notebook{}
	if err := json.Unmarshal(content, &n.rest); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrNotebook, describeJSON(content, err))
	}
	var major int
	if err := n.rest.get("nbformat", &major); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotebook, err)
	}
	if major != 4 {
		return nil, fmt.Errorf("%w: it is of format %d and only format 4 is read here; opening and saving it in JupyterLab converts it", ErrNotebook, major)
	}
	if err := n.rest.get("nbformat_minor", &n.minor); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotebook, err)
	}
	var cells []fields
	if err := n.rest.get("cells", &cells); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotebook, err)
	}
	for i, raw := range cells {
		c, err := parseCell(raw)
		if err != nil {
			return nil, fmt.Errorf("%w: cell %d of %d: %w", ErrNotebook, i+1, len(cells), err)
		}
		n.Cells = append(n.Cells, c)
	}
	delete(n.rest, "cells")
	return n, nil
}

func parseCell(raw fields) (*Cell, error) {
	if raw == nil {
		return nil, errors.New("is null")
	}
	c := &Cell{rest: raw}
	if err := raw.get("cell_type", &c.Kind); err != nil {
		return nil, err
	}
	if c.Kind != "code" && c.Kind != "markdown" && c.Kind != "raw" {
		return nil, fmt.Errorf("cell_type is %q; it must be code, markdown or raw", c.Kind)
	}
	var source lines
	if err := raw.get("source", &source); err != nil {
		return nil, err
	}
	c.Source = string(source)
	var metadata struct {
		Tags []string `json:"tags"`
	}
	if _, ok := raw["metadata"]; ok {
		if err := raw.get("metadata", &metadata); err != nil {
			return nil, err
		}
	}
	c.Tags = metadata.Tags
	if c.Kind == "code" {
		if err := c.parseOutputs(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Cell) parseOutputs() error {
	var count *int
	if _, ok := c.rest["execution_count"]; ok {
		if err := c.rest.get("execution_count", &count); err != nil {
			return err
		}
	}
	if count != nil {
		c.Count = *count
	}
	if _, ok := c.rest["outputs"]; ok {
		return c.rest.get("outputs", &c.Outputs)
	}
	return nil
}

// get decodes the member name into v.
func (f fields) get(name string, v any) error {
	raw, ok := f[name]
	if !ok {
		return fmt.Errorf("%q is missing", name)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	return nil
}

// set encodes v as the member name.
func (f fields) set(name string, v any) error {
	raw, err := encode(v)
	if err != nil {
		return fmt.Errorf("runner: %q: %w", name, err)
	}
	f[name] = raw
	return nil
}

// Bytes is the content of the notebook's file: sorted keys, one space of indent and a final newline, as Jupyter writes it.
func (n *Notebook) Bytes() ([]byte, error) {
	cells := make([]fields, 0, len(n.Cells))
	for i, c := range n.Cells {
		raw, err := c.encode(n.minor)
		if err != nil {
			return nil, fmt.Errorf("runner: cell %d: %w", i+1, err)
		}
		cells = append(cells, raw)
	}
	all := make(fields, len(n.rest)+1)
	for name, value := range n.rest {
		all[name] = value
	}
	if err := all.set("cells", cells); err != nil {
		return nil, err
	}
	encoded, err := encode(all)
	if err != nil {
		return nil, fmt.Errorf("runner: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, encoded, "", " "); err != nil {
		return nil, fmt.Errorf("runner: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func (c *Cell) encode(minor int) (fields, error) {
	raw := make(fields, len(c.rest)+2)
	for name, value := range c.rest {
		raw[name] = value
	}
	if _, ok := raw["metadata"]; !ok { // the format requires it, some writers forget it
		raw["metadata"] = json.RawMessage("{}")
	}
	if _, ok := raw["id"]; !ok && minor >= 5 {
		if err := raw.set("id", strings.ToLower(rand.Text()[:8])); err != nil {
			return nil, err
		}
	}
	if c.Kind != "code" {
		return raw, nil
	}
	if _, ok := raw["outputs"]; c.changed || !ok {
		outputs := c.Outputs
		if outputs == nil {
			outputs = []*Output{}
		}
		if err := raw.set("outputs", outputs); err != nil {
			return nil, err
		}
	}
	if _, ok := raw["execution_count"]; c.changed || !ok {
		var count *int
		if c.Count > 0 {
			count = &c.Count
		}
		if err := raw.set("execution_count", count); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// describe sets the metadata that says which kernel and language this is, where the notebook does not say it itself.
func (n *Notebook) describe(kernelspec, language map[string]string) error {
	metadata := fields{}
	if _, ok := n.rest["metadata"]; ok {
		if err := n.rest.get("metadata", &metadata); err != nil {
			return fmt.Errorf("runner: %w", err)
		}
	}
	for name, value := range map[string]map[string]string{"kernelspec": kernelspec, "language_info": language} {
		if _, ok := metadata[name]; !ok && len(value) > 0 {
			if err := metadata.set(name, value); err != nil {
				return err
			}
		}
	}
	return n.rest.set("metadata", metadata)
}

// encode is json.Marshal without escaping < and >: notebooks are read by people, too.
func encode(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// describeJSON adds the line to errors that know a position only.
func describeJSON(content []byte, err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(content[:min(int(syntax.Offset), len(content))], []byte("\n"))
		return fmt.Sprintf("line %d: %v", line, err)
	}
	return err.Error()
}

// lines is text that a notebook file keeps as a string or as a list of lines.
type lines string

func (l *lines) UnmarshalJSON(content []byte) error {
	var whole string
	if err := json.Unmarshal(content, &whole); err == nil {
		*l = lines(whole)
		return nil
	}
	var parts []string
	if err := json.Unmarshal(content, &parts); err != nil {
		return errors.New("must be a string or a list of strings")
	}
	*l = lines(strings.Join(parts, ""))
	return nil
}

func (l lines) MarshalJSON() ([]byte, error) {
	parts := strings.SplitAfter(string(l), "\n")
	if parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return encode(parts)
}
