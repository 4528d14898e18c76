package plot

import (
	"os"
	"sync"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
)

// systemFonts are the usual places of a font with Chinese characters on Linux, macOS and Windows, best first.
var systemFonts = []string{
	"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
	"/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
	"/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
	"/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
	"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
	"/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
	"/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
	"/System/Library/Fonts/PingFang.ttc",
	"/System/Library/Fonts/STHeiti Light.ttc",
	"/System/Library/Fonts/Hiragino Sans GB.ttc",
	`C:\Windows\Fonts\msyh.ttc`,
	`C:\Windows\Fonts\simsun.ttc`,
}

// chinese is the first usable system font, nil without one. Our binary carries none: they weigh 10 MB and more, and
// only the PNG needs it, since an SVG is written in the page's own fonts.
var chinese = sync.OnceValue(func() *font.Face { return firstFont(systemFonts) })

func firstFont(paths []string) *font.Face {
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		collection, err := sfnt.ParseCollection(raw) // reads a single font, too
		if err != nil {
			continue
		}
		for i := range collection.NumFonts() {
			f, err := collection.Font(i)
			if err != nil {
				continue
			}
			face := &font.Face{Face: f}
			if covers(face, '中') && covers(face, '训') {
				return face
			}
		}
	}
	return nil
}
