package feedback

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Alpha is Krippendorff's α for nominal data: 1 for full agreement, 0 for agreement by chance. counts has a row for every unit
// and a column for every category, how many raters put the unit there; units may have different numbers of votes, and those of
// fewer than two are left out (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, section C). It is NaN where all
// votes are in one category, since chance would then agree as well.
func Alpha(counts [][]int) (float64, error) {
	var column []float64
	n, observed := 0.0, 0.0
	for i, row := range counts {
		m, err := votesOf(counts, i)
		if err != nil {
			return 0, err
		}
		if m < 2 {
			continue
		}
		if column == nil {
			column = make([]float64, len(row))
		}
		n += float64(m)
		for c, v := range row {
			column[c] += float64(v)
			observed += float64(v*(m-v)) / float64(m-1)
		}
	}
	if n == 0 {
		return 0, ErrAlone
	}
	expected := 0.0
	for _, c := range column {
		expected += c * (n - c)
	}
	if expected == 0 {
		return math.NaN(), nil
	}
	return 1 - (n-1)*observed/expected, nil
}

// ErrAlone says that nobody has judged what somebody else has.
var ErrAlone = errors.New("feedback: no two raters have judged the same: agreement needs two votes on one item")

// Kappa is Fleiss' κ of such a table (Psychological Bulletin 76, 1971, 378–382), and the share of pairs of raters that agree, over
// the units with two votes or more. κ is defined where all of these have as many votes; NaN where not, or where all votes are
// in one category.
func Kappa(counts [][]int) (share, kappa float64, err error) {
	var column []float64
	n, alike, pairs, equal := 0.0, 0, 0, 0
	for i, row := range counts {
		m, err := votesOf(counts, i)
		if err != nil {
			return 0, 0, err
		}
		if m < 2 {
			continue
		}
		if column == nil {
			column, equal = make([]float64, len(row)), m
		}
		if m != equal {
			equal = -1
		}
		for c, v := range row {
			column[c] += float64(v)
			alike += v * (v - 1)
		}
		n, pairs = n+float64(m), pairs+m*(m-1)
	}
	if n == 0 {
		return 0, 0, ErrAlone
	}
	share = float64(alike) / float64(pairs)
	chance := 0.0
	for _, c := range column {
		chance += c / n * c / n
	}
	if equal < 0 || chance > 1-1e-12 {
		return share, math.NaN(), nil
	}
	return share, (share - chance) / (1 - chance), nil
}

func votesOf(counts [][]int, i int) (m int, err error) {
	if len(counts[i]) != len(counts[0]) {
		return 0, fmt.Errorf("feedback: unit %d has %d categories, the first has %d", i, len(counts[i]), len(counts[0]))
	}
	for _, v := range counts[i] {
		if v < 0 {
			return 0, fmt.Errorf("feedback: unit %d has %d votes in a category", i, v)
		}
		m += v
	}
	return m, nil
}

// Concordance is Kendall's W of m rankings of the same n things, a row for each rater: 1 if all rank alike, 0 if the sums of ranks are all equal.
// Things that tie share the mean of their ranks, and W is corrected for ties (Kendall and Babington Smith, "The Problem of m
// Rankings", Annals of Mathematical Statistics 10, 1939). NaN where everybody finds all equally good.
func Concordance(ranks [][]float64) (float64, error) {
	m := len(ranks)
	if m < 2 {
		return 0, ErrAlone
	}
	n := len(ranks[0])
	sums, ties := make([]float64, n), 0.0
	for i, row := range ranks {
		if len(row) != n || n < 2 {
			return 0, fmt.Errorf("feedback: rater %d ranks %d things, the first %d: want as many, two or more", i, len(row), n)
		}
		sorted := slices.Sorted(slices.Values(row))
		for from := 0; from < n; {
			to := from
			for to < n && sorted[to] == sorted[from] {
				to++
			}
			t := float64(to - from)
			ties += t*t*t - t
			from = to
		}
		for j, r := range row {
			sums[j] += r
		}
	}
	mean, s := float64(m)*float64(n+1)/2, 0.0
	for _, sum := range sums {
		s += (sum - mean) * (sum - mean)
	}
	k, cubes := float64(m), float64(n*n*n-n)
	if below := k*k*cubes - k*ties; below > 0 {
		return 12 * s / below, nil
	}
	return math.NaN(), nil
}
