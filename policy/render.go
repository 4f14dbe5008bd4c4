package policy

import (
	"fmt"
	"slices"
	"strings"
)

const (
	fullProblems  = 3 // problems explained; of the others the question is named
	namedProblems = 3 // questions named
	shownWords    = 6 // of a question, a box or a name of the operator's
	shownPoints   = 5 // code points
)

// Render returns t as Markdown for GitHub, without the hidden key that marks
// a comment as ours, in the language of t, or in the default one where that is
// not offered, and for what stands at the desk. It fails only for a name, state or refusal that does not
// exist, which is a mistake in this program. The text depends on t and r
// alone; every value in it that came from people is made harmless. A text of
// the operator's that is not safe with these values gives way to the built-in
// one.
func (r *Rules) Render(t Text) (string, error) {
	set := r.speaks(t.Language)
	if forDesk(t.Name) {
		set = r.speaks("")
	}
	if set == nil || set.trees[templateName(t)] == nil {
		return "", fmt.Errorf("rendering the text %q: no template %q", t.Name, templateName(t))
	}
	text, err := r.render(t, set)
	if set.plain != nil && (err != nil || len(r.unsafe(t, text)) > 0) {
		return r.render(t, set.plain)
	}
	return text, err
}

func (r *Rules) render(t Text, set *textSet) (string, error) {
	s := speaker{set: set}
	text := s.say(templateName(t), r.view(t, &s))
	if s.err != nil {
		return "", fmt.Errorf("rendering the text %q: %w", t.Name, s.err)
	}
	return tidyText(text), nil
}

// templateName returns the template that t needs. A name that no template
// has stands for a text that does not exist.
func templateName(t Text) string {
	switch t.Name {
	case TextStatus:
		return "status-" + statusName(t.State, t.Turn)
	case TextRefused:
		return "refused-" + string(t.Refusal)
	case TextAlert:
		if !slices.Contains(AlertCodes(), t.Alert) {
			return "no-alert-" + string(t.Alert)
		}
		return string(t.Name)
	case TextHelp, TextIncomplete, TextReminder, TextExpired, TextCompleted, TextDenied, TextUnchecked, TextSuggestion,
		TextAsked, TextProof, TextRedirected, TextDuplicate, TextLeak, TextWarning, TextDesk, TextWhy, TextDigest:
		return string(t.Name)
	case textNotice: // a part of TextDesk, never alone
	}
	return "no-" + string(t.Name)
}

func statusName(s State, turn Turn) string {
	switch {
	case !slices.Contains(States(), s):
		return "no-" + string(s)
	case s.Ended(), s == Waiting, s == Ready, s == Held:
		return string(s)
	case turn != Requester && s == Proof:
		return "checking"
	case turn != Requester:
		return "ours"
	case s == Triage || s == Review:
		return "soft"
	default:
		return string(s)
	}
}

// turnOpening names the words that say who must act; every heading ends with
// them.
func turnOpening(s State, turn Turn) string {
	switch {
	case !s.Open():
		return "opening-closed"
	case s == Waiting:
		return "opening-waiting"
	case s == Held:
		return "opening-hold"
	case turn == Requester && s != Ready:
		return "opening-yours"
	default:
		return "opening-ours"
	}
}

// tidyText takes away the blank lines and spaces that conditions leave behind.
func tidyText(s string) string {
	var kept []string
	for l := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		l = strings.TrimSpace(l)
		if l != "" || len(kept) > 0 && kept[len(kept)-1] != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// toStaff reports whether t answers a command of staff. All other texts are
// for the requester, even if GitHub no longer knows a login.
func toStaff(t Text) bool {
	reply := t.Name == TextHelp || t.Name == TextRefused || t.Name == TextUnchecked || t.Name == TextSuggestion
	return reply && t.Author == "" || forDesk(t.Name)
}

// forDesk reports whether a text stands at the desk alone. Staff read it, in
// the default language.
func forDesk(name TextName) bool {
	return name == TextDesk || name == TextAlert || name == TextWhy || name == TextDigest
}

// registry returns the registry with this key, else the default: there is one
// at least.
func (r *Rules) registry(key string) Registry {
	for _, reg := range r.Registries {
		if reg.Key == key {
			return reg
		}
	}
	return r.Registries[0]
}

// firstNames returns the first names, and a sign that there are more.
func firstNames(names []string) []string {
	if len(names) <= namedProblems {
		return names
	}
	return append(names[:namedProblems:namedProblems], "…")
}

// isAccount reports whether p is about the account name: by its question, or
// by a code that only names have.
func isAccount(p TextProblem, account string) bool {
	return p.Field == account || slices.Contains(nameProblems(), p.Code)
}

func nameProblems() []string {
	return []string{"email", "spaces", "several", "too-long", "non-ascii", "invalid"}
}

func fieldProblems() []string {
	return []string{"missing", "empty", "unchecked", "unknown-option", "default", "ambiguous"}
}
