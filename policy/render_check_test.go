package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var ago = regexp.MustCompile(` (ago|yesterday|tomorrow|today|[0-9]+ (days|hours|weeks)|ayer|mañana|hoy|hace [0-9a-z]+ (días|horas|semanas))\b`)

// lengths are how long an answer takes, which is not counted from now.
var lengths = regexp.MustCompile(` (within|en) [0-9]+ (days?|hours?|días?|horas?)\b`)

// usable lists by hand what the reader of t may use, apart from the table of
// commands that the texts are made with.
func usable(t Text) []string {
	if toStaff(t) {
		return usableByStaff(t.State)
	}
	switch t.State {
	case Incomplete, Triage, Asked, Review:
		if t.Turn == Requester {
			return strings.Fields("help status username registry kind done solved withdraw language proof object")
		}
		return strings.Fields("help status username registry kind solved withdraw language proof object")
	case Proof:
		if t.Turn == Requester {
			return strings.Fields("help status username registry kind done solved withdraw language proof cannot object")
		}
		return strings.Fields("help status username registry kind solved withdraw language proof object")
	case Waiting, Ready, Held:
		return strings.Fields("help status username registry kind solved withdraw language object")
	case Expired, Withdrawn, Denied, Completed:
		if !t.Reopen.IsZero() {
			return strings.Fields("help status reopen language")
		}
	default:
	}
	return strings.Fields("help status language")
}

func usableByStaff(s State) []string {
	const sorting, asking, ending = "help status username registry kind ", "ask mailed ", "deny redirect duplicate complete "
	switch s {
	case Incomplete:
		return strings.Fields(sorting + asking + ending + "recheck ignore snooze assign unassign proof hold object undo why")
	case Triage, Asked, Review:
		return strings.Fields(sorting + asking + ending +
			"recheck ignore snooze assign unassign proof notified attest approve unapprove hold object undo why")
	case Proof:
		return strings.Fields(sorting + asking + ending +
			"ignore snooze assign unassign proof notified attest approve unapprove hold object undo why")
	case Waiting:
		return strings.Fields(sorting + ending + "ignore snooze assign unassign notified attest approve unapprove hold object undo why")
	case Ready:
		return strings.Fields(sorting + ending + "ignore snooze assign unassign unapprove hold object undo why")
	case Held:
		return strings.Fields(sorting + "deny complete snooze assign unassign notified unapprove hold resume object undo why")
	case Ignored:
		return strings.Fields("help status recheck undo why")
	default:
		return strings.Fields("help status undo why")
	}
}

// helped lists what of it the answer to /help names.
func helped(t Text) []string {
	return slices.DeleteFunc(usable(t), func(name string) bool {
		return name == "object" && !toStaff(t) || name == "complete" && t.State != Ready || name == "registry" && len(t.Registries) == 0
	})
}

// wordLimit is what a text may have without its footer. What staff read once, at
// the desk or as a list of all commands, is longer.
func wordLimit(t Text) int {
	switch {
	case t.Name == TextDesk, t.Name == TextWhy, t.Name == TextDigest, t.Name == TextHelp && toStaff(t):
		return 500
	case t.Name == TextStatus, t.Name == TextHelp, t.Name == TextLeak:
		return 200
	}
	return 80
}

// faults returns what is wrong with a built-in text, as a reader would say it:
// what breaks the rules for everybody's texts, and what we ask of ours.
func faults(rules *Rules, t Text, text string) []string {
	out := rules.flaws(t, text, rules.speaks(t.Language))
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	body, _, _ := strings.Cut(withoutTargets(text), "<sub>")
	if n := len(wordsOf(body)); n > wordLimit(t) {
		bad("%d words, at most %d", n, wordLimit(t))
	}
	if lower := strings.ToLower(text); !t.Public && (strings.Contains(lower, "everybody") || strings.Contains(lower, "todo el mundo")) {
		bad("says that everybody can read a private page")
	}
	if body := lengths.ReplaceAllString(body, ""); ago.MatchString(body) {
		bad("counts from now: %q", ago.FindString(body))
	}
	if t.Registry == plainPackages && strings.Contains(strings.ToLower(withoutLabels(text)), "pypi") {
		bad("knows a registry by itself")
	}
	if forDesk(t.Name) { // tables and lists
		return out
	}
	return append(append(out, commandFaults(t, text)...), sentenceFaults(sentencesOf(body))...)
}

