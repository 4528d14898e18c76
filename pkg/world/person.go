package world

// A Person is somebody of the town. Names and facts exist in both languages.
type Person struct {
	Name  Word // full and unique: Mara Fenwick, 玛拉·芬威克
	Woman bool
	facts map[Attribute]Value
}

// Fact returns what is true of the person: "baker", "Salt Street", "灰猫".
// It is empty for an attribute that does not exist.
func (p Person) Fact(a Attribute, lang string) string { return p.facts[a].In(lang) }

// String lists what is known about the person, in English.
func (p Person) String() string {
	s := p.Name.English + " (" + p.Name.Chinese + ")"
	for i, a := range Attributes() {
		s += [2]string{": ", ", "}[min(i, 1)] + string(a) + " " + p.Fact(a, English)
	}
	return s
}

// Answer returns the one right answer to a question about the person, a short
// sentence: "She is a baker.", "她住在海盐街。" It is the plainest way in which
// the town's texts tell that fact.
func (p Person) Answer(a Attribute, lang string) string {
	tellings := tongueOf(lang).facts[a]
	if len(tellings) == 0 {
		return ""
	}
	return tongueOf(lang).tell(tellings[0], p, false, nil)
}
