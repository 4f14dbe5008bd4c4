package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// secretToken is made up: it has the shape of a token.
const secretToken = "pypi-AgEIcHlwaS5vcmcCJDNlOWJmZjA1LWZkNjktNDlhZi1iNmE0LTFkMmE3MzJhYzRhYgACKlszLCJiN2M4"

// leaksIn is what the receiver finds in a text.
func (w *world) leaksIn(text string, at Leaked) []Leaked {
	var all []Leaked
	for _, c := range leak.ClassesOf(w.rules.Public().Scan(text)) {
		at.Class = c
		all = append(all, at)
	}
	return all
}

// compared is what the receiver finds on both sides of an edit: what the new one
// has that the old one had not is fresh.
func (w *world) compared(text, before string, at Leaked) []Leaked {
	all := w.leaksIn(text, at)
	for i, l := range all {
		for _, f := range w.rules.Public().Scan(text) {
			if f.Class == l.Class && !strings.Contains(before, text[f.Start:f.End]) {
				all[i].Novelty = Fresh
			}
		}
	}
	return append(all, w.leaksIn(before, Leaked{In: InHistory, Comment: at.Comment})...)
}

// rewrites is an edit of somebody's newest comment, with what was found on both
// sides of it.
func (w *world) rewrites(who Actor, text string) Event {
	ev := w.touch(who, Edited)
	ev.Comment = w.last[who.ID]
	ev.Leaks = w.compared(text, w.texts[ev.Comment], Leaked{In: InComment, Comment: ev.Comment})
	w.texts[ev.Comment], w.fates[ev.Comment] = text, CommentEdited
	return ev
}

// mask makes the effect as GitHub has it afterwards.
func (w *world) mask(e Mask) {
	clean := func(text string) string { return leak.Mask(text, leak.Scan(text)) }
	if e.Comment == 0 {
		w.issue.Title, w.issue.Body = clean(w.issue.Title), clean(w.issue.Body)
		return
	}
	w.texts[e.Comment] = clean(w.texts[e.Comment])
}

// explainedOnce: the notifications are counted, and what a kind of secret wants
// is said once, whatever comes in.
func (r *runner) explainedOnce() {
	w := r.w
	if len(w.posted) > w.memory.Notices {
		r.t.Fatalf("%d notifications posted, %d counted", len(w.posted), w.memory.Notices)
	}
	for i, c := range w.advised {
		if slices.Contains(w.advised[:i], c) {
			r.t.Fatalf("the advice about %s is posted twice", c)
		}
	}
	m := w.memory
	if !slices.Equal(w.advised, m.Advised) && len(w.advised) != len(m.Advised) {
		r.t.Fatalf("advice about %v was posted, and %v is remembered", w.advised, m.Advised)
	}
	if len(m.Leaks) > findLimit+otherLimit+3*len(leak.Classes()) {
		r.t.Fatalf("%d finds are remembered", len(m.Leaks))
	}
}

func findsText(finds []Find) string {
	var all []string
	for _, f := range finds {
		text := string(f.Class) + " in " + string(f.In)
		if f.Comment != 0 {
			text += fmt.Sprintf(" of %d", f.Comment)
		}
		if f.By != ByRequester {
			text += " by " + string(f.By)
		}
		all = append(all, text)
	}
	return listed(all)
}

func leaksText(t Text) string {
	s := ""
	if len(t.Leaks) > 0 {
		s += "; leaked: " + strings.Join(asWords(t.Leaks), ", ")
	}
	if t.ByOthers {
		s += " by others"
	}
	if len(t.Personal) > 0 {
		s += "; personal: " + strings.Join(asWords(t.Personal), ", ")
	}
	return s
}

