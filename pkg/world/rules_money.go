package world

// moreRules are what the company added for money, time and what it does not carry. Plain
// texts know only the first rules.
var moreRules = []rule{
	{
		topic: "deadline",
		tellings: map[string][]string{
			English: {"A parcel is kept for 14 days; then it goes back to the sender.", "Parcels that nobody fetches go back to the sender after 14 days.", "There are 14 days in which to fetch a parcel.", "For 14 days a parcel waits at the office, no longer."},
			Chinese: {"包裹保管14天，过期退给寄件人。", "14天没有人来取的包裹，要退给寄件人。", "取包裹的期限是14天。", "包裹只在办公室放14天。"},
		},
		asks: map[string][]string{
			English: {"How long is a parcel kept for me?", "Until when must I fetch my parcel?", "What happens if nobody fetches a parcel?"},
			Chinese: {"包裹能保管多久？", "我最晚什么时候来取包裹？", "没有人取的包裹怎么办？"},
		},
		answer: Word{"A parcel is kept for 14 days; then it goes back to the sender.", "包裹保管14天，过期退给寄件人。"},
	},
	{
		topic: "refund",
		tellings: map[string][]string{
			English: {"Whoever gets a parcel more than 5 days late gets the money back.", "If a parcel is more than 5 days late, the money is given back.", "The money is given back for parcels that are more than 5 days late.", "A delay of more than 5 days costs the company the fee."},
			Chinese: {"包裹晚到5天以上，退还运费。", "如果包裹晚了5天以上，公司就退钱。", "晚到5天以上的包裹可以退运费。", "耽误5天以上，运费由公司退还。"},
		},
		asks: map[string][]string{
			English: {"When do I get my money back?", "My parcel is late. Will you give the money back?", "Is there a refund for late parcels?"},
			Chinese: {"什么时候可以退运费？", "我的包裹晚到了，能退钱吗？", "包裹晚到有赔偿吗？"},
		},
		answer: Word{"If a parcel is more than 5 days late, the money is given back.", "包裹晚到5天以上，退还运费。"},
	},
	{
		topic: "insurance",
		tellings: map[string][]string{
			English: {"Insurance costs 1 coin for every 10 coins of value.", "For every 10 coins that a thing is worth, insurance costs 1 coin.", "Insurance is a tenth of the value.", "Whoever insures a parcel pays a tenth of its value."},
			Chinese: {"保险费是货值的十分之一。", "货物每值10个铜板，保险费收1个铜板。", "要保险，就付货值的十分之一。", "给包裹上保险，要付货值的十分之一。"},
		},
		asks: map[string][]string{
			English: {"What does insurance cost?", "How much do I pay to insure a parcel?", "Can I insure my parcel?"},
			Chinese: {"保险费要多少？", "给包裹上保险要付多少钱？", "我的包裹可以上保险吗？"},
		},
		answer: Word{"Insurance costs 1 coin for every 10 coins of value.", "保险费是货值的十分之一。"},
	},
	{
		topic: "forbidden",
		tellings: map[string][]string{
			English: {"Gunpowder and poison may not be sent.", "The company carries neither gunpowder nor poison.", "No ship takes gunpowder or poison.", "Whoever brings gunpowder or poison is sent away."},
			Chinese: {"火药和毒药不准寄。", "公司不运火药，也不运毒药。", "火药和毒药，哪艘船都不收。", "带火药或毒药来的人，一律不接待。"},
		},
		asks: map[string][]string{
			English: {"What may not be sent?", "Is anything forbidden in a parcel?", "Which goods do you not carry?"},
			Chinese: {"什么东西不能寄？", "包裹里有什么不准放？", "哪些东西你们不运？"},
		},
		answer: Word{"Gunpowder and poison may not be sent.", "火药和毒药不准寄。"},
	},
	{
		topic: "letters",
		tellings: map[string][]string{
			English: {"A letter costs 2 coins, wherever it goes.", "For every letter one pays 2 coins.", "Letters cost 2 coins, near or far.", "2 coins are the price of a letter."},
			Chinese: {"寄一封信2个铜板，寄到哪里都一样。", "每封信收2个铜板。", "信不论远近，都是2个铜板。", "2个铜板可以寄一封信。"},
		},
		asks: map[string][]string{
			English: {"What does a letter cost?", "How much is a letter to a far port?", "What do I pay for a letter?"},
			Chinese: {"寄一封信要多少钱？", "寄信到很远的港口要多少钱？", "寄信怎么收费？"},
		},
		answer: Word{"A letter costs 2 coins, wherever it goes.", "寄一封信2个铜板，寄到哪里都一样。"},
	},
	{
		topic: "damage",
		tellings: map[string][]string{
			English: {"Damage must be shown on the day of arrival.", "Whoever finds damage shows it on the day of arrival.", "Only on the day of arrival can damage be shown.", "Broken goods are paid for if they are shown on the day of arrival."},
			Chinese: {"货物损坏要在到达当天提出。", "发现损坏的人，要在到达当天说明。", "损坏只能在到达当天提出。", "到达当天提出损坏，公司就赔偿。"},
		},
		asks: map[string][]string{
			English: {"My parcel arrived broken. What must I do?", "When must damage be shown?", "How long may I wait to show damage?"},
			Chinese: {"我的包裹到的时候坏了，该怎么办？", "货物损坏要什么时候提出？", "损坏可以过几天再提出吗？"},
		},
		answer: Word{"Damage must be shown on the day of arrival.", "货物损坏要在到达当天提出。"},
	},
	{
		topic: "address",
		tellings: map[string][]string{
			English: {"An address can be changed until the ship leaves.", "Until the ship leaves, the sender may change the address.", "The sender can change an address, but only before the ship leaves.", "Once the ship has left, no address can be changed."},
			Chinese: {"开船以前可以更改地址。", "船开以前，寄件人可以改地址。", "寄件人可以改地址，但要在开船以前。", "船一开，地址就不能改了。"},
		},
		asks: map[string][]string{
			English: {"Can I change the address of my parcel?", "Until when can an address be changed?", "I wrote the wrong address. What now?"},
			Chinese: {"包裹的地址可以改吗？", "地址什么时候以前可以改？", "我写错了地址，怎么办？"},
		},
		answer: Word{"An address can be changed until the ship leaves.", "开船以前可以更改地址。"},
	},
	{
		topic: "luggage",
		tellings: map[string][]string{
			English: {"Each traveller may take two bags.", "Two bags are free for each traveller.", "A traveller takes two bags at most.", "More than two bags for one traveller must be sent as parcels."},
			Chinese: {"每位旅客可以带两件行李。", "旅客每人免费带两件行李。", "一位旅客最多带两件行李。", "超过两件的行李要当包裹寄。"},
		},
		asks: map[string][]string{
			English: {"How many bags may I take?", "Is there a limit to my luggage?", "May I bring three bags on board?"},
			Chinese: {"我可以带几件行李？", "行李有限制吗？", "我能带三件行李上船吗？"},
		},
		answer: Word{"Each traveller may take two bags.", "每位旅客可以带两件行李。"},
	},
}

// rules are all rules of the company.
var rules = append(append([]rule{}, plainRules...), moreRules...)

var insuranceRule = moreRules[2]

// insurance is the fee for something of that value, in coins: a tenth, rounded up.
func insurance(value int) int { return (value + 9) / 10 }
