package session

import "testing"

// TestErrors handles errors whose types cells declare in the ways of package errors. Wants are what a compiled program says.
func TestErrors(t *testing.T) {
	const declared = `type missing struct { code int; what string }
func (m missing) Error() string { return m.what + " is missing" }
type failed struct { op string; cause error }
func (f *failed) Error() string { return f.op + ": " + f.cause.Error() }
func (f *failed) Unwrap() error { return f.cause }
func find(what string) error { if what == "" { return nil }; return missing{3, what} }
func open(what string) error { if err := find(what); err != nil { return &failed{"open", err} }; return nil }
func kind(err error) string {
	switch e := err.(type) {
	case nil: return "nil"
	case missing: return "missing " + e.what
	case *failed: return "failed " + e.op
	}
	return "other"
}
known := missing{3, "key"}
sentinel := &failed{"read", io.EOF}`
	for cell, want := range map[string]string{
		"m, ok := find(\"key\").(missing)\nfmt.Print(m.what, m.code, ok)":                                                           "key3 true",
		"var e error = &failed{op: \"x\"}\nf, ok := e.(*failed)\nfmt.Print(f.op, ok)":                                               "xtrue",
		"fmt.Print(kind(nil), kind(find(\"key\")), kind(open(\"key\")), kind(io.EOF))":                                              "nilmissing keyfailed openother",
		"var m missing\nfmt.Print(errors.As(fmt.Errorf(\"at: %w\", open(\"key\")), &m), m.what)":                                    "truekey",
		"var f *failed\nfmt.Print(errors.As(errors.Join(io.EOF, open(\"key\")), &f), f.op)":                                         "trueopen",
		"var f *failed\nerrors.As(find(\"key\"), &f)":                                                                               "false",
		"var p *fs.PathError\n_, err := os.Open(\"/no/such\")\nfmt.Print(errors.As(err, &p), p.Op, errors.Is(err, os.ErrNotExist))": "trueopentrue",
		"errors.Is(open(\"key\"), known)":                                                                                           "true",
		"errors.Is(open(\"lock\"), known)":                                                                                          "false",
		"errors.Is(fmt.Errorf(\"at: %w\", sentinel), sentinel)":                                                                     "true",
		"errors.Is(fmt.Errorf(\"at: %w\", sentinel), io.EOF)":                                                                       "true",
		"errors.Is(nil, nil) && !errors.Is(sentinel, nil)":                                                                          "true",
		"var e error = sentinel\ne == sentinel && e == e && e != find(\"key\") && find(\"key\") == known":                           "true",
		"errors.Unwrap(open(\"key\")) == nil":                                                                                       "false",
		"errors.Unwrap(fmt.Errorf(\"at: %w\", sentinel)) == sentinel":                                                               "true",
		"open(\"key\")": "open: key is missing",
		"open(\"\")":    "",
		"fmt.Printf(\"%v|%s|%q\", open(\"key\"), find(\"key\"), known)": `open: key is missing|key is missing|"key is missing"`,
	} {
		t.Run(cell, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			if got := output(s, declared); got != "" {
				t.Fatal(got)
			}
			if got := output(s, cell); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
