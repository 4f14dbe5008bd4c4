package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const byteOrderMark = "\ufeff"

// document is a body as lines without their ends. LF, CRLF and a lone CR end a line, so line numbers and columns
// are those of the body as it came. A byte order mark at its start counts for nothing, as in the page that GitHub shows.
type document struct {
	lines []string
	// filled[i] counts the lines before line i that are not blank.
	filled []int
}

func newDocument(body string) *document {
	d := &document{lines: splitLines(strings.TrimPrefix(body, byteOrderMark))}
	d.filled = make([]int, len(d.lines)+1)
	for i, line := range d.lines {
		d.filled[i+1] = d.filled[i]
		if !isBlank(line) {
			d.filled[i+1]++
		}
	}
	return d
}

func splitLines(body string) []string {
	lines := make([]string, 0, 1+strings.Count(body, "\n"))
	for {
		i := strings.IndexAny(body, "\r\n")
		if i < 0 {
			return append(lines, body)
		}
		lines = append(lines, body[:i])
		if strings.HasPrefix(body[i:], "\r\n") {
			i++
		}
		body = body[i+1:]
	}
}

// end returns the 1-based line and column behind the last character.
func (d *document) end() (line, column int) {
	last := d.lines[len(d.lines)-1]
	return len(d.lines), utf8.RuneCountInString(last) + 1
}

// section returns the lines from first to before end, without blank lines at both ends.
func (d *document) section(first, end int) section {
	for first < end && isBlank(d.lines[first]) {
		first++
	}
	for first < end && isBlank(d.lines[end-1]) {
		end--
	}
	return section{lines: d.lines[first:end], first: first}
}

// section is the text of one answer; first is the index of its first line in the document, and offset how many
// characters of that line belong to what stands before.
type section struct {
	lines   []string
	first   int
	offset  int
	outline *outline // of a Markdown template, else nil
}

func (s section) text() string { return strings.Join(s.lines, "\n") }

// at returns a problem at the first visible character of line i of the section.
func (s section) at(i int, code string) Problem {
	line := s.lines[i]
	indent := strings.IndexFunc(line, func(r rune) bool { return !isInvisible(r) })
	at := column(line, max(0, indent))
	if i == 0 {
		at += s.offset
	}
	return problem(code, s.first+i+1, at)
}

// column is the 1-based column, in characters, of the byte at index i of line.
func column(line string, i int) int { return utf8.RuneCountInString(line[:i]) + 1 }

// isBlank tells whether a reader sees nothing in the line.
func isBlank(line string) bool {
	for i := 0; i < len(line); i++ {
		if line[i] > ' ' {
			return line[i] >= utf8.RuneSelf && strings.IndexFunc(line, func(r rune) bool { return !isInvisible(r) }) < 0
		}
	}
	return true
}

// isInvisible knows white space, format characters such as zero-width ones, and the letters that have no ink.
func isInvisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' '
	}
	switch r {
	case '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0':
		return true
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

// atxHeading reads an ATX heading at column 0: its text without closing number signs, by CommonMark.
func atxHeading(line string) (text string, ok bool) {
	level := 0
	for level < len(line) && line[level] == '#' {
		level++
	}
	if level == 0 || level > 6 || level < len(line) && line[level] != ' ' && line[level] != '\t' {
		return "", false
	}
	text = strings.Trim(line[level:], " \t")
	open := strings.TrimRight(text, "#")
	if open == "" || strings.HasSuffix(open, " ") || strings.HasSuffix(open, "\t") {
		text = strings.TrimRight(open, " \t")
	}
	return text, true
}

// labelHeading returns the text of a line that may be a heading written by GitHub.
func labelHeading(line string) (string, bool) {
	if !strings.HasPrefix(line, "### ") {
		return "", false
	}
	return atxHeading(line)
}

// headingLabel is what labelHeading returns for the heading of a question.
func headingLabel(label string) string {
	text, _ := atxHeading("### " + strings.TrimSpace(label))
	return text
}

// opening is a line that may begin a block in which headings are only text.
type opening struct {
	line   int
	fence  byte   // '`' or '~'; 0 for HTML
	length int    // of the fence
	closer string // what ends the HTML block; "" for one that ends at a blank line
	last   int    // the line that closes it, -1 if none does
}

// unindent removes up to three spaces; ok is false for a line indented further.
func unindent(line string) (string, bool) {
	rest := strings.TrimLeft(line, " ")
	return rest, len(line)-len(rest) < 4
}

// fenceRun returns the fence that a line begins with and what stands behind it.
func fenceRun(line string) (char byte, length int, rest string) {
	text, ok := unindent(line)
	if !ok || text == "" || text[0] != '`' && text[0] != '~' {
		return 0, 0, ""
	}
	for length < len(text) && text[length] == text[0] {
		length++
	}
	if length < 3 {
		return 0, 0, ""
	}
	return text[0], length, text[length:]
}

// open reads a line that may open a fence or an HTML block.
func open(line string) (opening, bool) {
	if char, length, rest := fenceRun(line); length > 0 {
		return opening{fence: char, length: length}, char == '~' || !strings.Contains(rest, "`")
	}
	text, ok := unindent(line)
	if !ok || len(text) < 2 || text[0] != '<' {
		return opening{}, false
	}
	return opening{closer: htmlCloser(text)}, true
}

// htmlCloser says what ends the HTML block that text opens; CommonMark's kinds 1 to 5. "</" stands for any of the
// closing tags of kind 1.
func htmlCloser(text string) string {
	switch {
	case strings.HasPrefix(text, "<!--"):
		return "-->"
	case strings.HasPrefix(text, "<?"):
		return "?>"
	case strings.HasPrefix(text, "<![CDATA["):
		return "]]>"
	case strings.HasPrefix(text, "<!") && len(text) > 2 && isLetter(text[2]):
		return ">"
	}
	for _, tag := range rawTags() {
		if len(text) > len(tag) && strings.EqualFold(text[1:1+len(tag)], tag) {
			if rest := text[1+len(tag):]; rest == "" || strings.ContainsAny(rest[:1], " \t>/") {
				return "</"
			}
		}
	}
	return ""
}

func rawTags() []string { return []string{"script", "pre", "style", "textarea"} }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// closes tells whether a line ends an HTML block with the given closer.
func closes(line, closer string) bool {
	if closer != "</" {
		return strings.Contains(line, closer)
	}
	for {
		i := strings.Index(line, "</")
		if i < 0 {
			return false
		}
		line = line[i+2:]
		for _, tag := range rawTags() {
			if len(line) > len(tag) && strings.EqualFold(line[:len(tag)], tag) && line[len(tag)] == '>' {
				return true
			}
		}
	}
}
