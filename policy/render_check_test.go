package policy

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/recoverybot/recoverybot/parser"
)

// What the checks look for. A mention is an @ before a letter or digit that
// does not follow a word, as GitHub finds it.
var (
	anyMention   = regexp.MustCompile(`(^|[^A-Za-z0-9_])@([A-Za-z0-9][A-Za-z0-9-]*)`)
	anyReference = regexp.MustCompile(`(^|[^A-Za-z0-9/])#[0-9]`)
	codeSpan     = regexp.MustCompile("`([^`]*)`")
	bareCommand  = regexp.MustCompile(`[\n ]/[a-z]`)
	ago          = regexp.MustCompile(` (ago|yesterday|tomorrow|today|[0-9]+ (days|hours|weeks))\b`)
	linkTarget   = regexp.MustCompile(`\]\([^)]*\)`)
)

// openings is who must act, in the words that a heading or a first sentence
// may use for it.
func openings(t Text) []string {
	switch {
	case t.Name == TextStatus && t.State.Ended():
		return []string{"closed, nobody must act"}
	case t.Name == TextStatus && t.Turn == Requester, t.Name == TextReminder, t.Name == TextIncomplete, t.Name == TextUnchecked:
		return []string{"it is your turn"}
	case t.Name == TextStatus:
		return []string{"it is our turn"}
	case t.Name == TextHelp:
		return []string{"you need not do anything"}
	case t.Name == TextSuggestion && t.Turn != Requester && !toStaff(t):
		return []string{"you need not do anything"}
	case t.Name == TextSuggestion:
		return []string{"it is your turn"}
	case t.Name == TextRefused:
		return []string{"it is your turn", "nobody must act", "you need not do anything"}
	default:
		return []string{"nobody must act"}
	}
}

