package policy

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

//go:embed texts/en/*.md
var textFiles embed.FS

const (
	dayLayout    = "2 January 2006"
	momentLayout = "2 January 2006, 15:04 UTC"

	fullProblems  = 3 // problems explained; of the others the question is named
	namedProblems = 3 // questions named
	shownWords    = 6 // of a question, a box or a name of the operator's
	shownPoints   = 5 // code points
)

// loadTexts parses the built-in texts. An error is a mistake in a text file.
func loadTexts() (*template.Template, error) {
	t := template.New("texts").Option("missingkey=error")
	t.Funcs(template.FuncMap{"include": func(name string, data any) (string, error) {
		var b strings.Builder
		err := t.ExecuteTemplate(&b, name, data)
		return b.String(), err
	}})
	if _, err := t.ParseFS(textFiles, "texts/en/*.md"); err != nil {
		return nil, fmt.Errorf("parsing the built-in texts: %w", err)
	}
	return t, nil
}

// Render returns t as Markdown for GitHub, without the hidden key that marks
// a comment as ours. It fails only for a name, state or refusal that does not
// exist, which is a mistake in this program. The text depends on t and r
// alone; every value in it that came from people is made harmless.
func (r *Rules) Render(t Text) (string, error) {
	name := templateName(t)
	if r.texts == nil || r.texts.Lookup(name) == nil {
		return "", fmt.Errorf("rendering the text %q: no template %q", t.Name, name)
	}
	var b strings.Builder
	if err := r.texts.ExecuteTemplate(&b, name, r.view(t)); err != nil {
		return "", fmt.Errorf("rendering the text %q: %w", t.Name, err)
	}
	return tidyText(b.String()), nil
}

// templateName returns the template that t needs. A name that no template
// has stands for a text that does not exist.
func templateName(t Text) string {
	switch t.Name {
	case TextStatus:
		return "status-" + statusName(t.State, t.Turn)
	case TextRefused:
		return "refused-" + string(t.Refusal)
	case TextHelp, TextIncomplete, TextReminder, TextExpired, TextCompleted, TextDenied, TextUnchecked, TextSuggestion:
		return string(t.Name)
	}
	return "no-" + string(t.Name)
}

func statusName(s State, turn Turn) string {
	switch {
	case !slices.Contains(States(), s):
		return "no-" + string(s)
	case s.Ended():
		return string(s)
	case turn != Requester:
		return "ours"
	case s == Triage || s == Review:
		return "soft"
	default:
		return string(s)
	}
}

