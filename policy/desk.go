package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// deskLimit caps our comments at the desk about one request in noticeWindow.
// Answers to commands stop at deskReplies, so that an alert finds room.
const (
	deskLimit   = 30
	deskReplies = 20
)

// deskAt returns where staff work on requests of the issue's repository, nil
// where they have no desk.
func (m *move) deskAt() *Repository {
	if r := m.rules.repository(m.q.Issue.Repository); r != nil {
		return r.Desk
	}
	return nil
}

// repository returns the repository with this id, nil for one that the policy
// does not serve.
func (r *Rules) repository(id int64) *Repository {
	i := slices.IndexFunc(r.Repositories, func(o Repository) bool { return o.ID == id && id != 0 })
	if i < 0 {
		return nil
	}
	return &r.Repositories[i]
}

// alert tells staff something that they must not miss: by the reason, which
// the shell logs, and at the desk where there is one. To names whose team is
// mentioned; "": nobody's.
func (m *move) alert(code AlertCode, to Role) {
	args := []string{string(code)}
	if to != "" {
		args = append(args, string(to))
	}
	m.because("alert", args...)
	if m.deskAt() == nil {
		return
	}
	m.posts = append(m.posts, Text{Name: TextAlert, Alert: code, To: to})
}

// tellDesk writes the request's issue at the desk if it differs from what was
// last written, and then what is to be posted on it. A request that ended
// before it had an issue there gets none.
func (m *move) tellDesk() {
	m.writeDesk()
	for _, t := range m.posts {
		m.postAtDesk(t)
	}
	m.posts = nil
}

func (m *move) writeDesk() {
	const name = "desk"
	at, last, state := m.deskAt(), m.next.Digests[name], m.next.State
	if at == nil || last == "" && !state.Open() {
		return
	}
	t := m.staffText(Text{Name: TextDesk})
	digest := shortDigest(strconv.FormatInt(at.ID, 10) + m.rules.speaks("").version + m.rules.digest(t))
	if digest == last && (!m.ev.Desk || !m.restate && m.ev.Kind != Seen) {
		return
	}
	m.keep(name, digest)
	m.do(Desk{Text: t, Open: state.Open()})
}

// postAtDesk posts a comment on the request's issue at the desk, as far as the
// limit allows. Without such an issue the reason says that it was left out.
func (m *move) postAtDesk(t Text) {
	limit := deskLimit
	if answersCommand(t.Name) {
		limit = deskReplies
	}
	m.next.DeskRecent = slices.DeleteFunc(m.next.DeskRecent, func(at time.Time) bool { return !at.Add(noticeWindow).After(m.now) })
	what := []string{string(t.Name)}
	if t.Alert != "" {
		what = append(what, string(t.Alert))
	}
	if m.next.Digests["desk"] == "" || m.deskAt() == nil || len(m.next.DeskRecent) >= limit ||
		t.Alert != "" && m.repeated(t.Alert) {
		m.because("desk-left-out", what...)
		return
	}
	m.next.DeskPosts++
	m.next.DeskRecent = append(m.next.DeskRecent, m.now)
	m.do(Comment{Name: "desk:" + strconv.Itoa(m.next.DeskPosts), Text: m.staffText(t), Desk: true})
}

// staffText gives a text for the desk what it tells. It names the requester by
// number alone, so that nothing there reaches them by mail, and is in the first
// language of the policy; the summary keeps theirs, for the mail to paste.
func (m *move) staffText(t Text) Text {
	full := m.filled(t)
	full.Author = ""
	if t.Name != TextDesk {
		full.Language = ""
	}
	return full
}

// disclosed reports whether the event's command would tell everybody
// something about the account, by standing where it stands.
func (m *move) disclosed(info CommandInfo) bool {
	return info.Discloses && m.q.Issue.Public && !m.ev.Desk && discloses(m.ev.Command)
}

// discloses reports whether a command line itself tells its readers something
// about the account. Of a command that may, only a line of numbers, digests
// and "notified" tells nothing: what the numbers mean stands in the staff
// summary.
func discloses(c parser.Command) bool {
	info, known := CommandNamed(c.Name)
	if !known || !info.Discloses {
		return false
	}
	if c.Name == "why" {
		return true // its answer does
	}
	return slices.ContainsFunc(c.Args, func(word string) bool {
		word = strings.ToLower(word)
		return !isClassNumber(word) && !isDigest(word) && word != "notified"
	})
}

func isClassNumber(word string) bool {
	n, err := strconv.Atoi(word)
	return err == nil && strconv.Itoa(n) == word && n >= 1 && n <= len(Classes())
}

// isDigest reports whether a word has the shape of what /approve names.
func isDigest(word string) bool {
	_, err := strconv.ParseUint(word, 16, 32)
	return err == nil && len(word) == 8 && word[0] != '+'
}

// refusePublic refuses a command that would disclose something. The answer is
// the same for each of them.
func (m *move) refusePublic() {
	m.because("refused", m.ev.Command.Name, string(RefusedPublic))
	m.do(React{Comment: m.ev.Comment, Content: "confused"})
	m.notify(Text{Name: TextRefused, Refusal: RefusedPublic})
}
