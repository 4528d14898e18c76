//go:build !linux

package bench

import "errors"

func resetPeak() error { return errors.ErrUnsupported }

func peakBytes() (int64, error) { return 0, errors.ErrUnsupported }

func residentBytes() (int64, error) { return 0, errors.ErrUnsupported }
