package world

import (
	"slices"
	"strings"
)

// The forms that a fact can take inside a longer sentence.
type form struct {
	verb      []string // what follows the subject: lives in Salt Street
	apposed   []string // what stands beside the name: a baker
	given     []string // what opens the sentence: Born in Saltmere
	clause    []string // a sentence of its own without a full stop
	attribute []string // Chinese only: what stands before the name, 来自盐湖村的
}

// A syntax joins two or three facts; <1.verb> is the first one in that form.
type syntax struct {
	facts    int
	tellings []string
}

var englishForms = map[Attribute]form{
	Trade: {
		verb:    []string{"is {a trade}", "works as {a trade}", "earns {her} living as {a trade}"},
		apposed: []string{"{a trade}", "{a trade} by trade"},
		given:   []string{"{a trade} by trade"},
		clause:  []string{"{she} is {a trade}", "{her} trade is that of {a trade}"},
	},
	Street: {
		verb:   []string{"lives in {street}", "has {her} home in {street}", "has a house in {street}"},
		clause: []string{"{her} house stands in {street}", "{her} home is in {street}", "{she} lives in {street}"},
	},
	Village: {
		verb:    []string{"comes from {village}", "was born in {village}", "grew up in {village}"},
		apposed: []string{"a child of {village}"},
		given:   []string{"born in {village}", "raised in {village}"},
		clause:  []string{"{her} family is from {village}", "{she} comes from {village}", "{her} home village is {village}"},
	},
	Colour: {
		verb:   []string{"likes {colour} best of all colours", "loves {colour} more than any other colour", "likes no colour as much as {colour}"},
		clause: []string{"{her} favourite colour is {colour}", "the colour {she} likes best is {colour}"},
	},
	Food: {
		verb:   []string{"likes {food} best of all dishes", "loves {food} more than any other dish", "likes no dish as much as {food}"},
		clause: []string{"{her} favourite food is {food}", "the food {she} likes best is {food}"},
	},
	Pet: {
		verb:    []string{"keeps {a pet}", "has {a pet}", "looks after {a pet}"},
		apposed: []string{"the owner of {a pet}"},
		clause:  []string{"{her} pet is {a pet}", "{she} has {a pet}", "{a pet} keeps {obj} company"},
	},
}

var englishSyntax = []syntax{
	{2, []string{
		"{who} <1.verb> and <2.verb>.", "{who} <1.verb>, and <2.clause>.", "{who} <1.verb>; <2.clause>.",
		"{n}, <1.apposed>, <2.verb>.", "{n}, who <1.verb>, <2.verb>.", "<1.given>, {who} <2.verb>.",
		"(Everybody|The whole street) knows that {who} <1.verb> and that <2.clause>.",
		"Two things are known of {whom}: {she} <1.verb>, and <2.clause>.",
	}},
	{3, []string{
		"{n}, <1.apposed>, <2.verb> and <3.verb>.", "{who} <1.verb>, <2.verb> and <3.verb>.",
		"<1.given>, {who} <2.verb> and <3.verb>.", "{n}, who <1.verb>, <2.verb>, and <3.clause>.",
	}},
}

var chineseForms = map[Attribute]form{
	Trade: {
		verb:      []string{"是{trade}", "是一名{trade}", "靠当{trade}谋生"},
		apposed:   []string{"{trade}"},
		attribute: []string{"当{trade}的"},
	},
	Street: {
		verb:      []string{"住在{street}", "家在{street}", "家住{street}"},
		attribute: []string{"住在{street}的", "家在{street}的"},
	},
	Village: {
		verb:      []string{"来自{village}", "出生在{village}", "老家在{village}"},
		attribute: []string{"来自{village}的", "生在{village}的"},
	},
	Colour: {
		verb: []string{"最喜欢{colour}", "最喜欢的颜色是{colour}"},
	},
	Food: {
		verb: []string{"最爱吃{food}", "最喜欢的食物是{food}"},
	},
	Pet: {
		verb:      []string{"养了{a pet}", "家里有{a pet}", "养着{a pet}"},
		attribute: []string{"养着{a pet}的"},
	},
}

var chineseSyntax = []syntax{
	{2, []string{
		"{who}<1.verb>，<2.verb>。", "<1.attribute>{n}<2.verb>。", "{n}<1.verb>，{she}<2.verb>。",
		"大家都知道，{who}<1.verb>，<2.verb>。", "说起{n}，谁都知道{she}<1.verb>，<2.verb>。",
		"{n}这个人，<1.verb>，<2.verb>。", "<1.apposed>{n}<2.verb>。",
	}},
	{3, []string{
		"{who}<1.verb>，<2.verb>，<3.verb>。", "<1.attribute>{n}<2.verb>，<3.verb>。", "<1.apposed>{n}<2.verb>，{she}<3.verb>。",
		"{n}<1.verb>，<2.verb>，街坊们还知道{she}<3.verb>。",
	}},
}

