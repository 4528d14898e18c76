package world

// The rules of the grammar by language; a rule may depend on the season (weather@winter).
var grammars = map[string]map[string][]string{English: englishGrammar, Chinese: chineseGrammar}

var englishGrammar = map[string][]string{
	"weather@winter": {"snow lay on the roofs", "the wells were frozen", "the days were short and grey", "a cold wind blew from the (north|east)", "smoke rose from every chimney"},
	"weather@spring": {"the first (swallows|flowers) had come", "the ice was gone", "the evenings were growing longer", "the hills were green again", "a soft rain fell on the harbour"},
	"weather@summer": {"it was warm until late in the evening", "the bay lay still", "the sun shone (from morning to night|on the water)", "all windows stood open", "the gulls slept on the masts"},
	"weather@autumn": {"fog lay over the bay", "the leaves were turning yellow", "the nights were growing cold", "apples were piled up (in the square|on the carts)", "a wet wind came in from the sea"},
	"time":           {"in the morning", "at noon", "in the evening", "after supper", "before sunrise", "at the sound of the bells"},
	"early":          {"in the morning", "before sunrise", "soon after sunrise"},
	"mood":           {"in good spirits", "a little tired", "in no hurry", "glad to be there"},
	"sound":          {"a fiddle was playing", "somebody was singing", "children were laughing", "a dog barked", "a bell rang"},
	"talk":           {"the weather", "the price of (fish|flour|wool)", "the news from {port}"},
	"talk2":          {"old times", "the children", "the next market", "work"},
	"end": {
		"Then {:weather2}, and everybody went home.", "By (evening|nightfall) the streets were quiet again.", "So ended (the day|a good day|a long day).",
		"People talked about it for (days|weeks).", "(Nobody|Hardly anybody) was in a hurry to go to bed.",
	},
	"weather2@winter": {"it began to snow", "the cold came back"},
	"weather2@spring": {"a little rain fell", "the wind turned"},
	"weather2@summer": {"the sun went down", "the air grew cool"},
	"weather2@autumn": {"the fog came in", "it began to rain"},
}

type texts struct {
	portraitOpenings, portraitEndings, friendship     []string
	meetings, does, asides, meetingEnds, pets         []string
	marketOpenings, sellers, prices, sales, marketEnd []string
	festivalOpenings, festivalPeople, customs, dishes []string
	stormOpenings, stormHelp, stormEnd                []string
	weddingOpenings, weddingGuests, weddingEnd        []string
	launchOpenings, launchPeople, launchEnd, voyages  []string
	rates, insured, ships                             []string
	streets, villages, natives, neighbours            []string
	letterOpenings, letterNews, letterEnd             []string
	letterFacts                                       map[Attribute][]string
	sendings                                          []string
}

var prose = map[string]texts{English: englishProse, Chinese: chineseProse}

