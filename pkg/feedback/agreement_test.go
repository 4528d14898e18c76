package feedback

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/world"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 || math.IsNaN(a) && math.IsNaN(b) }

// Four observers, twelve units, some values missing: the nominal example of Krippendorff 2011, who gives 0.743. The fraction is
// that of testdata/agreement.py, from the definition.
func TestAlpha(t *testing.T) {
	data := []string{"123321412000", "123322412503", "033323422510", "123324412510"}
	counts := make([][]int, 12)
	for u := range counts {
		counts[u] = make([]int, 5)
		for _, row := range data {
			if v := row[u]; v != '0' {
				counts[u][v-'1']++
			}
		}
	}
	alpha, err := Alpha(counts)
	if err != nil || !near(alpha, 113./152) {
		t.Errorf("α is %.15g, %v, want %.15g", alpha, err, 113./152)
	}
	if _, kappa, err := Kappa(counts); err != nil || !math.IsNaN(kappa) {
		t.Errorf("κ of units with different numbers of votes: %g, %v", kappa, err)
	}
	for name, c := range map[string]struct {
		counts [][]int
		want   float64
	}{
		"alike":          {[][]int{{2, 0}, {0, 2}}, 1},
		"never alike":    {[][]int{{1, 1}, {1, 1}}, -0.5}, // observed 1, expected 2/3
		"one category":   {[][]int{{2, 0}, {3, 0}}, math.NaN()},
		"alone left out": {[][]int{{2, 0}, {0, 2}, {0, 1}}, 1},
	} {
		if got, err := Alpha(c.counts); err != nil || !near(got, c.want) {
			t.Errorf("%s: %g, %v, want %g", name, got, err, c.want)
		}
	}
}

// The usual worked example, whose κ is given as 0.210; the fractions are those of testdata/agreement.py.
func TestKappa(t *testing.T) {
	share, kappa, err := Kappa([][]int{
		{0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
		{7, 7, 0, 0, 0}, {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7},
	})
	if err != nil || !near(share, 172./455) || !near(kappa, 4211./20059) {
		t.Errorf("share %.15g, κ %.15g, %v", share, kappa, err)
	}
}

// The town's κ and this one are the same number wherever both are defined, and NaN where chance agrees as well.
func TestKappaIsTheTowns(t *testing.T) {
	for _, counts := range [][][]int{
		{{2, 0}, {1, 1}, {0, 2}}, {{3, 1, 0}, {0, 0, 4}, {2, 2, 0}}, {{1, 1}, {1, 1}}, {{2, 0}, {0, 2}},
		{{3, 0}, {3, 0}}, {{0, 0, 2}}, {{0, 7}, {0, 7}, {0, 7}},
	} {
		share, kappa, err := Kappa(counts)
		other, too, fails := world.Kappa(counts)
		if err != nil || fails != nil || !near(share, other) || !near(kappa, too) {
			t.Errorf("%v: %g and %g here, %g and %g in the town; %v, %v", counts, share, kappa, other, too, err, fails)
		}
	}
	if _, kappa, _ := Kappa([][]int{{3, 0}, {3, 0}}); !math.IsNaN(kappa) {
		t.Errorf("κ of one category is %g", kappa)
	}
}

func TestConcordance(t *testing.T) {
	for name, c := range map[string]struct {
		ranks [][]float64
		want  float64
	}{
		"alike": {[][]float64{{1, 2, 3}, {1, 2, 3}}, 1},
		// Sums 4 4 4.
		"opposite": {[][]float64{{1, 2, 3}, {3, 2, 1}}, 0},
		// Sums 2 5 5, S = 4+1+1, W = 12·6 / (4·24).
		"without ties": {[][]float64{{1, 2, 3}, {1, 3, 2}}, 0.75},
		// Sums 4.5 5 9 11.5 about 7.5, S = 9+6.25+2.25+16, ties 3·6, W = 12·33.5 / (9·60 − 3·18); testdata/agreement.py says so too.
		"ties":        {[][]float64{{1, 2.5, 2.5, 4}, {1.5, 1.5, 3, 4}, {2, 1, 3.5, 3.5}}, 67. / 81},
		"alike, ties": {[][]float64{{1.5, 1.5, 3}, {1.5, 1.5, 3}, {1.5, 1.5, 3}}, 1},
		"all equal":   {[][]float64{{2, 2, 2}, {2, 2, 2}}, math.NaN()},
	} {
		if got, err := Concordance(c.ranks); err != nil || !near(got, c.want) {
			t.Errorf("%s: %.15g, %v, want %.15g", name, got, err, c.want)
		}
	}
	for _, bad := range [][][]float64{{{1, 2}}, {{1, 2}, {1, 2, 3}}, {{1}, {1}}} {
		if got, err := Concordance(bad); err == nil {
			t.Errorf("%v: %g", bad, got)
		}
	}
}

// ballot is a vote of somebody who saw the candidates in the order of the item.
func ballot(rater string, item Item, ranking ...[]int) Ballot {
	return Ballot{ID: fmt.Sprint(rater, item.ID, ranking), Rater: rater, Item: item, Order: span(len(item.Candidates)), Ranking: ranking, Seconds: 2}
}

// Three people, one item of three answers: of the pairs (a b), (a c), (b c) all say a, a, and on the last ben stands alone.
func TestAgreement(t *testing.T) {
	item := items(1)[0]
	all := Ballots{
		ballot("ann", item, []int{0}, []int{1}, []int{2}),
		ballot("ben", item, []int{0}, []int{2}, []int{1}),
		ballot("cid", item, []int{0}, []int{1}, []int{2}),
		ballot("ann", items(2)[1], []int{0}, []int{1}, []int{2}), // alone: counts for nothing
	}
	all[1].Simulated = true
	a, err := all.Agreement()
	if err != nil {
		t.Fatal(err)
	}
	// (3+3+1) of 9 pairs of votes; chance is (8² + 1²)/81; α: observed 2·(1·2)/2 = 2, expected 2·8·1; W: sums 3 7 8, S = 9+1+4.
	share, chance := 7./9, 65./81
	if a.Items != 1 || a.Pairs != 3 || !near(a.Share, share) || !near(a.Kappa, (share-chance)/(1-chance)) || !near(a.Alpha, 1-8*2./16) || !near(a.W, 12*14./(9*24)) {
		t.Errorf("%+v", a)
	}
	for i, want := range []RaterAgreement{
		{Name: "ann", Votes: 2, Pairs: 2, Majority: 1, Seconds: 2}, // on (b c) the others are divided
		{Name: "ben", Simulated: true, Votes: 1, Pairs: 3, Majority: 2. / 3, Seconds: 2},
		{Name: "cid", Votes: 1, Pairs: 2, Majority: 1, Seconds: 2},
	} {
		if a.Raters[i] != want {
			t.Errorf("%+v, want %+v", a.Raters[i], want)
		}
	}
	for _, want := range []string{"1 items, 3 pairs of answers judged by two raters or more: two votes on one agree in 78% of cases", "ben (simulated)", "67% of 3 pairs"} {
		if !strings.Contains(a.String(), want) {
			t.Errorf("%s\nwithout %q", a, want)
		}
	}
	if _, err := all[:1].Agreement(); !errors.Is(err, ErrAlone) {
		t.Errorf("one rater: %v", err)
	}
}
