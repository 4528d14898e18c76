package world

// How people ask for a fact. No text of the town ever asks, so that answering is
// something fine-tuning has to teach.
var questionForms = map[string]map[Attribute][]string{
	English: {
		Trade: {
			"What does {who} do for a living?", "What is {whose} trade?", "What work does {who} do?",
			"Which trade does {who} follow?", "Can you tell me what {who} works as?",
		},
		Street: {
			"Where does {who} live?", "In which street does {who} live?", "What is {whose} address?",
			"Where is {whose} house?", "Can you tell me where {who} lives?",
		},
		Village: {
			"Where does {who} come from?", "Where was {who} born?", "Which village is {who} from?",
			"In which village did {who} grow up?", "Can you tell me where {who} comes from?",
		},
		Colour: {
			"What is {whose} favourite colour?", "Which colour does {who} like best?", "What colour does {who} love most?",
			"What colour does {who} prefer?", "Can you tell me {whose} favourite colour?",
		},
		Food: {
			"What is {whose} favourite food?", "Which food does {who} like best?", "What does {who} like to eat most?",
			"Which dish does {who} prefer?", "Can you tell me {whose} favourite food?",
		},
		Pet: {
			"What pet does {who} have?", "Which animal does {who} keep?", "What kind of pet does {who} own?",
			"Which animal lives with {who}?", "Can you tell me what pet {who} has?",
		},
	},
	Chinese: {
		Trade:   {"{who}是做什么工作的？", "{who}的职业是什么？", "{who}靠什么谋生？", "{who}从事哪一行？", "请问{who}是做什么的？"},
		Street:  {"{who}住在哪里？", "{who}住在哪条街巷？", "{who}的地址是哪里？", "{who}的家在什么地方？", "请问{who}住哪儿？"},
		Village: {"{who}来自哪里？", "{who}是在哪里出生的？", "{who}的老家在哪个村子？", "{who}是哪里人？", "请问{who}是从哪里来的？"},
		Colour:  {"{who}最喜欢什么颜色？", "{who}最喜欢的颜色是什么？", "哪种颜色是{who}最喜欢的？", "{who}觉得哪种颜色最好看？", "请问{who}喜欢什么颜色？"},
		Food:    {"{who}最爱吃什么？", "{who}最喜欢的食物是什么？", "什么东西是{who}最爱吃的？", "{who}觉得什么最好吃？", "请问{who}爱吃什么？"},
		Pet:     {"{who}养了什么宠物？", "{who}家里有什么动物？", "{who}的宠物是什么？", "{who}养的是什么动物？", "请问{who}养了什么？"},
	},
}
