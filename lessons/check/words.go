package check

// words are the messages of one language.
type words struct {
	see                                 string // stands before where to look
	notNumber, untouched, trapped, away string // name and value; away also gets how far
	large, small, factor, near          string
	passed, empty, left, length, item   string
	all                                 string
}

// of chooses the language; English where there is no other.
func of(lang string) words {
	if lang == "zh" {
		return words{
			see:       "提示：",
			notNumber: "%s是 %v：是不是除以了零，或者对零取了对数？",
			untouched: "%s还是 %.4g，练习还没有动过。",
			trapped:   "%s是 %.4g。%s", away: "%s是 %.4g，%s。",
			large: "太大了", small: "太小了", factor: "%s，差了大约 %.2g 倍", near: "%s，但相差不到一倍",
			passed: "%s = %.4g，正确",
			empty:  "%s是空的，应该有 %d 个数。", left: "%s还是练习原来的样子。", length: "%s有 %d 个数，应该有 %d 个。",
			item: "%s[%d]%s是 %d，不对；它前面的都对。", all: "%s：%d 个数全对",
		}
	}
	return words{
		see:       "Where to look: ",
		notNumber: "%s is %v: was something divided by zero, or the logarithm of zero taken?",
		untouched: "%s is still %.4g, as the exercise left it.",
		trapped:   "%s is %.4g. %s", away: "%s is %.4g, which is %s.",
		large: "too large", small: "too small", factor: "%s by a factor of about %.2g", near: "%s, by less than a factor of two",
		passed: "%s is %.4g, which is right",
		empty:  "%s is empty; it should hold %d numbers.", left: "%s is still as the exercise left it.", length: "%s holds %d numbers; it should hold %d.",
		item: "%s[%d]%s is %d, which is not right; what stands before it is.", all: "%s: all %d are right",
	}
}
