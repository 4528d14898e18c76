package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// StableExecutable is a path of this program that stays valid after it ends. `go run` builds into a temporary folder; its
// program is copied to the cache, named by its content, so that a kernel that still runs from an older copy is not hurt.
func StableExecutable(cache string) (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("lab: where this program is: %w", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if !temporary(path) {
		return path, nil
	}
	return keep(path, filepath.Join(cache, "bin"))
}

// temporary recognises the folders in which `go run` and `go test` build.
func temporary(path string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(path), "/") {
		if strings.HasPrefix(part, "go-build") {
			return true
		}
	}
	return false
}

// keep copies the program at path into dir and removes copies that have not been used for a week.
func keep(path, dir string) (_ string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("lab: keeping a copy of this program: %w", err)
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	from, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(dir, ".copy-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(to.Name()) // does nothing once it was renamed
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(to, sum), from)
	if err := errors.Join(err, to.Chmod(0o755), to.Close()); err != nil {
		return "", err
	}
	kept := filepath.Join(dir, "tunebook-"+hex.EncodeToString(sum.Sum(nil))[:12]+filepath.Ext(path))
	if _, err := os.Stat(kept); err != nil { // the same content stays: it may be running
		if err := os.Rename(to.Name(), kept); err != nil {
			return "", err
		}
	}
	now := time.Now()
	if err := os.Chtimes(kept, now, now); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && now.Sub(info.ModTime()) > 7*24*time.Hour {
			os.Remove(filepath.Join(dir, entry.Name())) // one that runs on Windows stays, and goes another time
		}
	}
	return kept, nil
}