// turnOpening says who must act; every heading ends with it.
func turnOpening(s State, turn Turn) string {
	switch {
	case !s.Open():
		return "closed, nobody must act"
	case turn == Requester:
		return "it is your turn"
	default:
		return "it is our turn"
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

// view is all that a template can see. Each string is ready to print: "" where
// there is nothing to say.
type view struct {
	Opening  string
	Mention  string
	Registry string
	Mail     string
	Links    Links
	Account  string
	Kind     Kind
	State    State
	Problems []problemView
	Named    []string // questions with a problem that Problems leaves out
	Asking   []string // all questions with a problem, each once, at most namedProblems
	NeedName bool     // one of the problems is about the account name
	NeedEdit bool     // one of them is about another question
	NeedTick bool     // one of them is a box
	MailSeen bool     // an e-mail address stands where the name should stand
	Ask      Ask
	Told     string
	HasCodes bool
	Public   bool
	Late     bool
	offers   []string
	marks    []string // of problemView

	FormUnknown bool
	FormLacks   bool
	NameUnknown bool
	AskName     bool // the form lacks the account name, and nothing else gave it
	Adopted     bool

	Created               string
	Queued                string // only where it is the turn of staff
	Remind, Close, Reopen string
	CanReopen             bool // after an end by the clock
	Command               CommandInfo
	Suggestion            CommandInfo
	Commands              []CommandInfo
	Registries            []string // the words that /registry takes
	Kinds                 []Kind   // words that /kind takes, and that mean something at the registry
	ForStaff              bool     // the reader is staff, else the requester
	requesterTurn         bool
}

type problemView struct {
	Field, Code, Option, Points string
	Marks                       []string // besides letters and digits, what may stand in a name
}

// Offers reports whether accounts of the registry have this, one of Offers().
// Texts speak of it only where this is true.
func (v view) Offers(what string) bool { return slices.Contains(v.offers, what) }

// nameMarks returns the marks that may stand between the letters of a name.
func nameMarks(names parser.NameRules) []string {
	return slices.DeleteFunc([]string{".", "-", "_"}, func(mark string) bool {
		_, code := names.Clean("aa" + mark + "aa")
		return code != ""
	})
}

// Can reports whether the reader may use the command now. Texts name a
// command only where this is true.
func (v view) Can(name string) bool {
	c, ok := CommandNamed(name)
	switch {
	case !ok || !c.Works(v.State):
		return false
	case v.ForStaff:
		return c.Ability != "" || name == "help" || name == "status"
	case name == "reopen":
		return v.Reopen != ""
	case name == "done":
		return v.requesterTurn
	}
	return !c.Staff
}

// Now says who must act, in an answer to a command that was not understood. On
// staff's turn the requester owes nothing, however the command was written.
func (v view) Now() string {
	if v.ForStaff || v.requesterTurn {
		return "it is your turn."
	}
	return "you need not do anything."
}

// Say begins a short text with a sentence: to the requester by name, to staff
// without one.
func (v view) Say(sentence string) string {
	if v.Mention != "" {
		return "Hello " + v.Mention + ", " + sentence
	}
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}

// toStaff reports whether t answers a command of staff. All other texts are
// for the requester, even if GitHub no longer knows a login.
func toStaff(t Text) bool {
	reply := t.Name == TextHelp || t.Name == TextRefused || t.Name == TextUnchecked || t.Name == TextSuggestion
	return reply && t.Author == ""
}

func (r *Rules) view(t Text) view {
	reg := r.registry(t.Registry)
	v := view{
		Opening:  turnOpening(t.State, t.Turn),
		Mention:  mentionOf(t.Author),
		Registry: plainWords(reg.Name),
		Mail:     ifShaped(mailShape, reg.Mail),
		Links: Links{
			SignIn:   ifShaped(linkShape, reg.Links.SignIn),
			Codes:    ifShaped(linkShape, reg.Links.Codes),
			Password: ifShaped(linkShape, reg.Links.Password),
			Help:     ifShaped(linkShape, reg.Links.Help),
		},
		Account: ifShaped(accountShape, t.Account),
		Kind:    t.Kind, State: t.State, Ask: t.Ask,
		offers: reg.Offers, marks: nameMarks(reg.Names),
		Told:     commentLink(t.Told),
		HasCodes: t.HasCodes, Public: t.Public, Late: t.Late,
		FormUnknown: slices.Contains(t.Flags, FlagFormUnknown),
		FormLacks:   slices.Contains(t.Flags, FlagFormIncomplete),
		NameUnknown: slices.Contains(t.Flags, FlagNameUnknown),
		Adopted:     slices.Contains(t.Flags, FlagAdopted),
		CanReopen:   r.Clocks.Reopen > 0,

		Kinds: r.kindsAt(r.registry(t.Registry)),

		ForStaff: toStaff(t), requesterTurn: t.Turn == Requester,
	}
	if !slices.Contains(Kinds(), v.Kind) {
		v.Kind = KindOther
	}
	if !slices.Contains(Asks(), v.Ask) {
		v.Ask = "own-words"
	}
	v.AskName = v.FormLacks && v.Account == "" && !v.FormUnknown && !v.NameUnknown
	for _, key := range t.Registries {
		if key = ifShaped(accountShape, key); key != "" {
			v.Registries = append(v.Registries, key)
		}
	}
	v.setTimes(t)
	v.setProblems(t.Problems, r.Requests.Account)
	v.setCommands(t)
	return v
}

// registry returns the registry with this key, else the default, else one
// without a name.
func (r *Rules) registry(key string) Registry {
	for _, reg := range r.Registries {
		if reg.Key == key {
			return reg
		}
	}
	if len(r.Registries) == 0 {
		return Registry{Name: "the registry"}
	}
	return r.Registries[0]
}

func (v *view) setTimes(t Text) {
	v.Created = printTime(t.Created, momentLayout)
	if t.State.Open() && t.Turn != Requester {
		v.Queued = printTime(t.Queued, momentLayout)
	}
	v.Remind = printTime(t.Remind, dayLayout)
	v.Close = printTime(t.Close, dayLayout)
	v.Reopen = printTime(t.Reopen, dayLayout)
}

func printTime(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(layout)
}

func (v *view) setProblems(all []TextProblem, account string) {
	for i, p := range all {
		pv := v.problem(p)
		if isAccount(p, account) {
			v.NeedName = true
		} else {
			v.NeedEdit = true
		}
		v.NeedTick = v.NeedTick || p.Code == "unchecked"
		v.MailSeen = v.MailSeen || p.Code == "email"
		if i < fullProblems {
			v.Problems = append(v.Problems, pv)
		} else if !slices.Contains(v.Named, pv.Field) {
			v.Named = append(v.Named, pv.Field)
		}
		if !slices.Contains(v.Asking, pv.Field) {
			v.Asking = append(v.Asking, pv.Field)
		}
	}
	v.Named, v.Asking = firstNames(v.Named), firstNames(v.Asking)
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

func (v *view) problem(p TextProblem) problemView {
	pv := problemView{
		Field:  plainWords(p.Field),
		Code:   p.Code,
		Option: plainWords(p.Option),
		Marks:  v.marks,
	}
	if pv.Field == "" {
		pv.Field = "Your text"
	}
	if !slices.Contains(nameProblems(), p.Code) && !slices.Contains(fieldProblems(), p.Code) {
		pv.Code = "unclear"
	}
	var points []string
	for _, c := range p.Points {
		if pointShape.MatchString(c) && len(points) < shownPoints {
			points = append(points, c)
		}
	}
	pv.Points = strings.Join(points, ", ")
	return pv
}

func (v *view) setCommands(t Text) {
	v.Command, _ = CommandNamed(t.Command)
	v.Suggestion, _ = CommandNamed(t.Suggestion)
	for _, name := range t.Commands {
		if c, ok := CommandNamed(name); ok {
			v.Commands = append(v.Commands, c)
		}
	}
}
