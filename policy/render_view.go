package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/recoverybot/recoverybot/parser"
)

// view is all that a template can see. Each string is ready to print: "" where
// there is nothing to say. docs/texts-own.md says what each field means.
type view struct {
	Opening  string
	Now      string
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
	Command               commandView
	Suggestion            commandView
	Commands              []commandView
	Registries            []string       // the words that /registry takes
	Kinds                 []Kind         // words that /kind takes, and that mean something at the registry
	Languages             []languageView // all that are offered
	Others                []languageView // all but the text's own
	ForStaff              bool           // the reader is staff, else the requester

	Steps     []stepView
	StepsOpen bool // one of them is neither done nor impossible
	Mailed    string
	Ready     string
	Notified  string
	Snooze    string
	Away      string
	Forecast  forecastView
	Elsewhere placeWord // only where the request is redirected
	Place     string    // a link to that place
	PlaceMail string    // or its address
	Earlier   string    // "#12", only where it is staff's turn to look
	Repeats   string    // "#12", only where the request is a duplicate

	Leaks        []leakView // secrets on the page
	ByOthers     bool       // somebody else than the requester wrote them
	OnlyPersonal bool       // none of them is a secret
	MailThere    bool       // an e-mail address stands in the requester's text
	PhoneThere   bool       // a phone number does

	Alert  string // what an alert is about, in words
	Team   string // whom it mentions
	Page   string // the address of the issue: for code alone
	Number string // of the issue
	Desk   deskView
	Digest digestView

	requesterTurn bool
	greeting      string
}

type problemView struct {
	Field, Code, Option, Points string
	Marks                       []string // besides letters and digits, what may stand in a name
}

type commandView struct {
	Name, Usage, Meaning string
}

// languageView is a language with its name in itself.
type languageView struct {
	Code, Name string
}

// dateView is a time in parts: a day of the month and a year in digits, the
// month's name, and a clock time like 14:05.
type dateView struct {
	Day, Month, Year, Clock string
}

// wordView is what words see that depend on nothing.
type wordView struct{}

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
// command only where this is true. Strangers, too, read what is written for
// the requester: the commands for anyone are for them.
func (v view) Can(name string) bool {
	c, ok := CommandNamed(name)
	switch {
	case !ok || !c.Works(v.State):
		return false
	case c.Anyone || name == "status":
		return true
	case v.ForStaff:
		return c.Ability != ""
	case name == "reopen":
		return v.Reopen != ""
	case name == "done" || name == "cannot":
		return v.requesterTurn
	case name == "language":
		return len(v.Others) > 0
	}
	return !c.Staff
}

// listed returns the commands that the answer to /help names: those that the
// reader may use, without those that are for strangers, or that would choose
// among nothing.
func (v view) listed() []string {
	var names []string
	for _, c := range Commands() {
		switch {
		case !v.Can(c.Name), c.Name == "object" && !v.ForStaff, c.Name == "complete" && v.State != Ready, c.Name == "registry" && len(v.Registries) == 0:
		default:
			names = append(names, c.Name)
		}
	}
	return names
}

// Say begins a short text with a sentence: to the requester by name, to staff
// without one.
func (v view) Say(sentence string) string {
	if v.Mention != "" {
		return v.greeting + ", " + sentence
	}
	return firstUpper(sentence)
}

func firstUpper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// speaker renders the words of one text. After an error it says nothing more.
type speaker struct {
	set *textSet
	err error
}

func (s *speaker) say(name string, data any) string {
	if s.err != nil {
		return ""
	}
	if _, ok := data.(wordView); ok {
		return s.set.words[name]
	}
	var text string
	if v, ok := data.(*view); ok && s.set.memo != nil {
		text, s.err = s.set.memo.say(s.set, name, v)
		return text
	}
	text, s.err = s.set.execute(name, data)
	return text
}

// home returns what of a view depends on the registry alone.
func (r *Rules) home(registry string, set *textSet) view {
	if set.memo != nil {
		if v, ok := set.memo.homes[registry]; ok {
			return v
		}
	}
	reg := r.registry(registry)
	v := view{
		Registry: plainWords(reg.Name),
		Mail:     ifShaped(mailShape, reg.Mail),
		Links: Links{
			SignIn:   ifShaped(linkShape, reg.Links.SignIn),
			Codes:    ifShaped(linkShape, reg.Links.Codes),
			Password: ifShaped(linkShape, reg.Links.Password),
			Help:     ifShaped(linkShape, reg.Links.Help),
		},
		offers: reg.Offers, marks: nameMarks(reg.Names), Kinds: r.kindsAt(reg),
		CanReopen: r.Clocks.Reopen > 0,
	}
	v.setLanguages(r, set)
	if set.memo != nil {
		set.memo.homes[registry] = v
	}
	return v
}

