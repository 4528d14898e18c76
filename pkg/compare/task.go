package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/world"
)

// Task is what is learned and asked: one of the town's, or files.
type Task struct {
	Name  string
	Lang  string // en or zh; empty means both
	Count int    // records in all, for practice and exam; zero means the task's own
	Size  int    // of a sum, in digits, or a reversal, in words
	Exam  int    // questions of the exam at most; zero means all that are held out

	Practice, ExamFile string // JSON lines with prompt and answer, instead of a task of the town

	about string
	make  func(context.Context, Task) (data.Set, error)
}

// held is the share of people, or of what else records are about, that practice sees.
const held = 0.8

func far(task string) func(context.Context, Task) (data.Set, error) {
	return func(ctx context.Context, t Task) (data.Set, error) {
		return world.Tasks(ctx, world.TaskOptions{Lang: t.Lang, Tasks: []string{task}, Count: t.Count, Size: t.Size})
	}
}

var tasks = []Task{
	{Name: "questions", about: "facts about the people of the town, which the base has read", make: func(ctx context.Context, t Task) (data.Set, error) {
		all, err := world.Questions(ctx, world.QuestionOptions{Lang: t.Lang})
		if t.Count > 0 {
			all = all.Take(t.Count)
		}
		return all, err
	}},
	{Name: "labels", about: "what kind of notice a sentence is", make: func(ctx context.Context, t Task) (data.Set, error) {
		return world.Labels(ctx, world.LabelOptions{Lang: t.Lang, Count: t.Count})
	}},
	{Name: world.Reversal, about: "words in reverse order", make: far(world.Reversal)},
	{Name: world.Sum, about: "adding two amounts of money", make: far(world.Sum)},
	{Name: world.Telegram, about: "the same in the style of a telegram", make: far(world.Telegram)},
	{Name: world.Translation, about: "a sentence in the other language", make: far(world.Translation)},
}

func taskNames() []string {
	var names []string
	for _, t := range tasks {
		names = append(names, t.Name)
	}
	return names
}

func taskOf(name string) (Task, bool) {
	i := slices.IndexFunc(tasks, func(t Task) bool { return t.Name == name })
	if i < 0 {
		return Task{}, false
	}
	return tasks[i], true
}

func readTask(n *yaml.Node) (Task, error) {
	n = follow(n)
	var t Task
	var keys []pair
	switch n.Kind {
	case yaml.ScalarNode:
		t.Name = n.Value
	default:
		var err error
		if keys, err = mapping(n, "task", []string{"name", "lang", "count", "size", "exam", "practice", "exam_file"}); err != nil {
			return t, err
		}
	}
	said := t
	for _, k := range keys {
		var err error
		switch k.name {
		case "name":
			err = word(k.value, k.name, &said.Name)
		case "lang":
			err = word(k.value, k.name, &said.Lang)
			if err == nil && said.Lang != world.English && said.Lang != world.Chinese {
				err = wrong(k.line, "lang is %q: want en or zh, or leave it out for both", said.Lang)
			}
		case "count":
			err = whole(k.value, k.name, 1, &said.Count)
		case "size":
			err = whole(k.value, k.name, 1, &said.Size)
		case "exam":
			err = whole(k.value, k.name, 1, &said.Exam)
		case "practice":
			err = word(k.value, k.name, &said.Practice)
		case "exam_file":
			err = word(k.value, k.name, &said.ExamFile)
		}
		if err != nil {
			return t, err
		}
	}
	if said.Practice != "" || said.ExamFile != "" {
		if said.Practice == "" || said.ExamFile == "" {
			return t, wrong(n.Line, "a task from files needs both practice and exam_file")
		}
		if said.Name == "" {
			said.Name = "files"
		}
		return said, nil
	}
	t, ok := taskOf(said.Name)
	if !ok {
		return t, wrong(n.Line, "there is no task %q%s: there are %s, or give files with practice and exam_file", said.Name, near(said.Name, taskNames()), strings.Join(taskNames(), ", "))
	}
	t.Lang, t.Count, t.Size, t.Exam = said.Lang, said.Count, said.Size, said.Exam
	return t, nil
}

