package checkpoint_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tunebook/tunebook/pkg/checkpoint"
)

// open puts data into a file system of one file, as an embedded model is.
func open(t testing.TB, data []byte) (*checkpoint.File, error) {
	t.Helper()
	f, err := checkpoint.Open(fstest.MapFS{"w.safetensors": {Data: data}}, "w.safetensors")
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return f, err
}

// file builds the bytes of a file from its header text and n bytes of data.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

// testdata/mixed.safetensors was written by the Python library; see mixed.py.
func TestReadPython(t *testing.T) {
	f, err := checkpoint.Open(os.DirFS("testdata"), "mixed.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.Metadata()["made"]; got != "für Prüfung" {
		t.Errorf("metadata made = %q", got)
	}
	for _, p := range []struct {
		narrow, wide string
		shape        []int
	}{{"half", "wide.half", []int{3, 7}}, {"brain", "wide.brain", []int{7, 3}}} {
		narrow, err := f.Tensor(p.narrow)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(narrow.Shape, p.shape) {
			t.Errorf("%s has shape %v, want %v", p.narrow, narrow.Shape, p.shape)
		}
		wide, err := f.Tensor(p.wide)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range wide.Data {
			if got := narrow.Data[i]; math.Float32bits(got) != math.Float32bits(want) {
				t.Errorf("%s[%d] = %g, PyTorch widens it to %g", p.narrow, i, got, want)
			}
		}
	}
	if s, err := f.Tensor("scalar"); err != nil || len(s.Data) != 1 || s.Data[0] != 2.5 {
		t.Errorf("scalar = %v, %v, want 2.5", s, err)
	}
	if e, err := f.Tensor("empty"); err != nil || len(e.Data) != 0 || !slices.Equal(e.Shape, []int{0, 4}) {
		t.Errorf("empty = %v, %v, want no numbers of shape [0 4]", e, err)
	}
	if _, err := f.Tensor("ids"); !errors.Is(err, checkpoint.ErrType) || !strings.Contains(err.Error(), "I64") {
		t.Errorf("reading integers gives %v, want ErrType naming I64", err)
	}
	if _, err := f.Tensor("nobody"); !errors.Is(err, checkpoint.ErrNoTensor) {
		t.Errorf("reading an unknown name gives %v, want ErrNoTensor", err)
	}
}

func TestCorrupt(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want string // part of the message
	}{
		{"empty file", nil, "too few"},
		{"seven bytes", make([]byte, 7), "too few"},
		{"header longer than the file", append(binary.LittleEndian.AppendUint64(nil, 99), "{}"...), "claims 99 bytes"},
		{"header of 2^63 bytes", append(binary.LittleEndian.AppendUint64(nil, 1<<63), "{}"...), "claims"},
		{"a text file", []byte("Once upon a time there was a file."), "claims"},
		{"no JSON", file(`hello wo`, 0), "not JSON"},
		{"a list", file(`[]`, 0), "not a JSON object"},
		{"unclosed", file(`{"a":`, 0), "malformed"},
		{"empty object then text", file(`{} x`, 0), "text follows"},
		{"metadata of numbers", file(`{"__metadata__":{"a":1}}`, 0), "metadata"},
		{"unknown type", file(`{"a":{"dtype":"F17","shape":[1],"data_offsets":[0,4]}}`, 4), `"a": unknown type "F17"`},
		{"no shape", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), `"a": shape or data_offsets`},
		{"three offsets", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}`, 4), `"a": shape or data_offsets`},
		{"negative dimension", file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), `"a": shape [-1] is absurd`},
		{"absurd shape", file(`{"a":{"dtype":"F32","shape":[2000000000,2000000000,2000000000],"data_offsets":[0,4]}}`, 4), `"a": shape`},
		{"fractional shape", file(`{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}`, 4), `"a": description is malformed`},
		{"bytes contradict shape", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4), `"a": shape [2] of F32 needs 8 bytes, data_offsets give 4`},
		{"reversed offsets", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4), `"a": data_offsets`},
		{"negative offset", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, 4), `"a": data_offsets`},
		{"truncated data", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 7), `"a" ends at byte 8 but the file has only 7`},
		{"bytes beyond", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 5), "1 bytes after the last tensor"},
		{"twice the same name", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), `"a" appears twice`},
		{"overlap", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12), `"b" starts at byte 4 inside`},
		{"the same bytes twice", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), "inside the tensor before it"},
		{"gap", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, 12), `bytes 4 to 8 before tensor "b"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := open(t, c.data)
			if !errors.Is(err, checkpoint.ErrCorrupt) {
				t.Fatalf("error is %v, want ErrCorrupt", err)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "w.safetensors") {
				t.Errorf("error %q should name the file and contain %q", err, c.want)
			}
		})
	}
}

// An empty tensor may stand at an offset where another starts.
func TestEmptyTensorSharesOffset(t *testing.T) {
	f, err := open(t, file(`{"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 4))
	if err != nil {
		t.Fatal(err)
	}
	if e := f.Entries(); len(e) != 2 || e[0].Name != "a" || e[1].Len() != 1 {
		t.Errorf("entries = %v", e)
	}
}

func TestOpenMissing(t *testing.T) {
	if _, err := checkpoint.Open(os.DirFS("testdata"), "nobody.safetensors"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want fs.ErrNotExist", err)
	}
	if _, err := checkpoint.Open(os.DirFS("."), "testdata"); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("opening a folder gives %v", err)
	}
}

// FuzzOpen: whatever the bytes, opening and reading neither panics nor gives
// more numbers than the file has bytes.
func FuzzOpen(f *testing.F) {
	mixed, err := os.ReadFile("testdata/mixed.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mixed)
	f.Add(file(`{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}`, 12))
	f.Add(file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := open(t, data)
		if err != nil {
			return
		}
		total := 0
		for _, e := range file.Entries() {
			tensor, err := file.Tensor(e.Name)
			if err != nil {
				if !errors.Is(err, checkpoint.ErrType) {
					t.Errorf("a checked header led to %v", err)
				}
				continue
			}
			total += len(tensor.Data)
		}
		if total > len(data) {
			t.Errorf("%d numbers from %d bytes", total, len(data))
		}
	})
}

func TestReadWithoutRandomAccess(t *testing.T) {
	mixed, err := os.ReadFile("testdata/mixed.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := checkpoint.Open(streamFS{mixed}, "m")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := f.Tensor("scalar"); err != nil || s.Data[0] != 2.5 {
		t.Errorf("scalar = %v, %v", s, err)
	}
}

// streamFS hides random access, as an archive does.
type streamFS struct{ data []byte }

type stream struct {
	fs.File
	r *bytes.Reader
}

func (s streamFS) Open(name string) (fs.File, error) {
	f, err := fstest.MapFS{name: {Data: s.data}}.Open(name)
	return stream{f, bytes.NewReader(s.data)}, err
}

func (s stream) Read(p []byte) (int, error) { return s.r.Read(p) }
