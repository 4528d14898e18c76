package checkpoint

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Named is a tensor under the name that it has in a file.
type Named struct {
	Name   string
	Tensor *compute.Tensor
}

// Options says how Write stores tensors.
type Options struct {
	Type     Type              // of every tensor; zero means F32
	Metadata map[string]string // free text pairs; nil means none
}

// Write writes a safetensors file. Tensors keep the order given.
func Write(w io.Writer, tensors []Named, o Options) error {
	if o.Type == "" {
		o.Type = F32
	}
	if !o.Type.float() {
		return fmt.Errorf("checkpoint: cannot write as %q: %w", o.Type, ErrType)
	}
	head, err := formatHeader(tensors, o)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	b := bufio.NewWriterSize(w, 1<<16)
	if _, err := b.Write(head); err != nil {
		return fmt.Errorf("checkpoint: header: %w", err)
	}
	for _, t := range tensors {
		if err := writeData(b, t.Tensor.Data, o.Type); err != nil {
			return fmt.Errorf("checkpoint: tensor %q: %w", t.Name, err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// formatHeader builds the length and the JSON, padded with spaces so that the
// data starts at a multiple of eight.
func formatHeader(tensors []Named, o Options) ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	sep := ""
	put := func(key string, value any) error {
		k, err := json.Marshal(key)
		if err != nil {
			return err
		}
		v, err := json.Marshal(value)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%s%s:%s", sep, k, v)
		sep = ","
		return nil
	}
	if len(o.Metadata) > 0 {
		if err := put(metadataKey, o.Metadata); err != nil {
			return nil, err
		}
	}
	type entry struct {
		Type    Type     `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	seen := map[string]bool{metadataKey: true}
	var next int64
	for i, t := range tensors {
		if t.Tensor == nil {
			return nil, fmt.Errorf("tensor %d, %q, is nil", i, t.Name)
		}
		if seen[t.Name] {
			return nil, fmt.Errorf("tensor %d: name %q is taken", i, t.Name)
		}
		seen[t.Name] = true
		n := 1
		for _, d := range t.Tensor.Shape {
			n *= d
		}
		if n != len(t.Tensor.Data) {
			return nil, fmt.Errorf("tensor %q has shape %v but %d numbers", t.Name, t.Tensor.Shape, len(t.Tensor.Data))
		}
		end := next + int64(n)*o.Type.size()
		if err := put(t.Name, entry{o.Type, append([]int{}, t.Tensor.Shape...), [2]int64{next, end}}); err != nil {
			return nil, err
		}
		next = end
	}
	text.WriteByte('}')
	for text.Len()%8 != 0 {
		text.WriteByte(' ')
	}
	if text.Len() > headerLimit {
		return nil, errors.New("header exceeds the format's limit of 100 MB: less metadata or fewer tensors")
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(text.Len())), text.Bytes()...), nil
}

func writeData(w io.Writer, data []float32, t Type) error {
	const piece = 1 << 14
	size := int(t.size())
	buffer := make([]byte, size*min(piece, len(data)))
	for lo := 0; lo < len(data); lo += piece {
		part := data[lo:min(lo+piece, len(data))]
		raw := buffer[:size*len(part)]
		if err := t.encode(raw, part); err != nil {
			return err
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	return nil
}
