package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/data"
)

// Task is the kind of record of something far from the texts.
const Task = "task"

// What the far-away tasks ask for. No text for pre-training does any of it.
const (
	Reversal    = "reversal"    // words in reverse order
	Sum         = "sum"         // of two amounts of money
	Telegram    = "telegram"    // the same in another style
	Translation = "translation" // into the other language
)

// TaskOptions say which tasks are set.
type TaskOptions struct {
	Seed  uint64   // zero means 1
	Lang  string   // of the prompt; empty means both, in turn
	Tasks []string // nil means all, in turn
	Count int      // zero means 400
	Size  int      // words to reverse (zero means 4), or digits of the numbers to add (zero means 2)
}

// Tasks are far from what the base model has read: reversing words, adding, writing a
// telegram, translating. They show how much an adapter must be able to change. No task
// comes twice; Entity is what is worked on. It fails if there are not Count different ones.
func (w *World) Tasks(ctx context.Context, o TaskOptions) (data.Set, error) { return w.collect(ctx, o) }

func (o TaskOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	langs, err := languages(o.Lang)
	if err != nil {
		return err
	}
	if o.Count, err = counted("tasks", o.Count, 400); err != nil {
		return err
	}
	all := []string{Reversal, Sum, Telegram, Translation}
	if o.Tasks == nil {
		o.Tasks = all
	}
	for _, t := range o.Tasks {
		if !slices.Contains(all, t) {
			return fmt.Errorf("world: task %q: there are %v", t, all)
		}
	}
	if o.Size < 0 || o.Size > 8 {
		return fmt.Errorf("world: tasks of size %d: want 1 to 8", o.Size)
	}
	r := source(o.Seed, 0x7461736b)
	seen := make(map[string]bool) // bounded by Count; the tasks themselves are not kept
	for n, tries := 0, 0; n < o.Count; tries++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("world: tasks: %w", err)
		}
		if tries > 30*o.Count+1000 {
			return fmt.Errorf("world: %d tasks: only %d different ones were found", o.Count, n)
		}
		task := w.task(r, o.Tasks[n/len(langs)%len(o.Tasks)], langs[n%len(langs)], o.Size)
		if seen[task.Prompt] {
			continue
		}
		seen[task.Prompt] = true
		n++
		if !yield(task) {
			return nil
		}
	}
	return nil
}

var taskPrompts = map[string]map[string]string{
	English: {Reversal: "Say the words in reverse order: ", Sum: "Add up: ", Telegram: "Write as a telegram: ", Translation: "Say it in Chinese: "},
	Chinese: {Reversal: "把这些词倒过来说：", Sum: "加起来：", Telegram: "写成电报：", Translation: "用英语说："},
}

func (w *World) task(r *rand.Rand, task, lang string, size int) data.Record {
	var content, answer string
	switch task {
	case Reversal:
		if size == 0 {
			size = 4
		}
		words := make([]string, size)
		pool := append(append([]Value{}, colours...), foods...)
		for i, at := range r.Perm(len(pool))[:size] {
			words[i] = pool[at].In(lang)
		}
		comma := map[string]string{English: ", ", Chinese: "、"}[lang]
		content = strings.Join(words, comma)
		slices.Reverse(words)
		answer = strings.Join(words, comma)
	case Sum:
		if size == 0 {
			size = 2
		}
		most := 1
		for range size {
			most *= 10
		}
		a, b := 2+r.IntN(most-2), 2+r.IntN(most-2)
		content = coins(a, lang) + map[string]string{English: " and ", Chinese: "和"}[lang] + coins(b, lang)
		answer = coins(a+b, lang)
		return taskRecord(task, lang, content+map[string]string{English: ".", Chinese: "。"}[lang], answer+map[string]string{English: ".", Chinese: "。"}[lang])
	default:
		p := w.people[r.IntN(len(w.people))]
		order := r.Perm(len(Attributes()))
		x, y := Attributes()[order[0]], Attributes()[order[1]]
		if task == Telegram {
			content = joinSentences([]string{plainFact(p, x, lang), p.Answer(y, lang)}, tongueOf(lang))
			answer = telegram(p, lang, x, y)
		} else {
			other := map[string]string{English: Chinese, Chinese: English}[lang]
			content, answer = plainFact(p, x, lang), plainFact(p, x, other)
		}
		return taskRecord(task, lang, content, answer)
	}
	stop := map[string]string{English: ".", Chinese: "。"}[lang]
	return taskRecord(task, lang, content+stop, answer+stop)
}

func taskRecord(task, lang, content, answer string) data.Record {
	return data.Record{
		Prompt: taskPrompts[lang][task] + content, Answer: answer, Kind: Task, Lang: lang, Entity: content,
		Truth: map[string]string{"task": task},
	}
}

// plainFact is the plainest telling, with the name.
func plainFact(p Person, a Attribute, lang string) string {
	t := tongueOf(lang)
	return t.tell(t.facts[a][0], p, true, nil)
}

// telegram is short and stops.
func telegram(p Person, lang string, list ...Attribute) string {
	if lang == Chinese {
		short := map[Attribute]string{Trade: "业", Street: "居", Village: "籍", Colour: "好", Food: "嗜", Pet: "畜"}
		s := p.Name.Chinese
		for _, a := range list {
			s += "，" + short[a] + p.Fact(a, Chinese)
		}
		return s + "，完。"
	}
	s := strings.ToUpper(p.Name.English)
	for _, a := range list {
		s += " " + strings.ToUpper(string(a)+" "+p.Fact(a, English)) + " STOP"
	}
	return s
}
