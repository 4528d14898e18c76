package notebooks_test

import (
	"fmt"
	"io/fs"

	"github.com/tunebook/tunebook/notebooks"
)

func ExampleFS() {
	info, err := fs.Stat(notebooks.FS(), "en/03-sft.ipynb")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Name(), info.Size() > 0)
	// Output: 03-sft.ipynb true
}
