package policy

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/recoverybot/recoverybot/parser"
)

// The patterns are tried only where a text has their first character: the check
// of an operator's texts reads thousands of texts at each start.
var (
	anyReference = regexp.MustCompile(`(^|[^A-Za-z0-9/])(#[0-9]+)`)
	anyForeign   = regexp.MustCompile(`[A-Za-z0-9_.-]/[A-Za-z0-9_.-]+#[0-9]+`)
	anyTag       = regexp.MustCompile(`<[A-Za-z/!?][^>]*>?`)
	bareCommand  = regexp.MustCompile(`[\n ]/[a-z]`)
	mentionShape = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9-]*`)
)

// What a text may have without its footer: those for requesters, and the list
// of all commands for staff. What stands at the desk has no limit.
const (
	mostWords      = 200
	mostStaffWords = 500
)

// unsafe returns what must never stand in a comment of ours, whoever wrote the
// template: a mention of anybody but the requester (at the desk: but the team
// that an alert is for), a line that is a command, and markup or characters
// that hide something, as the hidden key is hidden.
func (r *Rules) unsafe(t Text, text string) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	decoded := html.UnescapeString(text)
	for _, name := range r.foreign(t, decoded) {
		bad("mentions %s: only {{.Mention}} is allowed", name)
	}
	if refers(t, decoded) {
		bad("refers to an issue by its number")
	}
	for _, tag := range otherTags(text) {
		bad("has the markup %q: of HTML only sub, kbd and br are allowed, and no comments", tag)
	}
	if fences(text)%2 == 1 {
		bad("opens a code block and does not close it")
	}
	if strings.ContainsFunc(text, hides) {
		bad("has a control character or one that cannot be seen")
	}
	if strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
		bad("has the marks of a template in it")
	}
	for l := range strings.SplitSeq(linesToRead(t, text), "\n") {
		if _, ok := parser.ParseCommand(l); ok || strings.HasPrefix(l, "/") {
			bad("has a line that is a command itself: %q", l)
		}
	}
	return out
}

// foreign returns the names in a text that it must not mention.
func (r *Rules) foreign(t Text, decoded string) []string {
	author := strings.TrimSuffix(t.Author, "[bot]")
	if forDesk(t.Name) {
		author = ""
		if team := r.teamOf(t); team != "" {
			for _, end := range []string{" ", ",", ":", "\n"} {
				decoded = strings.ReplaceAll(decoded, team+end, "")
			}
		}
	}
	return slices.DeleteFunc(mentions(decoded), func(name string) bool { return name == author })
}

// refers reports whether a text makes GitHub link another issue, and so show
// it there. A text may name the request of the same author that this one
// repeats, or that was denied before it, and at the desk what stands in code.
func refers(t Text, decoded string) bool {
	plain := withoutTargets(decoded)
	if !strings.Contains(strings.ReplaceAll(plain, "### ", ""), "#") {
		return false
	}
	_, rest := codeSpans(plain)
	if forDesk(t.Name) {
		plain = rest
	}
	own := []string{repeated(t), earlier(t)}
	other := func(m []string) bool { return m[2] == "" || !slices.Contains(own, m[2]) }
	return hasNumber(plain) && slices.ContainsFunc(anyReference.FindAllStringSubmatch(plain, -1), other) ||
		hasNumber(rest) && anyForeign.MatchString(rest)
}

// hasNumber reports whether a digit follows a # anywhere.
func hasNumber(text string) bool {
	for _, after := range strings.Split(text, "#")[1:] {
		if after != "" && '0' <= after[0] && after[0] <= '9' {
			return true
		}
	}
	return false
}

// otherTags returns the HTML in a text that is not allowed.
func otherTags(text string) []string {
	start := strings.IndexByte(text, '<')
	if start < 0 {
		return nil
	}
	rest := allowedTags().Replace(text[start:])
	if !strings.Contains(rest, "<") {
		return nil
	}
	return anyTag.FindAllString(rest, -1)
}

// fences counts the lines that begin or end a block of code.
func fences(text string) int {
	n := 0
	if !strings.Contains(text, "```") && !strings.Contains(text, "~~~") {
		return 0
	}
	for line := range strings.SplitSeq(text, "\n") {
		for range 3 {
			line = strings.TrimPrefix(line, " ")
		}
		if strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
			n++
		}
	}
	return n
}

// linesToRead takes out of a text for the desk what stands in blocks of code:
// commands to copy.
func linesToRead(t Text, text string) string {
	if !forDesk(t.Name) {
		return text
	}
	parts := strings.Split(text, "\n```")
	var b strings.Builder
	for i, p := range parts {
		if i%2 == 0 {
			b.WriteString(p)
		}
	}
	return b.String()
}

// mentions returns the names that GitHub would notify: an @ before a letter or
// digit that does not follow one (in _@name_ the underscore is markup).
func mentions(text string) []string {
	var names []string
	for i := strings.IndexByte(text, '@'); i >= 0; {
		name := mentionShape.FindString(text[i+1:])
		if name != "" && (i == 0 || mentionShape.FindString(text[i-1:i]) == "") {
			names = append(names, name)
		}
		next := strings.IndexByte(text[i+1:], '@')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return names
}

var allowedTags = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("<sub>", "", "</sub>", "", "<kbd>", "", "</kbd>", "", "<br>", "")
})

// withoutTargets takes the addresses out of links: [words](address) becomes
// [words].
func withoutTargets(text string) string {
	parts := strings.Split(text, "](")
	for i, p := range parts[1:] {
		if _, rest, ok := strings.Cut(p, ")"); ok {
			parts[i+1] = rest
		}
	}
	return strings.Join(parts, "]")
}

