package policy

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

var (
	loginShape   = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9-]{0,38}(\[bot\])?\z`)
	accountShape = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9._-]*\z`)
	mailShape    = regexp.MustCompile(`\A([A-Za-z0-9._+-]*[A-Za-z0-9])@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+\z`)
	linkShape    = regexp.MustCompile(`\Ahttps?://[A-Za-z0-9.:/?#&=%_~+-]+\z`)
	pointShape   = regexp.MustCompile(`\AU\+[0-9A-F]{4,6}\z`)
	issueOfGH    = regexp.MustCompile(`(?i)\b(gh)-([0-9])`)
	siteOfWWW    = regexp.MustCompile(`(?i)\b(www)\.`)
	markdownLink = regexp.MustCompile(`\[([^\[\]]*)\]\([^()]*\)`)
)

// mentionOf returns "@login", the only mention that a text may have. What is no
// login of GitHub's shape gives "".
func mentionOf(login string) string {
	if !loginShape.MatchString(login) {
		return ""
	}
	return "@" + login
}

// ifShaped returns s where it has the shape, and "" where it has not: a value
// that we cannot print safely is left out, with its sentence.
func ifShaped(shape *regexp.Regexp, s string) string {
	if !shape.MatchString(s) {
		return ""
	}
	return s
}

// commentLink returns the fragment of the comment with this id, "" for none.
func commentLink(id int64) string {
	if id <= 0 {
		return ""
	}
	return "#issuecomment-" + strconv.FormatInt(id, 10)
}

// plainWords makes words of the operator (a label of the form, a registry's name)
// safe inside a paragraph: one line, at most shownWords words, no markup. GitHub
// looks for mentions and references after it decoded the entities, so no
// escape hides them: @ and # become their wide forms, which look alike and
// mean nothing. GH-12 gets another hyphen, and www. a dot that makes no link.
func plainWords(s string) string {
	s = markdownLink.ReplaceAllString(s, "$1")
	fields := strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	if len(fields) > shownWords {
		fields = append(fields[:shownWords:shownWords], "…")
	}
	var b strings.Builder
	for _, r := range strings.Join(fields, " ") {
		b.WriteString(plainRune(r))
	}
	plain := issueOfGH.ReplaceAllString(b.String(), "$1\u2011$2")
	return siteOfWWW.ReplaceAllString(plain, `$1\.`)
}

func plainRune(r rune) string {
	switch r {
	case '@':
		return "＠"
	case '#':
		return "＃"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '&':
		return "&amp;"
	case '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '!', '|', '~', '$', ':':
		return `\` + string(r)
	}
	return string(r)
}
