package data

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/tunebook/tunebook/pkg/internal/atomicfile"
)

// lineLimit is the longest line that ReadJSONL takes: far above any record, so that a file of another kind is refused
// before it fills the memory.
const lineLimit = 16 << 20

// Errors of the JSONL reader, wrapped with the line.
var (
	ErrEmpty     = errors.New("there are no records")
	ErrNothing   = errors.New("the record has neither prompt, messages nor text")
	ErrAmbiguous = errors.New("the record has text beside a prompt or messages: keep one of them")
	ErrEncoding  = errors.New("the line is not UTF-8: save the file as UTF-8")
	ErrLong      = fmt.Errorf("the line is longer than %d MB: is this one JSON object a line?", lineLimit>>20)
)

// LoadJSONL reads a file of one JSON object a line, with the fields of Record.
func LoadJSONL(ctx context.Context, path string) (Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	set, err := ReadJSONL(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", path, err)
	}
	return set, nil
}

// ReadJSONL reads one JSON object a line, with the fields of Record. Blank lines and a byte-order mark are passed over.
// A field that Record does not have is an error, for a misspelt one would otherwise train on nothing. A prompt may
// stand without an answer, for methods that let the model answer; an answer may not stand without a prompt.
func ReadJSONL(ctx context.Context, r io.Reader) (Set, error) {
	var set Set
	lines := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		line, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			record, err := parseRecord(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			set = append(set, record)
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if len(set) == 0 {
		return nil, ErrEmpty
	}
	return set, nil
}

// readLine reads to the next newline; io.EOF comes with the last line.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > lineLimit {
			return nil, ErrLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func parseRecord(line []byte) (Record, error) {
	var r Record
	if !utf8.Valid(line) { // encoding/json would put U+FFFD in its place without a word
		return r, ErrEncoding
	}
	if line[0] == '[' {
		return r, errors.New("a JSON array: want one object a line, such as {\"prompt\": \"…\", \"answer\": \"…\"}")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the object does not end on its line")
		}
		return r, fmt.Errorf("%w (the fields are prompt, answer, text, messages, kind, lang, entity, rejected, id, date, truth, scores)", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("more follows the object: want one object a line")
	}
	return r, r.check()
}

// check refuses a record that no method could train on.
func (r Record) check() error {
	switch {
	case r.Text != "" && (r.Prompt != "" || len(r.Messages) > 0):
		return ErrAmbiguous
	case r.Prompt == "" && len(r.Messages) == 0 && r.Answer != "":
		return ErrNoPrompt
	case r.Prompt == "" && len(r.Messages) == 0 && r.Text == "":
		return ErrNothing
	}
	return nil
}

// WriteJSONL writes one JSON object a line, as ReadJSONL reads it.
func (s Set) WriteJSONL(w io.Writer) error {
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false) // a person reads the file as well
	for i, r := range s {
		if err := e.Encode(r); err != nil {
			return fmt.Errorf("data: record %d: %w", i, err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}

// SaveJSONL writes the set to a file, all of it or nothing.
func (s Set) SaveJSONL(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("data: %s: %w", path, err)
	}
	if err := atomicfile.Write(path, s.WriteJSONL); err != nil {
		return fmt.Errorf("data: %s: %w", path, err)
	}
	return nil
}
