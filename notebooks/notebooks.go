// Package notebooks holds the lessons as notebooks, executed, so that `tunebook lab` can hand them out from the binary.
// They are generated: the source of each is lessons/NN-name/lesson.md, or lesson.zh.md, and go generate ./lessons writes them anew.
package notebooks

import (
	"embed"
	"io/fs"
)

//go:embed */*.ipynb
var files embed.FS

// FS returns the notebooks, as "en/03-sft.ipynb" and "zh/03-sft.ipynb".
func FS() fs.FS { return files }
