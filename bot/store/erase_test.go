package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	canaryAuthor   = 918273645
	canaryAccount  = "canary-zq81-account"
	canaryObjector = 817263544
)

// person is a request of the canary, and one of somebody else to which they
// objected.
type person struct {
	*testing.T

	s    *Store
	seen int
}

func (p *person) delivery(issue, sender int64) bot.Delivery {
	p.seen++
	d := someDelivery(fmt.Sprint("d", p.seen), noon().Add(time.Duration(p.seen)*time.Minute))
	d.Ref.Issue, d.Ref.Number, d.ObjectID = issue, int(issue), int64(70000+p.seen)
	d.Event, d.Action, d.SenderID, d.AuthorID = "issue_comment", "created", sender, sender
	return d
}

func (p *person) act(d bot.Delivery, author int64, m policy.Memory) {
	p.Helper()
	d.AuthorID = author
	if _, err := p.s.AddDelivery(p.Context(), d); err != nil {
		p.Fatal(err)
	}
	w, _, err := p.s.Begin(p.Context(), d.Ref.CaseKey, d.ReceivedAt)
	if err != nil {
		p.Fatal(err)
	}
	r := bot.Result{Case: w.Case, Delivery: w.Delivery.ID, Now: d.ReceivedAt, Command: d.ObjectID}
	r.Case.Memory = m
	r.Event = policy.Event{Kind: policy.Commanded, Actor: policy.Actor{ID: d.SenderID}, Comment: d.ObjectID}
	r.Decision = policy.Decision{Memory: m, Reasons: []policy.Reason{{Code: "complete", Args: []string{m.Account}}}, Effects: []policy.Effect{
		policy.Comment{Name: "status", Text: policy.Text{Name: policy.TextStatus, Account: m.Account}},
	}}
	if err := p.s.Commit(p.Context(), r); err != nil {
		p.Fatal(err)
	}
	c, _, err := p.s.NextCall(p.Context(), 9, d.ReceivedAt)
	if err != nil {
		p.Fatal(err)
	}
	if err := p.s.CallMade(p.Context(), c, bot.Made{Last: true, Comment: 31, Now: d.ReceivedAt}); err != nil {
		p.Fatal(err)
	}
}

func (p *person) live(state policy.State) {
	own := policy.Memory{
		State: state, Account: canaryAccount, Registry: "pypi", Said: &policy.Said{Name: canaryAccount},
		Objections: []policy.Objection{{By: canaryObjector, At: noon(), Comment: 5}},
	}
	if state.Ended() {
		own.Ended = noon()
	}
	p.act(p.delivery(501, canaryAuthor), canaryAuthor, own)
	p.act(p.delivery(502, canaryAuthor), 4711, policy.Memory{
		State: policy.Held, Hold: &policy.Hold{Why: policy.HoldObjection, By: canaryAuthor},
		Objections: []policy.Objection{{By: canaryAuthor, At: noon(), Comment: 6}, {By: canaryObjector, At: noon(), Comment: 7}},
	})
}

