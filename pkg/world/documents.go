package world

import (
	"slices"
	"strconv"
)

// The kinds of rich text besides those of plain text ([TextOptions]).
const (
	Portrait = "portrait"
	Meeting  = "meeting"
	Festive  = "festival"
	Stormy   = "storm"
	Married  = "wedding"
	Launched = "launch"
	Letter   = "letter"
	Company  = "company"
	Place    = "place"
)

// How often each kind of rich text is written. More than half is about one person or
// two, for facts about people are what questions ask for; the rest as often as two hops
// need it (TestLoreIsTold).
var richShares = []struct {
	kind    string
	share   float64
	compose func(*author) string
}{
	{Portrait, 0.48, (*author).portrait},
	{Meeting, 0.10, (*author).meeting},
	{Market, 0.08, (*author).marketDay},
	{Letter, 0.06, (*author).letter},
	{Place, 0.08, (*author).placeText},
	{Company, 0.06, (*author).companyText},
	{Board, 0.05, (*author).notices},
	{Festive, 0.03, (*author).festival},
	{Stormy, 0.02, (*author).storm},
	{Married, 0.02, (*author).wedding},
	{Launched, 0.02, (*author).launch},
}

func (a *author) prose() texts { return prose[a.tongue.lang] }

// portrait is about one person: four to six facts in any order, alone or joined, some
// with an aside, now and then an introduction, the best friend and a last word.
func (a *author) portrait() string {
	a.kind = Portrait // other kinds fall back on it
	p := a.people.next()
	a.cast = []int{p}
	left := a.shuffled(p)
	left = left[:min(len(left), 4+a.rng.IntN(3))]
	if a.chance(0.25) {
		a.linePick(a.prose().portraitOpenings, 0)
	}
	asides := englishAsides
	if a.tongue.lang == Chinese {
		asides = chineseAsides
	}
	friend := a.chance(0.6)
	for len(left) > 0 {
		n := min(len(left), []int{1, 1, 1, 2, 2, 2, 2, 3}[a.rng.IntN(8)])
		if !a.state(0, left[:n]) {
			n = 1
			a.state(0, left[:1])
		}
		last := left[n-1]
		left = left[n:]
		switch {
		case a.chance(0.3):
			a.linePick(asides[last], 0)
		case friend && len(left) < 4:
			friend = false
			a.linePick(a.prose().friendship, 0)
		}
	}
	switch x := a.rng.Float64(); {
	case x < 0.2:
		a.linePick(a.tongue.manners, 0)
	case x < 0.35:
		a.linePick(a.prose().portraitEndings, 0)
	}
	return a.world.people[p].Name.English
}

// players casts n people; a small town may have fewer.
func (a *author) players(n int) bool {
	a.cast = a.some(n)
	return len(a.cast) == n
}

// meeting brings two people together, who tell or show something of themselves.
func (a *author) meeting() string {
	if !a.players(2) {
		return a.portrait()
	}
	a.linePick(a.prose().meetings, 0)
	a.scene["good"] = a.anyGood().One.In(a.tongue.lang) // another thing than before
	order := [2][]Attribute{a.shuffled(a.cast[0]), a.shuffled(a.cast[1])}
	facts, first := 2+a.rng.IntN(2), a.rng.IntN(2)
	for i := range facts {
		who := (first + i) % 2
		scenes := a.tongue.scenes[order[who][i/2]]
		if order[who][i/2] == Pet {
			scenes = a.prose().pets
		}
		a.linePick(scenes, who)
		switch {
		case a.chance(0.2):
			a.linePick(a.prose().asides, 1-who)
		case a.chance(0.3):
			a.linePick(a.prose().does, 0)
		}
	}
	a.linePick(a.prose().meetingEnds, 0)
	return ""
}

// trader finds somebody, beginning at the next in turn, who sells something and of whom
// that may be told.
func (a *author) trader(except int) int {
	for range 2 * len(a.world.people) {
		p := a.people.next()
		if _, ok := a.world.good(a.world.people[p].Fact(Trade, English)); ok && p != except && a.world.told(p, Trade) {
			return p
		}
	}
	return -1
}

// purchase sets what is bought, and what it costs.
func (a *author) purchase(g Good) {
	n := 1 + a.rng.IntN(5)
	if g.Price > 15 { // nobody buys five ladders
		n = 1 + a.rng.IntN(2)
	}
	lang := a.tongue.lang
	a.scene["one"], a.scene["some"] = g.One.In(lang), g.Counted(n, lang)
	a.scene["price"], a.scene["total"] = coins(g.Price, lang), coins(n*g.Price, lang)
}

// anyGood picks a good that the texts know.
func (a *author) anyGood() Good {
	for {
		if g := a.world.lore.goods[a.rng.IntN(len(a.world.lore.goods))]; !g.Hidden {
			return g
		}
	}
}

