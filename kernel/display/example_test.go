package display_test

import (
	"fmt"

	"github.com/tunebook/tunebook/kernel/display"
)

// Town shows itself as HTML in a notebook and as text elsewhere, without importing anything.
type Town struct{ Name string }

func (t Town) HTML() string   { return "<b>" + t.Name + "</b>" }
func (t Town) String() string { return t.Name }

func Example() {
	_ = display.Display(Town{"Millbrook"})
	fmt.Println(display.Render(Town{"Millbrook"}).Data["text/html"])
	// Output:
	// Millbrook
	// <b>Millbrook</b>
}

func ExampleLive() {
	live := display.Live()
	_ = live.Show("step 1")
	// Output: step 1
}