// What may follow a fact that has just been told.
var englishAsides = map[Attribute][]string{
	Trade: {
		"{she} {does}.", "Whoever needs {goods} goes to {obj}.", "(Most people|The neighbours) say that {she} knows {her} work (well|like nobody else).",
		"{who} sells {goods}.", "People come from far away to {whom}.", "{whose} hands are seldom idle.",
	},
	Street: {
		"{street} is in {quarter}.", "{street} belongs to {quarter} of {town}.", "(From there|From the window) one can hear (the bells|the gulls|the sea).",
		"It is (a quiet street|not far from there to the harbour).",
	},
	Village: {
		"{village} lies {direction} of {town}.", "{village} is known for its {product}.", "Everybody in {town} likes the {product} from there.",
		"Once a year {she} goes back there.",
	},
	Colour: {"Even {her} (gloves are|front door is|umbrella is) {colour}.", "{who} owns (a cup|a scarf|a coat) of that colour."},
	Food:   {"{she} could eat it (every day|twice a day|at any hour).", "Nobody in {town} (makes it too often|eats more of it) for {her} taste."},
	Pet: {
		"{the pet} (is older than it looks|eats out of {her} hand|is never far from {obj}|has a name of its own).",
		"Children stop to look at {the pet}.", "The {pet} is (fond of visitors|afraid of thunder|well known in the street).",
	},
}

var chineseAsides = map[Attribute][]string{
	Trade: {
		"{she}{does}。", "谁要买{goods}，就去找{she}。", "(街坊们|大家)都夸{she}手艺好。", "{who}卖{goods}。", "远处也有人来找{who}。", "{who}的手很少闲着。",
	},
	Street: {
		"{street}在{quarter}。", "{street}属于{town}的{quarter}。", "从那里听得见(钟声|海鸥叫|海浪声)。", "那是一条(安静的街巷|离港口不远的街巷)。",
	},
	Village: {"{village}在{town}的{direction}。", "{village}出产的{product}很有名。", "说到{product}，要数{village}的最好。", "每年{she}都要回去一次。"},
	Colour:  {"连{she}的(手套|大门|雨伞)都是{colour}的。", "{who}有(一个杯子|一条围巾|一件外套)就是这种颜色的。"},
	Food:    {"{she}(天天吃也吃不厌|一天能吃两顿)。", "只要闻到香味，{who}就会停下脚步。"},
	Pet: {
		"{the pet}(年纪已经不小了|只吃{she}手里的东西|有自己的名字|很少离开{she})。", "孩子们常常停下来看它。", "它(很喜欢客人|害怕打雷|在街坊里很有名)。",
	},
}

// state joins facts about the member of the cast with number about in one sentence, and
// reports whether it found a way.
func (a *author) state(about int, list []Attribute) bool {
	forms, all := englishForms, englishSyntax
	if a.tongue.lang == Chinese {
		forms, all = chineseForms, chineseSyntax
	}
	if at := slices.Index(list, Trade); at > 0 && a.tongue.lang == Chinese { // 是面包师 follows the name, not another verb
		list = append([]Attribute{Trade}, without(list, Trade)...)
	}
	if len(list) == 1 {
		a.line(a.pickFact(a.tongue.facts[list[0]]), about)
		return true
	}
	for _, s := range all {
		if s.facts != len(list) {
			continue
		}
		for _, i := range a.rng.Perm(len(s.tellings)) {
			if telling, ok := a.form(s.tellings[i], forms, list); ok && !a.used[s.tellings[i]] {
				a.used[s.tellings[i]] = true
				a.line(telling, about)
				return true
			}
		}
	}
	return false
}

// form puts the facts into a syntax; it fails if a fact has no such form.
func (a *author) form(telling string, forms map[Attribute]form, list []Attribute) (string, bool) {
	for i, x := range list {
		f := forms[x]
		for _, kind := range []struct {
			name    string
			options []string
		}{{"verb", f.verb}, {"apposed", f.apposed}, {"given", f.given}, {"clause", f.clause}, {"attribute", f.attribute}} {
			slot, options := "<"+string(rune('1'+i))+"."+kind.name+">", kind.options
			if !strings.Contains(telling, slot) {
				continue
			}
			if len(options) == 0 {
				return "", false
			}
			telling = strings.ReplaceAll(telling, slot, options[a.rng.IntN(len(options))])
		}
	}
	return telling, true
}
