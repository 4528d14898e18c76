package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
)

// ErrNoTensor is wrapped when a file does not hold the tensor asked for.
var ErrNoTensor = errors.New("no such tensor")

// ErrType is wrapped when a tensor is stored as a type that cannot be widened
// to float32.
var ErrType = errors.New("type is not F32, F16 or BF16")

// File is an open safetensors file. Its header has been checked; tensors are
// read when asked for. It may be read from several goroutines.
type File struct {
	name     string
	r        io.ReaderAt
	closer   io.Closer
	start    int64 // of the data
	entries  []Entry
	index    map[string]int
	metadata map[string]string
}

// Open opens a safetensors file of a file system: os.DirFS(dir) for a folder,
// or an embed.FS.
func Open(fsys fs.FS, name string) (*File, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	file, err := open(f, name)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	return file, nil
}

func open(f fs.File, name string) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("is a folder, not a safetensors file")
	}
	size := info.Size()
	r, ok := f.(io.ReaderAt)
	if !ok { // a file system without random access, such as a zip archive
		data, err := io.ReadAll(io.LimitReader(f, size))
		if err != nil {
			return nil, err
		}
		r, size = bytes.NewReader(data), int64(len(data))
	}
	return parse(r, size, f, name)
}

// parse reads and checks the header of a file of the given size.
func parse(r io.ReaderAt, size int64, c io.Closer, name string) (*File, error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, fmt.Errorf("file has %d bytes, too few for a header: %w", size, ErrCorrupt)
	}
	if err := readFull(r, prefix[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	start := int64(len(prefix))
	if n > headerLimit || int64(n) > size-start {
		return nil, fmt.Errorf("header claims %d bytes in a file of %d; is it truncated, or not safetensors? %w", n, size, ErrCorrupt)
	}
	text := make([]byte, n)
	if err := readFull(r, text, start); err != nil {
		return nil, err
	}
	start += int64(n)
	h, err := parseHeader(text, size-start)
	if err != nil {
		return nil, err
	}
	file := &File{name: name, r: r, closer: c, start: start, entries: h.entries, metadata: h.metadata, index: make(map[string]int, len(h.entries))}
	for i, e := range h.entries {
		file.index[e.Name] = i
	}
	return file, nil
}

// readFull fills p from offset at. A file that ends early has been cut since
// its size was taken.
func readFull(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Close closes the underlying file.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Entries lists the tensors in the order of their data.
func (f *File) Entries() []Entry {
	entries := slices.Clone(f.entries)
	for i := range entries {
		entries[i].Shape = slices.Clone(entries[i].Shape)
	}
	return entries
}

// Metadata is a copy of the file's free text pairs.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Has reports whether the file holds a tensor of that name.
func (f *File) Has(name string) bool {
	_, ok := f.index[name]
	return ok
}

// Tensor reads one tensor, widened to float32.
func (f *File) Tensor(name string) (*compute.Tensor, error) {
	i, ok := f.index[name]
	if !ok {
		return nil, fmt.Errorf("checkpoint: %s: tensor %q: %w", f.name, name, ErrNoTensor)
	}
	e := f.entries[i]
	if !e.Type.float() {
		return nil, fmt.Errorf("checkpoint: %s: tensor %q is stored as %s: %w", f.name, name, e.Type, ErrType)
	}
	data := compute.Floats(e.Len())
	// A bounded piece at a time, so that reading needs little beside the result.
	const piece = 1 << 16
	size := int(e.Type.size())
	buffer := make([]byte, size*min(piece, len(data)))
	for lo := 0; lo < len(data); lo += piece {
		part := data[lo:min(lo+piece, len(data))]
		raw := buffer[:size*len(part)]
		if err := readFull(f.r, raw, f.start+e.begin+int64(size*lo)); err != nil {
			return nil, fmt.Errorf("checkpoint: %s: tensor %q: %w", f.name, name, err)
		}
		e.Type.decode(part, raw)
	}
	t, err := compute.From(data, e.Shape...)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: tensor %q: %w", f.name, name, err)
	}
	return t, nil
}
