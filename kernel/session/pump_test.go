package session

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

// TestReplyAfterWhatFollowsIt has the pipes of the streams overtake that of the replies: what was printed after a figure
// stays after it.
func TestReplyAfterWhatFollowsIt(t *testing.T) {
	mark := []pumped{{stream: "stdout", mark: true}, {stream: "stderr", mark: true}}
	show := func(n int) pumped {
		return pumped{reply: &link.Reply{Kind: link.Shown, Mark: n, Event: display.Event{Kind: display.KindShow}}}
	}
	said := []pumped{{stream: "stdout", text: "0"}, mark[0], {stream: "stdout", text: "1"}, mark[0], {stream: "stdout", text: "2"}, mark[1], mark[1], show(1), show(2)}
	for name, c := range map[string]struct {
		items []pumped
		want  string
	}{
		"both replies late":       {said, "0figure1figure2"},
		"a worker that has ended": {said[:7], "012"},
	} {
		p := newPump("secret", &process{})
		page := &page{}
		p.begin(page, false)
		go p.run()
		for _, i := range c.items {
			p.items <- i
		}
		close(p.items)
		<-p.done
		var got strings.Builder
		for _, e := range page.events {
			if e.Kind == display.KindShow {
				got.WriteString("figure")
			}
			got.WriteString(e.Text)
		}
		if got.String() != c.want {
			t.Errorf("%s: %s, want %s", name, &got, c.want)
		}
	}
}
