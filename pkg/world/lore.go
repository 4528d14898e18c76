package world

import (
	"math/rand/v2"
	"strconv"
)

// A Good is something that one trade of the town makes and sells, at one price everywhere.
type Good struct {
	One    Word // with what counts it: a jar of honey, 一罐蜂蜜
	Many   Word // what follows a number: jars of honey, 罐蜂蜜
	Bare   Word // in general: jars of honey, 蜂蜜
	Trade  Word // who makes and sells it
	Price  int  // coins for one
	Hidden bool // it never stands in a text for pre-training
}

// A TownStreet lies in one quarter of the town.
type TownStreet struct {
	Name, Quarter Word
	Hidden        bool // it never stands in a text for pre-training
}

// A HomeVillage lies in one direction from the town and is known for one thing.
type HomeVillage struct {
	Name, Direction, Product Word
}

// A Port is where the company's ships go.
type Port struct {
	Name Word
	Rate int // coins for a kilo
	Days int // at sea
}

// A Ship of the company sails to one port with one cargo.
type Ship struct {
	Name, Cargo, Month Word
	Port               Port
	Builder            Person // a boat builder of the town, who launched it in Month
	Hidden             bool   // it never stands in a text for pre-training
}

// A Festival comes every year in the same month, at the same place, with the same food.
type Festival struct {
	Name, Month, Place, Food, Custom Word
}

// A Wedding joined two people of the town.
type Wedding struct {
	Bride, Groom Person
	Month, Place Word
}

// A Storm is remembered by its month and by what it broke.
type Storm struct {
	Month, Broke Word
}

// lore is what is true of the town beyond the six facts about each person. It has
// random numbers of its own, so that it never changes who lives in the town.
type lore struct {
	goods     []Good
	streets   []TownStreet
	villages  []HomeVillage
	ports     []Port
	ships     []Ship
	festivals []Festival
	weddings  []Wedding
	storms    []Storm
	friends   []int             // by person
	married   []int             // by person; -1 is nobody
	unknown   []map[string]bool // by person: attributes that no text states
	newcomers []Person
}

// newLore makes it. Every list is dealt evenly, so that guessing helps nobody.
func newLore(seed uint64, people []Person) lore {
	r := rand.New(rand.NewPCG(seed, 0x6c6f7265))
	l := lore{festivals: festivals, storms: storms, goods: catalogue}
	for i, at := range r.Perm(len(streets)) {
		l.streets = append(l.streets, TownStreet{Name: streets[at].Word, Quarter: quarters[i%len(quarters)]})
	}
	for i, at := range r.Perm(len(hiddenStreets)) {
		l.streets = append(l.streets, TownStreet{Name: hiddenStreets[at], Quarter: quarters[i%len(quarters)], Hidden: true})
	}
	for i, at := range r.Perm(len(villages)) {
		l.villages = append(l.villages, HomeVillage{Name: villages[at].Word, Direction: directions[i%len(directions)], Product: products[at]})
	}
	lengths := r.Perm(len(ports))
	for i, at := range r.Perm(len(ports)) {
		l.ports = append(l.ports, Port{Name: ports[at], Rate: 1 + i/2, Days: 2 + lengths[i]})
	}
	l.dealShips(r, people)
	l.dealPeople(r, people)
	l.dealUnknown(r, len(people))
	l.dealNewcomers(r, people)
	return l
}

func (l *lore) dealShips(r *rand.Rand, people []Person) {
	var builders []Person
	for _, p := range people {
		if p.Fact(Trade, English) == "boat builder" {
			builders = append(builders, p)
		}
	}
	cargo, month := r.Perm(len(cargoes)), r.Perm(len(months))
	all := append(append([]Word{}, ships...), hiddenShips...)
	for i, name := range all {
		s := Ship{Name: name, Cargo: cargoes[cargo[i%len(cargo)]], Port: l.ports[i%len(l.ports)], Month: months[month[i%len(month)]], Hidden: i >= len(ships)}
		if len(builders) > 0 { // a tiny town may have none
			s.Builder = builders[i%len(builders)]
		}
		l.ships = append(l.ships, s)
	}
}

// dealPeople makes friends of pairs, so that friendship goes both ways, and weds some.
func (l *lore) dealPeople(r *rand.Rand, people []Person) {
	l.friends, l.married = make([]int, len(people)), make([]int, len(people))
	order := r.Perm(len(people))
	for i := range people {
		l.friends[i], l.married[i] = -1, -1
	}
	for i := 0; i+1 < len(order); i += 2 {
		a, b := order[i], order[i+1]
		l.friends[a], l.friends[b] = b, a
	}
	var brides, grooms []int
	for _, i := range r.Perm(len(people)) {
		if people[i].Woman {
			brides = append(brides, i)
		} else {
			grooms = append(grooms, i)
		}
	}
	for i := 0; i < min(len(brides), len(grooms), len(months)); i++ {
		l.married[brides[i]], l.married[grooms[i]] = grooms[i], brides[i]
		l.weddings = append(l.weddings, Wedding{people[brides[i]], people[grooms[i]], months[i], places[r.IntN(len(places))]})
	}
}

// One in twenty facts is held out, evenly over the attributes and never two of one person.
func (l *lore) dealUnknown(r *rand.Rand, people int) {
	l.unknown = make([]map[string]bool, people)
	order := r.Perm(people)
	each := people / 20
	for i, a := range Attributes() {
		for _, p := range order[i*each : (i+1)*each] {
			l.unknown[p] = map[string]bool{string(a): true}
		}
	}
}

