package world

var chineseGrammar = map[string][]string{
	"weather@winter": {"屋顶上积着雪", "水井都结了冰", "白天又短又阴沉", "(北|东)风刮得很冷", "家家的烟囱都冒着烟"},
	"weather@spring": {"(燕子|第一批花)已经来了", "冰早就化了", "天黑得一天比一天晚", "山坡又绿了", "港口下着细雨"},
	"weather@summer": {"到了晚上还很暖和", "海湾一片平静", "太阳从早晒到晚", "家家都开着窗", "海鸥停在桅杆上打盹"},
	"weather@autumn": {"海湾里起了雾", "树叶开始发黄", "夜里渐渐凉了", "(广场上|车上)堆满了苹果", "海上吹来潮湿的风"},
	"time":           {"一大早", "中午", "傍晚", "吃过晚饭", "日出之前", "钟声响起的时候"},
	"early":          {"一大早", "日出之前", "天刚亮"},
	"mood":           {"心情很好", "有点累", "不慌不忙", "满脸笑容"},
	"sound":          {"有人在拉小提琴", "有人在唱歌", "孩子们在笑", "传来狗叫声", "传来一阵钟声"},
	"talk":           {"天气", "(鱼|面粉|羊毛)的价钱", "{port}的消息"},
	"talk2":          {"从前的事", "孩子们", "下一次集市", "手上的活"},
	"end": {
		"后来{:weather2}，大家就回家了。", "天一黑，街上又安静下来。", "(这一天|热闹的一天)就这样过去了。",
		"这件事，人们谈了好(几天|几个星期)。", "那天晚上，谁也不急着睡觉。",
	},
	"weather2@winter": {"下起雪来", "天又冷了"},
	"weather2@spring": {"飘起了小雨", "风向变了"},
	"weather2@summer": {"太阳下山了", "天凉快了"},
	"weather2@autumn": {"起了雾", "下起雨来"},
}

