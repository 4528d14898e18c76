package feedback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// ErrShort says that a file has lost lines since it was read: nothing is written to it.
var ErrShort = errors.New("the file has become shorter since it was read, somebody has changed or removed it: open the poll again")

// journal is the file of a poll: lines are only ever appended. It is open for as long as one ballot takes, and locked meanwhile, so
// several notebooks can write to one file.
type journal struct {
	path     string
	read     int64 // bytes that are known
	lines    int   // and lines
	ballots  Ballots
	warnings []string
	open     func(path string) (file, error) // for tests of full disks
}

// file is what a journal needs of *os.File.
type file interface {
	io.ReaderAt
	io.WriteCloser
	Fd() uintptr
	Stat() (os.FileInfo, error)
	Sync() error
}

func openFile(path string) (file, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
}

// with runs do on the open, locked file whose last line is whole.
func (j *journal) with(ctx context.Context, do func(f file) error) (err error) {
	f, err := j.open(j.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // closing lets go of the lock
	for deadline := time.Now().Add(10 * time.Second); ; {
		err := lock(f.Fd())
		if err == nil {
			break
		}
		if !errors.Is(err, errBusy) {
			return fmt.Errorf("%s: locking: %w", j.path, err)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: another program has kept the file locked for 10 seconds: end it and try again", j.path)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: waiting for another program to write: %w", j.path, ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
	if err := j.catchUp(f); err != nil {
		return fmt.Errorf("%s: %w", j.path, err)
	}
	return do(f)
}

// catchUp reads what others have written since, and mends a last line that has no end: the write was interrupted, by a crash or a full
// disk. A whole ballot gets its end; half a one goes to a file beside, so that nothing that somebody wrote is thrown away.
func (j *journal) catchUp(f file) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if size < j.read {
		return ErrShort
	}
	added := make([]byte, size-j.read)
	if _, err := io.ReadFull(io.NewSectionReader(f, j.read, size-j.read), added); err != nil {
		return err
	}
	whole := bytes.LastIndexByte(added, '\n') + 1
	if torn := added[whole:]; len(torn) > 0 {
		if _, err := parseBallot(torn); err == nil {
			if err := j.write(f, []byte("\n"), size); err != nil {
				return err
			}
			whole, added = len(added)+1, append(added, '\n')
		} else if err := j.setAside(torn, j.read+int64(whole)); err != nil {
			return err
		}
	}
	ballots, warnings := parse(added[:whole], j.lines)
	j.read += int64(whole)
	j.lines += bytes.Count(added[:whole], []byte("\n"))
	j.ballots, j.warnings = append(j.ballots, ballots...), append(j.warnings, warnings...)
	return nil
}

// setAside moves a torn last line to path.torn and cuts the file at size.
func (j *journal) setAside(torn []byte, size int64) error {
	aside := j.path + ".torn"
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(bytes.Clone(torn), '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("setting the torn last line aside: %w", err)
	}
	if err := os.Truncate(j.path, size); err != nil {
		return fmt.Errorf("cutting the torn last line off: %w", err)
	}
	j.warnings = append(j.warnings, fmt.Sprintf("the last line was torn (%d bytes, an interrupted write): it is now in %s, all before it is kept", len(torn), filepath.Base(aside)))
	return nil
}

// add appends a ballot. With sync it is on the disk when add returns. When it fails, the file is what it was.
func (j *journal) add(ctx context.Context, b Ballot, sync bool) error {
	line, err := b.line()
	if err != nil {
		return err
	}
	return j.with(ctx, func(f file) error {
		if err := j.write(f, line, j.read); err != nil {
			return fmt.Errorf("%s: the vote could not be written and does not count: %w; what is in the file is whole, make room and go on", j.path, err)
		}
		if sync {
			if err := f.Sync(); err != nil {
				// What the disk has is unknown after a failed fsync: the line is taken away, so that the question comes again.
				return errors.Join(fmt.Errorf("%s: the vote is not safely on the disk and does not count: %w", j.path, err), os.Truncate(j.path, j.read))
			}
		}
		j.read += int64(len(line))
		j.lines++
		j.ballots = append(j.ballots, b)
		return nil
	})
}

// write appends, all or nothing.
func (j *journal) write(f file, content []byte, size int64) error {
	n, err := f.Write(content)
	if err == nil && n < len(content) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return errors.Join(err, os.Truncate(j.path, size))
	}
	return nil
}

// create makes the folder and the file, and has the folder's entry on the disk too.
func (j *journal) create(ctx context.Context) error {
	dir := filepath.Dir(j.path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := j.with(ctx, file.Sync); err != nil {
		return err
	}
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // some systems refuse to sync a folder
		d.Close()
	}
	return nil
}
