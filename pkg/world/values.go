package world

// A Value is what a fact can say: a trade, a street, a village, a colour, a food, a pet.
type Value struct {
	Word
	// Does is what a person of this trade does, in the third person: "bakes bread before sunrise".
	Does Word
	// Measure is the Chinese classifier with its number: 一只. Only pets have one.
	Measure string
}

// Trades are the same word for women and men.
var trades = []Value{
	{Word: Word{"baker", "面包师"}, Does: Word{"bakes bread before sunrise", "天不亮就开始烤面包"}},
	{Word: Word{"fisher", "渔民"}, Does: Word{"sails out for herring every morning", "每天早上出海捕鲱鱼"}},
	{Word: Word{"carpenter", "木匠"}, Does: Word{"builds tables, chairs and stairs", "会做桌子、椅子和楼梯"}},
	{Word: Word{"teacher", "教师"}, Does: Word{"teaches the children to read and count", "教孩子们读书和算术"}},
	{Word: Word{"doctor", "医生"}, Does: Word{"looks after the sick, by day and by night", "日夜照看病人"}},
	{Word: Word{"lighthouse keeper", "灯塔看守人"}, Does: Word{"lights the great lamp every evening", "每天傍晚点亮大灯"}},
	{Word: Word{"blacksmith", "铁匠"}, Does: Word{"makes hooks, nails and anchors", "打造钩子、钉子和船锚"}},
	{Word: Word{"tailor", "裁缝"}, Does: Word{"sews coats for the whole town", "给全镇的人做外套"}},
	{Word: Word{"cook", "厨师"}, Does: Word{"prepares warm meals at the inn", "在小饭馆里做热饭热菜"}},
	{Word: Word{"gardener", "园丁"}, Does: Word{"plants roses and apple trees", "种玫瑰和苹果树"}},
	{Word: Word{"letter carrier", "邮递员"}, Does: Word{"brings letters to every door", "把信送到每家每户"}},
	{Word: Word{"bookbinder", "装订工"}, Does: Word{"gives old books new covers", "给旧书换上新封面"}},
	{Word: Word{"potter", "陶工"}, Does: Word{"makes bowls and jugs out of clay", "用泥土做碗和罐子"}},
	{Word: Word{"weaver", "织布工"}, Does: Word{"weaves cloth on a big loom", "在大织机上织布"}},
	{Word: Word{"clockmaker", "钟表匠"}, Does: Word{"repairs clocks and watches", "修理大钟和怀表"}},
	{Word: Word{"boat builder", "造船工"}, Does: Word{"builds small boats out of oak", "用橡木造小船"}},
	{Word: Word{"net mender", "补网工"}, Does: Word{"repairs the nets of the fishing boats", "给渔船修补渔网"}},
	{Word: Word{"ferry pilot", "渡船舵手"}, Does: Word{"takes people safely across the bay", "把人们平安送过海湾"}},
	{Word: Word{"glassblower", "玻璃工匠"}, Does: Word{"blows bottles and lamps out of hot glass", "用滚烫的玻璃吹出瓶子和灯罩"}},
	{Word: Word{"miller", "磨坊工"}, Does: Word{"grinds wheat into flour", "把麦子磨成面粉"}},
	{Word: Word{"barber", "理发师"}, Does: Word{"cuts hair and hears all the news", "一边理发，一边听各种消息"}},
	{Word: Word{"printer", "印刷工"}, Does: Word{"prints the weekly paper", "印每周的报纸"}},
	{Word: Word{"dyer", "染布工"}, Does: Word{"dyes wool in many colours", "把羊毛染成各种颜色"}},
	{Word: Word{"candle maker", "蜡烛匠"}, Does: Word{"makes candles for the long winter", "为漫长的冬天做蜡烛"}},
	{Word: Word{"shoemaker", "鞋匠"}, Does: Word{"makes boots that keep the water out", "做不进水的靴子"}},
	{Word: Word{"brewer", "酿酒师"}, Does: Word{"brews a dark and gentle beer", "酿一种颜色很深的淡啤酒"}},
	{Word: Word{"musician", "乐师"}, Does: Word{"plays the fiddle at every wedding", "在每场婚礼上拉小提琴"}},
	{Word: Word{"painter", "油漆工"}, Does: Word{"paints boats, doors and signs", "给船、门和招牌刷漆"}},
	{Word: Word{"beekeeper", "养蜂人"}, Does: Word{"looks after forty hives on the hill", "在山坡上照看四十个蜂箱"}},
	{Word: Word{"barrel maker", "制桶匠"}, Does: Word{"makes barrels for fish and salt", "做装鱼和装盐的木桶"}},
	{Word: Word{"rope maker", "制绳匠"}, Does: Word{"twists ropes for the ships", "给船搓缆绳"}},
	{Word: Word{"sailmaker", "制帆匠"}, Does: Word{"sews sails out of heavy cloth", "用厚布缝船帆"}},
}

