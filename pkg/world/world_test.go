package world

import (
	"strings"
	"testing"
	"unicode"
)

func TestWorldRepeats(t *testing.T) {
	a, b, c := Must(New(Options{})), Must(New(Options{Seed: 1, People: 160})), Must(New(Options{Seed: 2}))
	same := 0
	for i, p := range a.People() {
		if p.String() != b.People()[i].String() {
			t.Fatalf("person %d: %s and %s", i, p, b.People()[i])
		}
		if p.String() == c.People()[i].String() {
			same++
		}
	}
	if same > 1 {
		t.Errorf("%d people are the same in another town", same)
	}
}

func TestNamesAreUnique(t *testing.T) {
	for _, n := range []int{1, 160, 6400} {
		w := Must(New(Options{People: n}))
		seen := make(map[string]bool)
		for _, p := range w.People() {
			for _, name := range []string{p.Name.English, p.Name.Chinese} {
				if seen[name] {
					t.Fatalf("town of %d: two people are called %s", n, name)
				}
				seen[name] = true
				if q, ok := w.Person(name); !ok || q.Name != p.Name {
					t.Fatalf("Person(%q) = %v, %v", name, q.Name, ok)
				}
			}
		}
	}
	if _, ok := Town().Person("Nobody"); ok {
		t.Error("Nobody lives in the town")
	}
	for _, n := range []int{-1, 6401} {
		if _, err := New(Options{People: n}); err == nil || !strings.Contains(err.Error(), "1 to 6400") {
			t.Errorf("town of %d: %v", n, err)
		}
	}
}

// Every list must be unique in each language: otherwise two facts look the same.
func TestListsAreUnique(t *testing.T) {
	lists := map[string][]Word{"women": women, "men": men, "families": families, "goods": goods, "belongings": belongings,
		"places": places, "moments": moments, "ships": ships, "ports": ports, "cargoes": cargoes, "winds": winds, "days": days}
	for _, a := range Attributes() {
		for _, v := range a.values() {
			lists[string(a)] = append(lists[string(a)], v.Word)
			if a == Pet && v.Measure == "" || a == Trade && (v.Does.English == "" || v.Does.Chinese == "") {
				t.Errorf("%s is incomplete: %+v", a, v)
			}
		}
	}
	lists["first names"] = append(append([]Word{}, women...), men...)
	for name, list := range lists {
		seen := make(map[string]bool)
		for _, w := range list {
			if seen[w.English] || seen[w.Chinese] {
				t.Errorf("%s: %v is there twice", name, w)
			}
			seen[w.English], seen[w.Chinese] = true, true
			for _, r := range w.Chinese {
				if !unicode.Is(unicode.Han, r) && !strings.ContainsRune("，", r) {
					t.Errorf("%s: %q holds %q", name, w.Chinese, r)
				}
			}
			for _, r := range w.English {
				if r > unicode.MaxASCII {
					t.Errorf("%s: %q holds %q", name, w.English, r)
				}
			}
		}
	}
	for _, w := range append(lists["first names"], families...) {
		if strings.HasSuffix(w.English, "s") {
			t.Errorf("%s cannot take 's", w.English)
		}
	}
	if len(women) != len(men) {
		t.Errorf("%d women, %d men: New relies on as many", len(women), len(men))
	}
}

// Guessing the most common value must not help much.
func TestFactsAreBalanced(t *testing.T) {
	for _, a := range Attributes() {
		count := make(map[string]int)
		for _, p := range Town().People() {
			v := p.Fact(a, English)
			if v == "" || p.Fact(a, Chinese) == "" {
				t.Fatalf("%s has no %s", p.Name.English, a)
			}
			count[v]++
		}
		fair := 160 / len(a.values())
		for v, n := range count {
			if n < fair || n > fair+1 {
				t.Errorf("%s %s belongs to %d people, want %d or %d", a, v, n, fair, fair+1)
			}
		}
	}
	if got := (Person{}).Fact("shoe size", English); got != "" {
		t.Errorf("shoe size %q", got)
	}
}

func TestAnswer(t *testing.T) {
	p := Person{Name: Word{"Mara Fenwick", "玛拉·芬威克"}, Woman: true, facts: map[Attribute]Value{
		Trade: trades[0], Street: streets[0], Village: villages[0], Colour: colours[1], Food: foods[0], Pet: pets[10],
	}}
	for _, c := range []struct {
		a       Attribute
		en, zh  string
		manToo  string
		chinese string
	}{
		{Trade, "She is a baker.", "她是面包师。", "He is a baker.", "他是面包师。"},
		{Street, "She lives in Lighthouse Street.", "她住在灯塔街。", "He lives in Lighthouse Street.", "他住在灯塔街。"},
		{Village, "She comes from Saltmere.", "她来自盐湖村。", "He comes from Saltmere.", "他来自盐湖村。"},
		{Colour, "Her favourite colour is blue.", "她最喜欢蓝色。", "His favourite colour is blue.", "他最喜欢蓝色。"},
		{Food, "Her favourite food is fish soup.", "她最爱吃鱼汤。", "His favourite food is fish soup.", "他最爱吃鱼汤。"},
		{Pet, "She has an owl.", "她养了一只猫头鹰。", "He has an owl.", "他养了一只猫头鹰。"},
	} {
		man := p
		man.Woman = false
		for _, x := range []struct{ got, want string }{
			{p.Answer(c.a, English), c.en}, {p.Answer(c.a, Chinese), c.zh}, {man.Answer(c.a, English), c.manToo}, {man.Answer(c.a, Chinese), c.chinese},
		} {
			if x.got != x.want {
				t.Errorf("answer %q, want %q", x.got, x.want)
			}
		}
	}
	if got := p.Answer("age", English); got != "" {
		t.Errorf("age: %q", got)
	}
}