// brought is a request in a state.
func brought(t *testing.T, r *Rules, s State) *world {
	t.Helper()
	w := newWorld(r, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	body := "complete"
	if s == None {
		body = "prose"
	}
	w.lead(s, storyBodies(t), body, func(ev Event) { w.hand(ev) })
	if w.memory.State != s {
		t.Fatalf("the state is %q, want %q", w.memory.State, s)
	}
	w.now = w.now.Add(time.Minute)
	return w
}

func alerts(d Decision) []string {
	var all []string
	for _, r := range d.Reasons {
		if r.Code == "alert" {
			all = append(all, r.Args[0])
		}
	}
	return all
}

func advised(d Decision) []leak.Class {
	var all []leak.Class
	for _, e := range d.Effects {
		if c, ok := e.(Comment); ok && c.Text.Name == TextLeak {
			all = append(all, c.Text.Leaks...)
		}
	}
	return all
}

// TestEverySecretHolds (security requirement 12): in each state, each kind of
// secret that the requester writes in a comment, or that stands in the issue's
// own text, pauses an open request; the page says once what to revoke, and
// staff are told. An ended request stays ended, and is on hold if it is taken up
// again. Where there is no request nothing happens.
func TestEverySecretHolds(t *testing.T) {
	rules := withDesk(twoRegistries(t))
	for _, s := range append(States(), None) {
		for _, c := range leak.Classes() {
			for _, in := range []Place{InComment, InHistory} {
				w := brought(t, rules, s)
				before := w.memory
				ev := w.says(whois("ann"), "some words")
				ev.Leaks = []Leaked{{Class: c, In: in, Comment: ev.Comment}}
				d := w.hand(ev)
				wantState, told := s, c.Secret() && s != None && s != Ignored
				if told && s.Open() {
					wantState = Held
				}
				if s == Incomplete || s == Asked { // words are an answer there
					wantState = map[bool]State{true: Held, false: map[State]State{Incomplete: Triage, Asked: Review}[s]}[told]
				}
				if d.Memory.State != wantState {
					t.Errorf("%s in a %s: from %q to %q, want %q", c, in, s, d.Memory.State, wantState)
				}
				if got := advised(d); told != slices.Equal(got, []leak.Class{c}) || !told && got != nil {
					t.Errorf("%s in a %s, %q: the advice is %v", c, in, s, got)
				}
				if got := slices.Contains(alerts(d), "leak"); got != told {
					t.Errorf("%s in a %s, %q: alert: %v, want %v", c, in, s, got, told)
				}
				if told && (d.Memory.Hold == nil || !slices.Contains(d.Memory.Hold.Leaks, c) || before.Hold != nil && d.Memory.Hold.By != before.Hold.By) {
					t.Errorf("%s in a %s, %q: the hold is %+v", c, in, s, d.Memory.Hold)
				}
				if again := w.hand(Event{Kind: Tick}); len(advised(again)) > 0 || slices.Contains(alerts(again), "leak") {
					t.Errorf("%s in a %s, %q: the tick tells it again", c, in, s)
				}
			}
		}
	}
}

// TestNobodyElseStopsARequest (security requirement 12): a secret in a comment of
// a stranger, of staff or of a bot, and one at the desk, is told, and stops
// nobody. A flood of them is one advice and one alert for each kind.
func TestNobodyElseStopsARequest(t *testing.T) {
	rules := withDesk(twoRegistries(t))
	for _, s := range States() {
		for _, name := range []string{"sam", "hal", "ada", "eve", "robo", "desk"} {
			w := brought(t, rules, s)
			told, alerted := 0, 0
			before := w.memory
			for range 40 {
				w.now = w.now.Add(time.Second)
				var ev Event
				if name == "desk" {
					ev = w.saysAtDesk(whois("hal"), "words "+secretToken)
				} else {
					ev = w.says(whois(name), "words "+secretToken)
				}
				d := w.hand(ev)
				told += len(advised(d))
				for _, a := range alerts(d) {
					if a == "leak" {
						alerted++
					}
				}
			}
			if w.memory.State != before.State || (w.memory.Hold == nil) != (before.Hold == nil) {
				t.Errorf("%s of %s leads from %s to %s", "a secret", name, s, w.memory.State)
			}
			want := 1
			if s == Ignored {
				want = 0
			}
			if alerted != want {
				t.Errorf("%s, %s: %d alerts, want %d", s, name, alerted, want)
			}
			if name == "robo" || name == "desk" {
				want = 0
			}
			if told != want {
				t.Errorf("%s, %s: advice about %d kinds, want %d", s, name, told, want)
			}
		}
	}
}

// TestASecretIsNoEvidence (security requirement 12): whatever is posted, nothing
// is shown by it, and nothing is nearer to ready.
func TestASecretIsNoEvidence(t *testing.T) {
	rules := twoRegistries(t)
	for _, s := range openStates() {
		w := brought(t, rules, s)
		before := w.memory
		for i, c := range leak.Classes() {
			w.now = w.now.Add(time.Minute)
			ev := w.says(whois("ann"), "here it is")
			ev.Leaks = []Leaked{{Class: c, In: InComment, Comment: int64(5000 + i)}}
			d := w.hand(ev)
			if len(d.Memory.Evidence) != len(before.Evidence) || len(d.Memory.Approvals) != len(before.Approvals) {
				t.Errorf("%s: %s counts as evidence: %v", s, c, d.Memory.Evidence)
			}
			if d.Memory.State == Ready || d.Memory.State == Completed {
				t.Errorf("%s: after %s the request is %s", s, c, d.Memory.State)
			}
		}
	}
}

// A secret that nobody told of does not get through with the command that would
// complete the request, and /resume and /undo of before it do not lift the hold.
func TestASecretIsSeenFirst(t *testing.T) {
	rules := twoRegistries(t)
	w := brought(t, rules, Ready)
	w.edits(whois("ann"), w.issue.Body+"\n\n"+secretToken) // and its webhook is lost
	if d := w.hand(w.says(whois("ada"), "/complete")); d.Memory.State != Held {
		t.Errorf("the state is %s, want %s", d.Memory.State, Held)
	}
	w = brought(t, rules, Held)
	w.edits(whois("ann"), w.issue.Body+"\n\n"+secretToken)
	if d := w.hand(w.says(whois("eve"), "/resume")); d.Memory.State != Held {
		t.Errorf("/resume with a new secret leads to %s", d.Memory.State)
	}
	w.now = w.now.Add(time.Minute)
	if d := w.hand(w.says(whois("eve"), "/resume")); d.Memory.State != Review {
		t.Errorf("/resume leads to %s, want %s", d.Memory.State, Review)
	}
	w.now = w.now.Add(time.Minute)
	if d := w.hand(w.touch(whois("sam"), Seen)); d.Memory.State != Review {
		t.Errorf("the same secret holds again: %s", d.Memory.State)
	}
}

// TestMaskEffects: what the policy says of the places, and never what counts.
func TestMaskEffects(t *testing.T) {
	for _, c := range []struct {
		comments, body Masking
		who            string
		edit           bool
		want           []Effect
	}{
		{KeepText, KeepText, "ann", false, nil},
		{MaskText, KeepText, "ann", false, []Effect{Mask{Comment: 901}}},
		{RepostText, KeepText, "ann", false, []Effect{Mask{Comment: 901, Repost: true}}},
		{RepostText, KeepText, "sam", false, []Effect{Mask{Comment: 901, Repost: true, Others: true}}},
		{RepostText, KeepText, "hal", false, nil},
		{RepostText, KeepText, "eve", false, nil},
		{RepostText, KeepText, "robo", false, nil},
		{RepostText, KeepText, "ann", true, nil},
		{KeepText, MaskText, "ann", true, []Effect{Mask{}}},
		{KeepText, MaskText, "sam", true, []Effect{Mask{}}},
	} {
		rules := *withDesk(twoRegistries(t))
		rules.Leaks.Comments, rules.Leaks.Body = c.comments, c.body
		w := brought(t, &rules, Triage)
		w.comment = 900
		var ev Event
		if c.edit {
			ev = w.edits(whois(c.who), w.issue.Body+"\n"+secretToken)
		} else {
			ev = w.says(whois(c.who), "words "+secretToken)
		}
		var got []Effect
		for range 2 { // delivered twice, it is masked once
			for _, e := range w.hand(ev).Effects {
				if m, ok := e.(Mask); ok {
					got = append(got, m)
				}
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("comments %s, body %s, %s, edit %v: got %v, want %v", c.comments, c.body, c.who, c.edit, got, c.want)
		}
	}
}

// TestLeakAdviceIsNotHeldUp: where all notifications of the day are used up, a
// secret is explained all the same, before anything else.
func TestLeakAdviceIsNotHeldUp(t *testing.T) {
	w := brought(t, twoRegistries(t), Triage)
	for range noticeLimit + 2 {
		w.now = w.now.Add(time.Minute)
		w.hand(w.says(whois("ada"), "/deny"))
	}
	d := w.hand(w.says(whois("ann"), secretToken))
	if got := advised(d); !slices.Equal(got, []leak.Class{leak.Token}) {
		t.Fatalf("the advice is %v because %v", got, d.Reasons)
	}
	for _, e := range d.Effects {
		if c, ok := e.(Comment); ok && PriorityOf(c, Commented) != LeakAdvice {
			t.Errorf("%s has the priority %d", c, PriorityOf(c, Commented))
		}
	}
}

// TestLeaksAreNeverStored (security requirements 11 and 12): nothing of a secret
// is in what is remembered, written or said of a decision.
func TestLeaksAreNeverStored(t *testing.T) {
	rules := *withDesk(twoRegistries(t))
	rules.Leaks.Comments, rules.Leaks.Body = RepostText, MaskText
	for _, s := range States() {
		w := brought(t, &rules, s)
		for _, ev := range []Event{w.says(whois("ann"), "it is "+secretToken), w.edits(whois("ann"), w.issue.Body+"\n"+secretToken)} {
			d := w.hand(ev)
			out := asJSON(d)
			for _, e := range d.Effects {
				if c, ok := e.(Comment); ok {
					out += rules.mustRender(t, c.Text)
				}
				if c, ok := e.(Desk); ok {
					out += rules.mustRender(t, c.Text)
				}
			}
			if strings.Contains(out, secretToken[5:20]) {
				t.Errorf("%s: the secret is in the decision", s)
			}
		}
	}
}
