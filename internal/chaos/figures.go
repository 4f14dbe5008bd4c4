package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// figures counts what happened, by subject and kind.
type figures struct {
	mu  sync.Mutex
	all map[string]map[string]int
}

// count adds one.
func (f *figures) count(subject, kind string) { f.add(subject, kind, 1) }

func (f *figures) add(subject, kind string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[string]map[string]int{}
	}
	if f.all[subject] == nil {
		f.all[subject] = map[string]int{}
	}
	f.all[subject][kind] += n
}

// print writes a line for each subject.
func (f *figures) print(w io.Writer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, subject := range slices.Sorted(maps.Keys(f.all)) {
		var parts []string
		total := 0
		for _, kind := range slices.Sorted(maps.Keys(f.all[subject])) {
			parts = append(parts, fmt.Sprintf("%s %d", kind, f.all[subject][kind]))
			total += f.all[subject][kind]
		}
		fmt.Fprintf(w, "  %-12s %7d: %s\n", subject, total, strings.Join(parts, ", "))
	}
}
