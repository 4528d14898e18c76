package display

// Display shows v on the page now, in every form that it has; see [Render].
func Display(v any) error {
	return page.emit(Event{Kind: KindShow, Data: Render(v)})
}

// ClearOutput removes what the running cell has shown so far. With wait it does so when the next output arrives, so that
// an animation does not flicker; [Live] is better where only one thing changes.
func ClearOutput(wait bool) error {
	return page.emit(Event{Kind: KindClear, Wait: wait})
}
