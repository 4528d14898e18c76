package world

// Short scenes in Chinese: the same slots as in English, told in the Chinese way.
var chineseOpenings = []string{
	"{moment}，{first}{place}遇见了{second}。",
	"{moment}，{first}和{second}{place}聊天。",
	"{first}正{place}等人，{second}走了过来。",
	"{moment}，{second}帮{first}搬{good}。",
	"{first}一个星期没见到{second}了，{moment}，两人{place}碰上了。",
	"{moment}，{first}和{second}{place}坐下来休息。",
}

var chineseScenes = map[Attribute][]string{
	Trade: {
		"{who}是{trade}，正要去干活。",
		"{who}是{trade}，刚忙完一天的活。",
		"当{trade}的{who}带着{good}。",
		"{who}是{trade}，那天起得很早。",
		"{who}当{trade}，有很多事可讲。",
	},
	Street: {
		"{who}住在{street}，刚从家里出来。",
		"{who}正要回{street}的家。",
		"{who}说起{street}的邻居，{she}就住在那里。",
		"{who}家在{street}，离这里不远。",
	},
	Village: {
		"{who}来自{village}，讲了一个村里的故事。",
		"{who}说起了{village}，{she}是在那里长大的。",
		"{who}收到一封从{village}寄来的信，那里是{she}的老家。",
		"{who}出生在{village}，{she}说那里的山很美。",
	},
	Colour: {
		"{who}围着{colour}的围巾，因为{she}最喜欢{colour}。",
		"{who}买了一条{colour}的丝带，那是{she}最喜欢的颜色。",
		"{who}提着{colour}的篮子，{she}最喜欢{colour}。",
		"{who}望着一条{colour}的小船，那是{she}最喜欢的颜色。",
	},
	Food: {
		"{who}饿了，就买了最爱吃的{food}。",
		"{who}带来了{food}，那是{she}最喜欢的食物。",
		"{who}闻到了{food}的香味，那是{she}最爱吃的。",
		"{who}盼着晚饭能吃到{food}，因为{she}最爱吃{food}。",
	},
	Pet: {
		"{who}带来了自己的宠物，{a pet}。",
		"{who}养了{a pet}，正在太阳下睡觉。",
		"{who}惦记着家里的宠物，{a pet}。",
		"{who}养了{a pet}，{she}说它昨天躲到了桌子底下。",
	},
}

var chineseMiddles = []string{
	"两人聊了聊天气和鱼的价钱。",
	"两人都看中了{good}，可是价钱太高。",
	"风里有盐和焦油的味道。",
	"一艘{company}的船驶过灯塔。",
	"不知哪里有人在拉小提琴。",
}

var chineseEndings = []string{
	"后来，两人各自回家了。",
	"不久下起雨来，两人就道别了。",
	"两人约好{day}再见面。",
	"最后两人都笑了，这一天好像变短了。",
	"钟声一响，{first}和{second}就分开了。",
	"两人答应以后还要互相帮忙。",
}

var chineseMarkets = []string{
	"今天是{town}赶集的日子。",
	"{day}，{town}的广场上挤满了人。",
	"{town}的集市一大早就开了。",
	"阳光照在{town}的集市上。",
}

var chineseStalls = []string{
	"来自{village}的{trade}{who}买了{good}。",
	"住在{street}的{who}把{good}卖给了一个外地人。",
	"{trade}{who}想买{good}。",
	"{who}养了{a pet}，今天带着它来买{good}。",
	"{who}买了最爱吃的{food}，还买了{good}。",
	"{who}挑了一块{colour}的布，那是{she}最喜欢的颜色。",
	"{who}提着{good}，走回{street}的家。",
	"{who}来自{village}，买了{good}和{other}。",
	"{trade}{who}吃着{food}，那是{she}最爱吃的。",
}

var chineseWalks = map[Attribute][]string{
	Street:  {"这里是{street}。", "{street}离海边不远。", "早上走过{street}，能闻到面包的香味。"},
	Village: {"{town}有很多人是在别处出生的。", "{village}离{town}有半天的路。", "从{village}来的路一直通到{town}。"},
	Trade:   {"{town}需要各行各业的人。", "{town}的人为自己的工作自豪。", "一个港口需要很多双手。"},
}
