package repotest

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// The table of attacks, and the numbers of its requirements.
const (
	securityFile = "docs/security.md"
	requirements = 35
	// untested is the one requirement that may have no test: the dashboard, while there is none.
	untested = 30
)

var (
	shownBy   = regexp.MustCompile("`([^`]+)`")
	testOfDir = regexp.MustCompile(`\A([a-z0-9/]+)\.((?:Test|Fuzz)[A-Z]\w*)\z`)
	dataFile  = regexp.MustCompile(`\A(attacks|stories)/([a-z0-9-]+)\z`)
)

// dataFolders are where the data files lie that a row may name: each is run by a test as a case of its own.
func dataFolders() map[string]string {
	return map[string]string{"attacks": "bot/testdata/attacks", "stories": "bot/bottest/stories"}
}

// Security checks the table of attacks: each row, whose first cell is the number of a requirement and whose last one
// says what shows it, names at least one test as `folder.TestName`, or an attack or a story by its file; each of them
// exists; the numbers rise, and each of 1 to 35 is there. Only number 30 may have a row without a test.
func Security(t *Tree) []Finding {
	doc, ok := t.find(securityFile)
	if !ok {
		return nil
	}
	tests := testNames(t)
	var out []Finding
	last, has := 0, map[int]bool{}
	for i, line := range strings.Split(string(doc.Data), "\n") {
		number, cells, ok := securityRow(line)
		if !ok {
			continue
		}
		bad := func(format string, args ...any) {
			out = append(out, Finding{securityFile, i + 1, strconv.Itoa(number), fmt.Sprintf(format, args...)})
		}
		if number < last || number > requirements {
			bad("the row of number %d stands behind %d, of %d numbers", number, last, requirements)
		}
		last, has[number] = max(last, number), true
		if len(cells) != 4 {
			bad("a row has four cells: number, attack, what stops it, what shows it")
			continue
		}
		names := shownBy.FindAllStringSubmatch(cells[3], -1)
		if len(names) == 0 && number != untested {
			bad("the row of number %d names no test", number)
		}
		for _, m := range names {
			if why := t.unshown(m[1], tests); why != "" {
				bad("%s", why)
			}
		}
	}
	for n := 1; n <= requirements; n++ {
		if !has[n] {
			out = append(out, Finding{Path: securityFile, Name: strconv.Itoa(n), Text: fmt.Sprintf("no row is about number %d", n)})
		}
	}
	return out
}

// securityRow reads a line of the table; false for any other line, the head among them.
func securityRow(line string) (int, []string, bool) {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") || !strings.HasSuffix(line, "|") {
		return 0, nil, false
	}
	cells := strings.Split(strings.Trim(line, "|"), "|")
	number, err := strconv.Atoi(strings.TrimSpace(cells[0]))
	return number, cells, err == nil
}

// unshown says why a name shows nothing, "" if it does.
func (t *Tree) unshown(name string, tests map[string]bool) string {
	if m := dataFile.FindStringSubmatch(name); m != nil {
		if file := path.Join(dataFolders()[m[1]], m[2]+".txtar"); !t.has(file) {
			return "there is no " + file
		}
		return ""
	}
	switch {
	case !testOfDir.MatchString(name):
		return fmt.Sprintf("%q is neither folder.TestName nor attacks/NAME nor stories/NAME", name)
	case !tests[name]:
		return "there is no test " + name
	}
	return ""
}

// testNames are the tests and fuzz targets of the tree, as folder.TestName.
func testNames(t *Tree) map[string]bool {
	names := map[string]bool{}
	for _, f := range t.Go {
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.Test && fn.Recv == nil {
				names[f.Dir+"."+fn.Name.Name] = true
			}
		}
	}
	return names
}