// TestErase erases a person on both databases: nothing finds them any more,
// others are as they were, and the log is whole.
func TestErase(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		p := &person{T: t, s: s}
		p.live(policy.Completed)
		key := noon().Add(time.Hour)
		had, err := s.Erase(t.Context(), canaryAuthor, key)
		if err != nil {
			t.Fatal(err)
		}
		if len(had.Requests) != 1 || len(had.Mentions) != 1 || len(had.Elsewhere) != 1 || had.LogRows != 0 {
			t.Errorf("found %d requests, %d mentions, %d deliveries elsewhere, %d rows of the log; want 1, 1, 1, 0",
				len(had.Requests), len(had.Mentions), len(had.Elsewhere), had.LogRows)
		}
		if err := s.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		dump := fmt.Sprint(dumpAll(t, s))
		for _, c := range []string{fmt.Sprint(canaryAuthor), canaryAccount} {
			if strings.Contains(dump, c) {
				t.Errorf("%s is still in a table", c)
			}
		}
		other, err := s.FindCase(t.Context(), "", "", 502)
		if err != nil {
			t.Fatal(err)
		}
		o := other.Memory.Objections
		if len(o) != 2 || o[0].By >= 0 || o[1].By != canaryObjector || other.Memory.Hold.By != o[0].By || other.AuthorID != 4711 {
			t.Errorf("the request of somebody else has %+v and %+v", o, other.Memory.Hold)
		}
		if c, err := s.Verify(t.Context(), nil); err != nil || !c.Good() || c.Rows != 3 {
			t.Errorf("the log: %+v, %v; want 3 good rows", c, err)
		}
		err = s.Export(t.Context(), Span{}, func(x Exported) error {
			if x.Ref.Number == 501 || x.Ref.Issue == 501 {
				t.Errorf("row %d still names the request", x.Seq)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Erase(t.Context(), canaryAuthor, key)
		if err != nil || !again.Empty() {
			t.Errorf("erased again: %+v, %v; want nothing", again, err)
		}
	})
}

// TestEraseRefuses leaves a person alone whose request is open, and staff on
// whose word one rests.
func TestEraseRefuses(t *testing.T) {
	s := openFile(t)
	p := &person{T: t, s: s}
	p.live(policy.Triage)
	before := dumpAll(t, s)
	had, err := s.Erase(t.Context(), canaryAuthor, noon())
	if !errors.Is(err, ErrUnderWay) || len(had.Obstacles()) != 1 || had.Obstacles()[0].Number != 501 {
		t.Errorf("an open request: %v with %v, want ErrUnderWay with 501", err, had.Obstacles())
	}
	p.act(p.delivery(503, 4712), 4712, policy.Memory{State: policy.Waiting, Approvals: []policy.Approval{{User: 600600, At: noon()}}})
	if had, err = s.Erase(t.Context(), 600600, noon()); !errors.Is(err, ErrUnderWay) || len(had.Obstacles()) != 1 {
		t.Errorf("staff with an approval that counts: %v with %v", err, had.Obstacles())
	}
	if got := dumpAll(t, s); fmt.Sprint(got["cases"][0]) != fmt.Sprint(before["cases"][0]) {
		t.Error("what was refused changed something")
	}
}

// TestEraseWaits leaves a person alone whose request was decided in shadow, for
// what was before it holds again, and one of whom others are still to be told.
func TestEraseWaits(t *testing.T) {
	s := openFile(t)
	p := &person{T: t, s: s}
	p.live(policy.Completed)
	mode := func(m bot.Mode) {
		t.Helper()
		if err := s.SetMode(t.Context(), bot.ModeChange{Opinion: bot.Opinion{Mode: m}, Now: noon()}); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(why string) {
		t.Helper()
		if _, err := s.Erase(t.Context(), canaryAuthor, noon()); !errors.Is(err, ErrUnderWay) {
			t.Errorf("%s: %v, want ErrUnderWay", why, err)
		}
	}
	forgetIt := policy.Memory{State: policy.Triage}
	mode(bot.ModeShadow)
	r := p.decided(502, forgetIt)
	if err := s.Commit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	refused("their objection, which does not stand in the memory of the shadow")
	mode(bot.ModeRun)
	refused("a delivery that is open again")
	w, _, err := s.Begin(t.Context(), r.Case.Ref.CaseKey, noon().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	r.Case, r.Delivery = w.Case, w.Delivery.ID
	r.Decision.Memory = w.Case.Memory
	r.Decision.Effects = []policy.Effect{policy.Labels{Add: []string{"a"}}}
	if err := s.Commit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	refused("an effect where others are told of them")
}

// decided is a decision about a delivery of a canary that came in.
func (p *person) decided(issue int64, m policy.Memory) bot.Result {
	p.Helper()
	d := p.delivery(issue, canaryAuthor)
	if _, err := p.s.AddDelivery(p.Context(), d); err != nil {
		p.Fatal(err)
	}
	w, _, err := p.s.Begin(p.Context(), d.Ref.CaseKey, d.ReceivedAt)
	if err != nil {
		p.Fatal(err)
	}
	r := bot.Result{Case: w.Case, Delivery: w.Delivery.ID, Now: d.ReceivedAt, Decision: policy.Decision{Memory: m}}
	r.Case.Memory = m
	return r
}

// TestEraseLeavesNoByte looks for a person in the bytes of the file and of its
// write-ahead log, among much that was there before and after.
func TestEraseLeavesNoByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recoverybot.db")
	s := openAt(t, path)
	p := &person{T: t, s: s}
	p.live(policy.Completed)
	for i := range int64(200) {
		p.act(p.delivery(1000+i, 4711), 4711, policy.Memory{State: policy.Triage, Account: "other"})
	}
	canaries := []string{canaryAccount, fmt.Sprint(canaryAuthor)}
	found := func() (all []string) {
		for _, side := range []string{"", "-wal"} {
			file, err := os.ReadFile(path + side)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range canaries {
				if bytes.Contains(file, []byte(c)) {
					all = append(all, c+" in the file"+side)
				}
			}
		}
		return all
	}
	if len(found()) == 0 {
		t.Fatal("the search finds nothing before the person is erased")
	}
	if _, err := s.Erase(t.Context(), canaryAuthor, noon()); err != nil {
		t.Fatal(err)
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := found(); len(left) > 0 {
		t.Errorf("left: %s", strings.Join(left, ", "))
	}
}

// TestPseudonyms finds and erases a request that was forgotten, by the key that
// is not in the database.
func TestPseudonyms(t *testing.T) {
	s := openFile(t)
	s.pseudonyms = bytes.Repeat([]byte{7}, 32)
	p := &person{T: t, s: s}
	p.live(policy.Denied)
	if _, err := s.Forget(t.Context(), bot.Retention{Cases: 24 * time.Hour, Deliveries: 24 * time.Hour}, noon().Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		h, err := s.Holdings(t.Context(), canaryAuthor)
		if err != nil {
			t.Fatal(err)
		}
		return len(h.Pseudonymised)
	}
	if got := count(); got != 1 {
		t.Errorf("%d requests by the pseudonym, want 1", got)
	}
	key := s.pseudonyms
	s.pseudonyms = bytes.Repeat([]byte{8}, 32)
	if got := count(); got != 0 {
		t.Errorf("%d requests by another key, want none", got)
	}
	s.pseudonyms = key
	if _, err := s.Erase(t.Context(), canaryAuthor, noon().Add(50*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 0 {
		t.Errorf("%d requests by the pseudonym after the end, want none", got)
	}
}
