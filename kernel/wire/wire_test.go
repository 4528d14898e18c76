package wire

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The signature was made by Python: hmac.new(b"secret", b"".join(frames), hashlib.sha256).hexdigest() of the frames below.
const pythonSignature = "0a6d83c2a73da72261d029e37cd15d90649ee65f775a9696e38cda7e2a7720d8"

var pythonFrames = [][]byte{[]byte(`{"msg_id":"1","msg_type":"kernel_info_request"}`), []byte(`{}`), []byte(`{}`), []byte(`{"a":1}`)}

func TestKeyAgreesWithPython(t *testing.T) {
	if got := string(Key("secret").Sign(pythonFrames)); got != pythonSignature {
		t.Errorf("signature %s, Python says %s", got, pythonSignature)
	}
	for _, bad := range []string{"", "00", strings.Repeat("0", 64), pythonSignature[:63], "zz" + pythonSignature[2:]} {
		if Key("secret").Check([]byte(bad), pythonFrames) {
			t.Errorf("the signature %q was accepted", bad)
		}
	}
	if !Key("secret").Check([]byte(pythonSignature), pythonFrames) {
		t.Error("the right signature was refused")
	}
	if !Key("").Check([]byte("anything"), pythonFrames) {
		t.Error("the empty key switches signing off")
	}
}

func TestParse(t *testing.T) {
	signed := func(key string, parts ...string) [][]byte {
		var frames [][]byte
		for _, part := range parts {
			frames = append(frames, []byte(part))
		}
		return append([][]byte{[]byte("client"), []byte(delimiter), Key(key).Sign(frames)}, frames...)
	}
	header := `{"msg_id":"1","msg_type":"execute_request","session":"s"}`
	for _, c := range []struct {
		name   string
		frames [][]byte
		want   error
	}{
		{"good", signed("k", header, "{}", "{}", "{}"), nil},
		{"good, with a buffer", append(signed("k", header, "{}", "{}", "{}"), []byte{0, 1}), nil},
		{"nothing", nil, ErrDelimiter},
		{"no delimiter", [][]byte{[]byte("a"), []byte("b")}, ErrDelimiter},
		{"nothing after the delimiter", [][]byte{[]byte(delimiter)}, ErrShort},
		{"three frames", signed("k", header, "{}", "{}"), ErrShort},
		{"other key", signed("other", header, "{}", "{}", "{}"), ErrSignature},
		{"header is no JSON", signed("k", "no", "{}", "{}", "{}"), ErrHeader},
		{"header without type", signed("k", `{"msg_id":"1"}`, "{}", "{}", "{}"), ErrHeader},
		{"content is a list", signed("k", header, "{}", "{}", "[]"), ErrContent},
		{"content is cut", signed("k", header, "{}", "{}", `{"code":`), ErrContent},
		{"metadata is empty", signed("k", header, "{}", "", "{}"), ErrContent},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse("k", c.frames)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && (m.Header.Type != "execute_request" || string(m.Identities[0]) != "client") {
				t.Errorf("parsed %+v", m)
			}
		})
	}
}

func TestReplyKeepsTheParentAsItCame(t *testing.T) {
	header := `{"msg_id": "1", "msg_type":"x", "unknown" : [1, 2]}`
	frames := [][]byte{[]byte(header), []byte("{}"), []byte("{}"), []byte("{}")}
	m, err := Parse("", append([][]byte{[]byte("id"), []byte(delimiter), nil}, frames...))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := New("s", "x_reply", &m, map[string]int{"a": 1})
	if err != nil {
		t.Fatal(err)
	}
	if string(reply.Parent) != header {
		t.Errorf("parent %s, want %s", reply.Parent, header)
	}
	out, err := reply.Frames("key")
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("key", out)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(reply.Header, again.Header); d != "" {
		t.Error(d)
	}
	var content map[string]int
	if err := again.Into(&content); err != nil || content["a"] != 1 {
		t.Errorf("content %v, error %v", content, err)
	}
	if string(again.Identities[0]) != "id" {
		t.Errorf("a reply goes to %q, want the one that asked", again.Identities)
	}
}

