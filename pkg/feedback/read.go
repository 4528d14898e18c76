package feedback

import (
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

// ReadBallots reads one ballot a line. A line that is none, torn or edited, is told in warnings and costs no other line; the error is
// that of reading alone. Blank lines and a byte-order mark are passed over.
func ReadBallots(r io.Reader) (all Ballots, warnings []string, err error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fmt.Errorf("feedback: %w", err)
	}
	all, warnings = parse(content, 0)
	return all, warnings, nil
}

// parse reads lines, of which before lines are before the first.
func parse(content []byte, before int) (all Ballots, warnings []string) {
	n := before
	for line := range bytes.Lines(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		b, err := parseBallot(line)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("line %d is left out: %v", n, err))
			continue
		}
		all = append(all, b)
	}
	return all, warnings
}

func parseBallot(line []byte) (Ballot, error) {
	var b Ballot
	if !utf8.Valid(line) {
		return b, errors.New("it is not UTF-8")
	}
	if err := json.Unmarshal(line, &b); err != nil {
		return b, fmt.Errorf("it is no ballot: %w", err)
	}
	return b, b.check()
}

// Load reads the ballots of a file, without changing it.
func Load(ctx context.Context, path string) (all Ballots, warnings []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("feedback: %s: %w", path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("feedback: %w", err)
	}
	defer f.Close()
	if all, warnings, err = ReadBallots(f); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, warnings, nil
}

// WriteJSONL writes one ballot a line, as ReadBallots reads them.
func (all Ballots) WriteJSONL(w io.Writer) error {
	for i, b := range all {
		line, err := b.line()
		if err == nil {
			_, err = w.Write(line)
		}
		if err != nil {
			return fmt.Errorf("feedback: ballot %d: %w", i, err)
		}
	}
	return nil
}

// line is the ballot as a line of the file.
func (b Ballot) line() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // a person reads the file as well
	err := e.Encode(b)
	return out.Bytes(), err
}

// SaveJSONL writes the ballots to a file, all of them or nothing.
func (all Ballots) SaveJSONL(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("feedback: %s: %w", path, err)
	}
	if err := atomicfile.Write(path, all.WriteJSONL); err != nil {
		return fmt.Errorf("feedback: %s: %w", path, err)
	}
	return nil
}
