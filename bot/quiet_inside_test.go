package bot

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/policy"
)

const quietLabel = "recovery: incomplete"

// quietHub is a GitHub with issues that have not changed for a day. It counts
// what it is asked.
type quietHub struct {
	GitHub

	mu     sync.Mutex
	now    time.Time
	asked  []string
	listed []policy.Issue
	err    error                   // of the next list
	hold   map[int64]chan struct{} // a list of that repository waits for it
	began  chan int64              // who waits says so; nil: nobody does
}

func newQuietHub() *quietHub {
	h := &quietHub{now: insideNow(), hold: map[int64]chan struct{}{}}
	for id := range int64(3) {
		h.listed = append(h.listed, quietIssue(id+1))
	}
	return h
}

func quietIssue(id int64) policy.Issue {
	return policy.Issue{ID: id, Number: int(id), Open: true, Labels: []string{quietLabel}, UpdatedAt: insideNow().Add(-24 * time.Hour)}
}

func (h *quietHub) Issue(context.Context, Ref) (policy.Issue, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, "issue")
	return policy.Issue{Title: "looked at"}, nil
}

func (h *quietHub) QuietIssues(_ context.Context, r Ref, label string) ([]policy.Issue, error) {
	h.mu.Lock()
	h.asked = append(h.asked, "list of "+label)
	err, hold := h.err, h.hold[r.Repository]
	h.err = nil
	h.mu.Unlock()
	if hold != nil {
		h.began <- r.Repository
		<-hold
	}
	return h.listed, err
}

func (h *quietHub) bot() *Bot {
	return New(Options{GitHub: h, Clock: func() time.Time { return h.now }, Log: slog.New(slog.DiscardHandler)})
}

// lapsing is the tick of a request that nobody has touched for a day.
func lapsing(id int64) *Work {
	long := insideNow().Add(-24 * time.Hour)
	return &Work{Case: Case{
		Ref: Ref{CaseKey: CaseKey{Repository: 1, Issue: id}, Installation: 7, Number: int(id)}, NewestSeen: long, LastWrite: long,
		Memory: policy.Memory{State: policy.Incomplete, Turn: policy.Requester, Label: quietLabel},
	}}
}

// Only a tick that waits for its requester alone is decided by a list, and only
// where the list is newer than all that is known.
func TestListIsBelieved(t *testing.T) {
	const list, look = "list of " + quietLabel, "issue"
	for name, c := range map[string]struct {
		change func(*quietHub, *Work)
		want   []string
	}{
		"nothing happened": {func(*quietHub, *Work) {}, []string{list}},
		"a delivery":       {func(_ *quietHub, w *Work) { w.Delivery = &Delivery{} }, []string{look}},
		"in shadow":        {func(_ *quietHub, w *Work) { w.Shadow = true }, []string{look}},
		"safety time": {func(_ *quietHub, w *Work) {
			w.Case.Memory.State, w.Case.Memory.Turn = policy.Waiting, policy.OnClock
		}, []string{look}},
		"staff's turn":      {func(_ *quietHub, w *Work) { w.Case.Memory.Turn = policy.Staff }, []string{look}},
		"no label":          {func(_ *quietHub, w *Work) { w.Case.Memory.Label = "" }, []string{look}},
		"a write waits":     {func(_ *quietHub, w *Work) { w.Case.Pending = []policy.Effect{policy.Reopen{}} }, []string{look}},
		"an event just now": {func(h *quietHub, w *Work) { w.Case.NewestSeen = h.now.Add(-59 * time.Second) }, []string{look}},
		"a write just now":  {func(h *quietHub, w *Work) { w.Case.LastWrite = h.now.Add(-59 * time.Second) }, []string{look}},
		"an event that the list does not show": {func(h *quietHub, w *Work) {
			w.Case.NewestSeen = h.now.Add(-2 * time.Hour)
		}, []string{list, look}},
		"not in the list": {func(h *quietHub, _ *Work) { h.listed = h.listed[1:] }, []string{list, look}},
		"a long text":     {func(h *quietHub, _ *Work) { h.listed[0].Body = strings.Repeat("x", quietText+1) }, []string{list, look}},
		"closed":          {func(h *quietHub, _ *Work) { h.listed[0].Open = false }, []string{list, look}},
		"another label":   {func(h *quietHub, _ *Work) { h.listed[0].Labels = nil }, []string{list, look}},
		"another number":  {func(h *quietHub, _ *Work) { h.listed[0].Number = 9 }, []string{list, look}},
		"the list is 404": {func(h *quietHub, _ *Work) { h.err = &Error{Class: Missing, Status: 404} }, []string{list, look}},
		"the list is 422": {func(h *quietHub, _ *Work) { h.err = &Error{Class: Invalid, Status: 422} }, []string{list, look}},
	} {
		h, w := newQuietHub(), lapsing(1)
		c.change(h, w)
		issue, err := h.bot().snapshot(t.Context(), w)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, h.asked); diff != "" || (issue.Title == "looked at") != (c.want[len(c.want)-1] == look) {
			t.Errorf("%s: taken from %+v (-want +got):\n%s", name, issue, diff)
		}
	}
}

