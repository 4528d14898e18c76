package feedback

import (
	"bytes"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// two are a vote and a word that it is taken back, as lines.
func two(t testing.TB) (all Ballots, lines [2][]byte) {
	t.Helper()
	b := ballot("ann", items(1)[0], []int{2}, []int{0, 1})
	all = Ballots{b, {ID: "u", Rater: "ann", Undo: b.ID}}
	for i, b := range all {
		line, err := b.line()
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = line
	}
	return all, lines
}

func TestReadBallots(t *testing.T) {
	all, lines := two(t)
	for name, c := range map[string]struct {
		line string
		want string // the warning about it; empty means none
	}{
		"blank":        {" \t\r", ""},
		"no JSON":      {"votes", "line 2 is left out: it is no ballot: "},
		"torn":         {string(lines[0][:40]), "line 2 is left out: it is no ballot: "},
		"not UTF-8":    {"{\"id\":\"\xff\"}", "line 2 is left out: it is not UTF-8"},
		"null":         {"null", "it has no id or no rater"},
		"nobody":       {`{"id":"x"}`, "it has no id or no rater"},
		"no item":      {`{"id":"x","rater":"ann"}`, "it has no candidates"},
		"order":        {`{"id":"x","rater":"ann","item":{"prompt":"","candidates":[{"text":"a"},{"text":"b"}]},"order":[0,0]}`, "order [0 0] does not show each of 2 candidates once"},
		"ranking":      {`{"id":"x","rater":"ann","item":{"prompt":"","candidates":[{"text":"a"},{"text":"b"}]},"order":[1,0],"ranking":[[1],[2]]}`, "ranking [[1] [2]] does not have each of 2"},
		"empty group":  {`{"id":"x","rater":"ann","item":{"prompt":"","candidates":[{"text":"a"},{"text":"b"}]},"order":[1,0],"ranking":[[1],[],[0]]}`, "ranking [[1] [] [0]]"},
		"few scores":   {`{"id":"x","rater":"ann","item":{"prompt":"","candidates":[{"text":"a"},{"text":"b"}]},"order":[1,0],"ranking":[[1],[0]],"scores":[1]}`, "1 scores for 2 candidates"},
		"deep":         {strings.Repeat("[", 20000), "line 2 is left out: it is no ballot: "},
		"other fields": {`{"id":"x","rater":"ann","undo":"y","mood":"fine"}`, ""},
	} {
		content := "\xef\xbb\xbf" + string(lines[0]) + c.line + "\n" + strings.TrimSuffix(string(lines[1]), "\n")
		got, warnings, err := ReadBallots(strings.NewReader(content))
		if name == "other fields" {
			got = slices.Delete(got, 1, 2)
		}
		if d := cmp.Diff(all, got); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
		if (c.want == "") != (len(warnings) == 0) || c.want != "" && !strings.Contains(warnings[0], c.want) {
			t.Errorf("%s: %q, want %q", name, warnings, c.want)
		}
	}
}

// All is written or nothing, and reads the same again.
func TestSaveJSONL(t *testing.T) {
	all, _ := two(t)
	path := filepath.Join(t.TempDir(), "export.jsonl")
	if err := all.SaveJSONL(ctx, path); err != nil {
		t.Fatal(err)
	}
	before := contents(t, path)
	bad := slices.Clone(all)
	bad[1].Seconds = math.Inf(1)
	if err := bad.SaveJSONL(ctx, path); err == nil || !strings.Contains(err.Error(), "ballot 1") {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(before, contents(t, path)) {
		t.Error("the file was changed")
	}
	if names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); names != nil {
		t.Errorf("left behind: %q", names)
	}
	read, warnings, err := Load(ctx, path)
	if d := cmp.Diff(all, read); d != "" || warnings != nil || err != nil {
		t.Errorf("%q, %v\n%s", warnings, err, d)
	}
}

// Whatever stands between good lines, and after them, they are read, in their order; and what is read can be written and read again.
func FuzzReadBallots(f *testing.F) {
	all, lines := two(f)
	for _, junk := range []string{"", "null", "{}", "\n\n", "\x00\x00", "\xff", "[[[[", `{"id":1}`, "\r", string(lines[0][:50]), string(lines[0]) + string(lines[1]),
		`{"id":"x","rater":"b","skipped":true,"item":{"prompt":"p","candidates":[{"text":"t"}]},"order":[0]}`} {
		f.Add([]byte(junk))
	}
	f.Fuzz(func(t *testing.T, junk []byte) {
		content := slices.Concat(lines[0], junk, []byte("\n"), lines[1], junk)
		got, _, err := ReadBallots(bytes.NewReader(content))
		if err != nil || len(got) < 2 || !cmp.Equal(got[0], all[0]) || !slices.ContainsFunc(got[1:], func(b Ballot) bool { return cmp.Equal(b, all[1]) }) {
			t.Fatalf("%v, %+v", err, got)
		}
		var out bytes.Buffer
		if err := got.WriteJSONL(&out); err != nil {
			t.Fatal(err)
		}
		again, warnings, err := ReadBallots(&out)
		if err != nil || warnings != nil || len(again) != len(got) {
			t.Fatalf("%d ballots, written and read %d, %q, %v", len(got), len(again), warnings, err)
		}
		for i := range got {
			if got[i].ID != again[i].ID || got[i].Item.Key() != again[i].Item.Key() || !cmp.Equal(got[i].Ranking, again[i].Ranking) || !got[i].Time.Equal(again[i].Time) {
				t.Fatalf("%+v, written and read %+v", got[i], again[i])
			}
		}
		_, _ = got.Agreement() // any ballots that were read can be measured
		_, _ = got.Pairs()
	})
}
