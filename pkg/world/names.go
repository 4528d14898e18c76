package world

// A Word is one thing in both languages.
type Word struct {
	English, Chinese string
}

// In returns the word in a language, English or Chinese.
func (w Word) In(lang string) string {
	if lang == Chinese {
		return w.Chinese
	}
	return w.English
}

// First names: 40 of women, 40 of men. None ends in s, so that 's can always follow.
// Chinese forms are the usual transliterations.
var women = []Word{
	{"Mara", "玛拉"}, {"Elsa", "艾尔莎"}, {"Ingrid", "英格丽德"}, {"Nora", "诺拉"}, {"Tilda", "蒂尔达"},
	{"Bertha", "贝莎"}, {"Clara", "克拉拉"}, {"Dora", "多拉"}, {"Edith", "伊迪丝"}, {"Flora", "弗洛拉"},
	{"Greta", "格蕾塔"}, {"Hilda", "希尔达"}, {"Ida", "艾达"}, {"Julia", "朱莉娅"}, {"Karin", "卡琳"},
	{"Linnea", "琳内娅"}, {"Martha", "玛莎"}, {"Olive", "奥莉芙"}, {"Petra", "佩特拉"}, {"Rosa", "罗莎"},
	{"Selma", "塞尔玛"}, {"Thea", "西娅"}, {"Ursula", "厄休拉"}, {"Vera", "薇拉"}, {"Wilma", "薇尔玛"},
	{"Yvonne", "伊冯娜"}, {"Zelda", "泽尔达"}, {"Alma", "阿尔玛"}, {"Brenda", "布伦达"}, {"Celia", "塞莉亚"},
	{"Daphne", "达芙妮"}, {"Emma", "艾玛"}, {"Frida", "弗丽达"}, {"Hanna", "汉娜"}, {"Irene", "艾琳"},
	{"Judith", "朱迪丝"}, {"Lucy", "露西"}, {"Miriam", "米丽娅姆"}, {"Nancy", "南希"}, {"Paula", "葆拉"},
}

var men = []Word{
	{"Anton", "安东"}, {"Bruno", "布鲁诺"}, {"Casper", "卡斯珀"}, {"David", "戴维"}, {"Edgar", "埃德加"},
	{"Felix", "费利克斯"}, {"George", "乔治"}, {"Henry", "亨利"}, {"Ivan", "伊万"}, {"Jacob", "雅各布"},
	{"Karl", "卡尔"}, {"Leo", "利奥"}, {"Martin", "马丁"}, {"Norman", "诺曼"}, {"Oscar", "奥斯卡"},
	{"Peter", "彼得"}, {"Quentin", "昆廷"}, {"Robert", "罗伯特"}, {"Simon", "西蒙"}, {"Tom", "汤姆"},
	{"Ulrich", "乌尔里希"}, {"Victor", "维克托"}, {"Walter", "沃尔特"}, {"Albert", "阿尔伯特"}, {"Benjamin", "本杰明"},
	{"Conrad", "康拉德"}, {"Daniel", "丹尼尔"}, {"Erik", "埃里克"}, {"Frank", "弗兰克"}, {"Gustav", "古斯塔夫"},
	{"Hugo", "雨果"}, {"Isaac", "艾萨克"}, {"Kurt", "库尔特"}, {"Max", "马克斯"}, {"Noah", "诺亚"},
	{"Otto", "奥托"}, {"Philip", "菲利普"}, {"Rupert", "鲁珀特"}, {"Samuel", "塞缪尔"}, {"Vincent", "文森特"},
}

// Family names. None is also a trade, a street or a village of the town.
var families = []Word{
	{"Fenwick", "芬威克"}, {"Holloway", "霍洛韦"}, {"Ashby", "阿什比"}, {"Barlow", "巴洛"}, {"Dunmore", "邓莫尔"},
	{"Ellery", "埃勒里"}, {"Farrow", "法罗"}, {"Garland", "加兰"}, {"Hawthorn", "霍索恩"}, {"Ingram", "英格拉姆"},
	{"Kettle", "凯特尔"}, {"Larkin", "拉金"}, {"Marlow", "马洛"}, {"Norwood", "诺伍德"}, {"Oakley", "奥克利"},
	{"Penrose", "彭罗斯"}, {"Quill", "奎尔"}, {"Ridley", "里德利"}, {"Sedgwick", "塞奇威克"}, {"Thorne", "索恩"},
	{"Underhill", "昂德希尔"}, {"Vance", "万斯"}, {"Whitlock", "惠特洛克"}, {"Yardley", "亚德利"}, {"Abbott", "阿博特"},
	{"Bramwell", "布拉姆韦尔"}, {"Calloway", "卡洛韦"}, {"Drake", "德雷克"}, {"Everett", "埃弗里特"}, {"Finch", "芬奇"},
	{"Grantham", "格兰瑟姆"}, {"Hale", "黑尔"}, {"Irving", "欧文"}, {"Jessop", "杰索普"}, {"Kendall", "肯德尔"},
	{"Lockhart", "洛克哈特"}, {"Merrick", "梅里克"}, {"Nash", "纳什"}, {"Orchard", "奥查德"}, {"Pickering", "皮克林"},
	{"Rowan", "罗恩"}, {"Stroud", "斯特劳德"}, {"Tilney", "蒂尔尼"}, {"Upton", "厄普顿"}, {"Vickery", "维克里"},
	{"Wickham", "威克姆"}, {"York", "约克"}, {"Alder", "奥尔德"}, {"Beckett", "贝克特"}, {"Crane", "克兰"},
	{"Dalton", "多尔顿"}, {"Elwood", "埃尔伍德"}, {"Fairchild", "费尔柴尔德"}, {"Goodwin", "古德温"}, {"Harding", "哈丁"},
	{"Hobart", "霍巴特"}, {"Kirby", "柯比"}, {"Langley", "兰利"}, {"Moreton", "莫顿"}, {"Newell", "纽厄尔"},
	{"Osgood", "奥斯古德"}, {"Prescott", "普雷斯科特"}, {"Radcliffe", "拉德克利夫"}, {"Sutton", "萨顿"}, {"Tremaine", "特里梅因"},
	{"Winslow", "温斯洛"}, {"Bellamy", "贝拉米"}, {"Dawson", "道森"}, {"Emery", "埃默里"}, {"Gilmore", "吉尔莫"},
	{"Hartwell", "哈特韦尔"}, {"Keating", "基廷"}, {"Lambert", "兰伯特"}, {"Pembroke", "彭布罗克"}, {"Rutland", "拉特兰"},
	{"Stanhope", "斯坦诺普"}, {"Tolliver", "托利弗"}, {"Waverley", "韦弗利"}, {"Bartram", "巴特拉姆"}, {"Colby", "科尔比"},
}
