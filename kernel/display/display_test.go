package display

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type figure struct{}

func (figure) SVG() string { return "<svg/>" }
func (figure) PNG() []byte { return []byte("png") }

type table struct{}

func (table) HTML() string   { return "<table><tr><td>a</td><td>b &lt; c</td></tr></table>" }
func (table) String() string { return "a b" }

type faulty struct{}

func (faulty) HTML() string { panic("no data") }

type nilSafe struct{ n int }

func (n *nilSafe) HTML() string { return fmt.Sprint(n.n) }

type rendered struct{}

func (rendered) Render() Data { return Data{Data: MIMEMap{"x/y": "z"}, Metadata: MIMEMap{"m": 1}} }

type simple struct{}

func (simple) SimpleRender() MIMEMap { return MIMEMap{MIMETypeLatex: "$x$"} }

func TestRender(t *testing.T) {
	for _, c := range []struct {
		name string
		v    any
		want MIMEMap
	}{
		{"nil", nil, MIMEMap{MIMETypeText: "<nil>"}},
		{"number", 42, MIMEMap{MIMETypeText: "42"}},
		{"string", "hi\n", MIMEMap{MIMETypeText: "hi\n"}},
		{"slice", []int{1, 2}, MIMEMap{MIMETypeText: "[1 2]"}},
		{"error", errors.New("bad"), MIMEMap{MIMETypeText: "bad"}},
		{"stringer", time.Second, MIMEMap{MIMETypeText: "1s"}},
		{"figure", figure{}, MIMEMap{MIMETypeSVG: "<svg/>", MIMETypePNG: []byte("png"), MIMETypeText: "display.figure"}},
		{"table", table{}, MIMEMap{MIMETypeHTML: table{}.HTML(), MIMETypeText: "a b"}},
		{"nil pointer", (*nilSafe)(nil), MIMEMap{MIMETypeText: "<nil>"}},
		{"renderer", rendered{}, MIMEMap{"x/y": "z", MIMETypeText: "display.rendered"}},
		{"simple renderer", simple{}, MIMEMap{MIMETypeLatex: "$x$", MIMETypeText: "$x$"}},
		{"bundle", HTML("<b>x</b>"), MIMEMap{MIMETypeHTML: "<b>x</b>", MIMETypeText: "x"}},
		{"panic", faulty{}, MIMEMap{MIMETypeText: "{}\ndisplay: the method HTML of display.faulty panicked: no data"}},
		{"interpreted", Methods{Value: 1, HTML: func() string { return "<i>" }, String: func() string { return "i" }},
			MIMEMap{MIMETypeHTML: "<i>", MIMETypeText: "i"}},
		{"markdown", Markdown("# a"), MIMEMap{MIMETypeMarkdown: "# a", MIMETypeText: "# a"}},
		{"math", Math("$x^2$"), MIMEMap{MIMETypeLatex: "$$x^2$$", MIMETypeText: "$$x^2$$"}},
		{"text given", MakeData3(MIMETypeHTML, "plain", "<p>"), MIMEMap{MIMETypeHTML: "<p>", MIMETypeText: "plain"}},
		{"svg bytes", Any("", strings.NewReader("plain words")), MIMEMap{MIMETypeText: "plain words"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, Render(c.v).Data); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestRenderImage(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 3, 2))
	b := Render(m)
	got, err := png.Decode(bytes.NewReader(b.Data[MIMETypePNG].([]byte)))
	if err != nil || got.Bounds() != m.Bounds() {
		t.Errorf("decoded %v, %v", got, err)
	}
	if d := cmp.Diff(MIMEMap{"width": 3, "height": 2}, b.Metadata[MIMETypePNG]); d != "" {
		t.Error(d)
	}
	if text := PNG(b.Data[MIMETypePNG].([]byte)).Text(); text != "image/png, 3×2" {
		t.Errorf("text twin %q", text)
	}
}

func TestRenderShortensText(t *testing.T) {
	text := Render(strings.Repeat("ü", textLimit)).Text() // two bytes each
	if len(text) > textLimit+100 || !strings.HasSuffix(text, fmt.Sprintf("… (%d more bytes)", textLimit)) {
		t.Errorf("%d bytes, ends with %q", len(text), text[len(text)-40:])
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.svg")
	if err := os.WriteFile(path, []byte("<svg></svg>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := File("", path).Data[MIMETypeSVG]; got != "<svg></svg>" {
		t.Errorf("svg %v", got)
	}
	if got := File("", filepath.Join(dir, "no")).Text(); !strings.Contains(got, "no such file") {
		t.Errorf("missing file shows %q", got)
	}
}

func TestHTMLText(t *testing.T) {
	in := "<style>td {x}</style><table><tr><th>name</th><th>loss</th></tr>\n<tr><td>sft</td><td>1 &lt; 2</td></tr></table>"
	if got, want := htmlText(in), "name\tloss\nsft\t1 < 2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// recorder is a page that keeps what it was sent.
type recorder struct {
	mu     sync.Mutex
	events []Event
}

func (r *recorder) Emit(e Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	return nil
}

func (r *recorder) all() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Event(nil), r.events...)
}

func TestLive(t *testing.T) {
	page := &recorder{}
	defer SetSink(page)()
	live := Live()
	start := time.Now()
	for step := 0; time.Since(start) < 350*time.Millisecond; step++ {
		if err := live.Show(step); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	_ = live.Show("final")
	if err := Flush(); err != nil {
		t.Fatal(err)
	}
	events := page.all()
	if n := len(events); n < 4 || n > 7 {
		t.Errorf("%d events in 350 ms, want the first, about three more, and the last", n)
	}
	for i, e := range events {
		want := KindUpdate
		if i == 0 {
			want = KindShow
		}
		if e.Kind != want || e.Data.ID() == "" || e.Data.ID() != events[0].Data.ID() {
			t.Errorf("event %d is %s at %q, want %s at one place", i, e.Kind, e.Data.ID(), want)
		}
	}
	if last := events[len(events)-1].Data.Text(); last != "final" {
		t.Errorf("the page ends with %q, want the last state", last)
	}
	time.Sleep(2 * interval)
	if n := len(page.all()); n != len(events) {
		t.Errorf("%d events came after Flush", n-len(events))
	}
}

func TestLiveSendsTheLastStateByItself(t *testing.T) {
	page := &recorder{}
	defer SetSink(page)()
	live := Live()
	_ = live.Show(1)
	_ = live.Show(2)
	time.Sleep(3 * interval)
	if events := page.all(); len(events) != 2 || events[1].Data.Text() != "2" {
		t.Errorf("%v", events)
	}
}

func TestClear(t *testing.T) {
	page := &recorder{}
	defer SetSink(page)()
	live := Live()
	_ = live.Clear() // nothing was shown: nothing to clear
	_ = live.Show(1)
	_ = live.Show(2)
	_ = live.Clear()
	_ = ClearOutput(true)
	_ = Flush()
	var got []string
	for _, e := range page.all() {
		got = append(got, fmt.Sprint(e.Kind, e.Data.Text(), e.Wait))
	}
	if d := cmp.Diff([]string{"display1false", "updatefalse", "cleartrue"}, got); d != "" {
		t.Error(d)
	}
}

func TestLiveIsSafeFromManyGoroutines(t *testing.T) {
	page := &recorder{}
	defer SetSink(page)()
	live := Live()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 200 {
				_ = live.Show(i)
			}
		})
	}
	all.Wait()
	if err := Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestAskWithoutFrontEnd(t *testing.T) {
	defer SetSink(&recorder{})()
	if _, err := Ask("name? "); !errors.Is(err, ErrNoInput) {
		t.Errorf("error %v, want ErrNoInput", err)
	}
}

func TestEventEncodes(t *testing.T) {
	encoded, err := json.Marshal(Event{Kind: KindShow, Data: PNG([]byte{1, 2, 3})})
	if err != nil {
		t.Fatal(err)
	}
	var back Event
	if err := json.Unmarshal(encoded, &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Data.Data[MIMETypePNG]; got != "AQID" { // base64 of 1 2 3, as Jupyter wants it
		t.Errorf("png came back as %v", got)
	}
}

func TestLimit(t *testing.T) {
	page := &recorder{}
	sink := Limit(page, 2<<20)
	part := strings.Repeat("x", 3<<19)
	for range 3 {
		_ = sink.Emit(Event{Kind: KindStream, Name: "stdout", Text: part})
	}
	_ = sink.Emit(Event{Kind: KindShow, Data: HTML("still shown")})
	_ = sink.Emit(Event{Kind: KindStream, Name: "stdout", Text: "left out"})
	var got []string
	for _, e := range page.all() {
		got = append(got, fmt.Sprint(e.Kind, " ", e.Name, " ", len(e.Text)))
	}
	notice := len("\n[This cell printed more than 2 MB. The rest is left out; the cell goes on.]\n")
	want := []string{"stream stdout 1572864", "stream stdout 524288", fmt.Sprint("stream stderr ", notice), "display  0"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if _, err := sink.(Asker).Ask("x", false); !errors.Is(err, ErrNoInput) {
		t.Errorf("error %v", err)
	}
}
