package kernel

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/tunebook/tunebook/kernel/wire"
)

// Language describes Go to front-ends and in the metadata of notebooks.
func Language() wire.LanguageInfo {
	return wire.LanguageInfo{
		Name: "go", Version: strings.TrimPrefix(runtime.Version(), "go"), MIMEType: "text/x-go", Extension: ".go",
		Lexer: "go", CodeMirror: "go", Exporter: "script",
	}
}

func (k *Kernel) info() wire.KernelInfoReply {
	language := Language()
	return wire.KernelInfoReply{
		Status: "ok", Protocol: wire.Version, Implementation: "tunebook", Version: k.version, Language: language,
		Banner: fmt.Sprintf("Tunebook %s: Go %s in cells, compiled Go underneath", k.version, language.Version),
		HelpLinks: []wire.HelpLink{
			{Text: "A Tour of Go", URL: "https://go.dev/tour/"},
			{Text: "Go standard library", URL: "https://pkg.go.dev/std"},
			{Text: "Gonum", URL: "https://pkg.go.dev/gonum.org/v1/gonum"},
			{Text: "Gorgonia", URL: "https://pkg.go.dev/gorgonia.org/gorgonia"},
		},
		Features: []string{},
	}
}
