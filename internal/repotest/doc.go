// Package repotest checks the repository itself: which package may import which, that the core reads
// no clock, that functions stay short and names documented, and that the commands which the documents
// show exist. What a reviewer would have to say each time, it says once, with the file and the line.
//
// Each [Rule] is a function over a [Tree], the repository read into memory and parsed but not
// type-checked. Every rule has a small bad repository in testdata that shows it failing.
package repotest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Module is the path of the module whose tree is checked.
const Module = "github.com/recoverybot/recoverybot"

// Rule is one thing that every tree must keep.
type Rule struct {
	Name  string // short, in lower case; an [Exception] refers to it
	Check func(*Tree) []Finding
}

// Rules returns all rules that need nothing but the tree.
func Rules() []Rule {
	return []Rule{
		{"imports", Imports},
		{"ambient", Ambient},
		{"globals", Globals},
		{"size", Size},
		{"params", Params},
		{"docs", Docs},
		{"leftovers", Leftovers},
		{"paths", Paths},
		{"project", Project},
		{"links", Links},
		{"alarms", Alarms},
		{"tour", Tour},
		{"security", Security},
	}
}

// Finding is one place that breaks a rule.
type Finding struct {
	Path string // slash-separated, from the top of the repository
	Line int    // 0 if the whole file is meant
	Name string // what an [Exception] names: a function, a variable, an import path
	Text string // what is wrong, and what to do
}

// String returns "path:line: text", as compilers write it.
func (f Finding) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.Path, f.Text)
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Text)
}

// Exception lets one finding pass.
type Exception struct {
	Rule string
	Path string
	Name string // the finding's Name
	Why  string // never empty
}

// Run applies rules to t and returns what no exception covers, in the order of rule, path and line.
// An exception that covers nothing, or gives no reason, is a finding too.
func Run(t *Tree, rules []Rule, exceptions []Exception) []Finding {
	used := make([]bool, len(exceptions))
	var out []Finding
	for _, r := range rules {
		found := r.Check(t)
		slices.SortFunc(found, compare)
		for _, f := range found {
			if i := slices.IndexFunc(exceptions, func(e Exception) bool { return e.covers(r, f) }); i >= 0 {
				used[i] = true
				continue
			}
			f.Text = r.Name + ": " + f.Text
			out = append(out, f)
		}
	}
	return append(out, badExceptions(exceptions, used)...)
}

func (e Exception) covers(r Rule, f Finding) bool {
	return e.Rule == r.Name && e.Path == f.Path && e.Name == f.Name
}

func compare(a, b Finding) int {
	return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), strings.Compare(a.Text, b.Text))
}

func badExceptions(exceptions []Exception, used []bool) []Finding {
	var out []Finding
	for i, e := range exceptions {
		switch {
		case e.Why == "":
			out = append(out, Finding{Path: e.Path, Text: fmt.Sprintf("%s: the exception for %s gives no reason", e.Rule, e.Name)})
		case !used[i]:
			out = append(out, Finding{Path: e.Path, Text: fmt.Sprintf("%s: the exception for %s is not needed any more: take it out", e.Rule, e.Name)})
		}
	}
	return out
}