// usable lists by hand what the reader of t may use, apart from the table of
// commands that the texts are made with.
func usable(t Text) []string {
	if toStaff(t) {
		switch t.State {
		case Triage, Review:
			return []string{"help", "status", "registry", "kind", "ask", "deny", "complete", "recheck", "ignore", "assign", "unassign"}
		case Incomplete, Asked:
			return []string{"help", "status", "registry", "kind", "ask", "deny", "recheck", "ignore", "assign", "unassign"}
		}
		return []string{"help", "status"}
	}
	switch t.State {
	case Incomplete, Triage, Asked, Review:
		if t.Turn == Requester {
			return []string{"help", "status", "username", "registry", "kind", "done", "solved", "withdraw"}
		}
		return []string{"help", "status", "username", "registry", "kind", "solved", "withdraw"}
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
	decoded := html.UnescapeString(text)
	body, _, _ := strings.Cut(linkTarget.ReplaceAllString(text, "]"), "<sub>")
	said := sentencesOf(body)
	if n := len(wordsOf(body)); n > wordLimit(t.Name) {
		bad("%d words, at most %d", n, wordLimit(t.Name))
	}
	if first := firstWords(t, said); !containsAny(first, openings(t)) {
		bad("%q does not say who must act: want one of %q", first, openings(t))
	}
	for _, m := range anyMention.FindAllStringSubmatch(decoded, -1) {
		if m[2] != t.Author {
			bad("mentions %s", m[2])
		}
	}
	if plain := linkTarget.ReplaceAllString(decoded, "]"); strings.Contains(plain, "#") && anyReference.MatchString(plain) {
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
	return append(append(out, commandFaults(t, text)...), sentenceFaults(said)...)
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
	if rest := codeSpan.ReplaceAllString(text, "x"); bareCommand.MatchString(rest) {
		out = append(out, "names a command outside of code")
	}
	for _, l := range append(strings.Split(text, "\n"), text) {
		if _, ok := parser.ParseCommand(l); ok || strings.HasPrefix(l, "/") {
			out = append(out, fmt.Sprintf("is a command itself: %q", l))
		}
	}
	return out
}

func sentenceFaults(all []string) []string {
	var out []string
	total := 0
	for _, s := range all {
		n := len(wordsOf(s))
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

// withoutLabels takes away the labels of the sample form, which are the
// operator's words.
func withoutLabels(text string) string {
	return strings.ReplaceAll(text, sampleAccountField, "")
}

// firstWords returns what must say who must act: the heading of a status, the
// first sentence of the others (in the help it stands after the heading).
func firstWords(t Text, said []string) string {
	switch {
	case len(said) == 0:
		return ""
	case t.Name == TextHelp && len(said) > 1:
		return strings.ToLower(said[1])
	}
	return strings.ToLower(said[0])
}

// sentencesOf splits at line ends and after words that end a sentence. It uses
// no regexp, for it reads some ten thousand texts.
func sentencesOf(body string) []string {
	var out []string
	for line := range strings.Lines(body) {
		start := 0
		all := wordsOf(line)
		for i, w := range all {
			if end := strings.TrimRight(w, `"”*)`); i == len(all)-1 || end != "" && strings.ContainsAny(end[len(end)-1:], ".?!") {
				out = append(out, strings.Join(all[start:i+1], " "))
				start = i + 1
			}
		}
	}
	return out
}

func wordsOf(s string) []string {
	isPart := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool { return !strings.ContainsFunc(w, isPart) })
}

func containsAny(s string, of []string) bool {
	return slices.ContainsFunc(of, func(o string) bool { return strings.Contains(s, o) })
}

func TestEveryTextIsKind(t *testing.T) {
	for _, registry := range []string{samplePyPI, plainPackages} {
		t.Run(registry, func(t *testing.T) {
			t.Parallel()
			rules := textRules(t)
			seen := map[string]bool{}
			count, failed := 0, 0
			check := func(x Text) {
				if count++; count%every != 0 {
					return
				}
				text, err := rules.Render(x)
				if err != nil {
					t.Fatalf("Render(%+v): %v", x, err)
				}
				reader := fmt.Sprint(x.Name, x.State, x.Turn, x.Author, x.Public, x.Reopen, text)
				if seen[reader] {
					return
				}
				seen[reader] = true
				if f := faults(x, text); len(f) > 0 {
					if failed++; failed <= 10 {
						t.Errorf("%s\n- %s", text, strings.Join(f, "\n- "))
					}
				}
			}
			everyStatus(registry, check)
			everyNotice(registry, check)
			t.Logf("%d texts, %d different, %d with faults", count, len(seen), failed)
		})
	}
}

// TestFaultsAreFound shows that each check can fail.
func TestFaultsAreFound(t *testing.T) {
	const start = "Hello @octocat, it is your turn. "
	x := Text{Name: TextReminder, Author: sampleAuthor, Registry: plainPackages, State: Asked, Turn: Requester}
	for text, want := range map[string]string{
		start + strings.Repeat("Please write. ", 50):             "at most 80",
		"Hello @octocat. Please write.":                          "does not say who must act",
		start + "Ask @mallory.":                                  "mentions mallory",
		start + "Ask &#64;mallory.":                              "mentions mallory",
		start + "See #12.":                                       "refers to an issue",
		start + "Everybody can read this.":                       "private page",
		start + "You wrote 3 days ago.":                          "counts from now",
		start + "<!-- hidden -->":                                "nobody should see",
		start + "PyPI helps.":                                    "knows a registry",
		start + "Write `/complete`.":                             "may not use now",
		start + "Write `/reopen`.":                               "may not use now",
		start + "Write `/object`.":                               "may not use now",
		start + "Write /done now.":                               "outside of code",
		start + "Write:\n/done":                                  "is a command itself",
		start + strings.Repeat("word ", 26) + ".":                "26 words in the sentence",
		start + strings.Repeat(strings.Repeat("w ", 20)+". ", 2): "on average",
	} {
		if got := strings.Join(faults(x, text), "; "); !strings.Contains(got, want) {
			t.Errorf("faults of %q: got %q, want one with %q", text, got, want)
		}
	}
	if got := faults(x, start+"Please write `/done`."); len(got) > 0 {
		t.Errorf("a good text has faults: %q", got)
	}
}
