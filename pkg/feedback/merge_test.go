package feedback

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// saved writes ballots to a file of their own, with times one second apart from start on.
func saved(t *testing.T, name string, start int, all ...Ballot) string {
	t.Helper()
	for i := range all {
		if all[i].Time.IsZero() {
			all[i].Time = time.Date(2026, 3, 1, 12, 0, start+i, 0, time.UTC)
		}
	}
	path := filepath.Join(t.TempDir(), name)
	if err := Ballots(all).SaveJSONL(ctx, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func merge(t *testing.T, paths ...string) (Ballots, []string) {
	t.Helper()
	all, warnings, err := Merge(ctx, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return all, warnings
}

// who is a list of votes in words.
func who(all Ballots) (out []string) {
	for _, b := range all {
		out = append(out, fmt.Sprintf("%s %s %v%s", b.Rater, b.Item.ID, b.Ranking, b.Undo))
	}
	return out
}

func TestMerge(t *testing.T) {
	q := items(4)
	up, down := [][]int{{0}, {1}, {2}}, [][]int{{2}, {1}, {0}}
	first, second := ballot("ann", q[0], up...), ballot("ann", q[1], up...)
	home := saved(t, "home.jsonl", 10, first, second)
	longer := saved(t, "longer.jsonl", 10, first, second, ballot("ann", q[2], down...))
	same := saved(t, "same.jsonl", 30, ballot("ben", q[0], down...), Ballot{ID: "other", Rater: "ann", Item: q[0], Order: span(3), Ranking: up})
	other := saved(t, "other.jsonl", 5, ballot("ann", q[0], down...), ballot("ann", q[3], up...))

	// A copy that went on: what both have counts once.
	all, warnings := merge(t, home, longer)
	if d := cmp.Diff([]string{"ann q1 [[0] [1] [2]]", "ann q2 [[0] [1] [2]]", "ann q3 [[2] [1] [0]]"}, who(all)); d != "" || warnings != nil {
		t.Errorf("%q\n%s", warnings, d)
	}
	// The same opinion under the same name is the same person, and counts once.
	all, warnings = merge(t, home, same)
	if len(all) != 4 || len(all.Current()) != 3 || warnings != nil {
		t.Errorf("%q, %q", who(all), warnings)
	}
	// Another opinion is another person, in order of time, and nothing of either is lost.
	all, warnings = merge(t, home, other)
	if d := cmp.Diff([]string{"ann (2) q1 [[2] [1] [0]]", "ann (2) q4 [[0] [1] [2]]", "ann q1 [[0] [1] [2]]", "ann q2 [[0] [1] [2]]"}, who(all)); d != "" || len(all.Current()) != 4 {
		t.Error(d)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], `other.jsonl: ann has other opinions than the rater of that name before: counted as "ann (2)"`) {
		t.Errorf("%q", warnings)
	}
	// Merging the result with its parts changes nothing; and who goes on in a part keeps the number.
	whole := saved(t, "whole.jsonl", 0, all...)
	again, _ := merge(t, whole, home, other)
	if d := cmp.Diff(all, again); d != "" {
		t.Error(d)
	}
	content := contents(t, other)
	more := saved(t, "more.jsonl", 50, ballot("ann", q[2], down...))
	put(t, other, append(content, contents(t, more)...))
	again, _ = merge(t, whole, home, other)
	if got := who(again); len(got) != 5 || got[4] != "ann (2) q3 [[2] [1] [0]]" {
		t.Errorf("%q", got)
	}
}

// Somebody who knew the vote and changed it is one person: the later vote counts, or the word that it is taken back.
func TestMergeChangedMind(t *testing.T) {
	q := items(2)
	up, down := [][]int{{0}, {1}, {2}}, [][]int{{2}, {1}, {0}}
	first := ballot("ann", q[0], up...)
	home := saved(t, "home.jsonl", 10, first)
	work := saved(t, "work.jsonl", 10, first, Ballot{ID: "u", Rater: "ann", Undo: first.ID}, ballot("ann", q[0], down...))
	for _, paths := range [][]string{{home, work}, {work, home}} {
		all, warnings := merge(t, paths...)
		if got := who(all.Current()); !slices.Equal(got, []string{"ann q1 [[2] [1] [0]]"}) || warnings != nil {
			t.Errorf("%q, %q", got, warnings)
		}
	}
	// A ballot that somebody has edited is told; a line that is none as well.
	edited := saved(t, "edited.jsonl", 10, func() Ballot { b := first; b.Ranking = down; return b }())
	f, err := os.OpenFile(edited, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("{\n"); err != nil {
		t.Fatal(err)
	}
	all, warnings := merge(t, home, edited)
	if len(all) != 1 || all[0].Ranking[0][0] != 0 || len(warnings) != 2 || !strings.Contains(warnings[0], "has been changed: the first of its versions counts") || !strings.Contains(warnings[1], "edited.jsonl: line 2 is left out") {
		t.Errorf("%q, %q", who(all), warnings)
	}
	if _, _, err := Merge(ctx, home, filepath.Join(t.TempDir(), "none.jsonl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
