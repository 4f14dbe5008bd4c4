package parser

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The codes of a name that NameRules.Clean refuses.
const (
	NameEmpty    = "empty"     // nothing is left
	NameEmail    = "email"     // an e-mail address
	NameNonASCII = "non-ascii" // a character outside ASCII: CodePoints names it
	NameSeveral  = "several"   // more than one candidate
	NameSpaces   = "spaces"    // a space inside
	NameTooLong  = "too-long"  // longer than MaxLength
	NameInvalid  = "invalid"   // anything else that the registry has no account for
)

// maxCodePoints caps the list of CodePoints.
const maxCodePoints = 10

// NameRules are a registry's rules for account names. They come from the policy; the zero value accepts any ASCII
// word. NameRules are read only and safe for concurrent use.
type NameRules struct {
	// MaxLength is the most characters of a name; 0 for no limit.
	MaxLength int
	// Pattern must match the whole name; nil for no check.
	Pattern *regexp.Regexp
	// ProfileURLs are the addresses that stand before the name on a profile page, such as
	// "https://registry.example/user/". Scheme, "www." and case don't matter.
	ProfileURLs []string
	// CaseSensitive is set for a registry where names that differ only in case are two accounts.
	CaseSensitive bool
}

// Clean returns the account name that somebody typed, without what people put around it: spaces, `Username:`, one pair
// of quotes, backticks or brackets, an @ before it, the address of the profile page. If what is left is no name, code
// says why and name is "": there is never a guess.
func (r NameRules) Clean(value string) (name, code string) {
	name = r.peel(value)
	if code = r.check(name); code != "" {
		return "", code
	}
	return name, ""
}

// asciiSpace is trimmed around a name. Other spaces are characters outside ASCII, which are refused.
const asciiSpace = " \t\r\n"

func (r NameRules) peel(value string) string {
	value = trimNamePrefix(strings.Trim(value, asciiSpace))
	for _, pair := range []string{"``", "''", `""`, "[]", "<>"} {
		if len(value) > 1 && value[0] == pair[0] && value[len(value)-1] == pair[1] {
			value = strings.Trim(value[1:len(value)-1], asciiSpace)
			break
		}
	}
	value = strings.TrimPrefix(value, "@")
	for _, url := range r.ProfileURLs {
		if rest, ok := cutURL(value, url); ok {
			return strings.TrimSuffix(rest, "/")
		}
	}
	return value
}

// trimNamePrefix removes "Username:" and the like, with one more word before it at most.
func trimNamePrefix(value string) string {
	before, after, ok := strings.Cut(value, ":")
	words := strings.Fields(strings.ToLower(before))
	if !ok || len(words) == 0 || len(words) > 3 {
		return value
	}
	said := strings.Join(words, " ")
	if said == "user" || strings.HasSuffix(said, "username") || strings.HasSuffix(said, "user name") {
		return strings.Trim(after, asciiSpace)
	}
	return value
}

func cutURL(value, url string) (rest string, ok bool) {
	value, url = bareURL(value), bareURL(url)
	if url == "" || len(value) < len(url) || !strings.EqualFold(value[:len(url)], url) {
		return "", false
	}
	return value[len(url):], true
}

// bareURL drops scheme and "www.".
func bareURL(url string) string {
	for _, prefix := range []string{"https://", "http://", "www."} {
		if len(url) >= len(prefix) && strings.EqualFold(url[:len(prefix)], prefix) {
			url = url[len(prefix):]
		}
	}
	return url
}

func (r NameRules) check(name string) string {
	words := strings.Fields(strings.ToLower(name))
	switch {
	case name == "":
		return NameEmpty
	case isEmail(name):
		return NameEmail
	case CodePoints(name) != nil:
		return NameNonASCII
	case strings.Contains(name, "://"):
		return NameInvalid
	case strings.ContainsAny(name, ",;/|\n") || slices.Contains(words, "or") || slices.Contains(words, "and"):
		return severalOr(name)
	case len(words) > 1 || strings.ContainsAny(name, asciiSpace):
		return NameSpaces
	case !isPrintableASCII(name):
		return NameInvalid
	case r.MaxLength > 0 && len(name) > r.MaxLength:
		return NameTooLong
	case !r.matches(name):
		return NameInvalid
	}
	return ""
}

// severalOr tells "a, b" from "a,".
func severalOr(name string) string {
	parts := strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune(",;/|\n\r\t ", c) })
	if len(parts) > 1 {
		return NameSeveral
	}
	return NameInvalid
}

// isEmail tells whether there is an @ with something on both sides.
func isEmail(name string) bool {
	before, after, ok := strings.Cut(name, "@")
	return ok && strings.Trim(before, asciiSpace) != "" && strings.Trim(after, asciiSpace) != ""
}

// matches needs the whole name, even where somebody forgot the anchors.
func (r NameRules) matches(name string) bool {
	if r.Pattern == nil {
		return true
	}
	at := r.Pattern.FindStringIndex(name)
	return at != nil && at[0] == 0 && at[1] == len(name)
}

// Canonical returns the form under which the registry compares names: lower case, unless it is CaseSensitive.
func (r NameRules) Canonical(name string) string {
	if r.CaseSensitive {
		return name
	}
	return strings.ToLower(name)
}

// Fold returns the look-alike skeleton of a name: two names with the same skeleton may be mistaken for one another.
// Case, `-`, `_` and `.` are dropped; 0 and o, 1, l and i, rn and m are the same. It is for warnings, never for
// identity.
func Fold(name string) string {
	bare := strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
	return strings.NewReplacer("0", "o", "1", "l", "i", "l", "rn", "m").Replace(bare)
}

// CodePoints lists the characters outside ASCII in value as "U+0430", each once, ten at most; nil if there are none.
func CodePoints(value string) []string {
	var list []string
	for _, r := range value {
		if r < utf8.RuneSelf {
			continue
		}
		if point := fmt.Sprintf("U+%04X", r); len(list) < maxCodePoints && !slices.Contains(list, point) {
			list = append(list, point)
		}
	}
	return list
}