// Streets take "in" in English.
var streets = []Value{
	{Word: Word{"Lighthouse Street", "灯塔街"}}, {Word: Word{"Anchor Lane", "船锚巷"}},
	{Word: Word{"Lantern Street", "灯笼街"}}, {Word: Word{"Rope Lane", "绳子巷"}},
	{Word: Word{"Salt Street", "海盐街"}}, {Word: Word{"Bell Lane", "铃铛巷"}},
	{Word: Word{"Herring Street", "鲱鱼街"}}, {Word: Word{"Mill Lane", "磨坊巷"}},
	{Word: Word{"Copper Street", "红铜街"}}, {Word: Word{"Swan Lane", "天鹅巷"}},
	{Word: Word{"Pepper Street", "胡椒街"}}, {Word: Word{"Cherry Lane", "樱桃巷"}},
	{Word: Word{"Chapel Street", "教堂街"}}, {Word: Word{"Willow Lane", "柳树巷"}},
	{Word: Word{"Market Street", "集市街"}}, {Word: Word{"Barrel Lane", "木桶巷"}},
	{Word: Word{"Ferry Street", "渡口街"}}, {Word: Word{"Garden Lane", "花园巷"}},
	{Word: Word{"Compass Street", "罗盘街"}}, {Word: Word{"Oyster Lane", "牡蛎巷"}},
	{Word: Word{"Bridge Street", "小桥街"}}, {Word: Word{"Candle Lane", "蜡烛巷"}},
	{Word: Word{"Harbour Street", "港口街"}}, {Word: Word{"Moon Lane", "月亮巷"}},
}

// Villages around the town, from which its people came.
var villages = []Value{
	{Word: Word{"Saltmere", "盐湖村"}}, {Word: Word{"Gullcombe", "鸥谷村"}},
	{Word: Word{"Oakhollow", "橡谷村"}}, {Word: Word{"Reedmarsh", "芦苇村"}},
	{Word: Word{"Stonebrook", "石溪村"}}, {Word: Word{"Foxdale", "狐坡村"}},
	{Word: Word{"Windhill", "风山村"}}, {Word: Word{"Otterford", "水獭村"}},
	{Word: Word{"Blackrock", "黑岩村"}}, {Word: Word{"Whitecliff", "白崖村"}},
	{Word: Word{"Larkfield", "云雀村"}}, {Word: Word{"Thornhedge", "荆棘村"}},
	{Word: Word{"Elmstead", "榆树村"}}, {Word: Word{"Coldwell", "冷泉村"}},
	{Word: Word{"Ravenholt", "渡鸦村"}}, {Word: Word{"Hazelwick", "榛树村"}},
	{Word: Word{"Silverbeck", "银溪村"}}, {Word: Word{"Greendale", "绿谷村"}},
	{Word: Word{"Sheepfold", "羊圈村"}}, {Word: Word{"Applegarth", "苹果村"}},
	{Word: Word{"Heronby", "白鹭村"}}, {Word: Word{"Mossgate", "青苔村"}},
	{Word: Word{"Sunnybank", "向阳村"}}, {Word: Word{"Honeywood", "蜜林村"}},
}

