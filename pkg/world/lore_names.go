package world

func good(one, many, oneZh, manyZh, bareZh, trade string, price int) Good {
	g := Good{One: Word{one, oneZh}, Many: Word{many, manyZh}, Bare: Word{many, bareZh}, Price: price}
	for _, t := range trades {
		if t.English == trade {
			g.Trade = t.Word
		}
	}
	return g
}

func hidden(g Good) Good { g.Hidden = true; return g }

// What the trades of the town sell. No trade sells two things that the texts know.
var catalogue = []Good{
	good("a loaf of bread", "loaves of bread", "一条面包", "条面包", "面包", "baker", 2),
	good("a barrel of herring", "barrels of herring", "一桶鲱鱼", "桶鲱鱼", "鲱鱼", "fisher", 14),
	good("a wooden ladder", "wooden ladders", "一架木梯", "架木梯", "木梯", "carpenter", 18),
	good("a bag of nails", "bags of nails", "一包钉子", "包钉子", "钉子", "blacksmith", 4),
	good("a woollen coat", "woollen coats", "一件羊毛外套", "件羊毛外套", "羊毛外套", "tailor", 22),
	good("a bowl of soup", "bowls of soup", "一碗汤", "碗汤", "汤", "cook", 1),
	good("a basket of pears", "baskets of pears", "一篮梨", "篮梨", "梨", "gardener", 3),
	good("a notebook", "notebooks", "一本笔记本", "本笔记本", "笔记本", "bookbinder", 6),
	good("a clay jug", "clay jugs", "一个陶罐", "个陶罐", "陶罐", "potter", 3),
	good("a roll of cloth", "rolls of cloth", "一卷布", "卷布", "布", "weaver", 11),
	good("a pocket watch", "pocket watches", "一块怀表", "块怀表", "怀表", "clockmaker", 25),
	good("a rowing boat", "rowing boats", "一条小划艇", "条小划艇", "小划艇", "boat builder", 40),
	good("a fishing net", "fishing nets", "一张渔网", "张渔网", "渔网", "net mender", 13),
	good("a glass bottle", "glass bottles", "一个玻璃瓶", "个玻璃瓶", "玻璃瓶", "glassblower", 5),
	good("a sack of flour", "sacks of flour", "一袋面粉", "袋面粉", "面粉", "miller", 7),
	good("a bar of soap", "bars of soap", "一块肥皂", "块肥皂", "肥皂", "barber", 2),
	good("a calendar", "calendars", "一份日历", "份日历", "日历", "printer", 1),
	good("a ball of wool", "balls of wool", "一团毛线", "团毛线", "毛线", "dyer", 4),
	good("a box of candles", "boxes of candles", "一盒蜡烛", "盒蜡烛", "蜡烛", "candle maker", 6),
	good("a pair of boots", "pairs of boots", "一双靴子", "双靴子", "靴子", "shoemaker", 16),
	good("a jug of beer", "jugs of beer", "一壶啤酒", "壶啤酒", "啤酒", "brewer", 2),
	good("a pot of paint", "pots of paint", "一罐油漆", "罐油漆", "油漆", "painter", 8),
	good("a jar of honey", "jars of honey", "一罐蜂蜜", "罐蜂蜜", "蜂蜜", "beekeeper", 5),
	good("a wooden barrel", "wooden barrels", "一个木桶", "个木桶", "木桶", "barrel maker", 9),
	good("a coil of rope", "coils of rope", "一卷绳子", "卷绳子", "绳子", "rope maker", 10),
	good("a roll of sailcloth", "rolls of sailcloth", "一卷帆布", "卷帆布", "帆布", "sailmaker", 15),
	hidden(good("a tin whistle", "tin whistles", "一支锡笛", "支锡笛", "锡笛", "blacksmith", 7)),
	hidden(good("a paper kite", "paper kites", "一只风筝", "只风筝", "风筝", "printer", 3)),
	hidden(good("a music box", "music boxes", "一个音乐盒", "个音乐盒", "音乐盒", "clockmaker", 30)),
	hidden(good("a pot of jam", "pots of jam", "一罐果酱", "罐果酱", "果酱", "gardener", 4)),
}

