// Package yamlfile reads small YAML files strictly and reports every problem with its line and column.
//
// A file is read once with Read. The caller then walks it by Node and says what it expects: a mapping with
// known keys, a list, a text, a number. What does not fit is recorded in the File and the walk goes on, so that a
// person sees all mistakes of a file at once and not one in each run. Err returns them.
//
// Strict means: one document, no anchors, aliases, tags, directives or merge keys, no duplicate keys, and none of
// the words that YAML 1.1 takes for booleans (yes, no, on, off, y, n) where a text is wanted. Lines and columns
// are 1-based; columns count characters, not bytes.
//
// A File is not safe for concurrent use while it is being walked.
package yamlfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on what is handed to the YAML library, which takes time out of proportion beyond them.
const (
	maxBytes      = 64 << 10
	maxDepth      = 50
	maxBlankLines = 100
)

// Error is one problem at a place in the file. Line and Column are 1-based, Column counts characters.
type Error struct {
	Line, Column int
	Text         string
	Source       string // the line of the file
}

// Error returns "LINE:COLUMN: text".
func (e Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Text) }

// Errors are all problems of a file, sorted by position.
type Errors []Error

// Error returns the problems, one on each line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, problem := range e {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// File is a YAML file that was read, and the problems found in it so far.
type File struct {
	lines  []string
	root   ast.Node
	broken bool
	errs   Errors
}

// Read reads one YAML document. It never returns nil and never panics: a file that can't be read has its problems
// in Err and the zero Node as its Root.
func Read(src []byte) *File {
	f := &File{}
	text, err := clean(src)
	f.lines = strings.Split(text, "\n")
	if err != nil {
		f.add(*err)
	} else {
		f.parse(text)
	}
	f.broken = len(f.errs) > 0
	return f
}

// clean returns src without a byte order mark and with LF line ends, or the reason why it must not be parsed.
func clean(src []byte) (string, *Error) {
	if len(src) > maxBytes {
		return "", &Error{Line: 1, Column: 1, Text: fmt.Sprintf("the file has %d bytes: the most is %d", len(src), maxBytes)}
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	blank := 0
	for i, line := range strings.Split(text, "\n") {
		if at := invalidRune(line); at >= 0 {
			return text, &Error{Line: i + 1, Column: utf8.RuneCountInString(line[:at]) + 1, Text: "not valid UTF-8 text"}
		}
		blank++
		if strings.TrimSpace(line) != "" {
			blank = 0
		}
		if blank > maxBlankLines {
			return text, &Error{Line: i + 1, Column: 1, Text: fmt.Sprintf("more than %d blank lines in a row", maxBlankLines)}
		}
	}
	return text, nil
}

func invalidRune(line string) int {
	for i, r := range line {
		if r == 0 {
			return i
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(line[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

func (f *File) parse(text string) {
	defer func() {
		if r := recover(); r != nil {
			f.root = nil
			f.add(Error{Line: 1, Column: 1, Text: "not a YAML file that can be read"})
		}
	}()
	tokens := lexer.Tokenize(text)
	f.checkTokens(tokens)
	if len(f.errs) > 0 {
		return
	}
	// Duplicate keys are allowed here and found by checkTree, which reports all of them.
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		f.add(syntaxError(err))
		return
	}
	f.take(file)
}

func syntaxError(err error) Error {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		pos := syntax.GetToken().Position
		return Error{Line: pos.Line, Column: pos.Column, Text: syntax.GetMessage()}
	}
	return Error{Line: 1, Column: 1, Text: "not a YAML file that can be read"}
}

func (f *File) take(file *ast.File) {
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if f.root != nil {
			pos := doc.Body.GetToken().Position
			f.add(Error{Line: pos.Line, Column: pos.Column, Text: "a second document: only one is allowed"})
			return
		}
		f.root = doc.Body
	}
	if f.root != nil {
		f.checkTree(f.root)
	}
}

// Root returns the whole document, or the zero Node if the file could not be read.
func (f *File) Root() Node {
	if f.broken {
		return Node{}
	}
	return Node{file: f, node: f.root}
}

// Err returns nil, or Errors with all problems recorded so far, sorted by position.
func (f *File) Err() error {
	if len(f.errs) == 0 {
		return nil
	}
	errs := slices.Clone(f.errs)
	slices.SortStableFunc(errs, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(errs)
}

// Errorf records a problem at the position of n; a zero Node stands for the begin of the file.
func (f *File) Errorf(n Node, format string, args ...any) {
	line, column := n.Pos()
	f.add(Error{Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
}

// Errorf records a problem at the position of n in its file. The zero Node has no file: nothing is recorded.
func (n Node) Errorf(format string, args ...any) {
	if n.file != nil {
		n.file.Errorf(n, format, args...)
	}
}

// add keeps the position inside the file: the library places some tokens behind the last character.
func (f *File) add(e Error) {
	e.Line = min(max(e.Line, 1), len(f.lines))
	e.Column = min(max(e.Column, 1), utf8.RuneCountInString(f.lines[e.Line-1])+1)
	e.Text = strings.ToValidUTF8(e.Text, "?")
	e.Source = f.lines[e.Line-1]
	f.errs = append(f.errs, e)
}

// refusal says why tokens of a type are not allowed; "" if they are.
func refusal(t token.Type) string {
	switch t {
	case token.AnchorType, token.AliasType:
		return "anchors (&) and aliases (*) are not allowed: put quotes around a text that begins so"
	case token.TagType:
		return "tags (!) are not allowed: put quotes around a text that begins so"
	case token.MergeKeyType:
		return "merge keys (<<) are not allowed"
	case token.DirectiveType:
		return "directives (%) are not allowed"
	case token.MappingKeyType:
		return "write `key: value`, without `?`"
	default:
		return ""
	}
}

// checkTokens refuses what the parser must not see: nesting deeper than maxDepth takes it seconds.
func (f *File) checkTokens(tokens token.Tokens) {
	var columns []int
	flow, line := 0, 0
	for _, t := range tokens {
		if text := refusal(t.Type); text != "" {
			f.add(Error{Line: t.Position.Line, Column: t.Position.Column, Text: text})
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
		default: // not a bracket
		}
		if t.Type == token.SequenceEntryType || t.Position.Line != line {
			columns = append(shallower(columns, t.Position.Column), t.Position.Column)
		}
		line = t.Position.Line
		if flow+len(columns) > maxDepth {
			f.add(Error{Line: t.Position.Line, Column: t.Position.Column, Text: fmt.Sprintf("nested deeper than %d levels", maxDepth)})
			return
		}
	}
}

// shallower drops the columns that a token at column closes.
func shallower(columns []int, column int) []int {
	for len(columns) > 0 && columns[len(columns)-1] >= column {
		columns = columns[:len(columns)-1]
	}
	return columns
}

// checkTree finds keys that are no words and keys that occur twice in one mapping.
func (f *File) checkTree(n ast.Node) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		for _, item := range n.Values {
			f.checkTree(item)
		}
	case *ast.MappingNode, *ast.MappingValueNode:
		first := map[string]int{}
		for _, pair := range pairs(n) {
			pos := pair.Key.GetToken().Position
			key := pair.Key.GetToken().Value
			if line, ok := first[key]; ok {
				f.add(Error{Line: pos.Line, Column: pos.Column, Text: fmt.Sprintf("key %q is already in line %d", key, line)})
			} else {
				first[key] = pos.Line
			}
			f.checkTree(pair.Value)
		}
	}
}

func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}
