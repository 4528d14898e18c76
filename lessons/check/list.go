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
	Lang  string // of the messages: "zh", or English
}

// A ListTrap is a usual mistake: who gives Answer gets Hint.
type ListTrap struct {
	Answer []int
	Hint   string
}

var _ Test = List{}

// Check compares Got with Want.
func (l List) Check() error {
	w, differs := of(l.Lang), first(l.Got, l.Want)
	switch {
	case differs < 0:
		return nil
	case len(l.Got) == 0:
		return w.failure(l.See, w.empty, l.Name, len(l.Want))
	case l.Start != nil && first(l.Got, l.Start) < 0:
		return w.failure(l.See, w.left, l.Name)
	}
	for _, t := range l.Traps {
		if first(l.Got, t.Answer) < 0 {
			return w.failure(l.See, "%s: %s", l.Name, t.Hint)
		}
	}
	if len(l.Got) != len(l.Want) {
		return w.failure(l.See, w.length, l.Name, len(l.Got), len(l.Want))
	}
	at := ""
	if differs < len(l.Items) {
		at = fmt.Sprintf(" (%s)", l.Items[differs])
	}
	return w.failure(l.See, w.item, l.Name, differs, at, l.Got[differs])
}

// String is what held.
func (l List) String() string { return fmt.Sprintf(of(l.Lang).all, l.Name, len(l.Got)) }

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
