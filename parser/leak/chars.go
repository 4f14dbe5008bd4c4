package leak

import "strings"

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLower(c byte) bool  { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func isAlnum(c byte) bool  { return isDigit(c) || isLower(c) || isUpper(c) }
func isLowHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' }
func isHex(c byte) bool    { return isLowHex(c) || c >= 'A' && c <= 'F' }
func isWord(c byte) bool   { return isAlnum(c) || c == '_' || c >= 0x80 }
func isBase64(c byte) bool { return isAlnum(c) || c == '+' || c == '/' || c == '=' }
func isURL64(c byte) bool  { return isAlnum(c) || c == '-' || c == '_' || c == '=' }
func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isBlank(c byte) bool  { return c == ' ' || c == '\t' }
func isFiller(c byte) bool {
	return isBlank(c) || c == '*' || c == '`' || c == '"' || c == '\'' || c == '~'
}
func isVisible(c byte) bool   { return c > ' ' && c != 0x7f }
func isLowAlnum(c byte) bool  { return isLower(c) || isDigit(c) }
func isBase32(c byte) bool    { return isUpper(c) || c >= '2' && c <= '7' }
func isLow32(c byte) bool     { return isLower(c) || c >= '2' && c <= '7' }
func isNoLineEnd(c byte) bool { return c != '\n' && c != '\r' }

func lower(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}

func all(s string, set func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		if !set(s[i]) {
			return false
		}
	}
	return true
}

// run returns where the run of characters of a set ends that begins at a place; it looks at most bytes.
func (v *view) run(at, most int, set func(byte) bool) int {
	end := at
	for end < len(v.text) && end-at < most && set(v.text[end]) {
		end++
	}
	v.steps += end - at + 1
	return end
}

// before returns the character before a place, a line end at the start.
func (v *view) before(at int) byte {
	if at <= 0 {
		return '\n'
	}
	return v.text[at-1]
}

// after returns the character at a place, a line end at the end.
func (v *view) after(at int) byte {
	if at >= len(v.text) {
		return '\n'
	}
	return v.text[at]
}

// lineEnd returns where the line ends, at most bytes away.
func (v *view) lineEnd(at, most int) int { return v.run(at, most, isNoLineEnd) }

// makeup is what a string is made of.
type makeup struct{ upper, lower, digits, others, distinct int }

func (v *view) makeup(s string) makeup {
	v.steps += len(s)
	var m makeup
	var seen [256]bool
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case isUpper(c):
			m.upper++
		case isLower(c):
			m.lower++
		case isDigit(c):
			m.digits++
		default:
			m.others++
		}
		if !seen[c] {
			seen[c] = true
			m.distinct++
		}
	}
	return m
}

func (m makeup) letters() int { return m.upper + m.lower }

// kinds is how many of upper case, lower case and digits there are.
func (m makeup) kinds() int {
	n := 0
	for _, count := range []int{m.upper, m.lower, m.digits} {
		if count > 0 {
			n++
		}
	}
	return n
}

// Different characters that a machine's secret has at least: fewer are "XXXX" or "0000".
const (
	fewInShort = 5 // of 16 characters
	fewInLong  = 8 // of 30 and more
)

// isMade reports whether a machine made the string: many different characters, of two kinds at least.
func (m makeup) isMade() bool { return m.distinct >= fewInLong && m.kinds() >= 2 }

// hasAny reports whether a word of a list is in the string.
func hasAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
