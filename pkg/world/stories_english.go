package world

// Short scenes in English. {first} and {second} are two full names, {good} and {other} two goods.
var englishOpenings = []string{
	"{moment}, {first} met {second} {place}.",
	"{moment}, {first} and {second} stood talking {place}.",
	"{first} was waiting {place} when {second} came by.",
	"{moment}, {second} helped {first} to carry {good}.",
	"{first} had not seen {second} for a week, but {moment} they met {place}.",
	"{moment}, {first} and {second} sat down to rest {place}.",
}

// One fact about one of the two, woven into the scene.
var englishScenes = map[Attribute][]string{
	Trade: {
		"{who}, {a trade}, was on the way to work.",
		"{who} had finished the day's work as {a trade}.",
		"{who}, who worked as {a trade}, carried {good}.",
		"As {a trade}, {who} had risen early that day.",
		"{who} was {a trade} and had much to tell about it.",
	},
	Street: {
		"{who} had come down from {street}, where {she} lived.",
		"{who} was on the way home to {street}.",
		"{who} had just left {her} house in {street}.",
		"{who} spoke about the neighbours in {street}, where {she} lived.",
	},
	Village: {
		"{who}, who came from {village}, told a story from {her} village.",
		"{who} talked about {village}, where {she} had grown up.",
		"{who} had received a letter from {village}, where {she} was born.",
		"{who} spoke of the hills around {village}, the village {she} came from.",
	},
	Colour: {
		"{who} wore {a colour} scarf, for {colour} was {her} favourite colour.",
		"{who} bought {a colour} ribbon, since {colour} was the colour {she} liked best.",
		"{who} carried a basket that was {colour}, {her} favourite colour.",
		"{who} looked long at {a colour} boat, because {she} loved {colour} more than any other colour.",
	},
	Food: {
		"{who} was hungry and bought some {food}, {her} favourite food.",
		"{who} had brought some {food}, the food {she} liked best.",
		"{who} could smell {food}, {her} favourite food, and had to smile.",
		"{who} hoped for {food} at supper, because it was {her} favourite food.",
	},
	Pet: {
		"{who} had brought {her} pet, {a pet}.",
		"{whose} pet, {a pet}, slept in the sun.",
		"{who} worried about {her} pet, {a pet}.",
		"{who} told how {her} pet, {a pet}, had hidden under the table.",
	},
}

var englishMiddles = []string{
	"They spoke about the weather and the price of fish.",
	"They both wanted {good}, but the price was too high.",
	"The wind smelled of salt and tar.",
	"A ship of the {company} passed the lighthouse.",
	"Somewhere a fiddle was playing.",
}

var englishEndings = []string{
	"Then each of them went home.",
	"Before long it began to rain, and they said goodbye.",
	"They agreed to meet again on {day}.",
	"In the end they laughed, and the day seemed shorter.",
	"When the bell rang, {first} and {second} went their ways.",
	"They promised to help each other again.",
}

// Market days name many people, each with a fact or two.
var englishMarkets = []string{
	"It was market day in {town}.",
	"On {day} the square of {town} was full of people.",
	"The market of {town} opened early.",
	"The sun shone on the market of {town}.",
}

var englishStalls = []string{
	"{who}, {a trade} from {village}, bought {good}.",
	"{who} of {street} sold {good} to a stranger.",
	"{who}, {a trade}, looked for {good}.",
	"{who} came with {her} pet, {a pet}, and bought {good}.",
	"{who} bought some {food}, {her} favourite food, and {good}.",
	"{who} chose {colour} cloth, for {colour} was {her} favourite colour.",
	"{who} carried {good} home to {street}.",
	"{who}, who came from {village}, paid for {good} and {other}.",
	"{who}, {a trade}, ate {food}, the dish {she} liked best.",
}

// A walk along a street, or a look at a village, tells the same fact about several people.
var englishWalks = map[Attribute][]string{
	Street:  {"This is {street}.", "{street} is a short street near the water.", "Walk up {street} in the morning, and it smells of bread."},
	Village: {"Many people in {town} were born somewhere else.", "{village} lies half a day from {town}.", "The road from {village} ends in {town}."},
	Trade:   {"Every trade is needed in {town}.", "In {town} people are proud of their work.", "A harbour needs many hands."},
}
