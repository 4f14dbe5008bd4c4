package yamlfile

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Node is one value of a File. The zero Node stands for a value that is absent: its methods return zero values and
// record nothing. A Node that is there but does not fit records a problem in its File and returns a zero value.
type Node struct {
	file *File
	node ast.Node
}

// Exists tells whether there is a value: false for the zero Node and for an explicit or implied null.
func (n Node) Exists() bool { return n.node != nil && !n.isNull() }

func (n Node) isNull() bool {
	_, ok := n.node.(*ast.NullNode)
	return ok
}

// Pos returns the 1-based line and column (in characters) of the value; 1, 1 for the zero Node.
func (n Node) Pos() (line, column int) {
	if n.node == nil {
		return 1, 1
	}
	t := n.node.GetToken()
	if found := pairs(n.node); len(found) > 0 && t.Type != token.MappingStartType {
		t = found[0].Key.GetToken()
	}
	return t.Position.Line, t.Position.Column
}

// kind names the value for a message.
func (n Node) kind() string {
	switch n.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "a boolean"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	}
	return "nothing"
}

func (n Node) want(what string) {
	if n.file != nil {
		n.file.Errorf(n, "want %s, got %s", what, n.kind())
	}
}

// IsObject tells whether the value is a mapping.
func (n Node) IsObject() bool { return n.kind() == "keys with values" }

// IsText tells whether the value is a text, quoted or plain.
func (n Node) IsText() bool { return n.kind() == "a text" }

// IsNumber tells whether the value is a number.
func (n Node) IsNumber() bool { return n.kind() == "a number" }

// IsList tells whether the value is a sequence.
func (n Node) IsList() bool { return n.kind() == "a list" }

// Object calls the function of each key that is present, in file order. Unknown keys, and a value that is not a
// mapping, are recorded.
func (n Node) Object(keys map[string]func(Node)) {
	allowed := slices.Sorted(maps.Keys(keys))
	n.Entries(func(key string, keyNode, value Node) {
		if read, ok := keys[key]; ok {
			read(value)
			return
		}
		n.file.Errorf(keyNode, "unknown key %q: %sallowed: %s", key, didYouMean(key, allowed), strings.Join(allowed, ", "))
	})
}

// Entries calls f for each key with its value, in file order. A value that is not a mapping is recorded.
func (n Node) Entries(f func(key string, keyNode, value Node)) {
	if !n.IsObject() {
		n.want("keys with values")
		return
	}
	for _, pair := range pairs(n.node) {
		f(pair.Key.GetToken().Value, Node{n.file, pair.Key}, Node{n.file, pair.Value})
	}
}

// List calls f for each item of a sequence, in file order. A value that is not a sequence is recorded.
func (n Node) List(f func(i int, item Node)) {
	list, ok := n.node.(*ast.SequenceNode)
	if !ok {
		n.want("a list")
		return
	}
	for i, item := range list.Values {
		f(i, Node{n.file, item})
	}
}

// Text returns the value of a text, quoted or plain. Numbers, booleans, nothing, and the plain words that YAML 1.1
// reads as booleans are recorded.
func (n Node) Text() string {
	switch node := n.node.(type) {
	case *ast.LiteralNode:
		return node.Value.Value
	case *ast.StringNode:
		if isOldBool(node) {
			n.file.Errorf(n, "want text, got %s, which YAML 1.1 reads as a boolean: put quotes around it", node.Value)
			return ""
		}
		return node.Value
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.file.Errorf(n, "want text, got %s: put quotes around it", n.kind())
		return ""
	}
	n.want("text")
	return ""
}

// Scalar returns the source text of a single value: a number, a date, a duration, a word or a text.
func (n Node) Scalar() string {
	switch node := n.node.(type) {
	case *ast.LiteralNode:
		return node.Value.Value
	case *ast.StringNode:
		return node.Value
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return n.node.GetToken().Value
	}
	n.want("one value")
	return ""
}

// Int returns a whole number, written in decimal. Anything else is recorded.
func (n Node) Int() int64 {
	if _, ok := n.node.(*ast.IntegerNode); !ok {
		n.want("a whole number")
		return 0
	}
	i, err := strconv.ParseInt(n.node.GetToken().Value, 10, 64)
	if err != nil {
		n.file.Errorf(n, "want a whole number in decimal digits, up to 63 bits")
	}
	return i
}

// Bool returns true or false. Anything else is recorded, other spellings with a hint.
func (n Node) Bool() bool {
	switch node := n.node.(type) {
	case *ast.BoolNode:
		if v := node.Token.Value; v != "true" && v != "false" {
			n.file.Errorf(n, "write %s instead of %s", strings.ToLower(v), v)
		}
		return node.Value
	case *ast.StringNode:
		if isOldBool(node) {
			n.file.Errorf(n, "want true or false, got %s: write true or false (or put quotes around it if it is a text)", node.Value)
			return false
		}
	}
	n.want("true or false")
	return false
}

// OneOf returns the value if it is one of allowed. Anything else is recorded, with the nearest allowed word.
func (n Node) OneOf(allowed ...string) string {
	if n.file == nil {
		return ""
	}
	list := strings.Join(allowed, ", ")
	switch n.node.(type) {
	case nil, *ast.NullNode, *ast.SequenceNode, *ast.MappingNode, *ast.MappingValueNode:
		n.want("one of: " + list)
		return ""
	}
	word := n.Scalar()
	if slices.Contains(allowed, word) {
		return word
	}
	n.file.Errorf(n, "unknown word %q: %sallowed: %s", word, didYouMean(word, allowed), list)
	return ""
}

// isOldBool tells whether a plain word is a boolean in YAML 1.1, which GitHub reads.
func isOldBool(node *ast.StringNode) bool {
	if node.Token.Type != token.StringType {
		return false
	}
	switch node.Value {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return true
	}
	return false
}

func didYouMean(word string, allowed []string) string {
	if near := Closest(word, allowed); near != "" {
		return "did you mean " + strconv.Quote(near) + "? "
	}
	return ""
}

// Closest returns the allowed word that is nearest to word, the first of equals; "" if none is near. Near means at
// most 1 + a quarter of its length in letters added, dropped or changed.
func Closest(word string, allowed []string) string {
	best, found := 1+len(word)/4, ""
	for _, candidate := range allowed {
		// Words of very different length are far apart; this bounds the work on a hostile word.
		if gap := len(candidate) - len(word); gap > best || -gap > best {
			continue
		}
		if d := distance([]rune(word), []rune(candidate)); d < best || d == best && found == "" {
			best, found = d, candidate
		}
	}
	return found
}

// distance is Levenshtein's, in one row.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
