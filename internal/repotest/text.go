package repotest

import (
	"bytes"
	"fmt"
	"go/ast"
	"regexp"
	"strings"
)

// The patterns are written so that they do not find themselves.
var (
	openEndRE = regexp.MustCompile(`\b(TO[D]O|FIX[M]E|XX[X])\b`)
	// A path below a home or scratch folder, but neither the middle of a longer path nor a URL.
	machinePathRE = regexp.MustCompile("(?:^|[\\s\"'`(=:,<>])(/(?:r[o]ot|h[o]me|w[o]rk|t[m]p|U[s]ers)/[^\\s\"'`),;]*|[A-Z]:\\\\U[s]ers\\\\)")
)

// Leftovers finds what stands for work not done: marks in comments, sleeps, and tests that skip
// themselves without a word. It looks at tests too.
func Leftovers(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Go {
		out = append(out, openEnds(f)...)
		out = append(out, skips(f)...)
		for _, u := range f.uses() {
			if u.pkg == "time" && u.name == "Sleep" {
				out = append(out, f.finding(u.node, "time.Sleep", "time.Sleep: wait for what you wait for, or use testing/synctest"))
			}
		}
	}
	return out
}

// openEnds finds comments that put work off.
func openEnds(f *File) []Finding {
	var out []Finding
	for _, group := range f.AST.Comments {
		for _, c := range group.List {
			if mark := openEndRE.FindString(c.Text); mark != "" {
				out = append(out, f.finding(c, mark, mark+" in a comment: do it now, or file an issue"))
			}
		}
	}
	return out
}

// skips finds calls of Skip and SkipNow without a reason.
func skips(f *File) []Finding {
	if !f.Test {
		return nil
	}
	var out []Finding
	ast.Inspect(f.AST, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) > 0 {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Skip" || sel.Sel.Name == "SkipNow") {
			out = append(out, f.finding(call, sel.Sel.Name, "a test skips itself without saying why"))
		}
		return true
	})
	return out
}

// Paths finds absolute paths of somebody's machine in any text file: they mean nothing to others.
func Paths(t *Tree) []Finding {
	var out []Finding
	for _, text := range t.Text {
		n := 0
		for line := range bytes.Lines(text.Data) {
			n++
			if m := machinePathRE.FindSubmatch(line); m != nil {
				p := string(m[1])
				out = append(out, Finding{text.Path, n, p, fmt.Sprintf("%s is a path of one machine: use a relative path, or a temporary folder made by the program", p)})
			}
		}
	}
	return out
}

// pinnedRE matches a step that uses an action by the full id of a commit, which nobody can move.
var pinnedRE = regexp.MustCompile(`uses:\s*(?:\./\S+|\S+@[0-9a-f]{40})(?:\s|$)`)

// Project checks the files around the code: CI runs .ci/run and nothing that could move under it, and
// the change log has a place for the next change.
func Project(t *Tree) []Finding {
	var out []Finding
	for _, want := range []struct{ path, text, advice string }{
		{".github/workflows/ci.yml", "run: bash .ci/run\n", "CI must run what developers run: - run: bash .ci/run"},
		{"CHANGELOG.md", "\n## [Unreleased]\n", "no section \"## [Unreleased]\": the next change needs its place"},
	} {
		if text, _ := t.find(want.path); !bytes.Contains(text.Data, []byte(want.text)) {
			out = append(out, Finding{Path: want.path, Name: want.path, Text: want.advice})
		}
	}
	for _, text := range t.Text {
		if strings.HasPrefix(text.Path, ".github/workflows/") {
			out = append(out, unpinned(text)...)
		}
	}
	return out
}

// unpinned finds the steps of a workflow that use an action which others can change.
func unpinned(text Text) []Finding {
	var out []Finding
	n := 0
	for line := range bytes.Lines(text.Data) {
		n++
		if bytes.Contains(line, []byte("uses:")) && !pinnedRE.Match(line) {
			action := string(bytes.TrimSpace(line))
			out = append(out, Finding{text.Path, n, action, "an action that is not pinned: write the full commit id, and the version in a comment"})
		}
	}
	return out
}
