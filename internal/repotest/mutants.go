package repotest

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// mutantsDir holds the patches that .ci/mutants tries: each breaks one promise, and a test must notice.
const mutantsDir = "policy/testdata/mutants"

// laws and mutantsPerLaw say how many laws bot/doc.go tells, and how many mutants each has at least.
const (
	laws          = 7
	mutantsPerLaw = 3
)

// mutantName is "law3-…" or "sec10-…": the promise, then the mistake.
var mutantName = regexp.MustCompile(`\A(law|sec)0*([1-9][0-9]*)-[a-z0-9-]+\.patch\z`)

// Mutants checks that each mutant below fsys says what it breaks, how, and which packages must notice, that it
// still fits the file that it names, and that each law has enough of them. It needs no git: a patch fits where the
// lines that it expects stand in the file one after the other.
func Mutants(fsys fs.FS) ([]Finding, error) {
	names, err := fs.Glob(fsys, mutantsDir+"/*")
	if err != nil {
		return nil, fmt.Errorf("looking for mutants: %w", err)
	}
	var out []Finding
	perLaw := map[string]int{}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading a mutant: %w", err)
		}
		m := newMutant(name, string(text))
		for _, text := range slices.Concat(m.headerFaults(fsys), m.patchFaults(fsys)) {
			out = append(out, Finding{Path: name, Text: text})
		}
		perLaw[m.promise()]++
	}
	for law := 1; law <= laws; law++ {
		if n := perLaw[fmt.Sprintf("law %d", law)]; n < mutantsPerLaw {
			out = append(out, Finding{Path: mutantsDir, Text: fmt.Sprintf("law %d has %d mutants, and needs %d", law, n, mutantsPerLaw)})
		}
	}
	return out, nil
}

// mutant is a patch with the lines above it.
type mutant struct {
	name   string
	header map[string]string
	patch  []string // its lines, from "diff --git" on
}

func newMutant(name, text string) mutant {
	m := mutant{name: path.Base(name), header: map[string]string{}}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "diff --git ") {
			m.patch = lines[i:]
			break
		}
		if key, value, ok := strings.Cut(line, ":"); ok {
			m.header[key] = strings.TrimSpace(value)
		}
	}
	return m
}

// promise is what the file's name says that it breaks: "law 3" or "security 10"; "" for a name of another form.
func (m mutant) promise() string {
	parts := mutantName.FindStringSubmatch(m.name)
	if parts == nil {
		return ""
	}
	if parts[1] == "sec" {
		return "security " + parts[2]
	}
	return "law " + parts[2]
}

func (m mutant) headerFaults(fsys fs.FS) []string {
	var faults []string
	for _, key := range []string{"Breaks", "How", "Test"} {
		if m.header[key] == "" {
			faults = append(faults, fmt.Sprintf("the line %q is missing above the patch", key+":"))
		}
	}
	switch promise := m.promise(); {
	case promise == "":
		faults = append(faults, "the name must be like law3-comment-posted-twice.patch or sec10-replay-runs-twice.patch")
	case !strings.HasPrefix(m.header["Breaks"]+" ", promise+" "):
		faults = append(faults, fmt.Sprintf("the name says %q, the line \"Breaks:\" says something else", promise))
	}
	for _, pkg := range strings.Fields(m.header["Test"]) {
		if found, err := fs.Glob(fsys, path.Join(pkg, "*_test.go")); err != nil || len(found) == 0 || !strings.HasPrefix(pkg, "./") {
			faults = append(faults, fmt.Sprintf("there is no package %s with tests", pkg))
		}
	}
	return faults
}

func (m mutant) patchFaults(fsys fs.FS) []string {
	var file string
	var faults []string
	hunks := 0
	for i, line := range m.patch {
		if name, ok := strings.CutPrefix(line, "--- a/"); ok {
			file = name
		}
		if !strings.HasPrefix(line, "@@ ") {
			continue
		}
		hunks++
		code, err := fs.ReadFile(fsys, file)
		if err != nil {
			return append(faults, fmt.Sprintf("the patch is for %q, which is not there", file))
		}
		old, changed := hunkOld(m.patch[i+1:])
		if !strings.Contains("\n"+string(code), "\n"+old) {
			faults = append(faults, fmt.Sprintf("%s has changed, and the patch does not fit any more: make the same mistake in the new code", file))
		}
		if !changed {
			faults = append(faults, "the patch changes nothing")
		}
	}
	if hunks == 0 {
		faults = append(faults, "there is no patch")
	}
	return faults
}

// hunkOld returns the lines that a hunk expects, and whether it changes any.
func hunkOld(lines []string) (old string, changed bool) {
	var b strings.Builder
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, " "), strings.HasPrefix(line, "-"):
			b.WriteString(line[1:] + "\n")
		case line == "": // some editors strip the space of an empty line
			b.WriteString("\n")
		case !strings.HasPrefix(line, "+"):
			return b.String(), changed
		}
		changed = changed || strings.HasPrefix(line, "-") || strings.HasPrefix(line, "+")
	}
	return b.String(), changed
}
