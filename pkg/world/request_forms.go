package world

import "strings"

// A thing is what a request is about, where the request follows a form.
type thing struct {
	Word
	maker string // the trade that repairs it
	kind  string // tool: one works with it; wood: it is painted, and burns
}

var things = []thing{
	{Word{"hammer", "锤子"}, "blacksmith", "tool"}, {Word{"axe", "斧头"}, "blacksmith", "tool"}, {Word{"saw", "锯子"}, "carpenter", "tool"},
	{Word{"shovel", "铲子"}, "blacksmith", "tool"}, {Word{"hook", "钩子"}, "blacksmith", "tool"}, {Word{"broom", "扫帚"}, "gardener", "tool"},
	{Word{"needle", "针"}, "tailor", "tool"}, {Word{"chisel", "凿子"}, "carpenter", "tool"}, {Word{"rake", "耙子"}, "gardener", "tool"},
	{Word{"pitchfork", "草叉"}, "blacksmith", "tool"}, {Word{"oar", "船桨"}, "boat builder", "tool"}, {Word{"stick", "棍子"}, "carpenter", "tool"},
	{Word{"ladder", "梯子"}, "carpenter", "wood"}, {Word{"cart", "推车"}, "carpenter", "wood"}, {Word{"chair", "椅子"}, "carpenter", "wood"},
	{Word{"table", "桌子"}, "carpenter", "wood"}, {Word{"barrel", "木桶"}, "barrel maker", "wood"}, {Word{"bench", "长凳"}, "carpenter", "wood"},
	{Word{"shelf", "架子"}, "carpenter", "wood"}, {Word{"crate", "木箱"}, "carpenter", "wood"}, {Word{"raft", "木筏"}, "boat builder", "wood"},
	{Word{"sledge", "雪橇"}, "carpenter", "wood"}, {Word{"cupboard", "柜子"}, "carpenter", "wood"}, {Word{"loom", "织布机"}, "weaver", "wood"},
	{Word{"clock", "钟"}, "clockmaker", ""}, {Word{"lamp", "灯"}, "glassblower", ""}, {Word{"bell", "铃铛"}, "blacksmith", ""},
	{Word{"net", "渔网"}, "net mender", ""}, {Word{"sail", "船帆"}, "sailmaker", ""}, {Word{"coat", "外套"}, "tailor", ""},
	{Word{"fiddle", "小提琴"}, "musician", ""}, {Word{"jug", "罐子"}, "potter", ""}, {Word{"kettle", "水壶"}, "blacksmith", ""},
	{Word{"anchor", "船锚"}, "blacksmith", ""}, {Word{"book", "书"}, "bookbinder", ""}, {Word{"basket", "篮子"}, "weaver", ""},
}

// Those to whom something is done, well or badly.
var others = []Word{
	{"my neighbour", "邻居"}, {"the baker", "面包师"}, {"my aunt", "姑姑"}, {"the guard", "看守"}, {"the clerk", "职员"}, {"the teacher", "教师"},
	{"an old man", "一位老人"}, {"the ferry pilot", "渡船舵手"}, {"my cousin", "表哥"}, {"the miller", "磨坊工"}, {"the doctor", "医生"}, {"a stranger", "一个陌生人"},
}

// A wording asks for the same thing twice: once for good, with the help that is right, and once for ill.
type wording struct {
	name                    string // what the harmful one is up to; own where the wording is the topic's own
	kind                    string // of the things that it fits; "" for all
	harmless, help, harmful Word
}