func TestErrorReplyIsFlat(t *testing.T) {
	got, err := json.Marshal(ExecuteReply{Status: "error", Count: 3, Error: &Error{"E", "v", []string{"t"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"status":"error","execution_count":3,"ename":"E","evalue":"v","traceback":["t"]}`
	if string(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestFramesRoundTrip(t *testing.T) {
	big := make([]byte, 3<<20)
	rand.Read(big)
	for _, frames := range [][][]byte{{{}}, {[]byte("a"), {}, []byte("b")}, {make([]byte, 255), make([]byte, 256)}, {big, []byte("end")}} {
		got, isCommand, err := readFrames(bufio.NewReader(bytes.NewReader(appendFrames(nil, frames))), sizeLimit)
		if err != nil || isCommand || len(got) != len(frames) {
			t.Fatalf("%d frames, command %v, error %v", len(got), isCommand, err)
		}
		for i := range frames {
			if !bytes.Equal(got[i], frames[i]) {
				t.Errorf("frame %d differs", i)
			}
		}
	}
}

func TestFramesRefuse(t *testing.T) {
	for name, in := range map[string][]byte{
		"an announced terabyte": {long, 0, 0, 1, 0, 0, 0, 0, 0},
		"all bits of the size":  {long, 255, 255, 255, 255, 255, 255, 255, 255},
		"two halves too large":  append([]byte{more | long, 0, 0, 0, 0, 0, 0, 2, 0}, append(make([]byte, 512), long, 0, 0, 0, 0, 0, 0, 2, 1)...),
		"unknown flags":         {8, 0},
		"a command with more":   {command | more, 0},
		"cut in the body":       {0, 5, 'a'},
		"cut in the size":       {long, 0, 0},
	} {
		if frames, _, err := readFrames(bufio.NewReader(bytes.NewReader(in)), 1024); err == nil {
			t.Errorf("%s was read as %q", name, frames)
		}
	}
}

func TestReadConnection(t *testing.T) {
	good := `{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5,"key":"k","signature_scheme":"hmac-sha256"}`
	for _, c := range []struct{ content, want string }{
		{good, ""},
		{"", "unexpected end"},
		{"{", "unexpected end"},
		{strings.Replace(good, "tcp", "udp", 1), `transport "udp"`},
		{strings.Replace(good, "127.0.0.1", "", 1), "ip is missing"},
		{strings.Replace(good, "sha256", "md5", 1), `"hmac-md5"`},
		{strings.Replace(good, `"hb_port":5`, `"hb_port":70000`, 1), "hb_port is 70000"},
	} {
		path := filepath.Join(t.TempDir(), "c.json")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadConnection(path)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.content, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path)):
			t.Errorf("%q: error %v, want one that says %q and names the file", c.content, err, c.want)
		}
	}
	if _, err := ReadConnection("no/such/file"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	good, _ := New("s", "execute_request", nil, ExecuteRequest{Code: "1+1"})
	frames, _ := good.Frames("")
	f.Add(appendFrames(nil, frames))
	f.Add([]byte{more, 1, 'a', command, 0})
	f.Add(appendFrames(nil, [][]byte{[]byte("id"), []byte(delimiter), nil, []byte("{}"), nil, nil, nil}))
	f.Fuzz(func(t *testing.T, in []byte) {
		frames, isCommand, err := readFrames(bufio.NewReader(bytes.NewReader(in)), 1<<16)
		if err != nil {
			return
		}
		if isCommand {
			pong(frames[0])
			return
		}
		m, err := Parse("", frames)
		if err != nil {
			return
		}
		// What was understood can be answered, and the answer is understood.
		reply, err := New("s", "reply", &m, struct{}{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := reply.Frames("k")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Parse("k", out); err != nil && !bytes.Contains(bytes.Join(m.Identities, nil), []byte(delimiter)) {
			t.Fatalf("%v of %+v", err, again)
		}
	})
}
