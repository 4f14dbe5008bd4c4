package store

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
)

// flood gives cases of a repository something to do, all at noon.
func flood(t *testing.T, s *Store, repository int64, cases int) {
	t.Helper()
	for n := range cases {
		d := someDelivery(fmt.Sprintf("%d-%d", repository, n), noon())
		d.Ref.CaseKey = bot.CaseKey{Repository: repository, Issue: int64(500 + n)}
		d.Ref.Number = n + 1
		if _, err := s.AddDelivery(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	dispatch(t, s)
}

func dispatch(t *testing.T, s *Store) {
	t.Helper()
	for {
		n, err := s.Dispatch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// Who asks for more than its share comes later, and the later the more it is;
// whoever asks for little at the same time does not.
func TestShares(t *testing.T) {
	var s shares
	now := noon()
	for _, test := range []struct {
		repository int64
		takes      int
		after      time.Duration
		want       lane
	}{
		{71, shareBurst, 0, lane{caseQueue, 1}},
		{71, 1, 0, lane{crowdQueue, 1}},
		{72, 1, 0, lane{caseQueue, 1}},
		{71, crowdSome, 0, lane{crowdQueue, 2}},
		{72, 1, 0, lane{caseQueue, 1}},
		{71, 10_000, 0, lane{crowdQueue, 3}},
		{72, 1, 0, lane{caseQueue, 1}},
		{71, 1, crowdSome * shareEvery, lane{crowdQueue, 2}},
		{71, 1, (crowdMost - crowdSome) * shareEvery, lane{caseQueue, 1}},
	} {
		now = now.Add(test.after)
		var got lane
		for range test.takes {
			got = s.take(test.repository, now)
		}
		if got != test.want {
			t.Errorf("repository %d, %d more after %v: got lane %v, want %v", test.repository, test.takes, test.after, got, test.want)
		}
	}
}

func TestLanes(t *testing.T) {
	s := openFile(t)
	flood(t, s, 71, crowdSome+3)
	flood(t, s, 72, 2)
	got := query(t, s, `SELECT json_extract(args, '$.repository') || ' ' || queue || ' ' || priority || ': ' || count(*)
		FROM river_job WHERE kind = 'case' GROUP BY json_extract(args, '$.repository'), queue, priority
		ORDER BY json_extract(args, '$.repository'), queue, priority`)
	want := []string{"71 cases 1: 4", "71 crowd 1: 196", "71 crowd 2: 3", "72 cases 1: 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("jobs by repository, queue and priority (-want +got):\n%s", diff)
	}
}

// A job that waits for its time is put where a new one would be.
func TestLanesChange(t *testing.T) {
	s := openFile(t)
	flood(t, s, 71, shareBurst+1)
	exec(t, s, `UPDATE river_job SET state = 'scheduled', queue = 'cases', priority = 2 WHERE json_extract(args, '$.issue') = 500`)
	s.shares = shares{}
	if _, err := s.AddDelivery(t.Context(), someDelivery("late", noon())); err != nil { // of issue 501
		t.Fatal(err)
	}
	d := someDelivery("later", noon())
	d.Ref.CaseKey, d.Ref.Number = bot.CaseKey{Repository: 71, Issue: 500}, 1
	if _, err := s.AddDelivery(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	exec(t, s, `UPDATE river_job SET state = 'scheduled', queue = 'crowd', priority = 3 WHERE json_extract(args, '$.issue') = 501`)
	dispatch(t, s)
	got := query(t, s, `SELECT json_extract(args, '$.issue') || ' ' || queue || ' ' || priority FROM river_job
		WHERE kind = 'case' ORDER BY json_extract(args, '$.issue')`)
	want := "500 cases 1, 501 cases 1, 502 cases 1, 503 cases 1, 504 crowd 1"
	if strings.Join(got, ", ") != want {
		t.Errorf("got jobs %q, want %q", got, want)
	}
}

// While each call for one repository hangs, another repository is served, and
// so are the effects of others.
func TestBurstHoldsNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	before, err := Open(t.Context(), Options{Database: path, Clock: noon})
	if err != nil {
		t.Fatal(err)
	}
	flood(t, before, 71, 100)
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	e := newEngine(openReal(t, path, nil))
	others, answer := make(chan bot.CaseKey, 9), make(chan bool)
	e.start(t, Workers{Case: func(_ context.Context, key bot.CaseKey) (time.Duration, error) {
		if key.Repository == 71 {
			<-answer
			return time.Hour, nil
		}
		others <- key
		return time.Hour, nil
	}})
	t.Cleanup(func() { close(answer) })
	for range shareBurst + 8 {
		receive(t, e.cases)
	}
	flood(t, e.Store, 72, 1)
	if got := receive(t, others); got.Repository != 72 {
		t.Errorf("got a call for repository %d, want 72", got.Repository)
	}
}

// A case with a long inbox gives its worker up after each turn, so that those
// that came after it have theirs.
func TestTurns(t *testing.T) {
	for _, test := range []struct {
		name string
		ending
		want time.Duration
	}{
		{"the turn is over", ending{over: true}, time.Millisecond},
		{"the call gave up", ending{wait: time.Millisecond}, time.Millisecond},
	} {
		if got := test.delay(outlook{ready: true}, noon()); got != test.want {
			t.Errorf("%s: got %v until the next one, want %v", test.name, got, test.want)
		}
	}
}
