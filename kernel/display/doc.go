// Package display shows values in a notebook: HTML, Markdown, figures, images, and figures that change while a cell runs.
//
// A value shows itself by shape, not by import: anything with HTML() string, SVG() string, PNG() []byte, Markdown()
// string, Latex() string, JSON() map[string]any, JPEG() or PDF() []byte, or an [image.Image], is rendered as such, always
// with a plain-text twin for front-ends that show nothing else. [Render] is that rule; everything else here uses it.
//
// Cells call [Display] to show a value now, or [Live] for one place that is updated:
//
//	live := display.Live()
//	for step := range 100 {
//		live.Show(display.HTML(fmt.Sprintf("step <b>%d</b>", step)))
//	}
//
// The names HTML, Markdown, SVG, PNG, JPEG, PDF, Math, Latex, JavaScript, JSON, MIME, File, Any, Auto, MakeData and
// MakeData3 build a [Data] and mean what they mean in gophernotes, so its notebooks read the same here.
//
// Outside a notebook, in an ordinary Go program, what is displayed is printed as plain text.
package display