var colours = []Value{
	{Word: Word{"red", "红色"}}, {Word: Word{"blue", "蓝色"}}, {Word: Word{"green", "绿色"}}, {Word: Word{"yellow", "黄色"}},
	{Word: Word{"white", "白色"}}, {Word: Word{"black", "黑色"}}, {Word: Word{"grey", "灰色"}}, {Word: Word{"orange", "橙色"}},
	{Word: Word{"purple", "紫色"}}, {Word: Word{"pink", "粉色"}}, {Word: Word{"brown", "棕色"}}, {Word: Word{"gold", "金色"}},
}

// Foods take no article and a singular verb.
var foods = []Value{
	{Word: Word{"fish soup", "鱼汤"}}, {Word: Word{"plum cake", "李子蛋糕"}}, {Word: Word{"apple pie", "苹果派"}},
	{Word: Word{"onion bread", "洋葱面包"}}, {Word: Word{"crab salad", "蟹肉沙拉"}}, {Word: Word{"smoked eel", "熏鳗鱼"}},
	{Word: Word{"lemon tart", "柠檬挞"}}, {Word: Word{"seaweed rice", "海苔饭"}}, {Word: Word{"pepper stew", "胡椒炖肉"}},
	{Word: Word{"barley porridge", "大麦粥"}}, {Word: Word{"honey cake", "蜂蜜蛋糕"}}, {Word: Word{"toasted cheese", "烤奶酪"}},
	{Word: Word{"roast duck", "烤鸭"}}, {Word: Word{"bean curry", "咖喱豆子"}}, {Word: Word{"gingerbread", "姜饼"}},
	{Word: Word{"mussel stew", "炖贻贝"}}, {Word: Word{"cherry pie", "樱桃派"}}, {Word: Word{"mushroom pie", "蘑菇派"}},
	{Word: Word{"pea soup", "豌豆汤"}}, {Word: Word{"noodle soup", "汤面"}}, {Word: Word{"rice pudding", "米布丁"}},
	{Word: Word{"grilled mackerel", "烤鲭鱼"}}, {Word: Word{"walnut bread", "核桃面包"}}, {Word: Word{"pumpkin soup", "南瓜汤"}},
}

var pets = []Value{
	{Word: Word{"grey cat", "灰猫"}, Measure: "一只"}, {Word: Word{"black cat", "黑猫"}, Measure: "一只"},
	{Word: Word{"white goose", "白鹅"}, Measure: "一只"}, {Word: Word{"parrot", "鹦鹉"}, Measure: "一只"},
	{Word: Word{"brown dog", "棕狗"}, Measure: "一条"}, {Word: Word{"tortoise", "乌龟"}, Measure: "一只"},
	{Word: Word{"goat", "山羊"}, Measure: "一只"}, {Word: Word{"donkey", "毛驴"}, Measure: "一头"},
	{Word: Word{"rabbit", "兔子"}, Measure: "一只"}, {Word: Word{"hedgehog", "刺猬"}, Measure: "一只"},
	{Word: Word{"owl", "猫头鹰"}, Measure: "一只"}, {Word: Word{"pony", "小马"}, Measure: "一匹"},
	{Word: Word{"canary", "金丝雀"}, Measure: "一只"}, {Word: Word{"raven", "乌鸦"}, Measure: "一只"},
	{Word: Word{"piglet", "小猪"}, Measure: "一头"}, {Word: Word{"hen", "母鸡"}, Measure: "一只"},
	{Word: Word{"goldfish", "金鱼"}, Measure: "一条"}, {Word: Word{"ferret", "雪貂"}, Measure: "一只"},
	{Word: Word{"lamb", "羊羔"}, Measure: "一只"}, {Word: Word{"magpie", "喜鹊"}, Measure: "一只"},
	{Word: Word{"sheepdog", "牧羊犬"}, Measure: "一条"}, {Word: Word{"duck", "鸭子"}, Measure: "一只"},
	{Word: Word{"gull", "海鸥"}, Measure: "一只"}, {Word: Word{"squirrel", "松鼠"}, Measure: "一只"},
}
