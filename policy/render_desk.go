package policy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/recoverybot/recoverybot/parser"
)

// textNotice is the mail to the account's owner, for staff to paste. It is part of
// TextDesk.
const textNotice TextName = "notice"

var (
	issueShape  = regexp.MustCompile(`\A([A-Za-z0-9-]+/[A-Za-z0-9._-]+)#([1-9][0-9]*)\z`)
	digestShape = regexp.MustCompile(`\A[0-9a-f]{8}\z`)
	wordShape   = regexp.MustCompile(`\A[a-z0-9-]+( [a-z0-9-]+)*\z`)
	teamShape   = regexp.MustCompile(`\A[A-Za-z0-9-]+/[A-Za-z0-9_-]+\z`)
)

// deskView is what staff see of a request.
type deskView struct {
	Issue      string // OWNER/NAME#N, for code alone
	AuthorID   string
	Login      string // without the @, for code alone
	Marks      []Kind
	Takeover   bool
	Flags      []string
	Since      string
	Evidence   []evidenceView // every class, at its number
	Approvals  []wordOf
	Objections int
	Path       string
	Lacks      []string // in words
	Digest     string
	Next       []string // commands, for code alone
	Others     []string // OWNER/NAME#N, for code alone
	Related    []relatedView
	Denials    int
	Mails      []mailView
	Leaks      []findView
	Secrets    bool // one of them is a secret on the issue
}

// evidenceView is a class of evidence: who attested it, and whether another
// person still has to.
type evidenceView struct {
	Number        int
	Word, Meaning string
	By            []wordOf
	Second        bool
}

// wordOf is what a member of staff said, with their numeric id.
type wordOf struct {
	User, At string
}

// mailView is a mail to paste, in one language.
type mailView struct {
	Language, Text string
}

// digestView is what the digest counts.
type digestView struct {
	Under, Over, OverTwice, Ours, Them, Clock, Held, Snoozed, Overdue int

	Since    string
	Ended    []endView
	Oldest   []oldestView
	Forecast []kindForecastView
}

type endView struct {
	State State
	Count int
}

type oldestView struct {
	Issue  string
	State  State
	Queued string
	Late   bool
	First  bool
}

type kindForecastView struct {
	Kind       Kind
	Half, Most string
}

// teamOf returns the mention of the team that a text is for, "" where the role
// has no team.
func (r *Rules) teamOf(t Text) string {
	team := r.People[t.To].Team
	if t.Name != TextAlert || team == nil || !teamShape.MatchString(team.String()) {
		return ""
	}
	return "@" + team.String()
}

// setDesk tells what stands at the desk alone.
func (r *Rules) setDesk(v *view, t Text, s *speaker) {
	if t.Name == TextAlert {
		v.Alert, v.Team = s.say("alert-"+string(t.Alert), wordView{}), r.teamOf(t)
	}
	if t.Digest != nil {
		v.Digest = s.digest(*t.Digest)
	}
	if t.Desk == nil {
		return
	}
	d := *t.Desk
	if m := issueShape.FindStringSubmatch(d.Issue); m != nil {
		v.Desk.Issue, v.Page, v.Number = d.Issue, "https://github.com/"+m[1]+"/issues/"+m[2], m[2]
	}
	v.Desk.Login = ifShaped(loginShape, t.Author)
	v.Desk.AuthorID = strconv.FormatInt(d.AuthorID, 10)
	v.Desk.Since = s.date("moment", d.Since)
	v.Desk.Objections = d.Objections
	v.Desk.Takeover = t.State.Open() && (t.Kind == KindCompromised || slices.Contains(d.Marks, KindCompromised))
	v.Desk.Path = ifShaped(wordShape, d.Path)
	v.Desk.Digest = ifShaped(digestShape, d.Digest)
	v.Desk.lists(d, s)
	v.Desk.Leaks = s.finds(d.Leaks, v.Page)
	v.Desk.Secrets = slices.ContainsFunc(d.Leaks, func(f Find) bool { return f.Class.Secret() })
	v.Desk.related(d, s)
	if t.Name == TextDesk && t.State.Open() {
		v.Desk.Mails = r.mails(t, s)
	}
}

