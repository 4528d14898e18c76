package checkpoint_test

import (
	"bytes"
	"fmt"
	"log"
	"testing/fstest"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
)

func Example() {
	w, err := compute.From([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err != nil {
		log.Fatal(err)
	}
	var b bytes.Buffer
	err = checkpoint.Write(&b, []checkpoint.Named{{Name: "head.weight", Tensor: w}}, checkpoint.Options{Type: checkpoint.BF16})
	if err != nil {
		log.Fatal(err)
	}

	// Any fs.FS will do: a folder, an embedded file, or this one in memory.
	f, err := checkpoint.Open(fstest.MapFS{"model.safetensors": {Data: b.Bytes()}}, "model.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for _, e := range f.Entries() {
		fmt.Println(e.Name, e.Type, e.Shape)
	}
	_, err = f.Tensor("tail.weight")
	fmt.Println(err)
	// Output:
	// head.weight BF16 [2 3]
	// checkpoint: model.safetensors: tensor "tail.weight": no such tensor
}
