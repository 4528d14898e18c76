package feedback

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A problem is why a line cannot be read, in the words of the rater's language.
type problem struct {
	kind  string // a key of words.problems
	given []any
}

func (p problem) Error() string { return "feedback: " + p.in(wordsOf("")) }

func (p problem) in(w words) string { return fmt.Sprintf(w.problems[p.kind], p.given...) }

// ParseRanking reads a ranking of n candidates, best first: "2 1 3", "b a c", "2>1=3", "2, 1, 3" or, below ten, "213"; "=" joins
// those that are equally good, and of two the better one is enough. Full-width signs do as well. The result has places from 0, in
// groups.
func ParseRanking(line string, n int) ([][]int, error) {
	tokens, signs, err := scan(line, n)
	if err != nil {
		return nil, err
	}
	var ranking [][]int
	seen := make([]bool, n)
	for i, token := range tokens {
		place, err := placeOf(token, n)
		switch {
		case err != nil:
			return nil, err
		case seen[place]:
			return nil, problem{"twice", []any{token}}
		}
		seen[place] = true
		if i > 0 && signs[i-1] == '=' {
			ranking[len(ranking)-1] = append(ranking[len(ranking)-1], place)
			continue
		}
		ranking = append(ranking, []int{place})
	}
	if n == 2 && len(tokens) == 1 {
		return append(ranking, []int{1 - ranking[0][0]}), nil
	}
	if i := slices.Index(seen, false); i >= 0 {
		return nil, problem{"missing", []any{i + 1}}
	}
	return ranking, nil
}

// ParseScores reads one score, 1 to scale, for each of n candidates in the order shown: "4 2 5".
func ParseScores(line string, n, scale int) ([]float64, error) {
	fields := strings.FieldsFunc(fold(line), func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
	if len(fields) == 0 {
		return nil, problem{"empty", nil}
	}
	if len(fields) != n {
		return nil, problem{"count", []any{len(fields), n}}
	}
	scores := make([]float64, n)
	for i, field := range fields {
		v, err := strconv.ParseFloat(field, 64)
		if err != nil || !(v >= 1 && v <= float64(scale)) {
			return nil, problem{"score", []any{field, scale}}
		}
		scores[i] = v
	}
	return scores, nil
}

// scan divides a line into names and the signs between them: '>', '=' or ' '.
func scan(line string, n int) (tokens []string, signs []rune, err error) {
	token, sign, pending := "", ' ', false
	flush := func() {
		if token == "" {
			return
		}
		if len(tokens) > 0 {
			signs = append(signs, sign)
		}
		tokens, token, sign, pending = append(tokens, token), "", ' ', false
	}
	for _, r := range fold(line) {
		switch {
		case unicode.IsSpace(r) || r == ',' || r == ';':
			flush()
		case r == '>' || r == '=':
			flush()
			if len(tokens) == 0 || pending {
				return nil, nil, problem{"sign", []any{string(r)}}
			}
			sign, pending = r, true
		case r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
			// "213" is three names below ten candidates, and letters never make a longer one.
			if token != "" && (n < 10 || r > '9' || token[0] > '9') {
				flush()
			}
			token += string(r)
		default:
			return nil, nil, problem{"unknown", []any{string(r), n}}
		}
	}
	flush()
	switch {
	case pending:
		return nil, nil, problem{"sign", []any{string(sign)}}
	case len(tokens) == 0:
		return nil, nil, problem{"empty", nil}
	}
	return tokens, signs, nil
}

func placeOf(token string, n int) (int, error) {
	place := int(token[0]) - 'a'
	if token[0] <= '9' {
		number, err := strconv.Atoi(token)
		if err != nil {
			return 0, problem{"unknown", []any{token, n}}
		}
		place = number - 1
	}
	if place < 0 || place >= n {
		return 0, problem{"unknown", []any{token, n}}
	}
	return place, nil
}

// fold makes signs of a Chinese keyboard plain ones, and letters small.
func fold(line string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u3001' || r == '\u3002' || r == '\uff0c': // enumeration comma, full stop, comma
			return ','
		case r >= '\uff01' && r <= '\uff5e': // full-width forms of ! to ~
			r -= 0xfee0
		case r == '\u300b' || r == '\u3009': // what > becomes
			r = '>'
		}
		return unicode.ToLower(r)
	}, line)
}
