package world

import "strconv"

// A notice kind is what a paper on the harbour board is about. Labelled sentences
// ask for it; the texts of the town show notices without naming their kind.
type noticeKind struct {
	label    Word
	tellings map[string][]string // by language
}

var notices = []noticeKind{
	{
		label: Word{"Arrival.", "到港。"},
		tellings: map[string][]string{
			English: {
				"The {ship} has come in from {port} with {cargo}.",
				"The {ship} is expected from {port} on {day} with {cargo} and {cargo2} on board.",
				"On {day} the {ship} will reach the harbour from {port}; {cargo} will be unloaded at the old quay.",
				"This morning the {ship} tied up at the quay, loaded with {cargo} from {port}.",
				"Three days late, the {ship} from {port} has arrived with {cargo}.",
			},
			Chinese: {
				"{ship}已从{port}到达，船上装着{cargo}。",
				"{ship}预计{day}从{port}开来，运来{cargo}和{cargo2}。",
				"{day}，{ship}将从{port}进港，{cargo}在旧码头卸货。",
				"今天早上，{ship}靠了码头，装的是{port}的{cargo}。",
				"{ship}晚了三天，终于从{port}运来了{cargo}。",
			},
		},
	}, {
		label: Word{"Weather.", "天气。"},
		tellings: map[string][]string{
			English: {
				"A strong wind from {wind} is expected on {day}, so small boats should stay in the harbour.",
				"Fog will lie over the bay until {day}, and ships must sound their horns.",
				"Rain is coming from {wind}, and it will last until {day}.",
				"The sea will be calm on {day}, with a light wind from {wind}.",
				"A storm from {wind} is on its way, so please tie up all boats before {day}.",
			},
			Chinese: {
				"{day}预计有{wind}风，风力很强，小船请留在港内。",
				"{day}以前海湾有雾，船只必须鸣笛。",
				"{wind}风带来阵雨，一直要下到{day}。",
				"{day}海面平静，有轻微的{wind}风。",
				"{wind}边有暴风雨要来，请在{day}以前把船都系好。",
			},
		},
	}, {
		label: Word{"Sale.", "出售。"},
		tellings: map[string][]string{
			English: {
				"{good} and {other} can be bought cheaply {place} on {day}.",
				"We sell {good} for {number} coins, today and tomorrow.",
				"Anyone who needs {good} can buy it for {number} coins {place}.",
				"On {day} {good} will be sold {place} to whoever pays most.",
				"A good price for {good}: only {number} coins, {place}.",
			},
			Chinese: {
				"{day}{place}低价出售{good}和{other}。",
				"今明两天出售{good}，只要{number}个铜板。",
				"谁想要{good}，{number}个铜板就能买到，地点{place}。",
				"{day}{place}卖{good}，谁出价高就卖给谁。",
				"便宜卖{good}，只收{number}个铜板，{place}交货。",
			},
		},
	}, {
		label: Word{"Lost and found.", "失物招领。"},
		tellings: map[string][]string{
			English: {
				"{thing} was found {place} and can be picked up at the harbour office.",
				"On {day} somebody left {thing} {place}.",
				"Whoever finds {thing}, missing since {day}, is asked to bring it to the harbour office.",
				"{thing} has been missing since {day}; it was last seen {place}.",
				"Found {place}: {thing}. The owner may ask for it on {day}.",
			},
			Chinese: {
				"有人{place}捡到{thing}，请失主到港务所领取。",
				"{day}有人{place}落下了{thing}。",
				"{day}丢了{thing}，谁捡到请送到港务所。",
				"{day}起{thing}不见了，最后一次看到是{place}。",
				"{place}捡到{thing}，失主可在{day}来取。",
			},
		},
	}, {
		label: Word{"Event.", "活动。"},
		tellings: map[string][]string{
			English: {
				"{festival} will be celebrated {venue}, and everybody is welcome.",
				"On {day} there will be music {place} for old and young.",
				"Whoever wants to help with {festival} should come to the bell tower on {day}.",
				"Children are invited to a story hour {place} on {day}.",
				"{festival} begins when the bells ring, {venue}.",
			},
			Chinese: {
				"{festival}{venue}举行，欢迎大家参加。",
				"{day}{place}有人演奏音乐，老少都欢迎。",
				"愿意为{festival}帮忙的人，请{day}到钟楼来。",
				"{day}{place}给孩子们讲故事，请带孩子来听。",
				"钟声一响，{festival}就{venue}开始。",
			},
		},
	}, {
		label: Word{"Work.", "招工。"},
		tellings: map[string][]string{
			English: {
				"{job} is wanted for two months; ask at the harbour office.",
				"We are looking for {job} who can start on {day}.",
				"Whoever can work as {job} should come to the harbour office before {day}.",
				"The {company} needs strong hands on {day} to unload {cargo}.",
				"There is work for {job} {place}, beginning on {day}.",
			},
			Chinese: {
				"招一名{job}，做两个月，请到港务所询问。",
				"我们要找一名{job}，{day}就能上工。",
				"能当{job}的人，请在{day}以前到港务所来。",
				"{company}{day}要人手卸{cargo}。",
				"{place}有{job}的活，{day}开工。",
			},
		},
	},
}

// plainNotices is how many kinds plain texts show.
const plainNotices = 4

// noticeScene is what notices speak of: unlike the scenes of plain texts, a ship comes
// from its own port with its own cargo, and a thing costs what it costs.
func (w *World) noticeScene(pen *writer) gaps {
	scene, lang := pen.scene(), pen.tongue.lang
	ship := w.lore.ships[pen.rng.IntN(len(ships))]
	var sold []Good
	for _, i := range pen.rng.Perm(len(w.lore.goods)) {
		if g := w.lore.goods[i]; !g.Hidden && g.Price > 1 {
			sold = append(sold, g)
		}
	}
	trade := trades[pen.rng.IntN(len(trades))]
	festival := w.lore.festivals[pen.rng.IntN(len(w.lore.festivals))]
	scene["ship"], scene["port"], scene["cargo"] = ship.Name.In(lang), ship.Port.Name.In(lang), ship.Cargo.In(lang)
	scene["good"], scene["other"] = sold[0].One.In(lang), sold[1].One.In(lang)
	scene["number"], scene["days"] = strconv.Itoa(sold[0].Price), strconv.Itoa(ship.Port.Days)
	scene["job"] = trade.In(lang)
	if lang == English {
		scene["job"] = article(trade.English) + " " + trade.English
	}
	scene["festival"], scene["month"], scene["venue"] = festival.Name.In(lang), festival.Month.In(lang), festival.Place.In(lang)
	return scene
}

// What stands around the notices of one day.
var boards = map[string][]string{
	English: {
		"Notices of {day}, posted at the harbour office of {town}.",
		"The harbour office of {town} makes known:",
		"On the board by the quay one can read the news of {day}.",
		"Many people read the board in the square on {day}.",
		"A boy with a bell called out the news {place}.",
		"News from the harbour of {town}.",
	},
	Chinese: {
		"{town}港务所{day}告示。",
		"{town}港务所告知大家。",
		"码头边的布告栏上贴着{day}的消息。",
		"{day}，很多人在看广场上的布告。",
		"一个孩子摇着铃，{place}大声报告消息。",
		"{town}的港口消息。",
	},
}
