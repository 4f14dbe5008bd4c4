package bot

import (
	"cmp"
	"slices"

	"github.com/recoverybot/recoverybot/parser/leak"
	"github.com/recoverybot/recoverybot/policy"
)

// Said is a text that somebody wrote, and where it stands, or stood before it
// was edited or deleted.
type Said struct {
	Text    string
	In      policy.Place
	Comment int64 // comment id; 0: the issue itself
}

// Leaks searches texts and returns what it finds: each class once for each
// place, sorted, so that the number of finds is bounded whatever is written;
// nil if there is nothing. What the texts say is not in it.
func Leaks(said ...Said) []policy.Leaked {
	var all []policy.Leaked
	for _, s := range said {
		for _, c := range leak.ClassesOf(leak.Scan(s.Text)) {
			all = append(all, policy.Leaked{Class: c, In: s.In, Comment: s.Comment})
		}
	}
	slices.SortFunc(all, func(a, b policy.Leaked) int {
		return cmp.Or(cmp.Compare(a.Comment, b.Comment), cmp.Compare(a.In, b.In), cmp.Compare(a.Class, b.Class))
	})
	return slices.Compact(all)
}

// Secret reports whether one of the finds is a secret.
func Secret(found []policy.Leaked) bool {
	return slices.ContainsFunc(found, func(l policy.Leaked) bool { return l.Class.Secret() })
}
