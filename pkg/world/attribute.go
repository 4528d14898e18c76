package world

// An Attribute is one kind of fact about a person.
type Attribute string

// The six facts that are known about every person of the town.
const (
	Trade   Attribute = "trade"
	Street  Attribute = "street"  // where the person lives
	Village Attribute = "village" // where the person comes from
	Colour  Attribute = "colour"  // the favourite one
	Food    Attribute = "food"    // the favourite one
	Pet     Attribute = "pet"
)

// Attributes returns all attributes, always in the same order.
func Attributes() []Attribute {
	return []Attribute{Trade, Street, Village, Colour, Food, Pet}
}

// values returns what the facts of an attribute choose from.
func (a Attribute) values() []Value {
	switch a {
	case Trade:
		return trades
	case Street:
		return streets
	case Village:
		return villages
	case Colour:
		return colours
	case Food:
		return foods
	case Pet:
		return pets
	}
	return nil
}