// codeSpans returns what stands between backquotes, and the rest.
func codeSpans(text string) (spans []string, rest string) {
	var b strings.Builder
	parts := strings.Split(text, "`")
	for i, p := range parts {
		if i%2 == 1 && i+1 < len(parts) {
			spans = append(spans, p)
			b.WriteByte('x')
			continue
		}
		b.WriteString(p)
	}
	return spans, b.String()
}

// hides reports whether r is a character that people do not see, but for line
// ends and the joiners that some scripts need.
func hides(r rune) bool {
	switch {
	case r == '\n', r == '\u200c', r == '\u200d', ' ' <= r && r <= '~':
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// flaws returns what breaks the rules in a text that set made: what is unsafe,
// and what a reader cannot work with.
func (r *Rules) flaws(t Text, text string, set *textSet) []string {
	out := r.unsafe(t, text)
	body, _, _ := strings.Cut(withoutTargets(text), "<sub>")
	most := mostWords
	if t.Name == TextHelp && toStaff(t) {
		most = mostStaffWords
	}
	if n := countWords(body); n > most && !forDesk(t.Name) {
		out = append(out, fmt.Sprintf("has %d words without its last line, at most %d", n, most))
	}
	s := speaker{set: set}
	var want []string
	for _, name := range openings(t) {
		want = append(want, strings.ToLower(s.say(name, wordView{})))
	}
	if want != nil && !containsAny(firstWords(t, body), want) {
		out = append(out, fmt.Sprintf("does not say in its beginning who must act: one of %q", want))
	}
	v := r.reader(t)
	spans, rest := codeSpans(text)
	for _, span := range spans {
		name, isCommand := strings.CutPrefix(strings.Fields(span + " .")[0], "/")
		if isCommand && !v.Can(name) {
			out = append(out, fmt.Sprintf("names /%s, which its reader may not use now: put it inside {{if .Can %q}}", name, name))
		}
	}
	if t.Account != "" && strings.Contains(rest, t.Account) {
		out = append(out, "has the account's name outside of `code`, where www.example.org is a name and a link")
	}
	if (strings.Contains(rest, " /") || strings.Contains(rest, "\n/")) && bareCommand.MatchString(rest) {
		out = append(out, "names a command outside of `code`")
	}
	return out
}

// reader is the part of a view that says which commands its reader may use.
func (r *Rules) reader(t Text) view {
	v := view{State: t.State, ForStaff: toStaff(t), requesterTurn: t.Turn == Requester}
	if !t.Reopen.IsZero() {
		v.Reopen = "possible"
	}
	for range len(r.Languages) - 1 {
		v.Others = append(v.Others, languageView{})
	}
	return v
}

// openings names the words of which one must stand at the beginning: they say
// who must act.
func openings(t Text) []string {
	switch {
	case t.Name == TextStatus, t.Name == TextDesk, t.Name == TextWhy:
		return []string{turnOpening(t.State, t.Turn)}
	case t.Name == TextDigest: // it is about all requests
		return nil
	case t.Name == TextAlert, t.Name == TextLeak && t.ByOthers:
		return []string{"opening-look"}
	case t.Name == TextReminder, t.Name == TextIncomplete, t.Name == TextUnchecked, t.Name == TextAsked, t.Name == TextProof, t.Name == TextLeak:
		return []string{"opening-yours"}
	case t.Name == TextHelp, t.Name == TextWarning:
		return []string{"opening-free"}
	case t.Name == TextSuggestion && t.Turn != Requester && !toStaff(t):
		return []string{"opening-free"}
	case t.Name == TextSuggestion:
		return []string{"opening-yours"}
	case t.Name == TextRefused:
		return []string{"opening-yours", "opening-nobody", "opening-free"}
	default:
		return []string{"opening-nobody"}
	}
}

// firstWords returns what must say who must act, in lower case: the heading of a
// status, the first sentence of the others (in the help it stands after the
// heading).
func firstWords(t Text, body string) string {
	wanted := 1
	if t.Name == TextHelp {
		wanted = 2
	}
	lines := strings.SplitN(body, "\n", 4) // a heading, a blank line, a sentence
	var said []string
	for _, line := range lines[:min(3, len(lines))] {
		if said = append(said, sentencesOf(line)...); len(said) >= wanted {
			return strings.ToLower(said[wanted-1])
		}
	}
	return strings.ToLower(strings.Join(said, ""))
}

// sentencesOf splits at line ends and after words that end a sentence. It uses
// no regexp, for it reads many texts.
func sentencesOf(body string) []string {
	var out []string
	for line := range strings.Lines(body) {
		start := 0
		all := wordsOf(line)
		for i, w := range all {
			if end := strings.TrimRight(w, `"”»*)`); i == len(all)-1 || end != "" && strings.ContainsAny(end[len(end)-1:], ".?!") {
				out = append(out, strings.Join(all[start:i+1], " "))
				start = i + 1
			}
		}
	}
	return out
}

func wordsOf(s string) []string {
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool { return !isWord(w) })
}

func countWords(s string) int {
	n := 0
	for w := range strings.FieldsSeq(s) {
		if isWord(w) {
			n++
		}
	}
	return n
}

// isWord reports whether something between spaces is more than signs.
func isWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func containsAny(s string, of []string) bool {
	return slices.ContainsFunc(of, func(o string) bool { return o != "" && strings.Contains(s, o) })
}
