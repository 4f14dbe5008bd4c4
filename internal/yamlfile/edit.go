package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Editor changes single values of a file where they stand, and keeps everything else byte for byte: comments,
// layout, line ends and a byte order mark. A change that it can't place is refused: the caller reads the result
// again and compares. An Editor is not safe for concurrent use.
type Editor struct {
	File *File // what is edited: its Nodes are the arguments of the methods

	src      string
	starts   []int // of each line in src
	eol      string
	comments map[int]bool // lines that end in a comment
	edits    []edit
	notes    map[int][]string
}

// edit replaces src[from:to].
type edit struct {
	from, to int
	text     string
}

// NewEditor reads a file as Read does.
func NewEditor(src []byte) *Editor {
	e := &Editor{File: Read(src), src: string(src), eol: "\n", comments: map[int]bool{}, notes: map[int][]string{}}
	e.starts = []int{len(e.src) - len(strings.TrimPrefix(e.src, "\ufeff"))}
	for i := 0; i < len(e.src); i++ {
		switch {
		case strings.HasPrefix(e.src[i:], "\r\n"):
			e.eol = "\r\n"
			i++
		case e.src[i] != '\n' && e.src[i] != '\r':
			continue
		}
		e.starts = append(e.starts, i+1)
	}
	if e.File.broken {
		return e
	}
	for _, t := range lexer.Tokenize(strings.Join(e.File.lines, "\n")) {
		if t.Type == token.CommentType {
			e.comments[t.Position.Line] = true
		}
	}
	return e
}

// Replace writes value in place of a single value, and the note into a comment at the end of the line. It reports
// whether it could: not where the value spans lines.
func (e *Editor) Replace(n Node, value, note string) bool {
	from, to, ok := e.extent(n)
	if !ok {
		return false
	}
	e.edits = append(e.edits, edit{from, to, value})
	line, _ := n.Pos()
	e.notes[line] = append(e.notes[line], note)
	return true
}

// Add writes keys with values ("id: 7") into a mapping: after the value that stands there, in the style of the
// mapping. It reports whether it could.
func (e *Editor) Add(mapping, after Node, entries []string) bool {
	found := pairs(mapping.node)
	if len(found) == 0 || len(entries) == 0 {
		return false
	}
	flow := false
	if m, ok := mapping.node.(*ast.MappingNode); ok {
		flow = m.IsFlowStyle
	}
	line, _ := after.Pos()
	_, end, fits := e.extent(after)
	key := found[0].Key.GetToken().Position
	indent := strings.Repeat(" ", max(key.Column-1, 0))
	at, text := end, ", "+strings.Join(entries, ", ")
	switch {
	case flow && !fits:
		at, text = e.offset(key.Line, key.Column), strings.Join(entries, ", ")+", "
	case !flow && fits:
		at, text = e.lineEnd(line), e.eol+indent+strings.Join(entries, e.eol+indent)
	case !flow:
		at, text = e.offset(key.Line, key.Column), strings.Join(entries, e.eol+indent)+e.eol+indent
	}
	e.edits = append(e.edits, edit{at, at, text})
	return at >= 0
}

// Bytes returns the file with all changes.
func (e *Editor) Bytes() []byte {
	var all []edit
	for line, notes := range e.notes {
		at := e.lineEnd(line)
		for at > e.starts[line-1] && strings.ContainsAny(e.src[at-1:at], " \t") {
			at--
		}
		text := "  # " + strings.Join(notes, ", ")
		if e.comments[line] {
			text = fmt.Sprintf(" (%s)", strings.Join(notes, ", "))
		}
		all = append(all, edit{at, at, text})
	}
	all = append(all, e.edits...) // at one place, a note stands before a new line
	slices.SortStableFunc(all, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	done := 0
	for _, x := range all {
		b.WriteString(e.src[done:max(done, x.from)])
		b.WriteString(x.text)
		done = max(done, x.to)
	}
	b.WriteString(e.src[done:])
	return []byte(b.String())
}

// offset returns the place of a line and column in src, -1 outside.
func (e *Editor) offset(line, column int) int {
	if line < 1 || line > len(e.File.lines) || line > len(e.starts) || column < 1 {
		return -1
	}
	runes := []rune(e.File.lines[line-1])
	if column-1 > len(runes) {
		return -1
	}
	return e.starts[line-1] + len(string(runes[:column-1]))
}

func (e *Editor) lineEnd(line int) int { return e.starts[line-1] + len(e.File.lines[line-1]) }

// extent returns where a single value stands in src, quotes included; false where it spans lines, or does not
// stand where the parser says.
func (e *Editor) extent(n Node) (from, to int, ok bool) {
	s, isString := n.node.(*ast.StringNode)
	if !isString {
		return 0, 0, false
	}
	line, column := n.Pos()
	if from = e.offset(line, column); from < 0 {
		return 0, 0, false
	}
	var length int
	switch s.Token.Type {
	case token.DoubleQuoteType:
		length = quotedLength(e.src[from:e.lineEnd(line)], '"')
	case token.SingleQuoteType:
		length = quotedLength(e.src[from:e.lineEnd(line)], '\'')
	default:
		// The library places a plain text with spaces behind it that much to the right.
		for length = len(s.Value); !strings.HasPrefix(e.src[from:e.lineEnd(line)], s.Value); from-- {
			if from == e.starts[line-1] {
				return 0, 0, false
			}
		}
	}
	return from, from + length, length > 0
}

// quotedLength is the length of the quoted text that rest begins with, 0 if it does not end in this line.
func quotedLength(rest string, quote byte) int {
	if rest == "" || rest[0] != quote {
		return 0
	}
	for i := 1; i < len(rest); i++ {
		switch {
		case quote == '"' && rest[i] == '\\':
			i++
		case quote == '\'' && strings.HasPrefix(rest[i:], "''"):
			i++
		case rest[i] == quote:
			return i + 1
		}
	}
	return 0
}
