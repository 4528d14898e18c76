package feedback

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRanking(t *testing.T) {
	for _, c := range []struct {
		line string
		n    int
		want [][]int
	}{
		{"2 1 3", 3, [][]int{{1}, {0}, {2}}},
		{"b a c", 3, [][]int{{1}, {0}, {2}}},
		{"BAC", 3, [][]int{{1}, {0}, {2}}},
		{"213", 3, [][]int{{1}, {0}, {2}}},
		{"2>1=3", 3, [][]int{{1}, {0, 2}}},
		{" 1 = 2 = 3 ", 3, [][]int{{0, 1, 2}}},
		{"2, 1; 3", 3, [][]int{{1}, {0}, {2}}},
		{"2\uff1e1\uff1d3", 3, [][]int{{1}, {0, 2}}},
		{"2\u30011\uff0c3\u3002", 3, [][]int{{1}, {0}, {2}}},
		{"\uff12\u3000\uff11", 2, [][]int{{1}, {0}}}, // full-width digits and blank
		{"2\u300b1", 2, [][]int{{1}, {0}}},
		{"2", 2, [][]int{{1}, {0}}},
		{"a", 2, [][]int{{0}, {1}}},
		{"10 1 2 3 4 5 6 7 8 9", 10, [][]int{{9}, {0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}}},
		{"b1c", 3, [][]int{{1}, {0}, {2}}},
	} {
		got, err := ParseRanking(c.line, c.n)
		if d := cmp.Diff(c.want, got); d != "" || err != nil {
			t.Errorf("%q: %v\n%s", c.line, err, d)
		}
	}
}

func TestParseRankingRefuses(t *testing.T) {
	for _, c := range []struct {
		line string
		n    int
		want string
	}{
		{"", 3, "nothing was typed"},
		{" , ", 3, "nothing was typed"},
		{"1 2", 3, "answer 3 is missing"},
		{"1", 3, "answer 2 is missing"},
		{"1 2 2", 3, `"2" is there twice`},
		{"1 2 a", 3, `"a" is there twice`},
		{"1 2 4", 3, `"4" is no answer: there are answers 1 to 3`},
		{"0 1 2", 3, `"0" is no answer`},
		{"1 2 z", 3, `"z" is no answer`},
		{"1 2 !", 3, `"!" is no answer`},
		{"99999999999999999999 1", 10, `"99999999999999999999" is no answer`},
		{"1>", 2, `">" stands alone`},
		{"=1 2", 2, `"=" stands alone`},
		{"1>=2", 2, `"=" stands alone`},
	} {
		_, err := ParseRanking(c.line, c.n)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.line, err, c.want)
		}
	}
}

func TestParseScores(t *testing.T) {
	for line, want := range map[string][]float64{"4 2 5": {4, 2, 5}, "1,1,7": {1, 1, 7}, "\uff14\uff0c2.5\u30011": {4, 2.5, 1}} {
		got, err := ParseScores(line, 3, 7)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", line, got, err)
		}
	}
	for line, want := range map[string]string{"": "nothing was typed", "1 2": "2 scores for 3 answers", "1 2 8": `"8" is no score`, "1 2 NaN": `"nan" is no score`,
		"1 b 2": `"b" is no score: give a number from 1 to 7`} {
		if _, err := ParseScores(line, 3, 7); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

// Whatever is typed, the answer is a ranking of all candidates or an error that says why.
func FuzzParseRanking(f *testing.F) {
	for _, line := range []string{"2 1 3", "2>1=3", "bac", "", "1 1", ">", "10 2", "2\u30011", "\xff"} {
		f.Add(line, 3)
	}
	f.Fuzz(func(t *testing.T, line string, n int) {
		if n < 1 || n > maxCandidates {
			return
		}
		ranking, err := ParseRanking(line, n)
		if err == nil && !permutes(slices.Concat(ranking...), n) {
			t.Errorf("%q of %d: %v", line, n, ranking)
		}
		if err != nil && err.Error() == "" {
			t.Errorf("%q of %d: an error without words", line, n)
		}
	})
}

// Both languages say the same things with the same numbers in them.
func TestWords(t *testing.T) {
	verbs := func(s string) (out []string) {
		for i := range len(s) - 1 {
			if s[i] == '%' {
				out = append(out, s[i:i+2])
			}
		}
		return out
	}
	for kind, text := range english.problems {
		if !slices.Equal(verbs(text), verbs(chinese.problems[kind])) {
			t.Errorf("%s: %q and %q", kind, text, chinese.problems[kind])
		}
	}
	if len(english.problems) != len(chinese.problems) {
		t.Error("one language has more problems")
	}
	for _, both := range [][2]string{{english.rank, chinese.rank}, {english.score, chinese.score}, {english.number, chinese.number},
		{english.helpScore, chinese.helpScore}, {english.undone, chinese.undone}, {english.sitting, chinese.sitting}, {english.skipped, chinese.skipped},
		{english.known, chinese.known}, {english.left, chinese.left}} {
		if !slices.Equal(verbs(both[0]), verbs(both[1])) || both[1] == "" {
			t.Errorf("%q and %q", both[0], both[1])
		}
	}
}
