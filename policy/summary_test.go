package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// summaryOf is what staff read of the request.
func summaryOf(w *world) Text {
	q, _ := w.request(Event{Kind: Tick})
	return w.rules.Summary(q, w.now)
}

func TestSummary(t *testing.T) {
	w := deskWorld(t, Review)
	at := w.now
	w.memory.Marks = []Kind{KindLostEmail}
	w.memory.Evidence = []Evidence{{Class: Mailbox, By: []Attest{{User: adaID, At: at, Comment: 7, Desk: true}}}}
	w.memory.Approvals = []Approval{{User: adaID, At: at, Comment: 8, Desk: true, Classes: []Class{Mailbox}, Binding: "secret"}}
	w.memory.Objections = []Objection{{By: samID, At: at}, {By: samID, At: at, Closed: true}}
	w.memory.Duplicate = 4
	text := summaryOf(w)
	got := *text.Desk
	if len(got.Digest) != 8 {
		t.Errorf("the digest is %q, want 8 hex digits", got.Digest)
	}
	got.Digest, got.Lacks, got.Next, got.Path = "", nil, nil, "" // the gate's own tests have them
	want := Summary{
		Issue: "octo-registry/support#1", AuthorID: annID, Marks: []Kind{KindLostEmail}, Since: w.memory.Since,
		Evidence: w.memory.Evidence, Objections: 1, Others: []string{"octo-registry/support#4"},
		Approvals: []Approval{{User: adaID, At: at, Comment: 8, Desk: true, Classes: []Class{Mailbox}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the summary (-want +got):\n%s", diff)
	}
	if text.Name != TextDesk || text.Author != "" || text.Account != "jbber" || text.State != Review {
		t.Errorf("the text is %s of %s in %s, to %q", text.Name, text.Account, text.State, text.Author)
	}
	if w.memory.Approvals[0].Binding != "secret" {
		t.Error("the summary changes the memory")
	}
}

// The text at the desk has no present time: a year later it is the same.
func TestSummaryIsTimeless(t *testing.T) {
	for _, s := range States() {
		w := deskWorld(t, s)
		before := summaryOf(w)
		w.now = w.now.AddDate(1, 0, 0)
		if diff := cmp.Diff(before, summaryOf(w)); diff != "" {
			t.Errorf("the summary of %s changes by itself:\n%s", s, diff)
		}
	}
}

// Nothing at the desk names the requester, whatever state the request is in,
// but by number: GitHub would send them a mail.
func TestNobodyIsMentionedAtDesk(t *testing.T) {
	for _, s := range States() {
		w := deskWorld(t, s)
		w.issue.Author.Login = "requester-login"
		w.memory.Digests["desk"] = "another"
		for _, line := range []string{"/why", "/help", "/nonsense", "/deny", "/status"} {
			w.now = w.now.Add(time.Minute)
			for _, e := range w.hand(w.saysAtDesk(whois("ada"), line)).Effects {
				b, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				if AtDesk(e) && strings.Contains(string(b), "requester-login") {
					t.Errorf("in %s %s answers by %s and names the requester: %s", s, line, e, b)
				}
			}
		}
	}
}

// next returns the commands that the summary offers, the digest as DIGEST.
func next(w *world) string {
	s := summaryOf(w).Desk
	line := strings.Join(s.Next, "; ")
	if s.Digest == "" {
		return line
	}
	return strings.ReplaceAll(line, s.Digest, "DIGEST")
}

func TestNextCommands(t *testing.T) {
	mail, branch := Step{Kind: StepMail}, Step{Kind: StepBranch, Project: "foo"}
	given := func(c Class, by ...int64) Evidence {
		e := Evidence{Class: c}
		for _, id := range by {
			e.By = append(e.By, Attest{User: id})
		}
		return e
	}
	notice := &Notice{User: adaID}
	for _, tt := range []struct {
		name  string
		state State
		set   func(*Memory)
		want  string
	}{
		{"new", Triage, func(*Memory) {}, "/proof"},
		{"no name", Triage, func(m *Memory) { m.Account = "" }, "/ask account"},
		{"incomplete: their turn", Incomplete, func(*Memory) {}, ""},
		{"asked: their turn", Asked, func(*Memory) {}, ""},
		{"nothing asked for", Review, func(m *Memory) { m.Steps, m.Evidence = nil, nil }, "/proof"},
		{"mail", Proof, func(m *Memory) { m.Steps, m.Notice = []Step{mail}, notice }, "/approve mailbox DIGEST"},
		{"not told yet", Proof, func(m *Memory) { m.Steps, m.Notice = []Step{mail}, nil }, "/notified; /approve mailbox DIGEST"},
		{
			"mail and branch", Proof, func(m *Memory) { m.Steps, m.Notice = []Step{mail, branch}, notice },
			"/approve mailbox branch-declared DIGEST",
		},
		{"the branch cannot be made", Proof, func(m *Memory) {
			m.Steps, m.Notice = []Step{mail, {Kind: StepBranch, Cannot: true}}, notice
		}, "/approve mailbox DIGEST"},
		{"the mail came", Review, func(m *Memory) {
			m.Steps, m.Notice, m.Evidence = []Step{mail, branch}, notice, []Evidence{given(Linked, adaID)}
		}, "/approve branch-declared DIGEST"},
		{"another one confirms", Review, func(m *Memory) {
			m.Steps, m.Notice = []Step{mail, branch}, notice
			m.Evidence = []Evidence{given(Mailbox, adaID), given(BranchAttested, adaID)}
		}, "/approve branch-attested DIGEST"},
		{"another one approves", Review, func(m *Memory) {
			m.Steps, m.Notice = []Step{mail, branch}, notice
			m.Evidence = []Evidence{given(Mailbox, adaID), given(BranchAttested, adaID, halID)}
		}, "/approve DIGEST"},
		{"time runs", Waiting, func(*Memory) {}, ""},
		{"ready", Ready, func(*Memory) {}, "/complete"},
		{"on hold", Held, func(*Memory) {}, "/resume"},
		{"ended", Denied, func(*Memory) {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := deskWorld(t, tt.state)
			tt.set(&w.memory)
			if got := next(w); got != tt.want {
				t.Errorf("next is %q, want %q", got, tt.want)
			}
		})
	}
}

// Every command that a summary offers is one, and works in that state.
func TestNextCommandsWork(t *testing.T) {
	for _, s := range States() {
		for _, line := range summaryOf(deskWorld(t, s)).Desk.Next {
			c, ok := parser.ParseCommand(line)
			info, known := CommandNamed(c.Name)
			if !ok || !known || !slices.Contains(info.In, s) {
				t.Errorf("in %s %q is offered, and is no command there", s, line)
			}
		}
	}
}

// From what is remembered alone the summary is the same: `explain` has no
// issue.
func TestSummaryUnseen(t *testing.T) {
	for _, s := range States() {
		w := deskWorld(t, s)
		q, _ := w.request(Event{Kind: Tick})
		want := w.rules.Summary(q, w.now)
		q.Facts.Unseen = true
		q.Issue = Issue{Repository: q.Issue.Repository, ID: q.Issue.ID, Number: q.Issue.Number, Author: Actor{ID: q.Issue.Author.ID}}
		q.Form = parser.Form{}
		if diff := cmp.Diff(want.Desk, w.rules.Summary(q, w.now).Desk); diff != "" {
			t.Errorf("the summary of %s from memory (-want +got):\n%s", s, diff)
		}
	}
}