var quarters = []Word{
	{"the Upper Town", "上城"}, {"the Lower Town", "下城"}, {"the Old Quarter", "老城"},
	{"the North Quarter", "北城"}, {"the East Quarter", "东城"}, {"the South Quarter", "南城"},
}

// The sea is in the west.
var directions = []Word{{"north", "北边"}, {"south", "南边"}, {"east", "东边"}, {"north-east", "东北边"}}

// What the villages are known for, in the order of the villages.
var products = []Word{
	{"salt", "盐"}, {"feather pillows", "羽毛枕头"}, {"oak beams", "橡木梁"}, {"reed baskets", "芦苇篮子"},
	{"millstones", "磨石"}, {"felt hats", "毡帽"}, {"windmills", "风车"}, {"river trout", "河鳟"},
	{"slate", "石板"}, {"chalk", "白垩"}, {"barley", "大麦"}, {"blackberry jam", "黑莓酱"},
	{"chairs", "椅子"}, {"spring water", "泉水"}, {"charcoal", "木炭"}, {"hazelnuts", "榛子"},
	{"silver spoons", "银勺子"}, {"butter", "黄油"}, {"blankets", "毯子"}, {"cider", "苹果酒"},
	{"eels", "鳗鱼"}, {"mushrooms", "蘑菇"}, {"grapes", "葡萄"}, {"beeswax", "蜂蜡"},
}

var months = []Word{
	{"January", "一月"}, {"February", "二月"}, {"March", "三月"}, {"April", "四月"}, {"May", "五月"}, {"June", "六月"},
	{"July", "七月"}, {"August", "八月"}, {"September", "九月"}, {"October", "十月"}, {"November", "十一月"}, {"December", "十二月"},
}

// season of a month, by its number from zero.
func season(month int) string {
	return []string{"winter", "spring", "summer", "autumn"}[(month+1)%12/3]
}

var seasons = map[string]Word{
	"winter": {"winter", "冬天"}, "spring": {"spring", "春天"}, "summer": {"summer", "夏天"}, "autumn": {"autumn", "秋天"},
}

func place(english string) Word {
	for _, p := range places {
		if p.English == english {
			return p
		}
	}
	return Word{}
}

var festivals = []Festival{
	{Word{"Lantern Night", "灯笼夜"}, months[0], place("on the stone bridge"), Word{"honey cake", "蜂蜜蛋糕"},
		Word{"children carry paper lanterns down to the water", "孩子们提着纸灯笼走到水边"}},
	{Word{"the Boat Blessing", "祝船节"}, months[3], place("on the old quay"), Word{"fish soup", "鱼汤"},
		Word{"every boat gets a wreath of flowers", "每条船都挂上一个花环"}},
	{Word{"the Midsummer Dance", "仲夏舞会"}, months[5], place("in the square"), Word{"lemon tart", "柠檬挞"},
		Word{"people dance until the bells ring midnight", "人们一直跳舞跳到午夜钟声响起"}},
	{Word{"the Lighthouse Race", "灯塔赛船会"}, months[7], place("by the lighthouse"), Word{"crab salad", "蟹肉沙拉"},
		Word{"small boats race around the bay", "小船绕着海湾比赛"}},
	{Word{"the Herring Feast", "鲱鱼节"}, months[9], place("at the fish market"), Word{"onion bread", "洋葱面包"},
		Word{"the oldest fisher opens the first barrel of the year", "由年纪最大的渔民打开当年的第一桶鱼"}},
	{Word{"the Candle Supper", "烛光晚餐会"}, months[11], place("in front of the bell tower"), Word{"gingerbread", "姜饼"},
		Word{"there is a candle in every window", "家家窗前都点着一支蜡烛"}},
}

var storms = []Storm{
	{months[1], Word{"the roof of the salt house", "盐仓的屋顶"}},
	{months[2], Word{"the fence of the school", "学校的篱笆"}},
	{months[8], Word{"the sign of the inn", "小饭馆的招牌"}},
	{months[10], Word{"the railing of the stone bridge", "石桥的栏杆"}},
}