// marketDay sells two or three goods, each by somebody whose trade makes it, at its price.
func (a *author) marketDay() string {
	a.linePick(a.prose().marketOpenings, 0)
	for range 2 + a.rng.IntN(2) {
		seller := a.trader(-1)
		buyer := a.people.next()
		if seller < 0 || seller == buyer {
			continue
		}
		a.cast = []int{buyer, seller}
		g, _ := a.world.good(a.world.people[seller].Fact(Trade, English))
		a.purchase(g)
		a.linePick(a.prose().sellers, 1)
		if a.chance(0.6) {
			a.linePick(a.prose().prices, 1)
		}
		a.linePick(a.prose().sales, 0)
	}
	if a.chance(0.6) && a.cast != nil {
		a.linePick(a.prose().marketEnd, 0)
	}
	return ""
}

// letter is from one friend to another.
func (a *author) letter() string {
	p := a.people.next()
	friend := a.world.lore.friends[p]
	third := a.people.next()
	if friend < 0 || third == p || third == friend {
		return a.portrait()
	}
	a.cast = []int{p, friend, third}
	a.purchase(a.anyGood())
	a.linePick(a.prose().letterOpenings, 0)
	news := a.rng.IntN(2)
	for i, x := range a.shuffled(p)[:2+a.rng.IntN(2)] {
		a.linePick(a.prose().letterFacts[x], 0)
		if i == news {
			a.linePick(a.prose().letterNews, 2)
		}
	}
	a.linePick(a.prose().letterEnd, 0)
	return ""
}

// placeText is about a street or a village, and about people who live there or come from there.
func (a *author) placeText() string {
	what, head, body := Street, a.prose().streets, a.prose().neighbours
	if a.chance(0.5) {
		what, head, body = Village, a.prose().villages, a.prose().natives
	}
	first := a.people.next()
	if !a.world.told(first, what) {
		return a.portrait()
	}
	for _, p := range a.sharing(what, first, 4) {
		if a.world.told(p, what) {
			a.cast = append(a.cast, p)
		}
	}
	lang, name := a.tongue.lang, a.world.people[first].Fact(what, English)
	a.scene["place1"] = a.world.people[first].Fact(what, lang)
	a.scene["quarter1"] = a.world.street(name).Quarter.In(lang)
	a.scene["direction1"], a.scene["product1"] = a.world.village(name).Direction.In(lang), a.world.village(name).Product.In(lang)
	a.linePick(head, 0)
	if what == Village && a.chance(0.5) {
		a.linePick(head, 0)
	}
	for i := range min(len(a.cast), 2+a.rng.IntN(2)) {
		if a.linePick(body, i); a.chance(0.35) {
			if rest := without(a.shuffled(a.cast[i]), what); !slices.Contains([]Attribute{Trade, Village, Pet, Street}, rest[0]) {
				a.state(i, rest[:1])
			}
		}
	}
	return ""
}

// voyage sets a ship with its port, and what a parcel there costs.
func (a *author) voyage(s Ship) {
	lang, kilos := a.tongue.lang, 1+a.rng.IntN(MaxParcel)
	a.scene["ship"], a.scene["port"], a.scene["cargo"] = s.Name.In(lang), s.Port.Name.In(lang), s.Cargo.In(lang)
	a.scene["days"], a.scene["rate"] = strconv.Itoa(s.Port.Days), coins(s.Port.Rate, lang)
	a.scene["kilos"], a.scene["total"] = strconv.Itoa(kilos), coins(kilos*s.Port.Rate, lang)
	if kilos == 1 { // "1 kilos"
		a.voyage(s)
	}
}

// anyShip picks a ship that the texts know.
func (a *author) anyShip() Ship { return a.world.lore.ships[a.rng.IntN(len(ships))] }

// companyText states rules, or rates with an example that is worked out.
func (a *author) companyText() string {
	a.kind = Company
	lang := a.tongue.lang
	a.voyage(a.anyShip())
	a.linePick(ruleOpenings[lang], 0)
	if a.chance(0.5) {
		for _, i := range a.rng.Perm(len(rules))[:3+a.rng.IntN(2)] {
			a.linePick(rules[i].tellings[lang], 0)
		}
		if a.chance(0.5) {
			a.linePick(ruleEndings[lang], 0)
		}
		return ""
	}
	a.cast = a.some(1)
	a.linePick(a.prose().rates, 0)
	a.linePick(a.prose().sendings, 0)
	if a.chance(0.5) {
		a.linePick(a.prose().ships, 0)
	}
	if g := a.anyGood(); g.Price >= 10 && a.chance(0.7) {
		a.scene["good"] = g.One.In(lang)
		a.scene["worth"], a.scene["fee"] = coins(g.Price, lang), coins(insurance(g.Price), lang)
		a.linePick(insuranceRule.tellings[lang], 0)
		a.linePick(a.prose().insured, 0)
	}
	if a.chance(0.5) {
		a.voyage(a.anyShip())
		a.linePick(a.prose().rates, 0)
	}
	return ""
}

