package book

// A Lesson is a parsed lesson.md.
type Lesson struct {
	Name    string // the folder's name, such as "03-sft"
	Lang    string // "en" or "zh"
	Title   string
	Summary string
	Time    string // how long it takes to run, in words
	Needs   string // lessons or knowledge that come before; may be empty
	Cells   []Cell
}

// A Cell is one cell of the notebook.
type Cell struct {
	ID   string // stable: made from the heading above and the place below it
	Role Role
	Text string // Markdown or Go, without a final newline
	Line int    // where it begins in lesson.md, from 1

	// Of an exercise, its check and its solution:
	Name   string // the same in every language; its number in the lesson if the fence gives none
	Points int    // what it is worth
	Title  string // the heading above, for a list of exercises; of an exercise only
}

// Role is what a cell is for. Prose and code come without an attribute, the others from the one in the fence.
type Role int

// The roles of cells.
const (
	Prose    Role = iota
	Code          // plain Go
	Exercise      // the learner writes here
	Check         // tells the learner whether the exercise is right; locked
	Solution      // stands in for the exercise in the tests; the learner sees it folded, as text
	Hide          // preparation that would distract: runs, folded away
	Slow          // takes longer than a blink; says so to tools
)

// roles are the attributes that a fence may carry.
var roles = map[string]Role{"exercise": Exercise, "check": Check, "solution": Solution, "hide": Hide, "slow": Slow}

func (r Role) String() string {
	for name, role := range roles {
		if role == r {
			return name
		}
	}
	if r == Code {
		return "code"
	}
	return "prose"
}
