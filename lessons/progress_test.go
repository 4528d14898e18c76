package lessons

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/lessons/internal/progress"
)

// shelf is a folder of notebooks with two lessons.
func shelf(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for path, about := range map[string]Lesson{
		"en/00-a.ipynb": {Title: "First <steps>", Summary: "It begins.", Time: "a minute."},
		"en/03-b.ipynb": {Title: "Second", Summary: "S", Time: "an hour", Exercises: []Exercise{{Name: "mask", Title: "Paint"}, {Name: "2", Title: "Count"}}},
		"zh/03-b.ipynb": {Title: "第二课", Summary: "S", Time: "一小时", Exercises: []Exercise{{Name: "mask", Title: "涂遮罩"}, {Name: "2", Title: "数一数"}}},
	} {
		content, err := json.Marshal(map[string]any{"cells": []any{}, "metadata": map[string]any{"tunebook": about}})
		if err != nil {
			t.Fatal(err)
		}
		files[path] = &fstest.MapFile{Data: content}
	}
	return files
}

func page(t *testing.T, lang string, tries ...progress.Try) *Page {
	t.Helper()
	all, err := list(shelf(t), lang)
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{Lang: lang, Lessons: all, Journal: "/data/progress.jsonl"}
	p.count(tries)
	return p
}

func at(minute int, lesson, exercise string, done bool) progress.Try {
	return progress.Try{Time: time.Date(2025, 1, 2, 3, minute, 0, 0, time.UTC), Lesson: lesson, Exercise: exercise, Done: done}
}

func TestList(t *testing.T) {
	all, err := list(shelf(t), "en")
	if err != nil || len(all) != 2 || all[0].Name != "00-a" || all[1].Notebook() != "en/03-b.ipynb" || all[1].Exercises[0].Name != "mask" {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := list(shelf(t), "fr"); err == nil || !strings.Contains(err.Error(), `"fr": there are en and zh`) {
		t.Error(err)
	}
	for name, content := range map[string]string{"broken": "{", "old": `{"metadata": {"tunebook": {"lesson": "00-a"}}}`} {
		if _, err := list(fstest.MapFS{"en/00-a.ipynb": {Data: []byte(content)}}, "en"); err == nil || !strings.Contains(err.Error(), "en/00-a.ipynb") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Tries count until the exercise is done; unknown ones do not.
func TestCount(t *testing.T) {
	p := page(t, "en", at(1, "03-b", "mask", false), at(2, "03-b", "mask", true), at(3, "03-b", "mask", false), at(4, "03-b", "mask", true),
		at(5, "03-b", "2", false), at(6, "99-gone", "mask", true), at(7, "03-b", "gone", true))
	want := []Exercise{{Name: "mask", Title: "Paint", Tries: 2, Done: at(2, "", "", true).Time}, {Name: "2", Title: "Count", Tries: 1}}
	if d := cmp.Diff(want, p.Lessons[1].Exercises); d != "" {
		t.Error(d)
	}
	if l, e, ok := p.Next(); l.Name != "03-b" || e.Name != "2" || !ok {
		t.Errorf("next is %s %s, %v", l.Name, e.Name, ok)
	}
}

func TestPage(t *testing.T) {
	p := page(t, "en", at(1, "03-b", "mask", false), at(2, "03-b", "mask", true))
	const want = `lesson  title          runs in   exercises  tries
─────────────────────────────────────────────────
00-a    First <steps>  a minute  none       0
03-b    Second         an hour   ●○ 1 of 2  2

Next: “Count” in tunebook lab en/03-b.ipynb
Noted on this machine only, in /data/progress.jsonl
`
	if d := cmp.Diff(want, p.String()); d != "" {
		t.Error(d)
	}
	for _, part := range []string{`<a href="../en/03-b.ipynb">03-b</a>`, "First &lt;steps&gt;", "●○ 1 of 2", `<td style="text-align:left">2</td>`, `Next: “Count” in <a href="../en/03-b.ipynb">`,
		`title="Paint; Count"`, "/data/progress.jsonl"} {
		if !strings.Contains(p.HTML(), part) {
			t.Errorf("the HTML lacks %s:\n%s", part, p.HTML())
		}
	}
	// Done in English is done in Chinese.
	p = page(t, "zh", at(1, "03-b", "mask", true), at(2, "03-b", "2", true))
	if got := p.String(); !strings.Contains(got, "●● 2 / 2") || !strings.Contains(got, "练习全都做完了。") || strings.Contains(p.HTML(), "\x00") {
		t.Error(got)
	}
	if got := page(t, "zh").HTML(); !strings.Contains(got, `接下来：<a href="../zh/03-b.ipynb">03-b</a> 里的“涂遮罩”`) {
		t.Error(got)
	}
}

// From the journal on the disk, with the lessons of this binary.
func TestProgress(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	journal := progress.At(filepath.Join(dir, "tunebook"))
	if err := journal.Add(at(1, "03-sft", "mask", true)); err != nil {
		t.Fatal(err)
	}
	done := func() int {
		t.Helper()
		p, err := Progress("en")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, l := range p.Lessons {
			n += l.Done()
		}
		return n
	}
	if got := done(); got != 1 {
		t.Errorf("%d exercises done", got)
	}
	kept, err := Reset()
	if err != nil || done() != 0 {
		t.Errorf("%v, %d exercises done after the reset", err, done())
	}
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("the old journal: %v", err)
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		given []string
		env   map[string]string
		want  string
	}{
		{nil, nil, "en"},
		{nil, map[string]string{"LANG": "zh_CN.UTF-8"}, "zh"},
		{nil, map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"},
		{[]string{"", "zh"}, map[string]string{"LANG": "de_DE"}, "zh"},
		{[]string{"en", "zh"}, nil, "en"},
	} {
		if got := language(c.given, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.given, c.env, got, c.want)
		}
	}
}

func ExampleLesson() {
	l := Lesson{Name: "03-sft", Lang: "en", Exercises: []Exercise{{Name: "mask", Tries: 3, Done: time.Unix(1, 0)}, {Name: "question", Tries: 1}}}
	fmt.Println(l.Notebook(), l.Done(), "of", len(l.Exercises), "done in", l.Tries(), "tries")
	// Output: en/03-sft.ipynb 1 of 2 done in 4 tries
}
