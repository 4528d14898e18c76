package world

// A rule of the shipping company: how its texts state it, how a customer asks
// for it, and the one right answer.
type rule struct {
	topic    string
	tellings map[string][]string
	asks     map[string][]string
	answer   Word
}

// plainRules are about parcels, people and hours.
var plainRules = []rule{
	{
		topic: "weight",
		tellings: map[string][]string{
			English: {"A parcel may weigh up to 20 kilos.", "No parcel may be heavier than 20 kilos.", "20 kilos is the most that a parcel may weigh.", "Parcels of more than 20 kilos are not accepted."},
			Chinese: {"包裹最重20公斤。", "包裹不能超过20公斤。", "一个包裹最多可以重20公斤。", "超过20公斤的包裹不收。"},
		},
		asks: map[string][]string{
			English: {"How heavy may a parcel be?", "What is the most that my parcel may weigh?", "Is there a limit to the weight of a parcel?"},
			Chinese: {"包裹最重可以多少？", "我的包裹最多能有多重？", "包裹的重量有限制吗？"},
		},
		answer: Word{"A parcel may weigh up to 20 kilos.", "包裹最重20公斤。"},
	}, {
		topic: "hour",
		tellings: map[string][]string{
			English: {"Parcels handed in before 4 o'clock leave on the same day.", "What is brought before 4 o'clock leaves on the same day.", "A parcel leaves on the same day if it is handed in before 4 o'clock.", "After 4 o'clock, parcels wait until the next day."},
			Chinese: {"4点以前交来的包裹当天发出。", "包裹只要在4点以前交来，当天就发出。", "要想当天发出，包裹必须在4点以前交来。", "4点以后交来的包裹第二天才发出。"},
		},
		asks: map[string][]string{
			English: {"When must I bring a parcel so that it leaves today?", "Until what time do parcels leave on the same day?", "Can my parcel still leave today?"},
			Chinese: {"什么时候交来，包裹当天能走？", "几点以前交来的包裹当天发出？", "我的包裹今天还能发出吗？"},
		},
		answer: Word{"Parcels handed in before 4 o'clock leave on the same day.", "4点以前交来的包裹当天发出。"},
	}, {
		topic: "glass",
		tellings: map[string][]string{
			English: {"Glass needs a red label.", "Whoever sends glass must put a red label on the box.", "A red label is required for glass.", "Boxes with glass carry a red label."},
			Chinese: {"玻璃要贴红标签。", "寄玻璃的人要在箱子上贴红标签。", "装玻璃的箱子必须贴红标签。", "玻璃一定要贴上红标签才能寄。"},
		},
		asks: map[string][]string{
			English: {"What do I need in order to send glass?", "I want to send glass. What must I do?", "How do I mark a box with glass in it?"},
			Chinese: {"寄玻璃需要什么？", "我想寄玻璃，该怎么做？", "装玻璃的箱子怎么做标记？"},
		},
		answer: Word{"Glass needs a red label.", "玻璃要贴红标签。"},
	}, {
		topic: "animals",
		tellings: map[string][]string{
			English: {"Animals travel only with their owner.", "No animal travels without its owner.", "An animal may come on board if its owner travels too.", "Animals are never sent alone; the owner must come along."},
			Chinese: {"动物必须和主人一起乘船。", "没有主人同行，动物不能上船。", "只要主人同行，动物就可以上船。", "动物不能单独托运，主人要一起走。"},
		},
		asks: map[string][]string{
			English: {"May an animal travel alone?", "Can I send my dog to my sister?", "How do animals travel on your ships?"},
			Chinese: {"动物可以单独乘船吗？", "我能把狗寄给姐姐吗？", "动物怎么乘你们的船？"},
		},
		answer: Word{"Animals travel only with their owner.", "动物必须和主人一起乘船。"},
	}, {
		topic: "lost",
		tellings: map[string][]string{
			English: {"A lost parcel must be reported within 7 days.", "Whoever misses a parcel has 7 days to report it.", "Lost parcels are looked for if they are reported within 7 days.", "There are 7 days in which to report a lost parcel."},
			Chinese: {"包裹丢失要在7天内报告。", "丢了包裹的人有7天时间来报告。", "7天内报告，公司就会寻找丢失的包裹。", "报告包裹丢失的期限是7天。"},
		},
		asks: map[string][]string{
			English: {"My parcel is lost. How long may I wait to report it?", "When must a lost parcel be reported?", "How many days do I have to report a lost parcel?"},
			Chinese: {"我的包裹丢了，最晚什么时候报告？", "包裹丢失要在几天内报告？", "报告丢失的包裹有几天时间？"},
		},
		answer: Word{"A lost parcel must be reported within 7 days.", "包裹丢失要在7天内报告。"},
	}, {
		topic: "payment",
		tellings: map[string][]string{
			English: {"The sender pays, never the receiver.", "It is always the sender who pays.", "Nobody pays for a parcel that arrives; the sender has paid already.", "Payment is made by the sender when the parcel is handed in."},
			Chinese: {"运费由寄件人付，收件人不用付。", "付钱的总是寄件人。", "收包裹的人不用付钱，寄件人已经付过了。", "交包裹的时候，由寄件人付运费。"},
		},
		asks: map[string][]string{
			English: {"Who pays for a parcel?", "Does my aunt have to pay when she gets the parcel?", "May the receiver pay?"},
			Chinese: {"包裹的运费由谁付？", "姑姑收到包裹时要付钱吗？", "可以让收件人付钱吗？"},
		},
		answer: Word{"The sender pays, never the receiver.", "运费由寄件人付，收件人不用付。"},
	}, {
		topic: "closed",
		tellings: map[string][]string{
			English: {"The office is closed on Mondays.", "On Mondays nobody works at the office.", "The office opens every day except Monday.", "Come on any day but Monday, when the office is closed."},
			Chinese: {"办公室星期一休息。", "每逢星期一，办公室没有人上班。", "除了星期一，办公室天天开门。", "星期一办公室不开门，请在别的日子来。"},
		},
		asks: map[string][]string{
			English: {"On which day is the office closed?", "When are you not open?", "May I come on any day?"},
			Chinese: {"办公室哪天休息？", "你们什么时候不开门？", "我哪天来都可以吗？"},
		},
		answer: Word{"The office is closed on Mondays.", "办公室星期一休息。"},
	}, {
		topic: "storm",
		tellings: map[string][]string{
			English: {"In a storm no ship leaves, and tickets stay valid.", "When there is a storm, the ships stay in the harbour and tickets stay valid.", "A ticket stays valid if a storm keeps the ship in the harbour.", "No ship leaves in a storm; the ticket can be used later."},
			Chinese: {"暴风雨时不开船，船票继续有效。", "遇到暴风雨，船留在港内，船票继续有效。", "因为暴风雨不能开船时，船票以后还可以用。", "有暴风雨就不开船，船票不会作废。"},
		},
		asks: map[string][]string{
			English: {"What happens to my ticket in a storm?", "Do the ships leave in a storm?", "There is a storm. Have I lost my ticket?"},
			Chinese: {"遇到暴风雨，船票怎么办？", "有暴风雨的时候开船吗？", "来了暴风雨，我的船票作废了吗？"},
		},
		answer: Word{"In a storm no ship leaves, and tickets stay valid.", "暴风雨时不开船，船票继续有效。"},
	}, {
		topic: "children",
		tellings: map[string][]string{
			English: {"Children under 6 travel free.", "A child under 6 needs no ticket.", "For children under 6, the journey costs nothing.", "Nobody pays for a child under 6."},
			Chinese: {"6岁以下的孩子免费乘船。", "不到6岁的孩子不用买票。", "6岁以下的孩子坐船不花钱。", "带6岁以下的孩子，不用给孩子买票。"},
		},
		asks: map[string][]string{
			English: {"Does my little son need a ticket?", "Which children travel free?", "What do I pay for a small child?"},
			Chinese: {"我的小儿子要买票吗？", "多大的孩子可以免费？", "带小孩子坐船要付多少钱？"},
		},
		answer: Word{"Children under 6 travel free.", "6岁以下的孩子免费乘船。"},
	}, {
		topic: "fish",
		tellings: map[string][]string{
			English: {"Fresh fish must be packed in ice.", "Fresh fish travels only in ice.", "Whoever sends fresh fish packs it in ice.", "Without ice, fresh fish is not accepted."},
			Chinese: {"鲜鱼必须用冰包装。", "没有冰的鲜鱼不收。", "寄鲜鱼的人要用冰把鱼装好。", "鲜鱼只有放在冰里才能运。"},
		},
		asks: map[string][]string{
			English: {"How do I pack fresh fish?", "I want to send fresh fish. What must I do?", "May fresh fish go on the ship?"},
			Chinese: {"鲜鱼怎么包装？", "我想寄鲜鱼，该怎么做？", "鲜鱼可以上船吗？"},
		},
		answer: Word{"Fresh fish must be packed in ice.", "鲜鱼必须用冰包装。"},
	},
}

// How a text about the company begins and ends.
var ruleOpenings = map[string][]string{
	English: {
		"The {company} has served {town} for a hundred years.",
		"Whoever sends something with the {company} should know its rules.",
		"The rules of the {company} hang in every office.",
		"The ships of the {company} sail from {town} to {port}.",
		"At the counter of the {company}, a clerk explains the rules.",
		"The {company} carries people, letters and goods.",
	},
	Chinese: {
		"{company}已经为{town}服务了一百年。",
		"用{company}寄东西的人，应该知道它的规矩。",
		"{company}的规矩挂在每一间办公室里。",
		"{company}的船从{town}开往{port}。",
		"在{company}的柜台前，一位职员讲解规矩。",
		"{company}运送旅客、信件和货物。",
	},
}

var ruleEndings = map[string][]string{
	English: {"The clerks are glad to help.", "These rules hold for everybody.", "So it has always been.", "Whoever keeps to this has a good journey."},
	Chinese: {"职员们很乐意帮忙。", "这些规矩对人人都一样。", "一直都是这样。", "照着做，一路都会顺利。"},
}