func commandFaults(t Text, text string) []string {
	var out []string
	may := usable(t)
	spans, _ := codeSpans(text)
	for _, span := range spans {
		name, isCommand := strings.CutPrefix(strings.Fields(span + " .")[0], "/")
		if isCommand && !slices.Contains(may, name) {
			out = append(out, fmt.Sprintf("names /%s, which its reader may not use now", name))
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

func textsOfAll() []string {
	var all []string
	for _, language := range BuiltinLanguages() {
		all = append(all, samplePyPI+"/"+language, plainPackages+"/"+language)
	}
	return all
}

func TestEveryTextIsKind(t *testing.T) {
	for _, of := range textsOfAll() {
		registry, language, _ := strings.Cut(of, "/")
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			rules := textRules(t)
			seen := map[string]bool{}
			some, failed := sampled(t), 0
			check := func(x Text) {
				if !some.take(x) {
					return
				}
				x.Language = language
				text, err := rules.Render(x)
				if err != nil {
					t.Fatalf("Render(%+v): %v", x, err)
				}
				reader := fmt.Sprint(x.Name, x.State, x.Turn, x.Author, x.Public, x.Reopen, text)
				if seen[reader] {
					return
				}
				seen[reader] = true
				if f := faults(rules, x, text); len(f) > 0 {
					if failed++; failed <= 10 {
						t.Errorf("%s\n- %s", text, strings.Join(f, "\n- "))
					}
				}
			}
			everyStatus(registry, check)
			everyNotice(registry, check)
			t.Logf("%d texts, %d different in the sample, %d with faults", some.count, len(seen), failed)
		})
	}
}

// TestFaultsAreFound shows that each check can fail.
func TestFaultsAreFound(t *testing.T) {
	rules := textRules(t)
	const start = "Hello @octocat, it is your turn. "
	x := Text{Name: TextReminder, Author: sampleAuthor, Registry: plainPackages, State: Asked, Turn: Requester}
	for text, want := range map[string]string{
		start + strings.Repeat("Please write. ", 50):             "at most 80",
		"Hello @octocat. Please write.":                          "does not say in its beginning who must act",
		start + "Ask @mallory.":                                  "mentions mallory",
		start + "Ask &#64;mallory.":                              "mentions mallory",
		start + "See #12.":                                       "refers to an issue",
		start + "Everybody can read this.":                       "private page",
		start + "You wrote 3 days ago.":                          "counts from now",
		start + "<!-- hidden -->":                                "of HTML only",
		start + "PyPI helps.":                                    "knows a registry",
		start + "Write `/complete`.":                             "may not use now",
		start + "Write `/reopen`.":                               "may not use now",
		start + "Write `/approve`.":                              "may not use now",
		start + "Write /done now.":                               "outside of `code`",
		start + "Write:\n/done":                                  "is a command itself",
		start + strings.Repeat("word ", 26) + ".":                "26 words in the sentence",
		start + strings.Repeat(strings.Repeat("w ", 20)+". ", 2): "on average",
	} {
		if got := strings.Join(faults(rules, x, text), "; "); !strings.Contains(got, want) {
			t.Errorf("faults of %q: got %q, want one with %q", text, got, want)
		}
	}
	if got := faults(rules, x, start+"Please write `/done`."); len(got) > 0 {
		t.Errorf("a good text has faults: %q", got)
	}
}