// notices are the board by the quay; a ship comes from its own port with its own cargo.
func (a *author) notices() string {
	lang := a.tongue.lang
	a.linePick(boards[lang], 0)
	for _, i := range a.rng.Perm(len(notices))[:2+a.rng.IntN(2)] {
		a.noticeScene()
		a.linePick(notices[i].tellings[lang], 0)
	}
	return ""
}

// noticeScene draws what a notice is about.
func (a *author) noticeScene() {
	for gap, word := range a.world.noticeScene(a.writer) {
		a.scene[gap] = word
	}
}

func (a *author) festival() string {
	f, lang := a.world.lore.festivals[a.rng.IntN(len(a.world.lore.festivals))], a.tongue.lang
	a.month(slices.Index(months, f.Month))
	a.scene["festival"], a.scene["place"], a.scene["dish"], a.scene["custom"] = f.Name.In(lang), f.Place.In(lang), f.Food.In(lang), f.Custom.In(lang)
	a.linePick(a.prose().festivalOpenings, 0)
	a.linePick(a.prose().customs, 0)
	if a.chance(0.7) {
		a.linePick(a.prose().dishes, 0)
	}
	a.cast = a.some(2 + a.rng.IntN(2))
	for i := range a.cast {
		a.linePick(a.prose().festivalPeople, i)
	}
	a.linePick(grammars[lang]["end"], 0)
	return ""
}

// storm tells what a storm broke, and who helped how.
func (a *author) storm() string {
	s, lang := a.world.lore.storms[a.rng.IntN(len(a.world.lore.storms))], a.tongue.lang
	a.month(slices.Index(months, s.Month))
	a.scene["broke"] = s.Broke.In(lang)
	a.linePick(a.prose().stormOpenings, 0)
	a.linePick(stormDamage[lang], 0)
	for _, p := range a.some(3) {
		if !a.sameTrade(p) { // each helps in another way
			a.cast = append(a.cast, p)
			a.linePick(a.prose().stormHelp, len(a.cast)-1)
		}
	}
	a.linePick(a.prose().stormEnd, 0)
	return ""
}

func (a *author) sameTrade(p int) bool {
	return slices.ContainsFunc(a.cast, func(q int) bool { return a.world.people[p].facts[Trade] == a.world.people[q].facts[Trade] })
}

func (a *author) wedding() string {
	if len(a.world.lore.weddings) == 0 {
		return a.portrait()
	}
	wed, lang := a.world.lore.weddings[a.rng.IntN(len(a.world.lore.weddings))], a.tongue.lang
	bride, groom := a.world.byName[wed.Bride.Name.English], a.world.byName[wed.Groom.Name.English]
	a.month(slices.Index(months, wed.Month))
	a.scene["place"] = wed.Place.In(lang)
	a.cast = []int{bride, groom}
	a.linePick(a.prose().weddingOpenings, 0)
	for i := range 2 {
		if a.chance(0.6) {
			a.state(i, a.shuffled(a.cast[i])[:1])
		}
	}
	for _, p := range a.some(2) {
		if p != bride && p != groom {
			a.cast = append(a.cast, p)
			a.purchase(a.anyGood())
			a.linePick(a.prose().weddingGuests, len(a.cast)-1)
		}
	}
	a.linePick(a.prose().weddingEnd, 0)
	return ""
}

func (a *author) launch() string {
	s := a.anyShip()
	builder, ok := a.world.byName[s.Builder.Name.English]
	if !ok || !a.world.told(builder, Trade) {
		return a.companyText()
	}
	a.cast = []int{builder}
	a.month(slices.Index(months, s.Month))
	a.voyage(s)
	a.linePick(a.prose().launchOpenings, 0)
	a.linePick(a.prose().launchPeople, 0)
	a.linePick(a.prose().ships, 0)
	if a.chance(0.5) {
		a.linePick(a.prose().voyages, 0)
	}
	if a.chance(0.5) {
		rest := without(a.shuffled(builder), Trade)
		a.state(0, rest[:1+a.rng.IntN(2)])
	}
	a.linePick(a.prose().launchEnd, 0)
	return ""
}

var stormDamage = map[string][]string{
	English: {"It broke {broke}.", "The wind (shook|tore at) {broke} until it gave way.", "By morning {broke} was gone.", "{broke} did not hold."},
	Chinese: {"{broke}被刮坏了。", "大风一直刮，刮坏了{broke}。", "到了早上，{broke}已经不见了。", "{broke}没有顶住。"},
}
