package runner

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestMathML(t *testing.T) {
	for source, want := range map[string]string{
		`x_1^2`:                `<msubsup><mi>x</mi><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></msubsup>`,
		`\frac{1}{\sqrt{d}}`:   `<mfrac><mrow><mn>1</mn></mrow><mrow><msqrt><mrow><mi>d</mi></mrow></msqrt></mrow></mfrac>`,
		`\sum_{i=1}^N`:         `<munderover><mo movablelimits="true">∑</mo><mrow><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow></mrow><mrow><mi>N</mi></mrow></munderover>`,
		`a<b`:                  `<mi>a</mi><mo>&lt;</mo><mi>b</mi>`,
		`\pi_{\text{old one}}`: "<msub><mi>π</mi><mrow><mrow><mtext>old\u00a0one</mtext></mrow></mrow></msub>",
		`3.14 - 2`:             `<mn>3.14</mn><mo>−</mo><mn>2</mn>`,
		`\mathbb{E}\mathbf{W}`: `<mi>𝔼</mi><mi style="font-weight: bold">W</mi>`,
		`\left(x\right]`:       `<mrow><mo>(</mo><mi>x</mi><mo>]</mo></mrow>`,
		`\begin{bmatrix}1&2\\3&4\end{bmatrix}`: `<mrow><mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr>` +
			`<mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable><mo>]</mo></mrow>`,
		`f'(x)`: `<msup><mi>f</mi><mrow><mo>′</mo></mrow></msup><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo>`,
	} {
		got, ok := mathML(source, false)
		if !ok || got != "<math><mrow>"+want+"</mrow></math>" {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}

func TestMathMLRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, source := range []string{`\unknown`, `\frac{1}`, `{`, `}`, `x^`, `\left(x`, `\begin{x}\end{x}`, `\begin{matrix}1`, `a & b`, `\mathbb{名}`,
		strings.Repeat("{", 1000), `\text{a`, `\`, "\\"} {
		if got, ok := mathML(source, false); ok {
			t.Errorf("%.20q became %s", source, got)
		}
	}
}

func FuzzMathML(f *testing.F) {
	for _, seed := range []string{`\frac{a}{b}`, `x_1^2'`, `\left(\sum_{i<n} x\right)`, `\begin{cases}a & b \\ c\end{cases}`, `\text{a}`, `\hat\bar x`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		page, ok := mathML(source, true)
		if !ok {
			return
		}
		for d := xml.NewDecoder(strings.NewReader(page)); ; { // well-formed, whatever was in the source
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil && !strings.Contains(err.Error(), "illegal character") && !strings.Contains(err.Error(), "invalid UTF-8") {
				t.Fatalf("%q became %s: %v", source, page, err)
			}
		}
	})
}
