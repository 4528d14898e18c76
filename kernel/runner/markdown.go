package runner

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown renders the text of a notebook: GitHub's Markdown, raw HTML as front-ends allow it, formulas as MathML.
type markdown struct {
	dir string
	md  goldmark.Markdown
}

func newMarkdown(dir string) *markdown {
	return &markdown{dir, goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(goldhtml.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(codeBlocks{}, 100))),
	)}
}

func (m *markdown) render(source string, attachments map[string]string) (string, error) {
	source, formulas := hideFormulas(source)
	content := []byte(source)
	document := m.md.Parser().Parse(text.NewReader(content))
	err := ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if image, ok := n.(*ast.Image); ok && entering {
			address := string(image.Destination)
			if name, ok := strings.CutPrefix(address, "attachment:"); ok {
				image.Destination = []byte(attachments[name])
			} else if url := inline(m.dir, address); url != "" {
				image.Destination = []byte(url)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	var out bytes.Buffer
	if err := m.md.Renderer().Render(&out, content, document); err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	return showFormulas(out.String(), formulas), nil
}

// codeBlocks highlights fenced Go.
type codeBlocks struct{}

func (codeBlocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		block := n.(*ast.FencedCodeBlock)
		code := string(block.Lines().Value(source))
		if language := string(block.Language(source)); language == "go" || language == "golang" {
			_, err := w.WriteString(highlight(code))
			return ast.WalkSkipChildren, err
		}
		_, err := w.WriteString("<pre><code>" + html.EscapeString(code) + "</code></pre>\n")
		return ast.WalkSkipChildren, err
	})
}

// formula finds code, which may hold dollars, and then formulas: $$…$$ over lines, $…$ in one line, not around spaces or code,
// so that "$5 and $6" stays text.
var formula = regexp.MustCompile("(?s)(```.*?```|`[^`\n]*`)|(\\$\\$.+?\\$\\$)|(\\$[^\\s$`](?:[^$`\n]*[^\\s$`\\\\])?\\$)")

// mark stands for a formula while Markdown is parsed, so that its _ and * stay what they are.
const mark = "\ue000%d\ue001"

func hideFormulas(source string) (string, []string) {
	var formulas []string
	hidden := formula.ReplaceAllStringFunc(source, func(found string) string {
		if found[0] == '`' {
			return found
		}
		formulas = append(formulas, found)
		return fmt.Sprintf(mark, len(formulas)-1)
	})
	return hidden, formulas
}

func showFormulas(page string, formulas []string) string {
	for i, source := range formulas {
		block := strings.HasPrefix(source, "$$")
		source = strings.TrimSpace(strings.Trim(source, "$"))
		shown, ok := mathML(source, block)
		if !ok {
			class := "formula"
			if block {
				class = "formula block"
			}
			shown = fmt.Sprintf(`<span class="%s">%s</span>`, class, html.EscapeString(source))
		}
		page = strings.Replace(page, fmt.Sprintf(mark, i), shown, 1)
	}
	return page
}
