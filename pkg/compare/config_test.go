package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	c, err := ParseConfig([]byte(`
steps: 50
lr: 1e-3
seeds: [3, 5]
task: {name: sum, lang: en, size: 1, count: 30, exam: 4}
methods:
  - full
  - {method: last, layers: 2, steps: 20}
  - {name: own, method: match, patterns: ["*.mlp.*"], lr: 3e-3}
  - {method: bitfit, targets: q_proj}
`), ".")
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Study(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range s.Jobs {
		how := "nil"
		if j.Adapt != nil {
			how = j.Adapt.Name()
		}
		got = append(got, fmt.Sprintf("%s|%s|%d|%g", j.Name, how, j.Steps, j.LR))
	}
	want := []string{"full|full|50|0.001", "last layers=2|last-2|20|0.001", "own|match *.mlp.*|50|0.003", "bitfit targets=q_proj|bitfit q_proj|50|0.001"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if len(s.Exam) != 4 || len(s.Practice) != 24 || s.Exam[0].Truth["task"] != "sum" || s.Exam[0].Lang != "en" || !slices.Equal(s.Seeds, []uint64{3, 5}) || len(s.Text) != documents || len(s.Known) != 4*people {
		t.Errorf("%d for the exam, %d for practice, %v, seeds %v", len(s.Exam), len(s.Practice), s.Exam[0], s.Seeds)
	}
	if _, err := s.withDefaults(); err != nil {
		t.Error(err)
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "it is empty"},
		{"a: [", "line 1"},
		{"- full", "line 1: the configuration is not a mapping"},
		{"steps: 3", "methods is missing"},
		{"step: 3\nmethods: [full]", `line 1: the configuration has no key "step" (did you mean "steps"?)`},
		{"steps: 3\nsteps: 4\nmethods: [full]", "line 2: steps stands twice, first in line 1"},
		{"methods: full", "line 1: methods is not a list"},
		{"methods: []", "methods is not a list"},
		{"methods:\n  - full\n  - norm", `line 3: there is no method "norm" (did you mean "norms"?): there are full, last`},
		{"methods:\n  - {method: last, layer: 2}", `line 2: last has no key "layer" (did you mean "layers"?)`},
		{"methods:\n  - {method: last, layers: two}", `line 2: layers is "two": want a whole number from 0`},
		{"methods:\n  - {layers: 2}", "line 2: a method is neither a word nor a mapping with the key method"},
		{"methods:\n  - full\n  - full", `line 3: the method of line 2 is called "full" too`},
		{"methods: [full]\nseeds: 0", "line 2: seeds is \"0\""},
		{"methods: [full]\nseeds: [1, 1]", "line 2: seed 1 stands twice"},
		{"methods: [full]\nseeds: [-1]", `line 2: seed "-1"`},
		{"methods: [full]\nseeds: 100000", "number of seeds: want 1000 at most"},
		{"methods: [full]\nlr: fast", `line 2: lr is "fast": want a number such as 1e-3`},
		{"methods: [full]\nlr: .nan", "line 2: lr"},
		{"methods: [full]\nlr: -1", "line 2: lr"},
		{"methods: [full]\ntask: sums", `line 2: there is no task "sums" (did you mean "sum"?)`},
		{"methods: [full]\ntask: {name: sum, lang: de}", `line 2: lang is "de"`},
		{"methods: [full]\ntask: {practice: x}", "line 2: a task from files needs both"},
		{"methods: [full]\nname: [x]", "line 2: name is not a word"},
		{"methods: [{method: match, patterns: {a: b}}]", "patterns is not a list"},
	} {
		_, err := ParseConfig([]byte(c.text), ".")
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// The example is a configuration, and all that it explains of methods can be said.
func TestExampleIsAConfiguration(t *testing.T) {
	c, err := ParseConfig([]byte(Example()), ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Methods) != 3 || c.Methods[2].Name != "norms, fast" || c.Methods[0].Job.Steps != 150 {
		t.Errorf("%+v", c.Methods)
	}
	said := 0
	var text strings.Builder
	text.WriteString("methods:\n")
	for line := range strings.Lines(Example()[strings.Index(Example(), "# All methods"):]) {
		fields := strings.Fields(strings.TrimPrefix(line, "#"))
		switch {
		case strings.HasPrefix(line, "#       "):
			value, _, _ := strings.Cut(strings.SplitN(line, ": ", 2)[1], "   ")
			fmt.Fprintf(&text, "    %s %s\n", fields[0], value)
			said++
		case strings.HasPrefix(line, "#   "):
			fmt.Fprintf(&text, "  - method: %s\n", fields[0])
		}
	}
	c, err = ParseConfig([]byte(text.String()), ".")
	if err != nil || len(c.Methods) != len(kinds) || said == 0 {
		t.Errorf("%v in\n%s", err, &text)
	}
	for i, w := range c.Methods {
		if w.Job.Adapt == nil {
			t.Errorf("%s chooses nothing", kinds[i].name)
		}
	}
}

func TestNear(t *testing.T) {
	for name, want := range map[string]string{"stpes": "steps", "Seeds": "seeds", "xyz": "", "ler": "lr"} {
		got := near(name, top)
		if want == "" && got != "" || want != "" && !strings.Contains(got, `"`+want+`"`) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if d := distance("kitten", "sitting"); d != 3 { // the classic
		t.Errorf("kitten, sitting: %d", d)
	}
}

// Whatever a file holds, it is a configuration or an error that says where: no panic, and what is read has what Run needs.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(Example()))
	f.Add([]byte(smallConfig))
	f.Add([]byte("a: &a {method: last}\nmethods: [*a, {<<: *a}]"))
	f.Add([]byte("methods: [? full : x]\nseeds: *a"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseConfig(text, ".")
		if err != nil {
			if !errors.Is(err, ErrConfig) {
				t.Fatalf("%v does not wrap ErrConfig", err)
			}
			return
		}
		if len(c.Methods) == 0 || c.Task.Name == "" || slices.ContainsFunc(c.Methods, func(w Way) bool { return w.Name == "" || w.Job.Adapt == nil }) {
			t.Fatalf("%+v", c)
		}
	})
}
