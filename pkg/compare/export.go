package compare

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/tunebook/tunebook/pkg/metric"
)

// CSV is a line for each run, and a column for each of Columns; what was not measured is empty. Shares are from 0 to 1.
func (r *Report) CSV() string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := []string{"method", "seed"}
	for _, c := range Columns() {
		name := c.Name
		if c.Unit != "" {
			name += " (" + c.Unit + ")"
		}
		head = append(head, name)
	}
	_ = w.Write(append(head, "key")) // into memory: nothing can fail
	for _, m := range r.Methods {
		for _, run := range m.Runs {
			row := []string{m.Name, strconv.FormatUint(run.Seed, 10)}
			for _, c := range Columns() {
				text := ""
				if v, ok := c.Of(run); ok {
					text = strconv.FormatFloat(v, 'g', -1, 64)
				}
				row = append(row, text)
			}
			_ = w.Write(append(row, run.Key))
		}
	}
	w.Flush()
	return b.String()
}

// summary is a column of a job in JSON.
type summary struct {
	Column string  `json:"column"`
	Unit   string  `json:"unit,omitempty"`
	Mean   float64 `json:"mean"`
	Std    float64 `json:"std"` // of a sample, n−1
	N      int     `json:"n"`
}

// JSON is everything: runs with their curves, means, verdict and remarks. Equal reports give equal bytes.
func (r *Report) JSON() ([]byte, error) {
	type method struct {
		Name    string    `json:"name"`
		How     string    `json:"how"`
		Before  Marks     `json:"before"`
		Summary []summary `json:"summary"`
		Runs    []*Trial  `json:"runs"`
	}
	out := struct {
		Study   string   `json:"study"`
		Task    string   `json:"task,omitempty"`
		Base    string   `json:"base,omitempty"`
		Seeds   []uint64 `json:"seeds"`
		Whole   bool     `json:"whole"`
		Verdict string   `json:"verdict"`
		Remarks []string `json:"remarks,omitempty"`
		Methods []method `json:"methods"`
	}{r.Name, r.Task, r.Base, r.Seeds, r.Whole(), r.Verdict(), r.remarks(), nil}
	for _, m := range r.Methods {
		j := method{Name: m.Name, How: m.How, Before: m.Before, Runs: m.Runs}
		for _, c := range r.Columns() {
			if values := c.Values(m); len(values) > 0 {
				mean, std := metric.MeanStd(values)
				j.Summary = append(j.Summary, summary{c.Name, c.Unit, mean, std, len(values)})
			}
		}
		out.Methods = append(out.Methods, j)
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return append(text, '\n'), nil
}

// HTML is the table, the curves, quality against what must be stored, and the verdict. Page is a document of its own.
func (r *Report) HTML() string {
	out := r.all().HTML()
	if figure, err := r.Pareto("size", "quality"); err == nil {
		out += figure.SVG()
	}
	return out + r.Curves().SVG() + r.words()
}

// words are the verdict and the remarks.
func (r *Report) words() string {
	var b strings.Builder
	for line := range strings.Lines(r.Verdict()) {
		b.WriteString("<p>" + html.EscapeString(strings.TrimSpace(line)) + "</p>\n")
	}
	for _, n := range r.remarks() {
		b.WriteString("<p><em>" + html.EscapeString(n) + "</em></p>\n")
	}
	return b.String()
}

// look follows the reader's choice of light or dark. Figures bring a light card along.
const look = `:root{color-scheme:light dark;--ground:#fff;--ink:#24292f;--soft:#57606a;--line:#d0d7de}
@media(prefers-color-scheme:dark){:root{--ground:#14171c;--ink:#e6edf3;--soft:#9da7b3;--line:#3a424d}}
body{background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1.2rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
th,td{padding:.35rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}caption{text-align:left;color:var(--soft);padding-bottom:.5rem}
em,.soft{color:var(--soft)}.figures{display:flex;flex-wrap:wrap;gap:1rem}.figures svg{flex:1 1 26rem;min-width:0}`

// Page is the report as one HTML document that needs nothing else.
func (r *Report) Page() string {
	var b strings.Builder
	title := html.EscapeString(r.Name)
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>%s</title>\n<style>%s</style></head><body>\n<h1>%s</h1>\n", title, look, title)
	fmt.Fprintf(&b, "<p class=\"soft\">%s</p>\n", html.EscapeString(strings.Trim(r.Task+". Base: "+r.Base+".", ". ")+"."))
	b.WriteString("<h2>Verdict</h2>\n" + r.words())
	b.WriteString("<h2>Side by side</h2>\n<div class=\"wide\">" + r.all().HTML() + "</div>\n")
	b.WriteString("<h2>What it costs, and what it forgets</h2>\n<div class=\"figures\">\n")
	for _, pair := range r.pairs() {
		if figure, err := r.Pareto(pair[0], pair[1]); err == nil {
			b.WriteString(figure.SVG() + "\n")
		}
	}
	b.WriteString("</div>\n<h2>On the way</h2>\n<div class=\"figures\">\n" + r.Curves(metric.Loss).SVG() + "\n")
	if r.has("loss") {
		b.WriteString(r.Curves(metric.EvalLoss).SVG() + "\n")
	}
	b.WriteString("</div>\n")
	if t := r.parts(); len(t.Header) > 2 {
		b.WriteString("<h2>By kind of question</h2>\n<div class=\"wide\">" + t.HTML() + "</div>\n")
	}
	b.WriteString("<h2>The methods</h2>\n<div class=\"wide\">" + r.methods().HTML() + "</div>\n")
	b.WriteString("<h2>The columns</h2>\n<div class=\"wide\">" + r.legend().HTML() + "</div>\n</body></html>\n")
	return b.String()
}

// pairs are the columns that a page sets against each other, where they were measured.
func (r *Report) pairs() [][2]string {
	memory := "planned"
	if r.has("peak") {
		memory = "peak"
	}
	var out [][2]string
	for _, p := range [][2]string{{"size", "quality"}, {"perplexity", "quality"}, {memory, "quality"}, {"time", "quality"}} {
		if r.has(p[0]) && r.has(p[1]) {
			out = append(out, p)
		}
	}
	return out
}

func (r *Report) has(name string) bool {
	for _, c := range r.Columns() {
		if c.Name == name {
			return true
		}
	}
	return false
}

// parts is the exam by kind of question, a share of right answers over all seeds.
func (r *Report) parts() *metric.Table {
	t := &metric.Table{Header: []string{"method"}}
	var names []string
	at := map[string]int{}
	for _, m := range r.Methods {
		for _, run := range m.Runs {
			for _, p := range run.Parts {
				if _, ok := at[p.Name]; !ok {
					at[p.Name] = len(names)
					names = append(names, p.Name)
				}
			}
		}
	}
	t.Header = append(t.Header, names...)
	for _, m := range r.Methods {
		right, asked := make([]int, len(names)), make([]int, len(names))
		for _, run := range m.Runs {
			for _, p := range run.Parts {
				right[at[p.Name]] += p.Right
				asked[at[p.Name]] += p.Asked
			}
		}
		row := []string{m.Name}
		for i := range names {
			if asked[i] == 0 {
				row = append(row, "")
				continue
			}
			row = append(row, fmt.Sprintf("%.1f%%", 100*float64(right[i])/float64(asked[i])))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// methods says what each is and was trained with.
func (r *Report) methods() *metric.Table {
	t := &metric.Table{Header: []string{"method", "what moves", "steps", "learning rate", "batch", "finished seeds"}}
	for _, m := range r.Methods {
		j := r.jobs[m.Name]
		or := func(v, usual any, zero bool) string {
			if zero {
				v = usual
			}
			return fmt.Sprint(v)
		}
		var seeds []string
		for _, run := range m.Runs {
			seeds = append(seeds, fmt.Sprint(run.Seed))
		}
		t.Add(m.Name, m.How, or(j.Steps, usualSteps, j.Steps == 0), or(j.LR, 1e-3, j.LR == 0), or(j.Batch, 16, j.Batch == 0), strings.Join(seeds, ", "))
	}
	return t
}

// legend says what the columns are.
func (r *Report) legend() *metric.Table {
	t := &metric.Table{Header: []string{"column", "name", "what it is"}}
	for _, c := range r.Columns() {
		t.Add(c.Title(), c.Name, c.About)
	}
	return t
}
