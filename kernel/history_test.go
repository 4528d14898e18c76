package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/kernel/wire"
)

func TestHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "history.jsonl")
	first, err := openHistory(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range []string{"a := 1", "fmt.Println(a)\n// two lines", "a := 1"} {
		first.add(input, "out")
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	broken, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(broken, `{"session":1,"li`)
	broken.Close()
	h, err := openHistory(file)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	h.add("b/c", "")
	h.add("d", "")
	two, big := 2, strings.Repeat("x", 1<<20)
	h.add(big, "")
	h.entries = h.entries[:len(h.entries)-1] // only its line in the file matters here
	for _, c := range []struct {
		name string
		ask  wire.HistoryRequest
		want []string
	}{
		{"tail", wire.HistoryRequest{Access: "tail", N: 2}, []string{"2/1 b/c", "2/2 d"}},
		{"all", wire.HistoryRequest{Access: "tail"}, []string{"1/1 a := 1", "1/2 fmt.Println(a)\n// two lines", "1/3 a := 1", "2/1 b/c", "2/2 d"}},
		{"this session", wire.HistoryRequest{Access: "range", Start: 1}, []string{"2/1 b/c", "2/2 d"}},
		{"before, up to 2", wire.HistoryRequest{Access: "range", Session: -1, Start: 1, Stop: &two}, []string{"1/1 a := 1"}},
		{"by number", wire.HistoryRequest{Access: "range", Session: 1, Start: 3}, []string{"1/3 a := 1"}},
		{"search over lines", wire.HistoryRequest{Access: "search", Pattern: "*Print*lines"}, []string{"1/2 fmt.Println(a)\n// two lines"}},
		{"search over slashes", wire.HistoryRequest{Access: "search", Pattern: "b?c"}, []string{"2/1 b/c"}},
		{"unique", wire.HistoryRequest{Access: "search", Pattern: "a*", Unique: true}, []string{"1/3 a := 1"}},
		{"nothing", wire.HistoryRequest{Access: "search", Pattern: "zzz"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range h.find(c.ask) {
				got = append(got, fmt.Sprintf("%d/%d %s", e.Session, e.Line, e.Input))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
	again, err := openHistory(file)
	if err != nil || again.session != 3 {
		t.Errorf("session %d after a very long line, %v", again.session, err)
	}
	again.close()
}

func TestHistoryWorksWithoutItsFile(t *testing.T) {
	h, err := openHistory(filepath.Join(t.TempDir(), "file", "x"))
	if err != nil {
		t.Fatal(err)
	}
	h.close()
	if h, err = openHistory(t.TempDir()); err == nil {
		t.Error("a folder is no history file")
	}
	h.add("a", "")
	if got := h.find(wire.HistoryRequest{}); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestGlobs(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"a*c", "abbc", true}, {"a*c", "abb", false}, {"a*b*c", "axbxbxc", true},
		{"?", "名", true}, {"?", "", false}, {"*a", "ba\na", true}, {"***", "x", true}, {"a", "A", false},
	} {
		if got := globs(c.pattern, c.text); got != c.want {
			t.Errorf("globs(%q, %q) = %v", c.pattern, c.text, got)
		}
	}
}
