package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"go.yaml.in/yaml/v3"
)

// Config is a study as a file describes it: see Example. ParseConfig makes one.
type Config struct {
	Name    string
	Task    Task
	Base    string // embedded, or a folder in Hugging Face's layout
	Seeds   []uint64
	Threads int
	Workers int
	Text    string // JSON lines with running text for the perplexity; empty means the town's, for the embedded base
	Methods []Way

	text string // the file
	dir  string // that its paths are relative to
}

// Way is a method with its settings.
type Way struct {
	Name   string // in the report
	Method string // the kind, such as last
	Job    train.Job

	line   int
	kind   *kind
	values values
}

// ErrConfig is what all mistakes in a configuration wrap.
var ErrConfig = errors.New("the configuration has a mistake")

// ReadConfig reads a configuration; paths in it are relative to its folder.
func ReadConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	c, err := ParseConfig(text, dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if c.Name == "" {
		c.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return c, nil
}

// ParseConfig reads a configuration in YAML; paths in it are relative to dir.
func ParseConfig(text []byte, dir string) (*Config, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("compare: %w: %s", ErrConfig, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return nil, fmt.Errorf("compare: %w: it is empty: tunebook compare --example prints one", ErrConfig)
	}
	c := &Config{text: string(text), dir: dir}
	if err := c.read(doc.Content[0]); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return c, nil
}

// common are the keys that hold for all methods at the top, and for one in it.
var common = []string{"steps", "lr", "batch", "length", "accumulate", "eval_every", "save_every", "weight_decay", "clip"}

var top = append([]string{"name", "task", "base", "text", "seeds", "threads", "workers", "methods"}, common...)

func (c *Config) read(n *yaml.Node) error {
	keys, err := mapping(n, "the configuration", top)
	if err != nil {
		return err
	}
	var usual train.Job
	for _, k := range keys {
		v := k.value
		switch k.name {
		case "name":
			err = word(v, k.name, &c.Name)
		case "task":
			c.Task, err = readTask(v)
		case "base":
			err = word(v, k.name, &c.Base)
		case "text":
			err = word(v, k.name, &c.Text)
		case "seeds":
			c.Seeds, err = readSeeds(v)
		case "threads":
			err = whole(v, k.name, 0, &c.Threads)
		case "workers":
			err = whole(v, k.name, 0, &c.Workers)
		case "methods": // below: it needs what holds for all
		default:
			err = readCommon(k, &usual)
		}
		if err != nil {
			return err
		}
	}
	at := slices.IndexFunc(keys, func(k pair) bool { return k.name == "methods" })
	if at < 0 {
		return wrong(n.Line, "methods is missing: want a list of some of %s", strings.Join(kindNames(), ", "))
	}
	list := follow(keys[at].value)
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		return wrong(list.Line, "methods is not a list: want some of %s, each after a -", strings.Join(kindNames(), ", "))
	}
	for _, m := range list.Content {
		w, err := readWay(m, usual)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(c.Methods, func(o Way) bool { return o.Name == w.Name }); i >= 0 {
			return wrong(w.line, "the method of line %d is called %q too: give one of them a name", c.Methods[i].line, w.Name)
		}
		c.Methods = append(c.Methods, w)
	}
	if c.Task.Name == "" {
		c.Task, _ = taskOf("questions") // it is there
	}
	return nil
}

