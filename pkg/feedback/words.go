package feedback

import "slices"

// words are the texts of one language.
type words struct {
	rank, score, number                       string
	help, helpScore                           string
	noUndo, undone                            string
	sitting, skipped, left, known, stop, done string
	problems                                  map[string]string
	skip, undo, quit, ask                     []string // what one may type
}

var english = words{
	rank:   "Best first, such as %s (s skip, u undo, q stop, ? help): ",
	score:  "A score from 1 to %d for each, such as %s (s skip, u undo, q stop, ? help): ",
	number: "Question %d of %d",
	help: "Type the numbers or letters of the answers, the best first: 2 1 3, or b a c. Put = between answers that are equally good: 2>1=3. " +
		"Of two answers the better one is enough. s passes over this question, it comes again next time; u takes back your last answer and " +
		"asks it again; q stops, what you have answered is kept.",
	helpScore: "Type a score for each answer, in the order in which you see them, from 1 (worst) to %d (best). " +
		"s passes over this question, it comes again next time; u takes back your last answer and asks it again; q stops, what you have answered is kept.",
	noUndo: "There is nothing to take back.", undone: "Taken back: your answer to %q. It is asked again.",
	sitting: "%s: %d answered", skipped: ", %d passed over", known: ", %d known from before", left: ", %d left", stop: "; stopped", done: "; all answered",
	problems: map[string]string{
		"empty":   "nothing was typed: name the answers, best first, or type ? for help",
		"unknown": "%q is no answer: there are answers 1 to %d; type ? for help",
		"twice":   "%q is there twice: name each answer once",
		"missing": "answer %d is missing: name each answer once, with = between those that are equally good",
		"sign":    "%q stands alone: it goes between two answers, as in 2>1=3",
		"count":   "%d scores for %d answers: give one for each, in the order in which you see them",
		"score":   "%q is no score: give a number from 1 to %d",
	},
	skip: []string{"s", "skip"}, undo: []string{"u", "undo"}, quit: []string{"q", "quit", "stop"}, ask: []string{"?", "h", "help"},
}

var chinese = words{
	rank:   "按从好到差排列，例如 %s（s 跳过，u 撤销，q 停止，? 帮助）：",
	score:  "给每个回答打分，1 到 %d 分，例如 %s（s 跳过，u 撤销，q 停止，? 帮助）：",
	number: "第 %d 题，共 %d 题",
	help: "输入各个回答的数字或字母，最好的在前：2 1 3，或者 b a c。一样好的回答用 = 连接：2>1=3。" +
		"只有两个回答时，写出较好的那个就行。s 跳过这一题，下次还会问；u 撤销上一个回答并重新提问；q 停止，已经回答的都会保留。",
	helpScore: "按看到的顺序给每个回答打分，从 1（最差）到 %d（最好）。s 跳过这一题，下次还会问；u 撤销上一个回答并重新提问；q 停止，已经回答的都会保留。",
	noUndo:    "没有可以撤销的回答。", undone: "已撤销对 %q 的回答，这一题会重新提问。",
	sitting: "%s：回答了 %d 题", skipped: "，跳过 %d 题", known: "，%d 题以前已经回答", left: "，还剩 %d 题", stop: "；已停止", done: "；全部完成",
	problems: map[string]string{
		"empty":   "什么也没有输入：请按从好到差写出各个回答，或者输入 ? 查看帮助",
		"unknown": "没有 %q 这个回答：回答的编号是 1 到 %d；输入 ? 查看帮助",
		"twice":   "%q 出现了两次：每个回答只写一次",
		"missing": "缺少回答 %d：每个回答都要写一次，一样好的用 = 连接",
		"sign":    "%q 不能单独出现：它要放在两个回答之间，例如 2>1=3",
		"count":   "%d 个分数，却有 %d 个回答：请按看到的顺序给每个回答一个分数",
		"score":   "%q 不是分数：请输入 1 到 %d 之间的数",
	},
	skip: []string{"s", "skip", "跳过"}, undo: []string{"u", "undo", "撤销"}, quit: []string{"q", "quit", "stop", "停止"}, ask: []string{"?", "h", "help", "帮助"},
}

// wordsOf are the texts of a language; English where there are none.
func wordsOf(lang string) words {
	if lang == "zh" {
		return chinese
	}
	return english
}

// command is what a line asks for beside an answer.
func (w words) command(line string) (action, bool) {
	for _, c := range []struct {
		action
		typed []string
	}{{skip, w.skip}, {undo, w.undo}, {stop, w.quit}, {help, w.ask}} {
		if slices.Contains(c.typed, line) {
			return c.action, true
		}
	}
	return vote, false
}