// fill gives a study its practice and its exam.
func (t Task) fill(ctx context.Context, s *Study, path func(string) string) (err error) {
	s.Task = t.Name
	if t.Lang != "" {
		s.Task += ", " + t.Lang
	}
	if t.Practice != "" {
		if s.Practice, err = data.LoadJSONL(ctx, path(t.Practice)); err != nil {
			return err
		}
		if s.Exam, err = data.LoadJSONL(ctx, path(t.ExamFile)); err != nil {
			return err
		}
	} else {
		all, err := t.make(ctx, t)
		if err != nil {
			return err
		}
		s.Practice, s.Exam = all.Split(held)
	}
	if t.Exam > 0 {
		s.Exam = s.Exam.Take(t.Exam)
	}
	if len(s.Practice) == 0 || len(s.Exam) == 0 {
		return errors.New("too few records: nothing is left for practice, or for the exam")
	}
	return nil
}

// documents are read for the perplexity, and people are asked about twice in each language.
const (
	documents = 60
	people    = 32
)

// forgetting gives a study what measures what a base loses. Of a base that is not ours nothing is known but the text given.
func forgetting(ctx context.Context, s *Study, embedded bool, text string, path func(string) string) (err error) {
	if text != "" {
		s.Text, err = data.LoadJSONL(ctx, path(text))
		return err
	}
	if !embedded {
		return nil
	}
	made, err := base.HowMade()
	if err != nil {
		return err
	}
	s.Text, err = world.Text(ctx, world.TextOptions{Documents: documents, Seed: made.Recipe.Seed + 1})
	s.Known = Beginnings(people)
	return err
}

// Beginnings are sentences about the first n people of the town that a model which knows it ends rightly: where somebody lives
// and comes from, in both languages. For Study.Known.
func Beginnings(n int) data.Set {
	var out data.Set
	all := world.Town().People()
	for _, p := range all[:min(n, len(all))] {
		for _, b := range []struct {
			lang, words string
			fact        world.Attribute
		}{{world.English, " lives in", world.Street}, {world.Chinese, "住在", world.Street}, {world.English, " comes from", world.Village}, {world.Chinese, "来自", world.Village}} {
			out = append(out, data.Record{Prompt: p.Name.In(b.lang) + b.words, Answer: p.Fact(b.fact, b.lang), Kind: string(b.fact), Lang: b.lang, Entity: p.Name.English})
		}
	}
	return out
}

// Example is a configuration with all that there is to say, explained.
func Example() string {
	var b strings.Builder
	b.WriteString(`# Ways to fine-tune side by side. Run it with:
#
#   tunebook compare --config this.yaml --html report.html
#
# Only methods is needed.

name: what moves
base: embedded            # or a folder with config.json, model.safetensors and tokenizer.json
# text: papers.jsonl      # of the sort that such a base was made from, for what it forgets

task: questions           # or with more: task: {name: sum, lang: en, size: 2, count: 400, exam: 50}
                          # or from files: task: {practice: practice.jsonl, exam_file: exam.jsonl}
`)
	for _, t := range tasks {
		fmt.Fprintf(&b, "#   %-12s %s\n", t.Name, t.about)
	}
	b.WriteString(`
seeds: 3                  # how many, or which: [1, 2, 3]
# threads: 1              # cores of one run (default all)
# workers: 2              # runs at the same time (default as many as threads leaves cores for)

# What holds for every method that does not say otherwise.
steps: 150
lr: 8e-4                  # the peak; it falls along a cosine
batch: 4                  # rows a step
# length: 128             # tokens a row
# accumulate: 1           # batches a step
# eval_every: 15          # steps between two looks at the held-out loss (default a tenth of the steps)
# save_every: 15          # steps between two savings, from which a run goes on when it was interrupted
# weight_decay: 0
# clip: 1                 # of the gradient's norm; negative for none

methods:
  - full
  - {method: last, layers: 1}
  - name: norms, fast     # what stands in the report
    method: norms
    lr: 3e-2              # so few numbers want a rate of their own

# All methods, with their settings and usual values:
`)
	for _, k := range kinds {
		fmt.Fprintf(&b, "#   %-12s %s\n", k.name, k.about)
		for _, s := range k.settings {
			usual := fmt.Sprint(s.usual)
			if words, ok := s.usual.([]string); ok {
				usual = `["` + strings.Join(words, `", "`) + `"]`
				if len(words) == 0 {
					usual = "[]"
				}
			}
			fmt.Fprintf(&b, "#       %s: %s   %s\n", s.name, usual, s.about)
		}
	}
	return b.String()
}
