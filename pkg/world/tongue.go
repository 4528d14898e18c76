package world

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The languages of the town.
const (
	English = "en"
	Chinese = "zh"
)

// A tongue is a language: what it can say, and how the gaps of a sentence are filled.
type tongue struct {
	lang  string
	space string // between sentences

	facts                      map[Attribute][]string
	pairs, manners             []string
	does                       string   // says what somebody of a trade does
	openings, middles, endings []string // of stories
	scenes, walks              map[Attribute][]string
	markets, stalls            []string
	questions                  map[Attribute][]string
}

func tongueOf(lang string) tongue {
	if lang == Chinese {
		return tongue{
			lang: Chinese, facts: chineseFacts, pairs: chinesePairs, manners: chineseManners, does: "{who}{does}。",
			openings: chineseOpenings, middles: chineseMiddles, endings: chineseEndings, scenes: chineseScenes,
			walks: chineseWalks, markets: chineseMarkets, stalls: chineseStalls, questions: questionForms[Chinese],
		}
	}
	return tongue{
		lang: English, space: " ", facts: englishFacts, pairs: englishPairs, manners: englishManners, does: "{who} {does}.",
		openings: englishOpenings, middles: englishMiddles, endings: englishEndings, scenes: englishScenes,
		walks: englishWalks, markets: englishMarkets, stalls: englishStalls, questions: questionForms[English],
	}
}

// gaps are the words of a scene other than those of the person spoken about.
type gaps map[string]string

// tell fills a telling about p. named says whether {who} is the full name or a pronoun.
func (t tongue) tell(telling string, p Person, named bool, scene gaps) string {
	return t.sentence(fill(telling, func(gap string) string {
		if word, ok := t.person(gap, p, named); ok {
			return word
		}
		return scene[gap]
	}))
}

// say fills a sentence that speaks about nobody in particular.
func (t tongue) say(telling string, scene gaps) string {
	return t.sentence(fill(telling, func(gap string) string {
		if gap == "town" {
			return town.In(t.lang)
		}
		return scene[gap]
	}))
}

// sentence starts with a capital letter. Chinese has none, so nothing changes there.
func (t tongue) sentence(s string) string {
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// person fills the gaps that speak about p.
func (t tongue) person(gap string, p Person, named bool) (string, bool) {
	if gap == "town" {
		return town.In(t.lang), true
	}
	if bare, ok := strings.CutPrefix(gap, "a "); ok {
		return t.counted(p.facts[Attribute(bare)])
	}
	if v, ok := p.facts[Attribute(gap)]; ok {
		return v.In(t.lang), true
	}
	if gap == "does" {
		return p.facts[Trade].Does.In(t.lang), true
	}
	if t.lang == Chinese {
		return chinesePerson(gap, p, named)
	}
	return englishPerson(gap, p, named)
}

// counted puts one of v into words: a baker, an owl, 一只灰猫.
func (t tongue) counted(v Value) (string, bool) {
	if t.lang == Chinese {
		return v.Measure + v.Chinese, true
	}
	return article(v.English) + " " + v.English, true
}

func englishPerson(gap string, p Person, named bool) (string, bool) {
	if named {
		switch gap {
		case "who", "whom":
			return p.Name.English, true
		case "whose":
			return p.Name.English + "'s", true
		}
	}
	var woman, man string
	switch gap {
	case "who", "she":
		woman, man = "she", "he"
	case "whose", "her":
		woman, man = "her", "his"
	case "whom", "obj":
		woman, man = "her", "him"
	case "woman":
		woman, man = "woman", "man"
	default:
		return "", false
	}
	if p.Woman {
		return woman, true
	}
	return man, true
}

func chinesePerson(gap string, p Person, named bool) (string, bool) {
	switch {
	case gap == "who" && named:
		return p.Name.Chinese, true
	case gap != "who" && gap != "she":
		return "", false
	case p.Woman:
		return "她", true
	}
	return "他", true
}

// fill replaces every {gap} by its word. A gap without a word stays visible, so that a test finds it.
func fill(telling string, word func(gap string) string) string {
	var s strings.Builder
	for {
		before, rest, found := strings.Cut(telling, "{")
		s.WriteString(before)
		if !found {
			return s.String()
		}
		gap, after, closed := strings.Cut(rest, "}")
		if w := word(gap); closed && w != "" {
			s.WriteString(w)
		} else {
			s.WriteString("{" + gap + "}")
		}
		telling = after
	}
}

// article returns a or an. The town's words are all pronounced as they are spelled.
func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an"
	}
	return "a"
}
