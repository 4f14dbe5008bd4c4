package policy

import (
	"cmp"
	"slices"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// Writer is who wrote what was found, as far as it matters.
type Writer string

// The writers.
const (
	ByRequester Writer = ""      // or anybody who changed the issue's own text
	ByOther     Writer = "other" // a stranger or staff, in a comment
	ByBot       Writer = "bot"   // another bot, in a comment: nobody answers it
)

// InDesk is a comment at the desk. Place has it here alone: no receiver says it.
const InDesk Place = "desk"

// Find is a leak that the bot knows of: what kind of it, where, and by whom;
// never what it said. As the text changes, a find in it becomes one in its
// history.
type Find struct {
	Leaked
	Count int    `json:"count,omitempty"` // how many of the kind the title or the text has now
	By    Writer `json:"by,omitempty"`
}

// How many finds in comments are remembered. Beyond them a find of the
// requester's is news whenever it is seen, and others' are left out.
const (
	findLimit  = 50 // in the requester's
	otherLimit = 20 // in those of others, so that nobody else fills the list
)

// holds reports whether a leak of the class pauses the request.
func (r *Rules) holds(c leak.Class) bool {
	return c.Secret() || slices.Contains(r.Leaks.Hold, c)
}

// scan returns what stands in an issue's title and text, each class once for each.
func (r *Rules) scan(i Issue) []Find {
	var all []Find
	public := r.Public()
	for _, part := range []struct {
		in   Place
		text string
	}{{InTitle, i.Title}, {InBody, i.Body}} {
		found := public.Scan(part.text)
		for _, c := range leak.ClassesOf(found) {
			f := Find{Leaked: Leaked{Class: c, In: part.in}}
			for _, l := range found {
				if l.Class == c {
					f.Count++
				}
			}
			all = append(all, f)
		}
	}
	return all
}

// Public says which addresses are nobody's own: those of the registries' support,
// which our own texts name.
func (r *Rules) Public() leak.Options {
	var o leak.Options
	for _, reg := range r.Registries {
		if reg.Mail != "" {
			o.Public = append(o.Public, reg.Mail)
		}
	}
	return o
}

// leaks notes secrets and personal data, before what people ask for is done:
// what is about to be let through must not be let through with a secret in it.
// It may be asked again in the same decision.
func (m *move) leaks() {
	if m.next.State == None || m.next.State == Ignored || m.q.Facts.Unseen {
		return
	}
	for _, fresh := range []func() []Find{m.issueLeaks, m.eventLeaks} {
		for _, f := range fresh() {
			m.found(f)
		}
	}
	slices.SortFunc(m.next.Leaks, func(a, b Find) int {
		return cmp.Or(cmp.Compare(a.Comment, b.Comment), cmp.Compare(a.In, b.In), byClass(a.Class, b.Class))
	})
	m.next.Leaks = slices.Compact(m.next.Leaks)
	if len(m.next.Leaks) == 0 {
		m.next.Leaks = nil
	}
	m.personalFlag()
}

// known returns what is known of a class at a place, nil if nothing is.
func (m *move) known(l Leaked) *Find {
	i := slices.IndexFunc(m.next.Leaks, func(f Find) bool { return f.Leaked == l })
	if i < 0 {
		return nil
	}
	return &m.next.Leaks[i]
}

// knownIn reports whether a class is known of a comment, or of the issue (0),
// in any of its versions.
func (m *move) knownIn(c leak.Class, comment int64) bool {
	return slices.ContainsFunc(m.next.Leaks, func(f Find) bool {
		return f.Class == c && f.Comment == comment && f.In != InDesk
	})
}

// issueLeaks returns what is new in the title and the text as they are, also
// where an edit wrote it in the place of another one. What was there and is gone
// stays visible in an older version. Of an older snapshot only what was never
// seen is news, or what the edit itself wrote.
func (m *move) issueLeaks() []Find {
	stale := m.q.Facts.Stale
	if !stale {
		m.past(0, m.read.leaks)
	}
	var fresh []Find
	for _, f := range m.read.leaks {
		before := m.known(f.Leaked)
		switch {
		case !m.heard && m.fresh(f):
			fresh = append(fresh, f)
		case stale && m.knownIn(f.Class, 0):
			continue
		case before == nil || f.Count > before.Count:
			fresh = append(fresh, f)
		}
		if before != nil {
			before.Count = f.Count
		}
	}
	return fresh
}

// past makes a find in a comment, or in the issue (0), one of its history, where
// it does not stand there any more.
func (m *move) past(comment int64, now []Find) {
	for i, f := range m.next.Leaks {
		still := slices.ContainsFunc(now, func(n Find) bool { return n.Leaked == f.Leaked })
		if f.Comment == comment && f.In != InHistory && f.In != InDesk && !still {
			m.next.Leaks[i].In, m.next.Leaks[i].Count = InHistory, 0
		}
	}
}

// eventLeaks returns what is new in the event's comment, and in what an edit
// replaced. Of the issue's own text the snapshot tells what stands there now.
func (m *move) eventLeaks() []Find {
	if m.heard {
		return nil
	}
	m.heard = true
	by := m.writer()
	all := make([]Find, 0, len(m.ev.Leaks))
	for _, l := range m.ev.Leaks {
		f := Find{Leaked: l, By: by}
		f.Novelty = NotCompared
		switch {
		case m.ev.Desk:
			f.Leaked.In, f.By = InDesk, ByOther
		case l.Comment == 0:
			f.Leaked.In, f.By = InHistory, ByRequester
		}
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	if m.ev.Kind == Edited && m.ev.Comment != 0 && !m.ev.Desk {
		m.past(m.ev.Comment, all)
	}
	return slices.DeleteFunc(all, func(f Find) bool {
		older := f.In == InHistory && m.knownIn(f.Class, f.Comment) && !m.passed(f)
		nobodys := !f.Class.Secret() && f.By != ByRequester // their own matter: the status speaks to the requester
		return older || nobodys || m.known(f.Leaked) != nil && !m.anew(f)
	})
}

// anew reports whether the requester wrote a secret into a comment of theirs
// that it had not before the edit: another one of its kind, or one where there
// was none any more, for the bot took it out, of whose own edits no event tells.
func (m *move) anew(f Find) bool {
	gone := m.ev.Kind == Edited && f.In == InComment && // of a delivery that compared nothing
		!slices.Contains(m.ev.Leaks, Leaked{Class: f.Class, In: InHistory, Comment: f.Comment})
	return f.By == ByRequester && (gone || m.fresh(f) || m.passed(f))
}

// fresh reports whether an edit wrote what was found.
func (m *move) fresh(f Find) bool {
	l := f.Leaked
	l.Novelty = Fresh
	return slices.Contains(m.ev.Leaks, l)
}

// passed reports whether an edit wrote a secret into the issue's title or text
// that does not stand there any more.
func (m *move) passed(f Find) bool {
	return f.Comment == 0 && f.In == InHistory && slices.ContainsFunc(m.ev.Leaks, func(l Leaked) bool {
		stands := slices.ContainsFunc(m.read.leaks, func(n Find) bool { return n.Class == l.Class && n.In == l.In })
		return l.Novelty == Fresh && l.Comment == 0 && l.Class == f.Class && !stands
	})
}

// writer returns who wrote the event's comment. Who edits one may be another
// person: what is known of the comment counts.
func (m *move) writer() Writer {
	for _, f := range m.next.Leaks {
		if f.Comment != 0 && f.Comment == m.ev.Comment && f.In != InDesk {
			return f.By
		}
	}
	switch {
	case m.byAuthor():
		return ByRequester
	case m.ev.Actor.Bot:
		return ByBot
	}
	return ByOther
}

// found takes one find that is new.
func (m *move) found(f Find) {
	args := []string{string(f.Class), string(f.In)}
	if f.By != ByRequester {
		args = append(args, string(f.By))
	}
	m.because("leak", args...)
	news, noted := m.newsOfOthers(f), m.note(f)
	if f.Class.Secret() && f.In != InDesk {
		m.flag(FlagLeak)
	}
	switch {
	case f.By == ByRequester && m.rules.holds(f.Class):
		m.pauseForLeak(f.Class)
	case f.By != ByRequester && news:
		m.alert(AlertLeak, Security)
	}
	if noted || f.By == ByRequester {
		m.mask(f)
	}
}

// newsOfOthers reports whether staff must hear of a find in somebody else's
// comment. Strangers' are one alert, whatever kinds there are: what the
// requester writes must still be told that day. Of staff's it is one for each.
func (m *move) newsOfOthers(f Find) bool {
	return !slices.ContainsFunc(m.next.Leaks, func(k Find) bool {
		own := m.byStaff() || m.ev.Desk || k.In == InDesk
		return k.By != ByRequester && (k.Class == f.Class || !own)
	})
}

// note remembers a find, as far as there is room, and reports whether it is
// remembered.
func (m *move) note(f Find) bool {
	if m.known(f.Leaked) != nil {
		return true // it stood there before, and now more often
	}
	limit, others := findLimit, f.By != ByRequester
	if others {
		limit = otherLimit
	}
	n := 0
	for _, k := range m.next.Leaks {
		if (k.By != ByRequester) == others && (k.Comment != 0 || others) {
			n++
		}
	}
	room := n < limit || f.Comment == 0 && !others
	if room {
		m.next.Leaks = append(m.next.Leaks, f)
	}
	return room
}

// pauseForLeak pauses a request whose author wrote a secret: now, however old
// the comment is. One that ended is on hold when it is taken up again. Who
// wrote /resume before did not know of it.
func (m *move) pauseForLeak(c leak.Class) {
	m.leaked = true
	h := Hold{Why: HoldLeak, By: m.q.Issue.Author.ID}
	news := m.next.Hold == nil
	if !news {
		h = *m.next.Hold
		news = !slices.Contains(h.Leaks, c)
	}
	h.At, h.Resumes = m.now, nil
	h.Leaks = slices.Clone(h.Leaks)
	if !slices.Contains(h.Leaks, c) {
		h.Leaks = append(h.Leaks, c)
		slices.SortFunc(h.Leaks, byClass)
	}
	m.next.Hold = &h
	if m.next.State.Open() && m.next.State != Held {
		m.at = m.now
		m.next.State, m.next.Ask, m.next.Told = Held, "", 0
		m.turn(OnSecurity, m.at)
		m.because("paused", string(HoldLeak))
	}
	if news {
		m.alert(AlertLeak, Security)
	}
}

// adviseLeaks tells whoever reads the page what to do about secrets on it: of
// the requester's each class once in the life of a request, and of all that
// others write one comment. No limit of notifications holds it up, for there are
// no more than that.
func (m *move) adviseLeaks() {
	if m.next.Quiet || m.next.State == None || m.next.State == Ignored || m.q.Facts.Unseen {
		return
	}
	told := Text{Name: TextLeak, Leaks: m.unadvised(ByRequester)}
	if told.ByOthers = len(told.Leaks) == 0; told.ByOthers {
		told.Leaks = m.unadvised(ByOther)
	}
	switch {
	case len(told.Leaks) == 0, told.ByOthers && len(m.next.AdvisedOthers) > 0:
		return
	case told.ByOthers:
		m.next.AdvisedOthers = slices.Clone(told.Leaks)
	default:
		m.next.Advised = append(slices.Clone(m.next.Advised), told.Leaks...)
		slices.SortFunc(m.next.Advised, byClass)
	}
	m.because("leak-advice", asWords(told.Leaks)...)
	m.next.Notices++
	m.do(Comment{Name: noticeName(m.next.Notices), Text: told})
}

// unadvised returns of which secrets of the requester's, or of others, the page
// did not yet tell what to do. What was told of others' is told again if the
// requester writes it: that was not said to them.
func (m *move) unadvised(by Writer) []leak.Class {
	var all []leak.Class
	for _, f := range m.next.Leaks {
		if f.By == by && f.In != InDesk && m.rules.holds(f.Class) && (by == ByRequester || f.Class.Secret()) &&
			!slices.Contains(m.next.Advised, f.Class) && !slices.Contains(all, f.Class) {
			all = append(all, f.Class)
		}
	}
	slices.SortFunc(all, byClass)
	return all
}

// personal returns what the policy only mentions, and stands now in what the
// requester wrote.
func (m *move) personal() []leak.Class {
	var all []leak.Class
	for _, f := range m.next.Leaks {
		if f.By == ByRequester && f.In != InHistory && !m.rules.holds(f.Class) && !slices.Contains(all, f.Class) {
			all = append(all, f.Class)
		}
	}
	slices.SortFunc(all, byClass)
	return all
}

func (m *move) personalFlag() {
	if !m.next.State.Open() {
		return
	}
	m.unflag(FlagPersonal)
	if len(m.personal()) > 0 {
		m.flag(FlagPersonal)
	}
}
