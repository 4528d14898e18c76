package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// ErrCorrupt is wrapped by every error about a file whose bytes contradict
// the format.
var ErrCorrupt = errors.New("not a sound safetensors file")

// headerLimit is the largest header that the format's reference
// implementation accepts. A real header has about 100 bytes a tensor.
const headerLimit = 100_000_000

// metadataKey is the one name in a header that is not a tensor.
const metadataKey = "__metadata__"

// Entry describes one tensor of a file.
type Entry struct {
	Name  string
	Type  Type
	Shape []int

	begin, end int64 // bytes, from the start of the data
}

// Len is the number of elements.
func (e Entry) Len() int {
	if e.Type.size() == 0 {
		return 0
	}
	return int((e.end - e.begin) / e.Type.size())
}

// header is the checked first part of a file.
type header struct {
	entries  []Entry // in the order of their data
	metadata map[string]string
}

// parseHeader reads the JSON of a header and checks it against the number of
// data bytes that follow.
func parseHeader(text []byte, dataBytes int64) (header, error) {
	h, err := decodeHeader(text)
	if err != nil {
		return header{}, err
	}
	slices.SortStableFunc(h.entries, func(a, b Entry) int {
		switch {
		case a.begin != b.begin:
			if a.begin < b.begin {
				return -1
			}
			return 1
		case a.end < b.end: // an empty tensor sorts before the one that starts where it stands
			return -1
		case a.end > b.end:
			return 1
		}
		return 0
	})
	return h, checkTiling(h.entries, dataBytes)
}

// decodeHeader walks the JSON object key by key, because decoding into a map
// would hide duplicate names.
func decodeHeader(text []byte) (header, error) {
	var h header
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		return h, fmt.Errorf("header is not JSON (%w): %w", err, ErrCorrupt)
	}
	if open != json.Delim('{') {
		return h, fmt.Errorf("header is not a JSON object: %w", ErrCorrupt)
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return h, fmt.Errorf("header is not JSON (%w): %w", err, ErrCorrupt)
		}
		name, ok := key.(string)
		if !ok {
			return h, fmt.Errorf("header key %v is not a string: %w", key, ErrCorrupt)
		}
		if seen[name] {
			return h, fmt.Errorf("name %q appears twice: %w", name, ErrCorrupt)
		}
		seen[name] = true
		if name == metadataKey {
			if err := d.Decode(&h.metadata); err != nil {
				return h, fmt.Errorf("metadata must map text to text (%w): %w", err, ErrCorrupt)
			}
			continue
		}
		e, err := decodeEntry(d, name)
		if err != nil {
			return h, fmt.Errorf("tensor %q: %w", name, err)
		}
		h.entries = append(h.entries, e)
	}
	if _, err := d.Token(); err != nil {
		return h, fmt.Errorf("header is not JSON (%w): %w", err, ErrCorrupt)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return h, fmt.Errorf("text follows the header's object: %w", ErrCorrupt)
	}
	return h, nil
}

func decodeEntry(d *json.Decoder, name string) (Entry, error) {
	var raw struct {
		Type    Type    `json:"dtype"`
		Shape   []int64 `json:"shape"`
		Offsets []int64 `json:"data_offsets"`
	}
	if err := d.Decode(&raw); err != nil {
		return Entry{}, fmt.Errorf("description is malformed (%w): %w", err, ErrCorrupt)
	}
	size := raw.Type.size()
	if size == 0 {
		return Entry{}, fmt.Errorf("unknown type %q: %w", raw.Type, ErrCorrupt)
	}
	if raw.Shape == nil || len(raw.Offsets) != 2 {
		return Entry{}, fmt.Errorf("shape or data_offsets is missing: %w", ErrCorrupt)
	}
	e := Entry{Name: name, Type: raw.Type, Shape: make([]int, len(raw.Shape)), begin: raw.Offsets[0], end: raw.Offsets[1]}
	if e.begin < 0 || e.end < e.begin {
		return Entry{}, fmt.Errorf("data_offsets %v do not describe a range: %w", raw.Offsets, ErrCorrupt)
	}
	bytes := size
	for i, n := range raw.Shape {
		if n < 0 || n > math.MaxInt32 || n > 0 && bytes > math.MaxInt64/n {
			return Entry{}, fmt.Errorf("shape %v is absurd: %w", raw.Shape, ErrCorrupt)
		}
		e.Shape[i] = int(n)
		bytes *= n
	}
	if bytes != e.end-e.begin {
		return Entry{}, fmt.Errorf("shape %v of %s needs %d bytes, data_offsets give %d: %w",
			raw.Shape, raw.Type, bytes, e.end-e.begin, ErrCorrupt)
	}
	return e, nil
}

// checkTiling demands that the tensors cover the data exactly: no overlap, no
// gap, nothing beyond the end. Entries come sorted by offset.
func checkTiling(entries []Entry, dataBytes int64) error {
	var next int64
	for _, e := range entries {
		switch {
		case e.end > dataBytes:
			return fmt.Errorf("tensor %q ends at byte %d but the file has only %d bytes of data; is it truncated? %w",
				e.Name, e.end, dataBytes, ErrCorrupt)
		case e.begin < next:
			return fmt.Errorf("tensor %q starts at byte %d inside the tensor before it: %w", e.Name, e.begin, ErrCorrupt)
		case e.begin > next:
			return fmt.Errorf("bytes %d to %d before tensor %q belong to no tensor: %w", next, e.begin, e.Name, ErrCorrupt)
		}
		next = e.end
	}
	if next != dataBytes {
		return fmt.Errorf("%d bytes after the last tensor belong to no tensor: %w", dataBytes-next, ErrCorrupt)
	}
	return nil
}