func readWay(n *yaml.Node, usual train.Job) (Way, error) {
	n = follow(n)
	w := Way{Job: usual, line: n.Line, values: values{}}
	if n.Kind == yaml.ScalarNode {
		w.Method = n.Value
	}
	var keys []pair
	if n.Kind == yaml.MappingNode {
		var err error
		if keys, err = mapping(n, "a method", nil); err != nil { // which keys there are depends on the method
			return w, err
		}
		for _, k := range keys {
			if k.name == "method" {
				if err := word(k.value, k.name, &w.Method); err != nil {
					return w, err
				}
			}
		}
	}
	if w.Method == "" {
		return w, wrong(n.Line, "a method is neither a word nor a mapping with the key method: want one of %s", strings.Join(kindNames(), ", "))
	}
	if w.kind = kindOf(w.Method); w.kind == nil {
		return w, wrong(n.Line, "there is no method %q%s: there are %s", w.Method, near(w.Method, kindNames()), strings.Join(kindNames(), ", "))
	}
	known := append([]string{"name", "method"}, common...)
	for _, s := range w.kind.settings {
		known = append(known, s.name)
		w.values[s.name] = s.usual
	}
	var said []string
	for _, k := range keys {
		if !slices.Contains(known, k.name) {
			return w, wrong(k.line, "%s has no key %q%s: there are %s", w.Method, k.name, near(k.name, known), strings.Join(known, ", "))
		}
		at := slices.IndexFunc(w.kind.settings, func(s setting) bool { return s.name == k.name })
		var err error
		switch {
		case at >= 0:
			said = append(said, k.name)
			w.values[k.name], err = typed(k, w.kind.settings[at].usual)
		case k.name == "name":
			err = word(k.value, k.name, &w.Name)
		case k.name != "method":
			err = readCommon(k, &w.Job)
		}
		if err != nil {
			return w, err
		}
	}
	if w.Name == "" {
		w.Name = label(w.kind, w.values, said)
	}
	w.kind.apply(&w.Job, w.values)
	w.Job.Name = w.Name
	return w, nil
}

// readCommon reads one of the keys that are common to all methods.
func readCommon(k pair, j *train.Job) error {
	switch k.name {
	case "steps":
		return whole(k.value, k.name, 1, &j.Steps)
	case "batch":
		return whole(k.value, k.name, 1, &j.Batch)
	case "length":
		return whole(k.value, k.name, 1, &j.Length)
	case "accumulate":
		return whole(k.value, k.name, 1, &j.Accumulate)
	case "eval_every":
		return whole(k.value, k.name, 1, &j.EvalEvery)
	case "save_every":
		return whole(k.value, k.name, 1, &j.SaveEvery)
	case "lr":
		return number(k.value, k.name, false, &j.LR)
	case "weight_decay":
		return number(k.value, k.name, false, &j.WeightDecay)
	case "clip":
		return number(k.value, k.name, true, &j.Clip)
	}
	return wrong(k.line, "%s is not read", k.name) // a key of common that this function forgot
}

// readSeeds takes a list of seeds or how many: 3 means 1, 2, 3.
func readSeeds(n *yaml.Node) ([]uint64, error) {
	const most = 1000
	n = follow(n)
	if n.Kind == yaml.ScalarNode {
		count := 0
		if err := whole(n, "seeds", 1, &count); err != nil {
			return nil, err
		}
		if count > most {
			return nil, wrong(n.Line, "seeds is %d, the number of seeds: want %d at most, or a list such as [%d]", count, most, count)
		}
		var out []uint64
		for i := range count {
			out = append(out, uint64(i+1))
		}
		return out, nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return nil, wrong(n.Line, "seeds is neither a number nor a list: want how many, such as 3, or which, such as [1, 2, 3]")
	}
	var out []uint64
	for _, e := range n.Content {
		seed, err := strconv.ParseUint(follow(e).Value, 10, 64)
		if err != nil {
			return nil, wrong(e.Line, "seed %q: want a whole number from 0", follow(e).Value)
		}
		if slices.Contains(out, seed) {
			return nil, wrong(e.Line, "seed %d stands twice", seed)
		}
		out = append(out, seed)
	}
	return out, nil
}

// Study loads the base and makes the data. Run of it can give each run a process of its own: see Study.Program.
func (c *Config) Study(ctx context.Context) (Study, error) {
	s := Study{Name: c.Name, Seeds: c.Seeds, Threads: c.Threads, Workers: c.Workers, config: c}
	var err error
	embedded := c.Base == "" || c.Base == "embedded"
	if embedded {
		s.Base, err = base.Load(ctx)
	} else {
		s.Base, err = model.Load(ctx, c.path(c.Base))
	}
	if err != nil {
		return s, fmt.Errorf("compare: base: %w", err)
	}
	if err := c.Task.fill(ctx, &s, c.path); err != nil {
		return s, fmt.Errorf("compare: task %s: %w", c.Task.Name, err)
	}
	if err := forgetting(ctx, &s, embedded, c.Text, c.path); err != nil {
		return s, fmt.Errorf("compare: text: %w", err)
	}
	for _, w := range c.Methods {
		j := w.Job
		j.Method, j.Eval = method.SFT{}, s.Exam
		s.Jobs = append(s.Jobs, j)
	}
	return s, nil
}

func (c *Config) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}
