package policy

import (
	"encoding/json"
	"slices"
	"time"
)

// settle brings everything that follows from the new state: what the form
// says, the next alarm, the label, and what the requester reads.
func (m *move) settle() {
	m.remember()
	m.dispute()
	m.hurry()
	m.pass()
	m.rouse()
	m.forecast()
	m.gated()
	m.alarm()
	m.label()
	m.status()
	m.tellDesk()
	m.fill()
	slices.SortStableFunc(m.effects, func(a, b Effect) int { return rank(a) - rank(b) })
}

// rank orders the effects of one decision: the receipt first, then what people
// read, and closing last, so that nobody sees a closed issue without a word.
func rank(e Effect) int {
	switch e := e.(type) {
	case React:
		return 0
	case Reopen, Mask:
		return 1
	case Comment:
		switch {
		case e.Desk:
			return 8 // on the issue that was just written
		case e.Name == "status":
			return 3
		}
		return 2
	case Labels:
		return 4
	case Assign:
		return 5
	case Desk:
		return 7 // whatever is wrong with the desk, the requester hears first
	}
	return 6
}

// remember keeps what the form says, as far as it is of closed types.
func (m *move) remember() {
	if m.next.State.Ended() {
		return
	}
	if m.q.Facts.Unseen {
		m.reroute()
		return
	}
	if m.names() {
		m.rename()
	}
	m.compare()
	m.sort()
	m.next.Boxes, m.next.Empty = m.read.boxes, m.read.empty
	m.unflag(FlagNameUnknown)
	if m.read.nameUnknown {
		m.flag(FlagNameUnknown)
	}
	m.mended()
}

// names reports whether the account and the registry may be taken from what
// was read: an old snapshot names nothing anew, but a command does.
func (m *move) names() bool {
	said := m.accepted && slices.Contains([]string{"username", "registry", "undo"}, m.ev.Command.Name)
	return !m.q.Facts.Stale || m.q.Memory.State == None || said
}

func (m *move) rename() {
	if !m.read.saidHolds {
		m.next.Said = nil
	}
	if !m.read.registrySaid {
		m.next.SaidRegistry = nil
	}
	changed := m.next.Account != m.read.account || m.next.Registry != m.read.registry.Key
	if m.next.Account != "" && changed {
		m.because("account-changed")
	} else if m.q.Memory.State != None && changed && len(m.reasons) == 0 {
		m.because("account-changed") // by an edit that nobody told
	}
	m.next.Account = m.read.account
	m.next.Registry = m.read.registry.Key
}

// forecast keeps what is known of staff's times when the turn passes to them,
// so that the status tells the same until they have acted.
func (m *move) forecast() {
	was := m.q.Memory
	switch {
	case m.next.Turn != Staff:
		m.next.Forecast = Forecast{}
	case was.Turn != Staff || was.Kind != m.next.Kind:
		m.next.Forecast = m.q.Facts.Forecast[m.next.Kind]
	}
}

// mended drops the marks of a form that is in order now. A form that became
// readable may still lack something.
func (m *move) mended() {
	if m.flagged(FlagFormUnknown) && !m.read.formUnknown {
		m.unflag(FlagFormUnknown)
		m.lacking()
	}
	if m.read.complete() {
		m.unflag(FlagFormIncomplete)
	}
}

// lacking marks a request that staff look at although the form lacks
// something.
func (m *move) lacking() {
	if m.next.State != Incomplete && !m.read.complete() && !m.flagged(FlagFormUnknown) {
		m.flag(FlagFormIncomplete)
	}
}

// label keeps exactly one of our labels on the issue, the state's. One that
// was set or taken away by hand is put right once; after that it is left
// alone, and staff see a flag.
func (m *move) label() {
	want := m.rules.labelFor(m.next.State, m.next.Turn)
	ours := m.ours()
	has := m.q.Issue.HasLabel(want)
	if want != m.next.Label || m.next.State != m.q.Memory.State { // two states may share a label
		m.change(want, ours)
		m.next.Label, m.next.Restored = want, false
		m.unflag(FlagLabelChanged)
		return
	}
	extra := slices.ContainsFunc(ours, func(n string) bool { return n != want })
	if m.pending("labels") || !m.q.Facts.Newer || !extra && (has || want == "") {
		return
	}
	if m.next.Restored {
		if !m.flagged(FlagLabelChanged) {
			m.flag(FlagLabelChanged)
			m.alert(AlertLabel, "")
		}
		return
	}
	m.next.Restored = true
	m.because("label-restored")
	m.change(want, ours)
}

// labelFor returns the label of a state: a request in proof with something for
// staff to look at says so.
func (r *Rules) labelFor(s State, t Turn) string {
	if s == Proof && t.ours() {
		s = Review
	}
	return r.Labels[s].Name
}

// change makes want the only one of ours.
func (m *move) change(want string, ours []string) {
	var e Labels
	if has := m.q.Issue.HasLabel(want) && !m.pending("labels"); want != "" && !has {
		e.Add = []string{want}
	}
	for _, n := range ours {
		if n != want {
			e.Remove = append(e.Remove, n)
		}
	}
	if e.Add != nil || e.Remove != nil {
		m.do(e)
	}
}

// ours returns the state labels that the issue has, or may have once what was
// decided before is done; sorted.
func (m *move) ours() []string {
	var may []string
	may = append(may, m.q.Issue.Labels...)
	for _, e := range m.q.Facts.Pending {
		if l, ok := e.(Labels); ok {
			may = append(append(may, l.Add...), l.Remove...)
		}
	}
	var ours []string
	for _, l := range m.rules.Labels {
		if l.Name == m.next.Label || hasLabel(may, l.Name) {
			ours = append(ours, l.Name)
		}
	}
	slices.Sort(ours)
	return slices.Compact(ours)
}

