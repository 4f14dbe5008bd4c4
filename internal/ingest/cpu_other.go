//go:build !unix

package main

import (
	"errors"
	"time"
)

// cpuTime is known on Unix alone: the measuring reads /proc, too.
func cpuTime() (time.Duration, error) {
	return 0, errors.ErrUnsupported
}