// lists fills in what there may be several of.
func (v *deskView) lists(d Summary, s *speaker) {
	for _, k := range d.Marks {
		if slices.Contains(Kinds(), k) {
			v.Marks = append(v.Marks, k)
		}
	}
	for _, f := range d.Flags {
		v.Flags = append(v.Flags, ifShaped(wordShape, string(f)))
	}
	for i, c := range Classes() {
		v.Evidence = append(v.Evidence, s.evidence(i+1, c, d.Evidence))
	}
	for _, a := range d.Approvals {
		v.Approvals = append(v.Approvals, wordOf{strconv.FormatInt(a.User, 10), s.date("moment", a.At)})
	}
	for _, code := range d.Lacks {
		v.Lacks = append(v.Lacks, s.lack(code))
	}
	for _, line := range d.Next {
		c, ok := parser.ParseCommand(line)
		if _, known := CommandNamed(c.Name); ok && known && !strings.ContainsAny(line, "`\n") {
			v.Next = append(v.Next, line)
		}
	}
	for _, o := range d.Others {
		if o = ifShaped(issueShape, o); o != "" {
			v.Others = append(v.Others, o)
		}
	}
}

// lack says what is missing; a code without words stands for itself.
func (s *speaker) lack(code string) string {
	if words := s.say("lack-"+code, wordView{}); words != "" {
		return words
	}
	return ifShaped(wordShape, code)
}

func (s *speaker) evidence(number int, c Class, all []Evidence) evidenceView {
	v := evidenceView{Number: number, Word: string(c), Meaning: s.say("class-"+string(c), wordView{})}
	i := slices.IndexFunc(all, func(e Evidence) bool { return e.Class == c })
	if i < 0 {
		return v
	}
	for _, a := range all[i].By {
		v.By = append(v.By, wordOf{strconv.FormatInt(a.User, 10), s.date("moment", a.At)})
	}
	v.Second = len(v.By) == 1 && wantsSecond(c)
	return v
}

// mails returns the notice in the requester's language and in the default one.
func (r *Rules) mails(t Text, s *speaker) []mailView {
	sets := []*textSet{r.speaks(t.Language)}
	if s.set.language != sets[0].language {
		sets = append(sets, s.set)
	}
	t.Name = textNotice
	var all []mailView
	for _, set := range sets {
		n := speaker{set: set}
		text := n.say(string(textNotice), r.view(t, &n))
		if s.err == nil {
			s.err = n.err
		}
		all = append(all, mailView{Language: set.name, Text: tidyText(text)})
	}
	return all
}

func (s *speaker) digest(d DigestNumbers) digestView {
	v := digestView{
		Under: d.Under, Over: d.Over, OverTwice: d.OverTwice, Ours: d.Under + d.Over + d.OverTwice,
		Them: d.Them, Clock: d.Clock, Held: d.Held, Snoozed: d.Snoozed, Overdue: d.Overdue,
		Since: s.date("moment", d.Since),
	}
	for _, e := range d.Ended {
		v.Ended = append(v.Ended, endView(e))
	}
	for _, o := range d.Oldest {
		if issueShape.MatchString(o.Issue) {
			v.Oldest = append(v.Oldest, oldestView{Issue: o.Issue, State: o.State, Queued: s.date("moment", o.Queued), Late: o.Late, First: o.First})
		}
	}
	for _, f := range d.Forecast {
		one := s.forecast(f.Forecast)
		if one.Most != "" && slices.Contains(Kinds(), f.Kind) {
			v.Forecast = append(v.Forecast, kindForecastView{f.Kind, one.Half, one.Most})
		}
	}
	return v
}