func (r *Rules) view(t Text, s *speaker) *view {
	v := r.home(t.Registry, s.set)
	v.Opening = s.say(turnOpening(t.State, t.Turn), wordView{})
	v.Mention = mentionOf(t.Author)
	v.Account = ifShaped(accountShape, t.Account)
	v.Kind, v.State, v.Ask = t.Kind, t.State, t.Ask
	v.Told = commentLink(t.Told)
	v.HasCodes, v.Public, v.Late = t.HasCodes, t.Public, t.Late
	v.FormUnknown = slices.Contains(t.Flags, FlagFormUnknown)
	v.FormLacks = slices.Contains(t.Flags, FlagFormIncomplete)
	v.NameUnknown = slices.Contains(t.Flags, FlagNameUnknown)
	v.Adopted = slices.Contains(t.Flags, FlagAdopted)
	v.ForStaff, v.requesterTurn = toStaff(t), t.Turn == Requester
	if !slices.Contains(Kinds(), v.Kind) {
		v.Kind = KindOther
	}
	if !slices.Contains(Asks(), v.Ask) && v.Ask != AskMailed {
		v.Ask = "own-words"
	}
	v.AskName = v.FormLacks && v.Account == "" && !v.FormUnknown && !v.NameUnknown
	for _, key := range t.Registries {
		if key = ifShaped(accountShape, key); key != "" {
			v.Registries = append(v.Registries, key)
		}
	}
	v.setTimes(t, s)
	v.setProblems(t.Problems, r.Requests.Account, s)
	v.setCommands(t, s)
	v.setNow(s)
	v.greeting = s.say("hello", &v)
	v.setProof(t, s)
	v.setPlace(t, r)
	v.setLeaks(t, s)
	r.setDesk(&v, t, s)
	return &v
}

// setNow says who must act, in an answer to a command that was not understood.
// On staff's turn the requester owes nothing, however the command was written.
func (v *view) setNow(s *speaker) {
	v.Now = s.say("opening-free", wordView{})
	if v.ForStaff || v.requesterTurn {
		v.Now = s.say("opening-yours", wordView{})
	}
}

func (v *view) setTimes(t Text, s *speaker) {
	v.Created = s.date("moment", t.Created)
	if t.State.Open() && t.Turn.ours() {
		v.Queued = s.date("moment", t.Queued)
	}
	v.Remind = s.date("day", t.Remind)
	v.Close = s.date("day", t.Close)
	v.Reopen = s.date("day", t.Reopen)
}

// date writes t in UTC, "" for the zero time.
func (s *speaker) date(layout string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	key := instant{layout, t.Unix()}
	if m := s.set.memo; m != nil && m.dates[key] != "" {
		return m.dates[key]
	}
	t = t.UTC()
	text := s.say(layout, dateView{
		Day: strconv.Itoa(t.Day()), Year: strconv.Itoa(t.Year()), Clock: t.Format("15:04"),
		Month: s.say("month-"+strconv.Itoa(int(t.Month())), wordView{}),
	})
	if m := s.set.memo; m != nil {
		m.dates[key] = text
	}
	return text
}

func (v *view) setProblems(all []TextProblem, account string, s *speaker) {
	for i, p := range all {
		pv := s.problem(p, v.marks)
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

func (s *speaker) problem(p TextProblem, marks []string) problemView {
	pv := problemView{
		Field:  plainWords(p.Field),
		Code:   p.Code,
		Option: plainWords(p.Option),
		Marks:  marks,
	}
	if pv.Field == "" {
		pv.Field = s.say("your-text", wordView{})
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

func (v *view) setCommands(t Text, s *speaker) {
	v.Command, v.Suggestion = s.command(t.Command), s.command(t.Suggestion)
	for _, name := range t.Commands {
		if c := s.command(name); c.Name != "" {
			v.Commands = append(v.Commands, c)
		}
	}
}

// command is the zero value for a name that no command has.
func (s *speaker) command(name string) commandView {
	c, ok := CommandNamed(name)
	if !ok {
		return commandView{}
	}
	return commandView{Name: c.Name, Usage: c.Usage, Meaning: s.say("command-"+c.Name, wordView{})}
}

func (v *view) setLanguages(r *Rules, set *textSet) {
	for _, code := range r.Languages {
		l := languageView{Code: code, Name: r.texts[code].name}
		v.Languages = append(v.Languages, l)
		if code != set.language {
			v.Others = append(v.Others, l)
		}
	}
}
