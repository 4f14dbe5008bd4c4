package parser

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Visible returns a text as people may read it: what nobody sees, what turns
// the text around, and letters that pass for others are written as their code
// points, "\u202e". Line feeds and tabs stay. All that a user typed goes
// through it, or through a rule that refuses such characters, before staff see
// it.
//
// A letter passes for another where it is written like an ASCII letter or
// digit in another font, or is of another alphabet in a word with ASCII letters.
// Words of one alphabet stay as they are.
func Visible(s string) string {
	if plainASCII(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		word, rest := nextWord(s)
		mixed := strings.ContainsFunc(word, func(r rune) bool { return r < utf8.RuneSelf && unicode.IsLetter(r) })
		for i, r := range word {
			switch {
			case r == utf8.RuneError && !strings.HasPrefix(word[i:], "\ufffd"):
				fmt.Fprintf(&b, `\x%02x`, word[i]) // no UTF-8
			case Hidden(r) || otherFont(r) != 0 || mixed && foreign(r):
				b.WriteString(codePoint(r))
			default:
				b.WriteRune(r)
			}
		}
		s = rest
	}
	return b.String()
}

// Hidden reports whether nobody sees a character where it stands, or whether it
// does more than stand there: controls but line feed and tab, formats (bidi,
// zero width, tags), spaces that are no plain one, fillers, variation
// selectors, private and unassigned code points.
func Hidden(r rune) bool {
	switch r {
	case '\n', '\t', ' ':
		return false
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0': // drawn as nothing
		return true
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) || unicode.Is(unicode.Variation_Selector, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// Unveil returns a text in which a search for plain words finds what its
// letters look like: hidden characters go, and letters of other fonts and
// alphabets that look like ASCII ones become those. It is for searching, never
// for people.
func Unveil(s string) string {
	if plainASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.In(r, unicode.Zl, unicode.Zp):
			return '\n'
		case Hidden(r):
			return -1
		case otherFont(r) != 0:
			return otherFont(r)
		case lookAlike(r) != 0:
			return lookAlike(r)
		}
		return r
	}, s)
}

// plainASCII reports that a text has nothing to be shown: most have not.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func codePoint(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// nextWord splits a text after its first word, or after what stands before that
// word. Hidden characters are part of a word: they may stand inside it.
func nextWord(s string) (word, rest string) {
	in := func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.M, unicode.N) || r != ' ' && r != '\n' && r != '\t' && !unicode.IsSpace(r) && Hidden(r)
	}
	first, _ := utf8.DecodeRuneInString(s)
	end := strings.IndexFunc(s, func(r rune) bool { return in(r) != in(first) })
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// otherFont returns the ASCII letter or digit that r is in another font: wide,
// bold, in a circle; 0 if it is none.
func otherFont(r rune) rune {
	if r < 0x2070 { // modifiers and fractions below are letters of their own
		return 0
	}
	plain := norm.NFKC.String(string(r))
	if len(plain) != 1 || !isASCIIWord(plain[0]) {
		return 0
	}
	return rune(plain[0])
}

func isASCIIWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// The letters of the alphabets from which names are faked that look like an
// ASCII letter, and that letter: two strings of the same length.
const (
	fakeLetters = "асеорхуіјѕһԁԛԝгАВСЕНІЈКМОРЅТХУΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορνικɑɡıỿϲϳհոսօցզ"
	realLetters = "aceopxyijshdqwrABCEHIJKMOPSTXYABEZHIKMNOPTYXaopvikagiycjhnuogq"
)

// foreign reports whether r, in a word with ASCII letters, is of another
// alphabet, from which such words are faked.
func foreign(r rune) bool {
	return lookAlike(r) != 0 ||
		unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu)
}

// lookAlike returns the ASCII letter that r passes for; 0 if it is none.
func lookAlike(r rune) rune {
	if r < utf8.RuneSelf {
		return 0
	}
	at := 0
	for _, fake := range fakeLetters {
		if fake == r {
			return rune(realLetters[at])
		}
		at++
	}
	return 0
}
