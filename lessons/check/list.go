package check

import "fmt"

// List asks for numbers in order, such as the labels of an example. It tells which is the first that differs.
type List struct {
	Name  string // what it is, as in "labels"
	Got   []int
	Want  []int
	Start []int    // what the untouched exercise holds
	Items []string // what stands at each place, for the message; may be nil

	Traps []ListTrap
	See   string // where to look
}

// A ListTrap is a usual mistake: who gives Answer gets Hint.
type ListTrap struct {
	Answer []int
	Hint   string
}

var _ Test = List{}

// Check compares Got with Want.
func (l List) Check() error {
	differs := first(l.Got, l.Want)
	switch {
	case differs < 0:
		return nil
	case len(l.Got) == 0:
		return failure(l.See, "%s is empty; it should hold %d numbers.", l.Name, len(l.Want))
	case l.Start != nil && first(l.Got, l.Start) < 0:
		return failure(l.See, "%s is still as the exercise left it.", l.Name)
	}
	for _, t := range l.Traps {
		if first(l.Got, t.Answer) < 0 {
			return failure(l.See, "%s: %s", l.Name, t.Hint)
		}
	}
	if len(l.Got) != len(l.Want) {
		return failure(l.See, "%s holds %d numbers; it should hold %d.", l.Name, len(l.Got), len(l.Want))
	}
	at := ""
	if differs < len(l.Items) {
		at = fmt.Sprintf(", at %q,", l.Items[differs])
	}
	return failure(l.See, "%s[%d]%s is %d, which is not right; what stands before it is.", l.Name, differs, at, l.Got[differs])
}

// String is what held.
func (l List) String() string { return fmt.Sprintf("%s: all %d are right", l.Name, len(l.Got)) }

// first is the first place where a and b differ, -1 when they are equal.
func first(a, b []int) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}