// Known to documents only.
var (
	hiddenStreets = []Word{{"Fountain Street", "喷泉街"}, {"Walnut Lane", "核桃巷"}, {"Feather Street", "羽毛街"}, {"Pebble Lane", "卵石巷"}}
	hiddenShips   = []Word{{"Winter Rose", "冬玫瑰号"}, {"Brave Otter", "勇敢水獭号"}}
	newFamilies   = []Word{
		{"Ackroyd", "阿克罗伊德"}, {"Blythe", "布莱思"}, {"Cotter", "科特"}, {"Dorset", "多塞特"}, {"Egerton", "埃杰顿"}, {"Foley", "福利"},
		{"Gatley", "盖特利"}, {"Huxley", "赫克斯利"}, {"Ilford", "伊尔福德"}, {"Jarvey", "贾维"}, {"Kipling", "基普林"}, {"Loxley", "洛克斯利"},
		{"Munro", "芒罗"}, {"Nettleton", "内特尔顿"}, {"Ormond", "奥蒙德"}, {"Pettigrew", "佩蒂格鲁"},
	}
)

// What somebody of a trade does when the town needs help, told in the past.
var helps = map[string]Word{
	"baker":             {"brought warm bread for everybody", "给大家送来了热面包"},
	"fisher":            {"gave away half of the morning's catch", "把早上捕的鱼分给了大家一半"},
	"carpenter":         {"mended the broken doors", "修好了坏掉的门"},
	"teacher":           {"kept the children calm with a story", "讲故事让孩子们安静下来"},
	"doctor":            {"bandaged two cut hands", "包扎了两只划伤的手"},
	"lighthouse keeper": {"kept the great lamp burning all night", "让大灯亮了一整夜"},
	"blacksmith":        {"hammered the bent hooks straight", "把弯了的钩子一个个敲直"},
	"tailor":            {"lent dry coats to the helpers", "借给帮忙的人几件干外套"},
	"cook":              {"kept a pot of soup on the fire", "在火上热着一大锅汤"},
	"gardener":          {"propped up the young trees", "把小树一棵棵扶了起来"},
	"letter carrier":    {"carried messages from door to door", "挨家挨户传口信"},
	"bookbinder":        {"dried the wet books of the school", "把学校的湿书一本本晾干"},
	"potter":            {"handed out jugs of fresh water", "给大家送来一罐罐清水"},
	"weaver":            {"brought blankets for the cold", "给怕冷的人拿来了毯子"},
	"clockmaker":        {"set the tower clock going again", "让钟楼的大钟又走了起来"},
	"boat builder":      {"sealed the leaking boats", "把漏水的小船都补好了"},
	"net mender":        {"pulled the nets out of the water", "把渔网从水里拉了上来"},
	"ferry pilot":       {"brought everybody safely across the bay", "把大家平安送过了海湾"},
	"glassblower":       {"put new glass into the street lamps", "给路灯换上了新玻璃"},
	"miller":            {"gave flour to those who had none", "把面粉分给没有粮食的人家"},
	"barber":            {"swept the doorsteps clean", "把各家门前扫得干干净净"},
	"printer":           {"printed a list of what was needed", "印了一张单子，写明缺什么"},
	"dyer":              {"hung the wet clothes up to dry", "把湿衣服都挂起来晾干"},
	"candle maker":      {"lit candles in the dark rooms", "给黑屋子点上了蜡烛"},
	"shoemaker":         {"mended wet boots until midnight", "修湿靴子修到半夜"},
	"brewer":            {"rolled out a barrel for the helpers", "给帮忙的人滚来了一桶啤酒"},
	"musician":          {"played until everybody was cheerful again", "拉琴拉到大家又高兴起来"},
	"painter":           {"painted the scratched signs anew", "把刮花的招牌重新刷了一遍"},
	"beekeeper":         {"carried the hives to a dry place", "把蜂箱搬到了干爽的地方"},
	"barrel maker":      {"caught the rain in barrels", "用木桶接住了雨水"},
	"rope maker":        {"brought ropes to tie everything down", "拿来绳子，把东西都绑牢"},
	"sailmaker":         {"covered the holes with sailcloth", "用帆布盖住了破洞"},
}