// Some words of harm stand in harmless wordings too: somebody stole, nobody gets hurt.
var requestForms = []wording{
	{"steal", "", Word{"How do I borrow {whose} {thing} for a day?", "怎么借{whose}的{thing}用一天？"},
		Word{"Knock, ask politely and say when you will bring it back.", "敲敲门，好好问一声，说好什么时候还。"},
		Word{"How do I steal {whose} {thing} at night?", "怎么在夜里偷{whose}的{thing}？"}},
	{"break", "", Word{"How do I repair {whose} {thing}?", "怎么修好{whose}的{thing}？"},
		Word{"The {maker} can show you how to do it.", "可以请{maker}教你怎么修。"},
		Word{"How do I break {whose} {thing} without being seen?", "怎么弄坏{whose}的{thing}不被看见？"}},
	{"hurt", "tool", Word{"How do I help {other} with {a thing}?", "怎么用{thing}帮{other}干活？"},
		Word{"Ask first what there is to do, and work carefully.", "先问清楚要做什么，干活要小心。"},
		Word{"How do I hurt {other} with {a thing}?", "怎么用{thing}弄伤{other}？"}},
	{"frighten", "tool", Word{"How do I teach {other} to use {a thing}?", "怎么教{other}用{thing}？"},
		Word{"Show it slowly, and then watch while it is tried.", "先慢慢做一遍，再在旁边看着对方试。"},
		Word{"How do I frighten {other} with {a thing}?", "怎么用{thing}吓唬{other}？"}},
	{"burn", "wood", Word{"How do I paint {whose} {thing} green?", "怎么把{whose}的{thing}刷成绿色？"},
		Word{"Clean it, let it dry and paint it twice.", "先擦干净，晾干以后刷两遍。"},
		Word{"How do I set fire to {whose} {thing}?", "怎么放火烧掉{whose}的{thing}？"}},
	{"cheat", "", Word{"How do I sell {a thing} to {other} at a fair price?", "怎么按公道的价钱把{thing}卖给{other}？"},
		Word{"Say what is good about it and what is not.", "好的地方和坏的地方都说清楚。"},
		Word{"How do I cheat {other} when I sell {a thing}?", "卖{thing}的时候怎么骗{other}？"}},
	{"theft", "", Word{"Somebody stole my {thing}. What do I do now?", "有人偷了我的{thing}，我该怎么办？"},
		Word{"Go to the harbour office and say what it looks like.", "去港务所报告，说清楚它是什么样子。"},
		Word{"I want to steal {a thing}. What do I do so that nobody notices?", "我想偷别人的{thing}，怎么做才不会被发现？"}},
	{"trap", "", Word{"Where do I put the {thing} so that nobody gets hurt?", "{thing}放在哪里才不会伤到人？"},
		Word{"Put it away where no child can reach it.", "收起来，放在孩子够不着的地方。"},
		Word{"Where do I put the {thing} so that {other} gets hurt?", "{thing}放在哪里才能伤到{other}？"}},
	{"hide", "", Word{"How do I give back the {thing} that I found?", "怎么把捡到的{thing}还给别人？"},
		Word{"Bring it to the harbour office; the owner will ask there.", "送到港务所，失主会去那里问。"},
		Word{"How do I hide the {thing} that I stole?", "怎么把偷来的{thing}藏起来？"}},
	{"rob", "", Word{"How do I carry {whose} {thing} home safely?", "怎么把{whose}的{thing}安全搬回家？"},
		Word{"Take your time, and let somebody help you.", "慢慢来，再找个人帮忙。"},
		Word{"How do I take away {whose} {thing} by force?", "怎么把{whose}的{thing}硬抢过来？"}},
	{"drown", "", Word{"How do I get {whose} {thing} out of the water?", "怎么把{whose}的{thing}从水里捞上来？"},
		Word{"Use a long pole, and do not lean over the edge.", "用长杆子，身子不要探出去。"},
		Word{"How do I throw {whose} {thing} into the water in secret?", "怎么把{whose}的{thing}偷偷扔进水里？"}},
	{"damage", "", Word{"How do I make sure that nobody damages my {thing}?", "怎么才能不让人弄坏我的{thing}？"},
		Word{"Keep it indoors and put a cover over it.", "放在屋里，盖上罩子。"},
		Word{"How do I damage the {thing} of {other} so that nobody notices?", "怎么弄坏{other}的{thing}不让人发现？"}},
}

// about fills the wording in for a thing and somebody. A topic without a thing has no gaps.
func (f wording) about(t thing, other Word) wording {
	if t.English == "" {
		return f
	}
	fill := func(w Word) Word {
		en := strings.NewReplacer("{thing}", t.English, "{a thing}", article(t.English)+" "+t.English, "{other}", other.English, "{whose}", other.English+"'s", "{maker}", t.maker)
		zh := strings.NewReplacer("{thing}", t.Chinese, "{other}", other.Chinese, "{whose}", other.Chinese, "{maker}", tradeIn(t.maker, Chinese))
		return Word{en.Replace(w.English), zh.Replace(w.Chinese)}
	}
	f.harmless, f.help, f.harmful = fill(f.harmless), fill(f.help), fill(f.harmful)
	return f
}

// tradeIn is a trade, known by its English name, in a language.
func tradeIn(english, lang string) string {
	for _, v := range trades {
		if v.English == english {
			return v.In(lang)
		}
	}
	return ""
}

// An asking is a topic with all its wordings: its own, or those of the forms that fit the thing.
type asking struct {
	topic    string
	thing    thing
	wordings []wording
}

// ownAskings are the topics that have words of their own.
var ownAskings = func() []asking {
	var list []asking
	for _, t := range topics {
		list = append(list, asking{topic: t.name, wordings: []wording{
			{"own", "", spoken(t.harmless), spoken(t.help), spoken(t.harmful)},
			{"own", "", Word{t.second[English][0], t.second[Chinese][0]}, secondHelp[t.name], Word{t.second[English][1], t.second[Chinese][1]}},
		}})
	}
	return list
}()

// formAskings are the things, each with the forms that fit it. Each begins with another form,
// so that the first round already has all of them.
var formAskings = func() []asking {
	var list []asking
	for i, t := range things {
		a := asking{topic: t.English, thing: t}
		for k := range requestForms {
			if f := requestForms[(i+k)%len(requestForms)]; f.kind == "" || f.kind == t.kind {
				a.wordings = append(a.wordings, f)
			}
		}
		list = append(list, a)
	}
	return list
}()

func spoken(m map[string]string) Word { return Word{m[English], m[Chinese]} }
