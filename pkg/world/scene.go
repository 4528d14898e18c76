package world

// The town, and the company whose ships fill its harbour.
var (
	town    = Word{"Ternhaven", "燕鸥港"}
	company = Word{"Heron Line", "苍鹭航运"}
)

// Goods that are bought, sold, carried and lost. The Chinese form has its classifier.
var goods = []Word{
	{"a basket of pears", "一篮梨"}, {"a sack of flour", "一袋面粉"}, {"a jar of honey", "一罐蜂蜜"},
	{"a coil of rope", "一卷绳子"}, {"a bundle of firewood", "一捆木柴"}, {"a barrel of herring", "一桶鲱鱼"},
	{"a loaf of bread", "一条面包"}, {"a ball of wool", "一团毛线"}, {"a box of candles", "一盒蜡烛"},
	{"a bottle of lamp oil", "一瓶灯油"}, {"a bag of nails", "一包钉子"}, {"a pair of boots", "一双靴子"},
	{"a crate of oranges", "一箱橙子"}, {"a pot of glue", "一罐胶水"}, {"a roll of cloth", "一卷布"},
	{"a wheel of cheese", "一块奶酪"}, {"a sack of salt", "一袋盐"}, {"an iron kettle", "一把铁壶"},
	{"a wooden ladder", "一架木梯"}, {"a clay jug", "一个陶罐"}, {"a straw hat", "一顶草帽"},
	{"a fishing net", "一张渔网"}, {"an old lamp", "一盏旧灯"}, {"a box of apples", "一箱苹果"},
}

// Things small enough to be left behind somewhere.
var belongings = []Word{
	{"a silver ring", "一枚银戒指"}, {"an umbrella", "一把雨伞"}, {"a leather glove", "一只皮手套"},
	{"a bunch of keys", "一串钥匙"}, {"a pocket watch", "一块怀表"}, {"a woollen scarf", "一条羊毛围巾"},
	{"a child's shoe", "一只童鞋"}, {"a pair of glasses", "一副眼镜"}, {"a walking stick", "一根手杖"},
	{"a small purse", "一个小钱包"}, {"a notebook", "一本笔记本"}, {"a fiddle bow", "一把琴弓"},
}

var places = []Word{
	{"at the fish market", "在鱼市"}, {"on the old quay", "在旧码头"}, {"by the lighthouse", "在灯塔旁"},
	{"in front of the bell tower", "在钟楼前"}, {"at the well", "在水井边"}, {"in the square", "在广场上"},
	{"on the stone bridge", "在石桥上"}, {"outside the harbour office", "在港务所门外"}, {"at the ferry landing", "在渡口"},
	{"under the lime trees", "在椴树下"}, {"near the salt house", "在盐仓附近"}, {"on the beach", "在海滩上"},
}

var moments = []Word{
	{"one foggy morning", "一个有雾的早晨"}, {"one quiet evening", "一个安静的傍晚"}, {"on a windy day in autumn", "秋天一个有风的日子"},
	{"on the first warm day of spring", "春天第一个暖和的日子"}, {"after the rain", "雨停以后"}, {"on a cold winter day", "一个寒冷的冬日"},
	{"late in the afternoon", "快到傍晚的时候"}, {"on the morning of the market", "赶集那天早上"}, {"just before sunrise", "日出之前"},
	{"on the day of the summer festival", "夏日节那天"}, {"when the bells rang noon", "正午钟声响起的时候"}, {"last Sunday", "上个星期天"},
}

var ships = []Word{
	{"Grey Heron", "灰鹭号"}, {"Morning Star", "晨星号"}, {"Silver Herring", "银鲱号"}, {"Patient Anna", "耐心安娜号"},
	{"North Wind", "北风号"}, {"Good Hope", "好望号"}, {"Red Sail", "红帆号"}, {"Quiet Moon", "静月号"},
	{"Swift Tern", "飞燕号"}, {"Old Captain", "老船长号"}, {"Blue Whale", "蓝鲸号"}, {"Lucky Penny", "幸运便士号"},
}

var ports = []Word{
	{"Port Marel", "马雷尔港"}, {"Port Sorrel", "索雷尔港"}, {"Cape Lund", "伦德角"}, {"Cape Ostra", "奥斯特拉角"},
	{"Port Velmar", "韦尔马港"}, {"Cape Brill", "布里尔角"}, {"Port Dorrin", "多林港"}, {"Port Halden", "哈尔登港"},
}

var cargoes = []Word{
	{"oranges", "橙子"}, {"timber", "木材"}, {"wool", "羊毛"}, {"coal", "煤"}, {"wheat", "小麦"}, {"tea", "茶叶"},
	{"iron", "铁"}, {"paper", "纸"}, {"spices", "香料"}, {"copper", "铜"}, {"cotton", "棉花"}, {"olive oil", "橄榄油"},
}

var winds = []Word{
	{"the north", "北"}, {"the south", "南"}, {"the east", "东"}, {"the west", "西"},
	{"the north-east", "东北"}, {"the south-west", "西南"},
}

var days = []Word{
	{"Monday", "星期一"}, {"Tuesday", "星期二"}, {"Wednesday", "星期三"}, {"Thursday", "星期四"},
	{"Friday", "星期五"}, {"Saturday", "星期六"}, {"Sunday", "星期天"},
}

// scenery fills the gaps that any document may have: a month with its season, a ship
// with its port, its cargo and its days at sea.
func (a *author) scenery() gaps {
	a.scene = a.writer.scene()
	a.month(a.rng.IntN(len(months)))
	a.purchase(a.anyGood())
	a.voyage(a.anyShip())
	return a.scene
}