// Newcomers bear names that nobody else has, and no text mentions them.
func (l *lore) dealNewcomers(r *rand.Rand, people []Person) {
	taken := make(map[string]bool)
	for _, p := range people {
		taken[p.Name.English] = true
	}
	for len(l.newcomers) < 16 {
		p := Person{Woman: len(l.newcomers)%2 == 0, facts: make(map[Attribute]Value)}
		given := men[r.IntN(len(men))]
		if p.Woman {
			given = women[r.IntN(len(women))]
		}
		last := newFamilies[len(l.newcomers)]
		p.Name = Word{given.English + " " + last.English, given.Chinese + "·" + last.Chinese}
		for _, a := range Attributes() {
			values := a.values()
			p.facts[a] = values[r.IntN(len(values))]
		}
		l.newcomers = append(l.newcomers, p)
	}
}

// A Fact is one thing that is true of somebody.
type Fact struct {
	Person    Person
	Attribute Attribute
	Value     Word
}

// Unknown lists the facts that no text for pre-training states, one in twenty, though
// its person is well known otherwise: a model can only guess at them. Plain texts
// ([TextOptions]) hold nothing back.
func (w *World) Unknown() []Fact {
	var facts []Fact
	for i, p := range w.people {
		for _, a := range Attributes() {
			if !w.told(i, a) {
				facts = append(facts, Fact{p, a, p.facts[a].Word})
			}
		}
	}
	return facts
}

// Knows reports whether the texts for pre-training state a fact about somebody. They
// never mention newcomers or strangers.
func (w *World) Knows(p Person, a Attribute) bool {
	i, ok := w.byName[p.Name.English]
	return ok && w.told(i, a) && p.Fact(a, English) != ""
}

func (w *World) told(person int, a Attribute) bool { return !w.lore.unknown[person][string(a)] }

// Newcomers returns 16 people of whom the texts for pre-training have never heard. Their
// family names are theirs alone; documents tell about them.
func (w *World) Newcomers() []Person { return append([]Person(nil), w.lore.newcomers...) }

// Friend returns the best friend of somebody; friendship goes both ways.
func (w *World) Friend(p Person) (Person, bool) {
	i, ok := w.byName[p.Name.English]
	if !ok || w.lore.friends[i] < 0 {
		return Person{}, false
	}
	return w.people[w.lore.friends[i]], true
}

// Goods returns what is made and sold in the town; a hidden one only documents mention.
func (w *World) Goods() []Good { return append([]Good(nil), w.lore.goods...) }

// Streets returns the streets with their quarters; a hidden one only documents mention.
func (w *World) Streets() []TownStreet { return append([]TownStreet(nil), w.lore.streets...) }

// Villages returns the villages around the town.
func (w *World) Villages() []HomeVillage { return append([]HomeVillage(nil), w.lore.villages...) }

// Ports returns where the company's ships go, with the rate for a kilo.
func (w *World) Ports() []Port { return append([]Port(nil), w.lore.ports...) }

// Ships returns the ships of the company; a hidden one only documents mention.
func (w *World) Ships() []Ship { return append([]Ship(nil), w.lore.ships...) }

// Festivals returns the festivals of the year.
func (w *World) Festivals() []Festival { return append([]Festival(nil), w.lore.festivals...) }

// Weddings returns who married whom; nobody marries twice.
func (w *World) Weddings() []Wedding { return append([]Wedding(nil), w.lore.weddings...) }

// Storms returns the storms that the town remembers.
func (w *World) Storms() []Storm { return append([]Storm(nil), w.lore.storms...) }

// good finds what a trade sells; some trades sell nothing.
func (w *World) good(trade string) (Good, bool) {
	for _, g := range w.lore.goods {
		if g.Trade.English == trade && !g.Hidden {
			return g, true
		}
	}
	return Good{}, false
}

func (w *World) street(name string) TownStreet {
	for _, s := range w.lore.streets {
		if s.Name.English == name {
			return s
		}
	}
	return TownStreet{}
}

func (w *World) village(name string) HomeVillage {
	for _, v := range w.lore.villages {
		if v.Name.English == name {
			return v
		}
	}
	return HomeVillage{}
}

// Counted puts a number of a good into words: three jars of honey, 三罐蜂蜜.
func (g Good) Counted(n int, lang string) string {
	if n == 1 {
		return g.One.In(lang)
	}
	if lang == Chinese {
		return chineseCount(n) + g.Many.Chinese
	}
	return englishCount(n) + " " + g.Many.English
}

func englishCount(n int) string {
	if n >= 1 && n <= 12 {
		return []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}[n-1]
	}
	return strconv.Itoa(n)
}

// chineseCount is a number before a measure word: 两, not 二.
func chineseCount(n int) string {
	if n >= 1 && n <= 10 {
		return []string{"一", "两", "三", "四", "五", "六", "七", "八", "九", "十"}[n-1]
	}
	return strconv.Itoa(n)
}

// coins is an amount of money, in the singular where English wants it.
func coins(n int, lang string) string {
	switch {
	case lang == Chinese:
		return strconv.Itoa(n) + "个铜板"
	case n == 1:
		return "1 coin"
	}
	return strconv.Itoa(n) + " coins"
}
