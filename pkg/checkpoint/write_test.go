package checkpoint_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
)

func tensor(t testing.TB, data []float32, shape ...int) *compute.Tensor {
	t.Helper()
	x, err := compute.From(data, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The layout, byte for byte, from the format's description.
func TestWriteLayout(t *testing.T) {
	var b bytes.Buffer
	err := checkpoint.Write(&b, []checkpoint.Named{
		{Name: "b", Tensor: tensor(t, []float32{1, -2}, 1, 2)},
		{Name: "a", Tensor: tensor(t, []float32{0.5}, 1)},
	}, checkpoint.Options{Type: checkpoint.BF16, Metadata: map[string]string{"k": "v"}})
	if err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"k":"v"},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]},"a":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}}`
	for len(header)%8 != 0 {
		header += " "
	}
	// bfloat16: 1 = 3f80, -2 = c000, 0.5 = 3f00.
	want := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	want = append(want, header+"\x80\x3f\x00\xc0\x00\x3f"...)
	if diff := cmp.Diff(want, b.Bytes()); diff != "" {
		t.Errorf("bytes (-want +got):\n%s", diff)
	}
}

// Rounding, from IEEE 754: to nearest, ties to even.
func TestRounding(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		as       checkpoint.Type
		in, want float32
	}{
		{checkpoint.F16, 1 + 0x1p-11, 1},                                   // half way to the next half, ties to even
		{checkpoint.F16, 1 + 3*0x1p-11, 1 + 0x1p-9},                        // half way, the even one is above
		{checkpoint.F16, 1 + 0x1p-11 + 0x1p-20, 1 + 0x1p-10},               // just above half way
		{checkpoint.F16, 65519, 65504},                                     // still rounds down to the largest
		{checkpoint.F16, 0x1p-24, 0x1p-24},                                 // the smallest subnormal
		{checkpoint.F16, 0x1p-25, 0},                                       // half of it, ties to even
		{checkpoint.F16, 0x1p-25 + 0x1p-40, 0x1p-24},                       // just above
		{checkpoint.F16, 0x1p-14 - 0x1p-26, 0x1p-14},                       // subnormal rounds up into normal
		{checkpoint.F16, -3 * 0x1p-24, -3 * 0x1p-24},                       // sign of a subnormal
		{checkpoint.F16, inf, inf},                                         //
		{checkpoint.BF16, 1 + 0x1p-8, 1},                                   // tie, even below
		{checkpoint.BF16, 1 + 3*0x1p-8, 1 + 0x1p-6},                        // tie, even above
		{checkpoint.BF16, 1 + 0x1p-8 + 0x1p-20, 1 + 0x1p-7},                // just above half way
		{checkpoint.BF16, -inf, -inf},                                      //
		{checkpoint.BF16, math.Float32frombits(1), 0},                      // float32's smallest subnormal
		{checkpoint.F32, math.Float32frombits(1), math.Float32frombits(1)}, //
	} {
		if got := roundTrip(t, c.as, c.in); math.Float32bits(got) != math.Float32bits(c.want) {
			t.Errorf("%s: %g comes back as %g, want %g", c.as, c.in, got, c.want)
		}
	}
	// A NaN whose fraction would vanish in 16 bits must stay a NaN.
	for _, as := range []checkpoint.Type{checkpoint.F32, checkpoint.F16, checkpoint.BF16} {
		if got := roundTrip(t, as, math.Float32frombits(0x7f800001)); !math.IsNaN(float64(got)) {
			t.Errorf("%s: NaN comes back as %g", as, got)
		}
	}
}

// Every 16-bit pattern comes back as itself, through float32.
func TestEveryHalf(t *testing.T) {
	for _, as := range []checkpoint.Type{checkpoint.F16, checkpoint.BF16} {
		raw := make([]byte, 2<<16)
		for i := range 1 << 16 {
			raw[2*i], raw[2*i+1] = byte(i), byte(i>>8)
		}
		data := append(file(`{"x":{"dtype":"`+string(as)+`","shape":[65536],"data_offsets":[0,131072]}}`, 0), raw...)
		f, err := open(t, data)
		if err != nil {
			t.Fatal(err)
		}
		x, err := f.Tensor("x")
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := checkpoint.Write(&b, []checkpoint.Named{{Name: "x", Tensor: x}}, checkpoint.Options{Type: as}); err != nil {
			t.Fatal(err)
		}
		back := b.Bytes()[b.Len()-len(raw):]
		for i := range 1 << 16 {
			if math.IsNaN(float64(x.Data[i])) {
				continue // the bits of a NaN carry nothing
			}
			if back[2*i] != byte(i) || back[2*i+1] != byte(i>>8) {
				t.Fatalf("%s pattern %04x comes back as %02x%02x", as, i, back[2*i+1], back[2*i])
			}
		}
	}
}

func roundTrip(t *testing.T, as checkpoint.Type, x float32) float32 {
	t.Helper()
	var b bytes.Buffer
	if err := checkpoint.Write(&b, []checkpoint.Named{{Name: "x", Tensor: tensor(t, []float32{x}, 1)}}, checkpoint.Options{Type: as}); err != nil {
		t.Fatal(err)
	}
	f, err := open(t, b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	y, err := f.Tensor("x")
	if err != nil {
		t.Fatal(err)
	}
	return y.Data[0]
}

func TestWriteErrors(t *testing.T) {
	one := tensor(t, []float32{1}, 1)
	for _, c := range []struct {
		name    string
		tensors []checkpoint.Named
		as      checkpoint.Type
		want    string
	}{
		{"too large for F16", []checkpoint.Named{{Name: "w", Tensor: tensor(t, []float32{70000}, 1)}}, checkpoint.F16, `"w": value 70000 is out of range for F16`},
		{"too large for BF16", []checkpoint.Named{{Name: "w", Tensor: tensor(t, []float32{math.MaxFloat32}, 1)}}, checkpoint.BF16, "out of range for BF16"},
		{"same name", []checkpoint.Named{{Name: "w", Tensor: one}, {Name: "w", Tensor: one}}, "", `"w" is taken`},
		{"reserved name", []checkpoint.Named{{Name: "__metadata__", Tensor: one}}, "", "is taken"},
		{"nil", []checkpoint.Named{{Name: "w"}}, "", "is nil"},
		{"shape contradicts data", []checkpoint.Named{{Name: "w", Tensor: &compute.Tensor{Shape: []int{3}, Data: []float32{1}}}}, "", "shape [3] but 1"},
		{"integer type", nil, "I64", "I64"},
	} {
		err := checkpoint.Write(io.Discard, c.tensors, checkpoint.Options{Type: c.as})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestSaveDir(t *testing.T) {
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	broken := errors.New("disk full")
	dir := filepath.Join(t.TempDir(), "a", "b")

	// A folder that could not be written leaves nothing behind.
	err := checkpoint.SaveDir(dir, []checkpoint.Part{
		{Name: "one", Write: text("1")},
		{Name: "two", Write: func(w io.Writer) error { return errors.Join(text("half")(w), broken) }},
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "two") {
		t.Errorf("error is %v, want disk full naming the file", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the failed folder is still there: %v", err)
	}

	if err := checkpoint.SaveDir(dir, []checkpoint.Part{{Name: "one", Write: text("1")}, {Name: "two", Write: text("2")}}); err != nil {
		t.Fatal(err)
	}
	// A second save that fails leaves the first as it was.
	err = checkpoint.SaveDir(dir, []checkpoint.Part{{Name: "one", Write: text("new")}, {Name: "two", Write: func(io.Writer) error { return broken }}})
	if !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	if diff := cmp.Diff(map[string]string{"one": "1", "two": "2"}, contents(t, dir)); diff != "" {
		t.Errorf("folder after a failed save (-want +got):\n%s", diff)
	}
	if err := checkpoint.SaveDir(dir, []checkpoint.Part{{Name: "one", Write: text("new")}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"one": "new", "two": "2"}, contents(t, dir)); diff != "" {
		t.Errorf("folder after a save (-want +got):\n%s", diff)
	}
	if err := checkpoint.SaveDir(dir, []checkpoint.Part{{Name: "../out", Write: text("x")}}); err == nil {
		t.Error("a name that leaves the folder was accepted")
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		m[e.Name()] = string(b)
	}
	return m
}