// A list serves for a minute. What became known of an issue after it was asked
// for, it does not show; and the clock may go back.
func TestListGetsOld(t *testing.T) {
	h := newQuietHub()
	b := h.bot()
	for _, step := range []struct {
		after time.Duration
		seen  time.Duration // an event, since the beginning
		want  int           // calls so far
	}{
		{0, 0, 1}, {59 * time.Second, 0, 1}, {time.Second, 0, 2}, {-10 * time.Second, 0, 3}, {3 * time.Minute, time.Second, 4}, {0, 3 * time.Minute, 5},
	} {
		h.now = h.now.Add(step.after)
		w := lapsing(2)
		if step.seen > 0 {
			w.Case.LastWrite = insideNow().Add(step.seen)
		}
		if _, err := b.snapshot(t.Context(), w); err != nil || len(h.asked) != step.want {
			t.Errorf("at %v, last write %v: %d calls, error %v; want %d", h.now, w.Case.LastWrite, len(h.asked), err, step.want)
		}
	}
	h.now = h.now.Add(time.Minute)
	if b.quiet.drop(h.now); len(b.quiet.known) != 0 {
		t.Errorf("%d lists are kept, want none", len(b.quiet.known))
	}
}

// After a failure nothing else is tried in the same breath, and for an hour the
// issues are looked at; after a rate limit the list is the next call again.
func TestListFails(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		then string
	}{
		"502":        {&Error{Class: Transient, Status: 502}, "issue"},
		"forbidden":  {&Error{Class: Forbidden, Status: 403}, "issue"},
		"rate limit": {&Error{Class: Transient, Status: 429, Limit: LimitSecondary, RetryAfter: time.Minute}, "list of " + quietLabel},
	} {
		h := newQuietHub()
		h.err = c.err
		b := h.bot()
		if _, err := b.snapshot(t.Context(), lapsing(1)); !errors.Is(err, c.err) || len(h.asked) != 1 {
			t.Errorf("%s: error %v after %q, want it after one call", name, err, h.asked)
		}
		h.now = h.now.Add(59 * time.Minute)
		_, err := b.snapshot(t.Context(), lapsing(1))
		h.now = h.now.Add(time.Minute)
		_, later := b.snapshot(t.Context(), lapsing(1))
		want := []string{"list of " + quietLabel, c.then, "list of " + quietLabel}
		if diff := cmp.Diff(want, h.asked); diff != "" || err != nil || later != nil {
			t.Errorf("%s: errors %v, %v (-want +got):\n%s", name, err, later, diff)
		}
	}
}

// A list without the issue that was wanted still serves the others; the next
// one would not help either.
func TestListMisses(t *testing.T) {
	h := newQuietHub()
	b := h.bot()
	h.listed = h.listed[1:]
	for _, id := range []int64{1, 2, 3} {
		if _, err := b.snapshot(t.Context(), lapsing(id)); err != nil {
			t.Fatal(err)
		}
	}
	h.now = h.now.Add(2 * time.Minute)
	if _, err := b.snapshot(t.Context(), lapsing(2)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"list of " + quietLabel, "issue", "issue"}, h.asked); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// The ticks of one repository wait for one list, and those of another one do
// not wait for them.
func TestListsAtOnce(t *testing.T) {
	h := newQuietHub()
	h.hold[1], h.began = make(chan struct{}), make(chan int64, 3)
	b := h.bot()
	var group sync.WaitGroup
	for id := range int64(3) {
		group.Go(func() {
			if issue, err := b.snapshot(t.Context(), lapsing(id+1)); issue.ID != id+1 || err != nil {
				t.Errorf("issue %d: got %d, error %v", id+1, issue.ID, err)
			}
		})
	}
	if got := <-h.began; got != 1 {
		t.Errorf("repository %d was asked, want 1", got)
	}
	other := lapsing(1)
	other.Case.Ref.Repository, other.Case.Ref.Installation = 2, 8
	if _, err := b.snapshot(t.Context(), other); err != nil {
		t.Error(err)
	}
	close(h.hold[1])
	group.Wait()
	if got := len(h.asked); got != 2 {
		t.Errorf("%d calls, want one list of each repository: %q", got, h.asked)
	}
}

// There are not more lists than fit: others are looked at.
func TestListsAreFew(t *testing.T) {
	h := newQuietHub()
	b := h.bot()
	for r := range int64(maxQuiet + 1) {
		w := lapsing(1)
		w.Case.Ref.Repository = r + 1
		if _, err := b.snapshot(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(b.quiet.known); got != maxQuiet || h.asked[maxQuiet] != "issue" {
		t.Errorf("%d lists, then %q; want %d, then a look", got, h.asked[maxQuiet], maxQuiet)
	}
}
