package repotest

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	linkRE     = regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s+(\S+)`)
	schemeRE   = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
	codeSpanRE = regexp.MustCompile("(`+)[^`]*(`+)")
	headingRE  = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$`)
)

// Links finds relative links in Markdown files whose file or heading is not there, and documents in docs
// that README.md does not link to, so that nobody finds them. Code, quotes (they show what stands on other
// pages) and links with a template in them are not looked at.
func Links(t *Tree) []Finding {
	var out []Finding
	linked := map[string]bool{}
	for _, text := range t.Text {
		if path.Ext(text.Path) != ".md" {
			continue
		}
		for _, line := range proseLines(text.Data) {
			for _, target := range targets(line.text) {
				file, heading, _ := strings.Cut(target, "#")
				if file == "" {
					file = text.Path
				} else {
					file = path.Join(path.Dir(text.Path), file)
				}
				if text.Path == "README.md" {
					linked[file] = true
				}
				if why := t.broken(file, heading); why != "" {
					out = append(out, Finding{text.Path, line.number, target, "the link " + target + " leads nowhere: " + why})
				}
			}
		}
	}
	for _, text := range t.Text {
		if path.Dir(text.Path) == "docs" && path.Ext(text.Path) == ".md" && !linked[text.Path] {
			out = append(out, Finding{Path: text.Path, Name: text.Path, Text: "README.md does not link to this document"})
		}
	}
	return out
}

// broken says what is wrong with a link, "" if nothing is.
func (t *Tree) broken(file, heading string) string {
	if !t.has(file) {
		return "there is no " + file
	}
	text, isText := t.find(file)
	if heading == "" || !isText || path.Ext(file) != ".md" {
		return ""
	}
	for _, a := range anchors(text.Data) {
		if a == heading {
			return ""
		}
	}
	return fmt.Sprintf("%s has no heading #%s", file, heading)
}

// targets returns where the relative links of a line lead.
func targets(line string) []string {
	var list []string
	for _, m := range linkRE.FindAllStringSubmatch(codeSpanRE.ReplaceAllString(line, ""), -1) {
		target := m[1] + m[2]
		if !schemeRE.MatchString(target) && !strings.Contains(target, "{{") {
			list = append(list, target)
		}
	}
	return list
}

// proseLines returns the lines of a document without its code blocks and quotes.
func proseLines(data []byte) []documentLine {
	return slices.DeleteFunc(documentLines(data), func(line documentLine) bool {
		return line.block != 0 || strings.HasPrefix(line.text, ">")
	})
}

// anchors returns the names by which GitHub links to the headings of a document.
func anchors(data []byte) []string {
	var list []string
	seen := map[string]int{}
	for _, line := range proseLines(data) {
		m := headingRE.FindStringSubmatch(line.text)
		if m == nil {
			continue
		}
		name := strings.Map(anchorRune, strings.ToLower(m[1]))
		if n := seen[name]; n > 0 {
			list = append(list, fmt.Sprintf("%s-%d", name, n))
		} else {
			list = append(list, name)
		}
		seen[name]++
	}
	return list
}

func anchorRune(c rune) rune {
	switch {
	case c == ' ':
		return '-'
	case c == '-' || c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c):
		return c
	}
	return -1
}
