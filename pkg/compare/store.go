package compare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tunebook/tunebook/pkg/checkpoint"
)

// A store is a study's folder:
//
//	lock                  held by the process that is at work
//	runs/<key>/run.json   a finished run with its checksum
//	runs/<key>/…          what must be stored of it, as adapt.Attached.Save writes it
//	runs/.<key>-…         one being written, gone at the next start
//	state/<key>/          a run under way, as train.Job.Dir saves it
type store struct {
	dir  string
	lock io.Closer
}

// ErrLocked says that another process is at work in the study's folder.
var ErrLocked = errors.New("another comparison is at work in this folder: wait for it, stop it, or choose another folder")

// errCorrupt says that what is kept does not agree with its checksum.
var errCorrupt = errors.New("what was kept of it is damaged")

const recordFile = "run.json"

// openStore takes the folder for this process.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "runs"), 0o755); err != nil {
		return nil, err
	}
	held, err := takeLock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "runs"))
	if err != nil {
		held.Close()
		return nil, err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") { // of a process that was killed while it wrote
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, "runs", e.Name())))
		}
	}
	if err != nil {
		held.Close()
		return nil, err
	}
	return &store{dir, held}, nil
}

func (s *store) close() error { return s.lock.Close() }

func (s *store) entry(key string) string { return filepath.Join(s.dir, "runs", key) }
func (s *store) state(key string) string { return filepath.Join(s.dir, "state", key) }

// staging is a new folder to write an entry to.
func (s *store) staging(key string) (string, error) {
	return os.MkdirTemp(filepath.Join(s.dir, "runs"), "."+key+"-")
}

// kept is the file of an entry. Sum is over the bytes of Run.
type kept struct {
	Sum string
	Run json.RawMessage
}

// file is one that an entry holds.
type file struct {
	Name string
	Size int64
	Sum  string
}

// entry is what is kept of a run.
type entry struct {
	Key   string
	Run   *Trial
	Files []file
}

// commit makes a staged folder the entry of a run, at once: a crash leaves all of it or nothing.
func (s *store) commit(ctx context.Context, key, staged string, run *Trial) error {
	e := entry{Key: key, Run: run}
	var err error
	if e.Files, err = listed(staged); err != nil {
		return err
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if text, err = json.Marshal(kept{sumOf(text), text}); err != nil {
		return err
	}
	err = checkpoint.SaveDir(staged, []checkpoint.Part{{Name: recordFile, Write: func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}}})
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Chmod(staged, 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(s.entry(key)); err != nil { // a damaged one
		return err
	}
	if err := os.Rename(staged, s.entry(key)); err != nil {
		return err
	}
	return os.RemoveAll(s.state(key))
}

// load is the run that is kept under a key: fs.ErrNotExist where there is none, errCorrupt where it cannot be trusted.
func (s *store) load(key string) (*Trial, error) {
	text, err := os.ReadFile(filepath.Join(s.entry(key), recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		if _, there := os.Stat(s.entry(key)); there == nil {
			return nil, fmt.Errorf("%w: %s is missing", errCorrupt, recordFile)
		}
	}
	if err != nil {
		return nil, err
	}
	var k kept
	var e entry
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errCorrupt, recordFile, err)
	}
	if sumOf(k.Run) != k.Sum {
		return nil, fmt.Errorf("%w: %s does not agree with its checksum", errCorrupt, recordFile)
	}
	if err := json.Unmarshal(k.Run, &e); err != nil || e.Run == nil || e.Key != key {
		return nil, fmt.Errorf("%w: %s is that of another run", errCorrupt, recordFile)
	}
	for _, want := range e.Files {
		got, err := fileOf(s.entry(key), want.Name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errCorrupt, err)
		}
		if got != want {
			return nil, fmt.Errorf("%w: %s does not agree with its checksum", errCorrupt, want.Name)
		}
	}
	return e.Run, nil
}

// drop removes what is kept under a key, finished or not.
func (s *store) drop(key string) error {
	return errors.Join(os.RemoveAll(s.entry(key)), os.RemoveAll(s.state(key)))
}

// listed are the files of a folder, in order of their names.
func listed(dir string) ([]file, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []file
	for _, e := range names {
		f, err := fileOf(dir, e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func fileOf(dir, name string) (file, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return file{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return file{name, n, hex.EncodeToString(h.Sum(nil))}, err
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
