package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the CPU times in /proc: 100 a second, whatever the kernel's own clock does.
const tick = time.Second / 100

// familyCPU is what a process and its children used of the CPU, those that
// have ended, too.
func familyCPU(pid int) (time.Duration, error) {
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, fmt.Errorf("looking for processes: %w", err)
	}
	var sum int64
	for _, path := range all {
		line, err := os.ReadFile(path) //nolint:gosec // the kernel's own files
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has ended since
		}
		if err != nil {
			return 0, fmt.Errorf("reading what a process used: %w", err)
		}
		ticks, err := ofFamily(string(line), pid)
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", path, err)
		}
		sum += ticks
	}
	return time.Duration(sum) * tick, nil
}

// ofFamily reads from /proc/PID/stat what the process used; 0 where it is
// neither parent nor a child of it. See proc(5): the name, in parentheses, may
// hold anything.
func ofFamily(line string, parent int) (ticks int64, err error) {
	id, _, _ := strings.Cut(line, " ")
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	if len(fields) < 15 {
		return 0, errors.New("it has too few fields")
	}
	used := fields[11:13] // utime and stime
	switch strconv.Itoa(parent) {
	case id:
		used = fields[11:15] // and those of children that have ended
	case fields[1]:
	default:
		return 0, nil
	}
	for _, f := range used {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return ticks, nil
}
