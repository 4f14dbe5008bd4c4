package main

import (
	"fmt"
	"slices"
	"strings"
)

// compare lists what differs between a calm run and another one of the same scripts.
func compare(all []script, calm, other *outcome) []string {
	found := slices.Clone(other.odd)
	for i, s := range all {
		title := fmt.Sprintf("%s (%s, by %s): ", s.Place, s.Kind, s.Author)
		for _, text := range differences(i, calm, other) {
			found = append(found, title+strings.TrimRight(text, "\n"))
		}
	}
	return found
}

// differences are those of the issue of one script.
func differences(i int, calm, other *outcome) []string {
	var found []string
	if other.stuck[i] != "" {
		return []string{other.stuck[i]} // all else follows from it
	}
	for _, m := range doubled(other.issues[i]) {
		found = append(found, fmt.Sprintf("doubled: two comments of ours have the marker %q", m))
	}
	bot := slug + "[bot]"
	for _, c := range []struct{ name, want, got string }{
		{"the issue looks different", picture(calm.issues[i]), picture(other.issues[i])},
		{"the bot changed other things", strings.Join(deeds(calm.issues[i], bot), "\n"), strings.Join(deeds(other.issues[i], bot), "\n")},
		{"the audit log is different", strings.Join(calm.audit[i], "\n"), strings.Join(other.audit[i], "\n")},
	} {
		if c.want != c.got {
			found = append(found, c.name+" (- calm, + now):\n"+diff(c.want, c.got))
		}
	}
	return found
}
