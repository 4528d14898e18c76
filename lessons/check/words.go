package check

// words are the messages of one language.
type words struct {
	notYet, see                         string // what opens a message, and what stands before where to look
	notNumber, untouched, trapped, away string // name and value; away also gets how far
	large, small, factor, near          string
	least, most                         string // name, value, bound
	passed, empty, left, length, item   string
	all, trappedList, thrown            string
	untouchedText, trappedText          string
	wrongText, passedText, noChoice     string
	comma, unsaved                      string
}

// of chooses the language; an empty one is that of the notebook, any unknown one English.
func of(lang string) words {
	if lang == "" {
		lang = Lang()
	}
	if lang == "zh" {
		return words{
			notYet: "还没做对：", see: "提示：",
			notNumber: "%s是 %v：是不是除以了零，或者对零取了对数？",
			untouched: "%s还是 %.4g，练习还没有动过。",
			trapped:   "%s是 %.4g。%s", away: "%s是 %.4g，%s。",
			large: "太大了", small: "太小了", factor: "%s，差了大约 %.2g 倍", near: "%s，但相差不到一倍",
			least: "%s是 %.4g，至少要有 %.4g。", most: "%s是 %.4g，最多只能是 %.4g。",
			passed: "%s = %.4g，正确",
			empty:  "%s是空的，应该有 %d 个数。", left: "%s还是练习原来的样子。", length: "%s有 %d 个数，应该有 %d 个。",
			item: "%s[%d]%s是 %s，不对；它前面的都对。", all: "%s：%d 个数全对",
			trappedList: "%s：%s", thrown: "%s(%.4g) 出错了：%v。",
			untouchedText: "%s还是“%s”，练习还没有动过。", trappedText: "%s是“%s”。%s",
			wrongText: "%s是“%s”，不对。", passedText: "%s是“%s”，正确。", noChoice: "%s是“%s”，可选的只有：%s。",
			comma: "、", unsaved: "（进度没能记下来：%v）",
		}
	}
	return words{
		notYet: ErrNotYet.Error() + ": ", see: "Where to look: ",
		notNumber: "%s is %v: was something divided by zero, or the logarithm of zero taken?",
		untouched: "%s is still %.4g, as the exercise left it.",
		trapped:   "%s is %.4g. %s", away: "%s is %.4g, which is %s.",
		large: "too large", small: "too small", factor: "%s by a factor of about %.2g", near: "%s, by less than a factor of two",
		least: "%s is %.4g; at least %.4g is wanted.", most: "%s is %.4g; at most %.4g is wanted.",
		passed: "%s is %.4g, which is right",
		empty:  "%s is empty; it should hold %d numbers.", left: "%s is still as the exercise left it.", length: "%s holds %d numbers; it should hold %d.",
		item: "%s[%d]%s is %s, which is not right; what stands before it is.", all: "%s: all %d are right",
		trappedList: "%s: %s", thrown: "%s(%.4g) panics: %v.",
		untouchedText: "%s is still %q, as the exercise left it.", trappedText: "%s is %q. %s",
		wrongText: "%s is %q, which is not right.", passedText: "%s is %q, which is right.", noChoice: "%s is %q; the choices are %s.",
		comma: ", ", unsaved: "(Your progress could not be noted: %v)",
	}
}

// pick chooses between two texts as [of] does.
func pick(lang, english, chinese string) string {
	if lang == "" {
		lang = Lang()
	}
	if lang == "zh" {
		return chinese
	}
	return english
}
