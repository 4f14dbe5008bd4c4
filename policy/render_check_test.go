package policy

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/parser"
)

// What the checks look for. A mention is an @ before a letter or digit that
// does not follow a word, as GitHub finds it.
var (
	anyMention   = regexp.MustCompile(`(^|[^A-Za-z0-9_])@([A-Za-z0-9][A-Za-z0-9-]*)`)
	anyReference = regexp.MustCompile(`(^|[^A-Za-z0-9/])#[0-9]`)
	codeSpan     = regexp.MustCompile("`([^`]*)`")
	bareCommand  = regexp.MustCompile(`(^|\s)/[a-z]`)
	ago          = regexp.MustCompile(`\b(ago|yesterday|tomorrow|today|[0-9]+ (days|hours|weeks))\b`)
	linkTarget   = regexp.MustCompile(`\]\([^)]*\)`)
	sentenceEnd  = regexp.MustCompile(`[.?!]["”*)]*(\s+|$)|\n`)
	anyWord      = regexp.MustCompile(`[A-Za-z0-9]`)
)

// openings is who must act, in the words that a heading or a first sentence
// may use for it.
func openings(t Text) []string {
	switch {
	case t.Name == TextStatus && t.State.Ended():
		return []string{"closed, nobody must act"}
	case t.Name == TextStatus && t.Turn == Requester, t.Name == TextReminder, t.Name == TextIncomplete, t.Name == TextUnchecked, t.Name == TextSuggestion:
		return []string{"it is your turn"}
	case t.Name == TextStatus:
		return []string{"it is our turn"}
	case t.Name == TextHelp:
		return []string{"you need not do anything"}
	case t.Name == TextRefused:
		return []string{"it is your turn", "nobody must act", "you need not do anything"}
	default:
		return []string{"nobody must act"}
	}
}

// usable lists by hand what the reader of t may use, apart from the table of
// commands that the texts are made with.
func usable(t Text) []string {
	if t.Author == "" {
		switch t.State {
		case Triage, Review:
			return []string{"help", "status", "ask", "deny", "complete", "recheck", "ignore", "assign", "unassign"}
		case Incomplete, Asked:
			return []string{"help", "status", "ask", "deny", "recheck", "ignore", "assign", "unassign"}
		}
		return []string{"help", "status"}
	}
	switch t.State {
	case Incomplete, Triage, Asked, Review:
		if t.Turn == Requester {
			return []string{"help", "status", "username", "done", "solved", "withdraw"}
		}
		return []string{"help", "status", "username", "solved", "withdraw"}
	case Expired, Withdrawn, Denied, Completed:
		if !t.Reopen.IsZero() {
			return []string{"help", "status", "reopen"}
		}
	}
	return []string{"help", "status"}
}

// wordLimit is what a text may have without its footer.
func wordLimit(name TextName) int {
	switch name {
	case TextStatus, TextHelp:
		return 200
	}
	return 80
}

// faults returns what is wrong with a text, as a reader would say it.
func faults(t Text, text string) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	body := withoutFooter(text)
	if n := len(words(body)); n > wordLimit(t.Name) {
		bad("%d words, at most %d", n, wordLimit(t.Name))
	}
	if first := firstSentences(body); !containsAny(first, openings(t)) {
		bad("%q does not say who must act: want one of %q", first, openings(t))
	}
	for _, m := range anyMention.FindAllStringSubmatch(html.UnescapeString(text), -1) {
		if m[2] != t.Author {
			bad("mentions %s", m[2])
		}
	}
	if anyReference.MatchString(html.UnescapeString(linkTarget.ReplaceAllString(text, "]"))) {
		bad("refers to an issue")
	}
	if !t.Public && strings.Contains(strings.ToLower(text), "everybody") {
		bad("says that everybody can read a private page")
	}
	if ago.MatchString(body) {
		bad("counts from now: %q", ago.FindString(body))
	}
	if strings.Contains(text, "<!--") || strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
		bad("has markup that nobody should see")
	}
	if t.Registry == plainPackages && strings.Contains(strings.ToLower(withoutLabels(text)), "pypi") {
		bad("knows a registry by itself")
	}
	return append(append(out, commandFaults(t, text)...), sentenceFaults(body)...)
}

func commandFaults(t Text, text string) []string {
	var out []string
	may := usable(t)
	for _, m := range codeSpan.FindAllStringSubmatch(text, -1) {
		name, isCommand := strings.CutPrefix(strings.Fields(m[1] + " .")[0], "/")
		if isCommand && !slices.Contains(may, name) {
			out = append(out, fmt.Sprintf("names /%s, which its reader may not use now", name))
		}
	}
	if bareCommand.MatchString(codeSpan.ReplaceAllString(text, "x")) {
		out = append(out, "names a command outside of code")
	}
	for _, l := range append(strings.Split(text, "\n"), text) {
		if _, ok := parser.ParseCommand(l); ok || strings.HasPrefix(l, "/") {
			out = append(out, fmt.Sprintf("is a command itself: %q", l))
		}
	}
	return out
}

func sentenceFaults(body string) []string {
	var out []string
	all := sentences(body)
	total := 0
	for _, s := range all {
		n := len(words(s))
		total += n
		if n > 25 {
			out = append(out, fmt.Sprintf("%d words in the sentence %q", n, s))
		}
	}
	if total > 13*len(all) {
		out = append(out, fmt.Sprintf("%d words in %d sentences: over 13 on average", total, len(all)))
	}
	return out
}

func withoutFooter(text string) string {
	before, _, _ := strings.Cut(text, "<sub>")
	return before
}

// withoutLabels takes away the labels of the sample form, which are the
// operator's words.
func withoutLabels(text string) string {
	return strings.ReplaceAll(text, sampleAccountField, "")
}

// firstSentences returns the heading, or the first sentence where there is
// none, and for the help both.
func firstSentences(body string) string {
	if s := sentences(body); len(s) > 1 && strings.HasPrefix(body, "### Account recovery for ") && !strings.Contains(s[0], ": it is") {
		return s[0] + "\n" + strings.ToLower(s[1])
	} else if len(s) > 0 {
		return strings.ToLower(s[0])
	}
	return ""
}

func sentences(body string) []string {
	var out []string
	for _, s := range sentenceEnd.Split(linkTarget.ReplaceAllString(body, "]"), -1) {
		if len(words(s)) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func words(s string) []string {
	all := strings.Fields(linkTarget.ReplaceAllString(s, "]"))
	return slices.DeleteFunc(all, func(w string) bool { return !anyWord.MatchString(w) })
}

func containsAny(s string, of []string) bool {
	return slices.ContainsFunc(of, func(o string) bool { return strings.Contains(s, o) })
}

func TestEveryTextIsKind(t *testing.T) {
	rules := textRules(t)
	count, failed := 0, 0
	check := func(x Text) {
		text, err := rules.Render(x)
		if err != nil {
			t.Fatalf("Render(%+v): %v", x, err)
		}
		count++
		if f := faults(x, text); len(f) > 0 {
			if failed++; failed <= 10 {
				t.Errorf("%s\n- %s", text, strings.Join(f, "\n- "))
			}
		}
	}
	for _, registry := range []string{pypi, plainPackages} {
		everyStatus(registry, check)
		everyNotice(registry, check)
	}
	t.Logf("%d texts, %d with faults", count, failed)
}
