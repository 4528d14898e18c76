package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHTML(t *testing.T) {
	n, err := Read("testdata/page.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	out, err := n.HTML("A <lesson>", "testdata")
	if err != nil {
		t.Fatal(err)
	}
	page := string(out)
	for _, want := range []string{
		"<title>A &lt;lesson&gt;</title>", "prefers-color-scheme: dark",
		`<h1 id="fine-tuning">Fine-tuning</h1>`, "<th>name</th>", // GitHub's tables
		`<msub><mi>x</mi><mrow><mn>1</mn></mrow></msub>`, `<math display="block">`, `<span class="formula">\unknown{x_1*2*}</span>`, "it costs $5 and $6",
		"<code>$notmath$</code>",
		`<span class="k">for</span>`, `<span class="s">&#34;&lt;b&gt;&#34;</span>`, `<span class="c">// comment</span>`,
		`<pre class="stdout">step 2</pre>`, // a carriage return starts the line again
		`<span class="ansi1">Panic</span>: x &lt; y`,
		`<table class="dataframe">`, `src="data:image/svg+xml;base64,PHN2Z`, `src="data:image/png;base64,iVBOR`,
		`<div class="label">[1]</div>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"http://cdn", "https://cdn", "<script src", "<link"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page is not self-contained: %s", bad)
		}
	}
}

func TestImagesComeInside(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.png"), []byte{1, 2, 3}, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ source, want string }{
		{"![x](a.png)", `src="data:image/png;base64,AQID"`},
		{"![x](attachment:b.png)", `src="data:image/png;base64,BBBB"`},
		{"![x](none.png)", `src="none.png"`},
		{"![x](../a.png)", `src="../a.png"`}, // only what lies beside the notebook
		{"![x](https://example.org/a.png)", `src="https://example.org/a.png"`},
	} {
		got, err := newMarkdown(dir).render(c.source, map[string]string{"b.png": "data:image/png;base64,BBBB"})
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s became %s, %v", c.source, got, err)
		}
	}
}

func TestHighlightLosesNothing(t *testing.T) {
	for _, source := range []string{"x := `a\r\nb`", "not go at \"all", "/* open", "a\x00b", "%cd dir", "名 := '字' // ü", ""} {
		page := highlight(source)
		var text strings.Builder
		inside := false
		for _, r := range page {
			switch {
			case r == '<':
				inside = true
			case r == '>':
				inside = false
			case !inside:
				text.WriteRune(r)
			}
		}
		got := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&", "\ufffd", "\x00").Replace(strings.TrimSuffix(text.String(), "\n"))
		if got != source {
			t.Errorf("%q became %q", source, got)
		}
	}
}