// status writes the living comment if it differs from what was last written.
// A request that ended before anything was posted gets none.
func (m *move) status() {
	const name = "status"
	last := m.next.Digests[name]
	if m.q.Facts.Unseen || m.next.Quiet || last == "" && (m.next.State == Closed || m.next.State == Ignored) {
		return
	}
	t := m.text(TextStatus)
	digest := m.rules.digest(t)
	if erased := m.ev.Desk && m.ev.Kind == Erased; digest == last && (!m.restate || erased) {
		return
	}
	m.keep(name, digest)
	m.do(Comment{Name: name, Text: t})
}

func (m *move) keep(name, digest string) {
	if m.next.Digests == nil {
		m.next.Digests = map[string]string{}
	}
	m.next.Digests[name] = digest
}

// digest tells two texts apart. It is of the values and of the templates of
// their language, so that nothing needs to be rendered to know that nothing
// changed. Of a date that is told as a day it takes the day: a reminder that
// comes with a sweep, minutes late, may move the end by as much.
func (r *Rules) digest(t Text) string {
	const day = 24 * time.Hour
	t.Remind, t.Close, t.Reopen = t.Remind.UTC().Truncate(day), t.Close.UTC().Truncate(day), t.Reopen.UTC().Truncate(day)
	b, err := json.Marshal(t)
	if err != nil { // a Text has only types that marshal
		return ""
	}
	return digestOf(append([]byte(r.speaks(t.Language).version), b...))
}

// fill gives the other comments of this decision what they tell.
func (m *move) fill() {
	for i, e := range m.effects {
		if c, ok := e.(Comment); ok && c.Name != "status" && !c.Desk {
			c.Text = m.filled(c.Text)
			m.effects[i] = c
		}
	}
}

// filled adds what a text may tell now to what it was given.
func (m *move) filled(given Text) Text {
	t := m.text(given.Name)
	if answersCommand(given.Name) && !m.byAuthor() {
		t.Author, t.Language = "", "" // an answer to staff, who are not mentioned, and did not choose the language
	}
	if given.Command == "registry" || given.Name == TextHelp {
		t.Registries = m.rules.registryKeys()
	}
	t.Refusal, t.Command, t.Suggestion, t.Commands = given.Refusal, given.Command, given.Suggestion, given.Commands
	t.Alert, t.To = given.Alert, given.To
	t.ByOthers = given.ByOthers
	if given.Leaks != nil {
		t.Leaks = given.Leaks
	}
	if given.Problems != nil {
		t.Problems = given.Problems
	}
	switch given.Name {
	case TextDesk, TextWhy:
		m.tellStaff(&t)
	case TextAlert:
		t.Desk = &Summary{Issue: m.issueName(m.q.Issue.Number), AuthorID: m.q.Issue.Author.ID}
	default:
	}
	return t
}

// answersCommand reports whether a text is for whoever wrote a command, rather
// than for the requester.
func answersCommand(name TextName) bool {
	return name == TextHelp || name == TextRefused || name == TextSuggestion || name == TextUnchecked || name == TextWhy
}

// text returns the values that a text may tell now, and no others: a value
// that no text uses would make the status change for nothing.
func (m *move) text(name TextName) Text {
	s := m.next.State
	t := Text{
		Name: name, Author: m.q.Issue.Author.Login, State: s, Turn: m.next.Turn,
		Registry: m.next.Registry, Account: m.next.Account, Public: m.q.Issue.Public,
		Created: m.q.Issue.CreatedAt.UTC(), Told: m.next.Told, Language: m.rules.tongue(m.next.Language),
	}
	if s.Ended() {
		t.Reopen, t.Redirect, t.Repeats = m.reopenUntil(), m.next.Redirect, m.next.Duplicate
		return t
	}
	t.Kind, t.Earlier = m.next.Kind, m.next.Earlier
	t.HasCodes = len(m.next.Boxes) > 0
	t.Flags = textFlags(m.next.Flags)
	if m.next.Turn == Requester {
		t.Remind, t.Close = m.nextReminder(), m.closing()
		if name == TextStatus {
			t.Remind = m.firstReminder()
		}
	} else {
		t.Queued, t.Late = m.next.Queued, m.next.Late && !m.snoozed()
		t.Away = m.awayUntil()
	}
	if m.snoozed() {
		t.Snooze = m.next.Snooze
	}
	if name == TextStatus {
		t.Personal = m.personal()
	}
	if m.next.Turn == Staff && (s == Triage || s == Review || s == Proof) {
		t.Forecast = m.next.Forecast
	}
	if s == Incomplete || m.flagged(FlagFormIncomplete) {
		t.Problems = m.read.problems
	}
	switch s {
	case Asked:
		t.Ask = m.next.Ask
	case Proof:
		t.Steps = m.next.Steps
	case Waiting:
		t.Ready = m.gate().ready
		if m.next.Notice != nil {
			t.Notified = m.next.Notice.At
		}
	case Held:
		if m.next.Hold != nil {
			t.Paused, t.Leaks = m.next.Hold.Why, m.next.Hold.Leaks
		}
	default:
	}
	if t.Ask == AskMailed {
		t.Mailed = m.next.Since
	}
	if t.Ask == AskRegistry || t.Kind == KindTestRegistry && s != Asked {
		t.Registries = m.rules.registryKeys()
	}
	return t
}

// textFlags keeps the flags that texts tell about.
func textFlags(flags []Flag) []Flag {
	var told []Flag
	for _, f := range flags {
		if f == FlagFormUnknown || f == FlagFormIncomplete || f == FlagNameUnknown || f == FlagAdopted {
			told = append(told, f)
		}
	}
	return told
}