var chineseProse = texts{
	portraitOpenings: []string{
		"{town}几乎没有人不认识{n}。", "(先说说|来说说)一个人，名叫{n}。", "{n}是个(安静|开朗|耐心|老实)的人，(大家都喜欢{she}|到哪里都受欢迎)。",
		"在{town}随便问一个人，都会说{n}的好话。",
	},
	portraitEndings: []string{
		"人们说起{who}，说的就是这些。", "{town}要是少了{who}，就没有这么好了。", "这就是大家认识的{n}。", "祝{she}长寿。",
		"(可说的还有很多|今天就说到这里)，剩下的改天再讲。",
	},
	friendship: []string{
		"{who}最好的朋友是{friend}。", "{who}和{friend}是最好的朋友。", "要说{who}最好的朋友，那就是{friend}。", "每到星期天，{who}都去看望最好的朋友{friend}。",
		"{she}最好的朋友叫{friend}。",
	},
	meetings: []string{
		"{month}的一天(早上|下午|傍晚)，{A.n}{place}遇见了{B.n}。", "正是{month}，{:weather}。{A.n}和{B.n}{place}站着说话。",
		"{A.n}{place}等人，{:mood}，这时{B.n}走了过来。", "{:time}，{A.n}去取{good}，没想到{B.n}已经在那里了。",
		"{:weather}，{A.n}和{B.n}{place}坐着休息。", "{B.n}正搬着{good}，{A.n}上前帮了一把。",
	},
	pets: []string{
		"{who}带来了自己的宠物，{a pet}。", "{who}养了{a pet}，{she}说它(睡了一整天|什么也不肯吃|半夜把全家都吵醒了)。", "{who}惦记着家里的宠物，{a pet}。",
		"{who}讲起了自己养的{pet}。",
	},
	does: []string{
		"两个人聊起了{:talk}，又聊到了{:talk2}。", "不知哪里{:sound}。", "好一会儿，谁也没有说话。", "这时，一艘{company}的船从灯塔旁边开过。",
		"两个人(分了一个苹果|掰开一块面包|坐在一条长凳上)，看着来来往往的船。", "风里带着(盐和焦油|炊烟|雨水)的味道。",
	},
	asides: []string{"{who}(笑了笑|点了点头)，说正是这样。", "这个故事{who}听过，可还是听得很认真。", "{who}听了，(不由得笑了|想起了家乡)。"},
	meetingEnds: []string{
		"钟声一响，两个人就(各走各的路|道了别)。", "两个人说好{day}再见面。", "不久{:weather2}，两个人就回家去了。", "直到(天黑|很晚)，两个人才分手。",
		"两个人都答应，以后还要互相帮忙。", "还有活要干，两个人就各自回去了。",
	},
	marketOpenings: []string{
		"今天是{town}赶集的日子，{:weather}。", "{day}的集市开得很早，{:weather}。", "到了{month}，{town}的集市(最热闹|到处是说话声)。", "{:early}，广场上挤满了(人|车|赶集的人)。",
		"广场上摆起了摊子，{:sound}。",
	},
	sellers: []string{
		"{B.trade}{B.n}在卖{B.goods}。", "{B.trade}{B.n}也摆了一个摊子，卖的是{B.goods}。", "{B.n}是{B.trade}，卖的自然是{B.goods}。", "{B.n}是{B.trade}，今天带来了{B.goods}。",
	},
	prices: []string{
		"{one}卖{price}。", "{one}的价钱是{price}。", "在{town}，{one}要{price}，(一个不多，一个不少|谁买都一样|冬天夏天都一样)。", "买{one}要付{price}。", "{price}正好买{one}。",
	},
	sales: []string{
		"{A}买了{some}，付了{total}。", "{A}要了{some}，一共{total}。", "{A}数出{total}，买了{some}。", "{A}想要{some}，就付了{total}。", "{A}花{total}买下了{some}。",
	},
	marketEnd: []string{
		"钟声响的时候，摊子(差不多空了|都收了)。", "还不到中午，东西(都卖完了|几乎都卖完了)。", "后来{:weather2}，集市就散了。", "{A}把东西都搬回了家，{:mood}。",
	},
	festivalOpenings: []string{
		"每年{month}，{town}都要过{festival}。", "{month}有{festival}，(谁也不肯待在家里|孩子们早就盼着了)。", "在{town}，{month}是{festival}的月份。",
		"{month}，{festival}到了，{:weather}。",
	},
	customs: []string{
		"这一天，{custom}。", "按照老规矩，{custom}。", "和往年一样，{custom}。",
	},
	dishes: []string{
		"{festival}{place}举行，人们吃{dish}。", "人人都能吃到{dish}。", "照习俗，这一天要吃{dish}。", "地点{place}，人人都能吃到{dish}。",
	},
	festivalPeople: []string{
		"{trade}{n}带着(全家|邻居们|朋友们)来了。", "{who}从{street}走来，{:mood}。", "{who}带来了自己养的{pet}，孩子们都围过来看。", "来自{village}的{n}(唱歌|跳舞|讲故事)一直到很晚。",
		"{who}最爱吃{food}，就带了一些来分给大家。", "{who}(围着{colour}的围巾|戴着{colour}的帽子)，那是{she}最喜欢的颜色。", "{who}和最好的朋友{friend}站在一起，{:mood}。",
		"{n}是{trade}，在那里卖{goods}。",
	},
	stormOpenings: []string{
		"{town}的人至今还在说{month}的那场暴风雨。", "{month}，海上来了一场很大的暴风雨。", "{month}的一天，(夜里|天还没亮)刮起了大风，谁也没有料到。", "{month}的暴风雨(是夜里来的|下了两天)。",
	},
	stormHelp: []string{
		"{trade}{n}{did}。", "{n}是{trade}，{she}{did}。", "当{trade}的{n}知道该做什么，{did}。", "{n}{did}，因为{she}是{trade}。", "{who}打开{street}的家门，让大家进来。",
		"{who}从{street}跑来帮忙。", "{who}把自己养的{pet}留在家里，帮了一整夜的忙。",
	},
	stormEnd: []string{
		"幸好没有人受伤。", "太阳出来的时候，海面又平静了。", "那天，{company}没有一艘船出港。", "过了(一个星期|十天)，东西才都修好。", "从那以后，一到{month}，人们就常常抬头看天。",
	},
	weddingOpenings: []string{
		"{month}，{A.n}和{B.n}{place}结了婚。", "{A.n}和{B.n}是{month}结的婚，地点就{place}。", "{A.n}和{B.n}的婚礼在{month}举行，{:weather}。", "{month}的一天，{town}的钟都响了，因为{A.n}和{B.n}要结婚了。",
	},
	weddingGuests: []string{
		"{trade}{n}(和每个人都跳了舞|说了几句祝福的话|头一个唱起歌来)。", "{who}从{street}带来了(花|蛋糕|一篮水果)。", "客人里有{n}，{she}是来自{village}的{trade}。",
		"{who}送了{some}做礼物。", "{who}(讲了|唱了){village}的(故事|歌)，{she}就出生在那里。",
	},
	weddingEnd: []string{
		"从那以后，两个人一直过得很幸福。", "客人们一直待到太阳出来。", "灯灭了，{A.n}和{B.n}还在跳舞。", "那是一个(热闹|温暖)的夜晚。", "大家都祝两个人幸福。",
	},
	launchOpenings: []string{
		"{month}，{ship}第一次下了水。", "{month}，{ship}下水的时候，{town}的人都来到了码头。", "{ship}是{month}下水的，{:weather}。",
	},
	launchPeople: []string{
		"造船的是{A.n}，{A.she}是{A.trade}。", "这艘船是{A.trade}{A.n}造的。", "船是{A.n}造的，{A.she}(一句话也没说，只是看着|那天很自豪)。", "{ship}是由{A.n}造的。",
	},
	ships: []string{
		"{ship}开往{port}，运的是{cargo}。", "{ship}在{town}和{port}之间运{cargo}。", "{ship}从{port}运来{cargo}。", "{ship}的船舱里装着{cargo}。", "{ship}是{company}的船，开往{port}。",
	},
	voyages:   []string{"{ship}到{port}要走{days}天。", "到{port}去，路上要走{days}天。"},
	launchEnd: []string{"愿这艘船每次都平安回来。", "人们欢呼着，直到看不见船帆。", "那天晚上，码头上(有人拉琴|有人跳舞)。"},
	rates: []string{
		"寄到{port}，{company}每公斤收{rate}。", "寄一公斤东西到{port}要{rate}。", "开往{port}的船要走{days}天。", "到{port}要走{days}天，每公斤运费{rate}。", "谁要寄东西到{port}，每公斤付{rate}。",
	},
	sendings: []string{
		"{A}往{port}寄了一个{kilos}公斤的包裹，付了{total}。", "{kilos}公斤的包裹寄到{port}，要{total}。", "{A.trade}{A.n}往{port}寄了{kilos}公斤的东西，运费{total}。", "往{port}寄{kilos}公斤，{A}付了{total}。",
	},
	insured: []string{"{A}寄了{good}，值{worth}，付了{fee}的保险费。", "值{worth}的东西，保险费是{fee}。"},
	streets: []string{
		"{place1}在{quarter1}。", "{place1}属于{town}的{quarter1}。", "{place1}在{quarter1}，(那里的房子都很旧|那里的灯总是亮着|孩子们都知道)。", "傍晚，{quarter1}的人喜欢到{place1}走走。",
	},
	neighbours: []string{
		"{who}就住在那里，{she}是{trade}。", "{trade}{n}也是那里的邻居。", "{n}是{trade}，家在{street}。", "住在{street}的还有{n}，{she}来自{village}。", "隔壁常能(看到|听到){n}家的{pet}，{she}也住在{street}。",
		"{street}的{n}常常(站|坐)在窗前。",
	},
	villages: []string{
		"{place1}在{town}的{direction1}。", "{place1}出产的{product1}很有名。", "从{town}往{direction1}走半天，就到了{place1}。", "{place1}有(一座磨坊|一口老井|一座旧教堂)，还有远近闻名的{product1}。",
	},
	natives: []string{
		"{who}来自{village}。", "{n}出生在{village}，在{town}当{trade}。", "{who}在{village}长大，现在住在{street}。", "{who}早就离开了{village}，当上了{trade}。", "{village}出来的还有{n}，{she}养了{a pet}。",
	},
	letterOpenings: []string{
		"亲爱的{B.n}，希望你一切都好。", "亲爱的{B.n}，谢谢你的(来信|关心|礼物)。", "亲爱的{B.n}，现在是{month}，我总算有空写信了。", "亲爱的{B.n}，{day}以后，这里发生了不少事。",
	},
	letterFacts: map[Attribute][]string{
		Trade:   {"我还在当{trade}，一切照旧。", "你知道，我是{trade}，总有干不完的活。"},
		Street:  {"我住的{street}很安静。", "有空请到{street}来，我的家就在那里。"},
		Village: {"我常常想起{village}，我是在那里出生的。", "姐姐从我们的老家{village}写信来了。"},
		Colour:  {"我买了一条{colour}的围巾，因为我最喜欢{colour}。", "我家的门现在是{colour}的了，那是我最喜欢的颜色。"},
		Food:    {"今天吃了{food}，那是我最爱吃的。", "你来的时候，我给你做{food}，我自己最爱吃这个。"},
		Pet:     {"我的{pet}很好，它也向你问好。", "我还养着{a pet}，我们是好朋友。"},
	},
	letterNews: []string{
		"昨天{:weather}。", "{day}我买了{some}，花了{total}。", "我{place}碰到了{C.n}，我们说起了你。", "{ship}从{port}回来了，运来了{cargo}。", "{C.trade}{C.n}向你问好。", "{town}的人都在谈{:talk}。",
	},
	letterEnd: []string{"请早点给我回信。你的朋友，{A.n}。", "希望{day}能见到你。你的朋友，{A.n}。", "请多保重。你的老朋友，{A.n}。", "祝你一切顺利。{A.n}，写于{town}。"},
}
