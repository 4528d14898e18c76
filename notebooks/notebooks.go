package notebooks

import (
	"embed"
	"io/fs"
)

//go:embed */*.ipynb
var files embed.FS

// FS returns the notebooks, as "en/03-sft.ipynb" and "zh/03-sft.ipynb".
func FS() fs.FS { return files }