var englishProse = texts{
	portraitOpenings: []string{
		"There is hardly anybody in {town} who does not know {n}.", "(Let me tell you|This page tells) about {n}.",
		"{n} is (a quiet|a cheerful|a patient|a friendly) {woman}, and (liked by all|welcome everywhere).", "Ask anybody in {town} about {n}, and you will hear nothing but good.",
	},
	portraitEndings: []string{
		"That is (all|what) people say about {whom}.", "{town} would be a poorer place without {whom}.", "That is how people know {whom}.", "May {she} live long.",
		"(There is much more to tell, but|So much for today, and) the rest is for another evening.",
	},
	friendship: []string{
		"{whose} best friend is {friend}.", "{who} and {friend} are best friends.", "Nobody is closer to {whom} than {her} best friend, {friend}.",
		"On Sundays {who} visits {friend}, {her} best friend.", "{her} best friend is called {friend}.",
	},
	meetings: []string{
		"(One (morning|afternoon|evening)|On a morning) in {month}, {A.n} met {B.n} {place}.", "It was {month}, and {:weather}. {A.n} and {B.n} were standing {place}.",
		"{A.n} was waiting {place}, {:mood}, when {B.n} came by.", "When {A.n} came {:time} to fetch {good}, {B.n} was already there.",
		"{A.n} and {B.n} were resting {place}; {:weather}.", "{B.n} was carrying {good}, and {A.n} lent a hand.",
	},
	pets: []string{
		"{who} had brought {her} pet, {a pet}.", "{n's} pet, {a pet}, had (slept all day|eaten nothing that day|woken the whole house).", "{who} worried about {her} pet, {a pet}.",
		"{who} told a story about {the pet} that {she} keeps.",
	},
	does: []string{
		"They spoke about {:talk} and about {:talk2}.", "Somewhere {:sound}.", "For a while (neither of them|nobody) said a word.", "A ship of the {company} was passing the lighthouse.",
		"They shared (an apple|a piece of bread|a bench) and watched the boats.", "The wind smelled of (salt and tar|smoke|rain).",
	},
	asides: []string{"{who} (laughed|nodded|smiled) and said that it was so.", "{who} had heard the story before, but listened all the same.", "That made {whom} (smile|think of home)."},
	meetingEnds: []string{
		"Then the bell rang, and they (went their ways|said goodbye).", "They agreed to meet again on {day}.", "Before long {:weather2}, and they went home.",
		"(It was late|It grew dark) before they parted.", "They promised to help each other again.", "There was work to do, so each of them went home.",
	},
	marketOpenings: []string{
		"It was market day in {town}, and {:weather}.", "On {day} the market opened early; {:weather}.", "In {month} the market of {town} is (at its fullest|full of voices).",
		"The square was full of (people|carts|voices) {:early}.", "{:sound} while the stalls were set up in the square.",
	},
	sellers: []string{
		"{B.n}, {B.a trade}, was selling {B.goods}.", "At one of the stalls stood {B.n}, {B.a trade}, with {B.goods}.", "{B.n} sold {B.goods}, as {B.a trade} does.",
		"{B.n}, who is {B.a trade}, had brought {B.goods}.",
	},
	prices: []string{
		"{one} costs {price}.", "The price of {one} is {price}.", "In {town} {one} costs {price}, (no more and no less|whoever buys it|in winter as in summer).",
		"For {one} people pay {price}.", "{price} is the price of {one}.",
	},
	sales: []string{
		"{A} bought {some} and paid {total}.", "{A} took {some} for {total}.", "{A} counted out {total} for {some}.",
		"{A} wanted {some}, so {A.she} paid {total}.", "{some} went to {A.whom} for {total}.",
	},
	marketEnd: []string{
		"When the bells rang, the stalls were (nearly empty|taken down).", "By noon (everything|almost everything) was sold.", "Then {:weather2}, and the market was over.",
		"{A} carried everything home, {:mood}.",
	},
	festivalOpenings: []string{
		"Every year in {month}, {town} celebrates {festival}.", "In {month} comes {festival}, and (nobody stays at home|the children can hardly wait).",
		"{month} is the month of {festival} in {town}.", "It was the day of {festival}, in {month}, and {:weather}.",
	},
	customs: []string{
		"On that day {custom}.", "It is an old custom that {custom}.", "As always, {custom}.",
	},
	dishes: []string{
		"{festival} is held {place}, and people eat {dish}.", "There is {dish} for everybody.", "{dish} is eaten {place}, as the custom wants it.",
	},
	festivalPeople: []string{
		"{who}, {a trade}, came with {her} (whole family|neighbours|friends).", "{who} had walked down from {street}, {:mood}.", "{who} brought {her} pet, {a pet}, and children came to look.",
		"{n} from {village} (sang|danced|told stories) until late.", "{who}, who likes {food} best of all, had brought some for everybody.",
		"{who} wore {a colour} (scarf|hat), {her} favourite colour.", "{who} stood {:mood} beside {her} best friend, {friend}.", "{who}, {a trade}, sold {goods} there.",
	},
	stormOpenings: []string{
		"People in {town} still talk about the storm of {month}.", "In {month} a great storm came in from the sea.", "It began (at night|before sunrise|{:time}), one day in {month}, with a wind that nobody had expected.",
		"The storm of {month} (came at night|lasted two days).",
	},
	stormHelp: []string{
		"{who}, {a trade}, {did}.", "{who} is {a trade}, and {she} {did}.", "As {a trade}, {who} knew what to do and {did}.", "{who} {did}, for {she} is {a trade}.",
		"{who} opened {her} house in {street} to everybody.", "{who} (ran|hurried) down from {street} to help.", "{who} had left {her} pet, {a pet}, at home and helped all night.",
	},
	stormEnd: []string{
		"In the end nobody was hurt.", "When the sun rose, the sea was calm again.", "No ship of the {company} left the harbour that day.", "It took (a week|ten days) until everything was mended.",
		"Since then people look at the sky more often in {month}.",
	},
	weddingOpenings: []string{
		"In {month} {A.n} and {B.n} were married {place}.", "{A.n} married {B.n} in {month}, {place}.", "The wedding of {A.n} and {B.n} was in {month}; {:weather}.",
		"One day in {month} all bells of {town} rang, for {A.n} and {B.n} were getting married.",
	},
	weddingGuests: []string{
		"{who}, {a trade}, (danced with everybody|gave a short speech|was the first to sing).", "{who} had come from {street} with (flowers|a cake|a basket of fruit).",
		"Among the guests was {who}, {a trade} from {village}.", "{who} brought {some} as a present.", "{who} (told stories from|sang a song from) {village}, where {she} was born.",
	},
	weddingEnd: []string{
		"They have lived happily ever since.", "The guests stayed until the sun rose.", "{A.n} and {B.n} were still dancing when the lamps went out.", "It was a (long and merry|warm and friendly) night.",
		"Everybody wished the two of them well.",
	},
	launchOpenings: []string{
		"In {month} the {ship} slid into the water for the first time.", "All of {town} came to the quay when the {ship} was launched in {month}.", "The {ship} was launched in {month}, and {:weather}.",
	},
	launchPeople: []string{
		"It was {A.n}, {A.a trade}, who had built the ship.", "The ship was built by {A.n}, {A.a trade} (of great skill|known to everybody).", "{A.n} had built the ship, and {A.she} (watched without a word|was proud that day).",
		"The builder of the {ship} is {A.n}.",
	},
	ships: []string{
		"The {ship} sails to {port} and carries {cargo}.", "Between {town} and {port} the {ship} carries {cargo}.", "In the hold of the {ship} one finds {cargo}.", "From {port} to {town} the {ship} carries {cargo}.",
		"The {ship} belongs to the {company} and sails to {port}.",
	},
	voyages:   []string{"The {ship} needs {days} days to {port}.", "A voyage to {port} takes {days} days."},
	launchEnd: []string{"May the ship always come home.", "People cheered until the sail was out of sight.", "That evening there was (music|dancing) on the quay."},
	rates: []string{
		"To {port}, the {company} charges {rate} for each kilo.", "A kilo to {port} costs {rate}.", "Ships to {port} are {days} days at sea.", "It takes {days} days to reach {port}, and each kilo costs {rate}.",
		"Whoever sends something to {port} pays {rate} for each kilo.",
	},
	sendings: []string{
		"{A} sent a parcel of {kilos} kilos to {port} and paid {total}.", "A parcel of {kilos} kilos to {port} costs {total}.", "{A.n}, {A.a trade}, sent {kilos} kilos to {port} for {total}.",
		"For {kilos} kilos to {port}, {A} had to pay {total}.",
	},
	insured: []string{
		"{A} sent {good} worth {worth} and insured it for {fee}.", "To insure something worth {worth} costs {fee}.",
	},
	streets: []string{
		"{place1} is a street in {quarter1}.", "{place1} is in {quarter1} of {town}.", "{place1} belongs to {quarter1}, (where the houses are old|where it is never quite dark|as every child knows).", "In the evening, people of {quarter1} like to walk through {place1}.",
	},
	neighbours: []string{
		"{who} lives there and is {a trade}.", "One of the neighbours is {who}, {a trade}.", "{who}, {a trade}, has a house in {street}.", "In {street}, too, lives {who}, who comes from {village}.",
		"Next door one can (see|hear) {the pet} of {n}, who lives in {street}.", "{n} of {street} (is often seen|often sits) at the window.",
	},
	villages: []string{
		"{place1} lies {direction1} of {town}.", "The village of {place1} is known for its {product1}.", "Walk {direction1} from {town} for half a day, and you come to {place1}.", "{place1} has (a mill|a well|an old church) and the best {product1} far and wide.",
	},
	natives: []string{
		"{who} comes from {village}.", "{who}, {a trade} in {town}, was born in {village}.", "{who} grew up in {village} and now lives in {street}.", "{who} left {village} long ago and became {a trade}.",
		"From {village} came also {who}, who keeps {a pet}.",
	},
	letterOpenings: []string{
		"Dear {B.n}, I hope that you are well.", "Dear {B.n}, thank you for your (letter|kind words|present).", "Dear {B.n}, it is {month} now, and I have time to write.", "My dear {B.n}, much has happened since {day}.",
	},
	letterFacts: map[Attribute][]string{
		Trade:   {"My work as {a trade} goes on as always.", "As you know, I am {a trade}, and there is always something to do."},
		Street:  {"Here in {street} all is quiet.", "Come and see me in {street}, where I live."},
		Village: {"I am thinking of {village}, where I was born.", "My sister wrote to me from {village}, our home village."},
		Colour:  {"I have bought {a colour} scarf, since {colour} is my favourite colour.", "My door is {colour} now, for that is the colour I like best."},
		Food:    {"Today there was {food}, my favourite food.", "When you come, I will make {food}, the food I like best."},
		Pet:     {"My {pet} is well and sends its greetings.", "I still have {a pet}, and we are good friends."},
	},
	letterNews: []string{
		"Yesterday {:weather}.", "On {day} I bought {some} for {total}.", "I met {C.n} {place}, and we spoke about you.", "The {ship} has come in from {port} with {cargo}.",
		"{C.n}, {C.a trade}, sends you greetings.", "In {town} everybody speaks about {:talk}.",
	},
	letterEnd: []string{"Write to me soon. Your friend, {A.n}.", "I hope to see you on {day}. Yours, {A.n}.", "Take good care of yourself. Your old friend, {A.n}.", "With all good wishes, {A.n}."},
}
