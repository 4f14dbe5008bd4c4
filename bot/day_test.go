//go:build !race

package bot_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
)

// stale is what actions/stale asks of GitHub for aging alone, by its source
// (src/classes/issues-processor.ts). A run lists the open issues by pages of
// 100 until one is empty. Three calls more a run, for its rate limit and its
// cache, are not read off the source: with them the sums are the known ones. For each issue that has its label it reads the
// events and the comments, each run anew. It marks by a comment and a label,
// and reads events and comments of what it has just marked, too; it closes by
// a comment and the closing, and takes the label off by one call. With a day's
// marks, closings and returns in the last run:
//
//	runs × (open/100 rounded up + 1 + 3 + 2 × marked earlier) + 4 × newly due + 2 × closing + 1 × coming back
func stale(runs int) int {
	return runs*((open+99)/100+1+3+2*reminded) + 4*due + 2*closing + returning
}

// The day of a big tracker.
const (
	open      = 450
	reminded  = 60 // of the open ones, earlier
	closing   = 5  // of the reminded ones
	returning = 5  // of the reminded ones: their authors mend what was missing
	due       = 10 // of the others
	fresh     = 40
	comments  = 60
	commands  = 20
	lists     = 10 // of what is due in the same minute
)

// ledger are the App's calls, by what they were for.
type ledger map[string]map[string]int

func (l ledger) book(cause string, tally map[string]int) {
	if l[cause] == nil {
		l[cause] = map[string]int{}
	}
	for kind, n := range tally {
		l[cause][kind] += n
	}
}

// free reports whether calls of a kind are left out of the sums: GitHub does
// not count what it answers with 304, a label is created once in a repository,
// and tokens, one an hour and purpose, have a limit of their own.
func free(kind string) bool {
	return strings.HasSuffix(kind, " 304") || kind == "POST label" || kind == "token"
}

func (l ledger) total(cause string) int {
	n := 0
	for kind, count := range l[cause] {
		if !free(kind) {
			n += count
		}
	}
	return n
}

func (l ledger) all() int {
	n := 0
	for cause := range l {
		n += l.total(cause)
	}
	return n
}

// String is a table.
func (l ledger) String() string {
	var b strings.Builder
	for _, cause := range slices.Sorted(maps.Keys(l)) {
		var kinds []string
		for _, k := range slices.Sorted(maps.Keys(l[cause])) {
			kinds = append(kinds, fmt.Sprintf("%d %s", l[cause][k], k))
		}
		fmt.Fprintf(&b, "%-22s %4d  %s\n", cause, l.total(cause), strings.Join(kinds, ", "))
	}
	fmt.Fprintf(&b, "%-22s %4d\n", "all", l.all())
	fmt.Fprintf(&b, "%-22s %4d daily, %d hourly\n", "actions/stale, aging", stale(1), stale(24))
	return b.String()
}

// errand is something that people do at a time of the day.
type errand struct {
	at    time.Duration // since the day began
	cause string
	do    func()
}

// tracker is a world with a big tracker, at the beginning of the day.
type tracker struct {
	*world

	day       time.Time
	waiting   []int // for staff, one for each thing that happens
	returning []int
	costs     ledger
}

// newTracker lets two months pass: what is open was filed then.
func newTracker(t *testing.T, s setup) *tracker {
	w := &tracker{world: newWorld(t, s), costs: ledger{}}
	w.day = w.clock.Now().Truncate(24 * time.Hour).Add(70 * 24 * time.Hour)
	filed := func(days, n int, text string) []int {
		var all []int
		for i := range n {
			w.until(w.day.Add(time.Duration(-24*days)*time.Hour + time.Duration(i*60/n+540)*time.Minute))
			all = append(all, w.fileByOne(strings.Replace(text, "ann-builds", fmt.Sprintf("ann-builds-%d", i), 1)))
			w.settle()
		}
		return all
	}
	filed(60, closing, body("", "Lost."))
	w.waiting = filed(30, open-reminded-due, body("ann-builds", "Lost."))
	filed(12, reminded-closing-returning, body("", "Lost."))
	w.returning = filed(11, returning, body("", "Lost."))
	filed(7, due, body("", "Lost."))
	w.until(w.day)
	w.fake.ResetCalls()
	return w
}

// fileByOne files as somebody who has filed nothing else, for an account that
// nobody else asks for: what is said of all of one person's requests costs more.
func (w *tracker) fileByOne(text string) int {
	w.Helper()
	n := len(w.repo.Issues()) + 1
	who := author(n)
	w.fake.AddUser(who, int64(40000+n))
	got, err := w.repo.OpenIssue(who, bottest.Draft{Title: "Locked out", Body: text, Labels: []string{w.rules.Requests.Label}})
	w.must(err)
	if got != n {
		w.Fatalf("it is #%d, want #%d", got, n)
	}
	return n
}

// author is who filed an issue of a tracker.
func author(issue int) string { return fmt.Sprintf("ann-%d", issue) }

// until lets time pass as `serve` does, but with a sweep and a pass a day.
func (w *tracker) until(end time.Time) {
	w.Helper()
	for end.Sub(w.clock.Now()) > 24*time.Hour {
		w.clock.set(w.clock.Now().Add(24 * time.Hour))
		w.sweep()
		w.must(w.bot.Passes(w.Context()))
		w.must(w.bot.Redeliver(w.Context()))
		w.settle()
	}
	w.clock.set(end)
}

// cost does something, and books its calls. What the clock made due before is
// booked as aging.
func (w *tracker) cost(cause string, do func()) {
	w.Helper()
	w.settle()
	w.book("aging")
	do()
	w.settle()
	w.book(cause)
}

func (w *tracker) book(cause string) {
	w.costs.book(cause, w.fake.Tally())
	w.fake.ResetCalls()
}

// errands are spread over the day, each kind evenly.
func (w *tracker) errands() []errand {
	var all []errand
	plan := func(cause string, n int, do func(i int)) {
		for i := range n {
			at := 24 * time.Hour * time.Duration(2*i+1) / time.Duration(2*n)
			all = append(all, errand{at, cause, func() { do(i) }})
		}
	}
	next := func() int {
		n := w.waiting[0]
		w.waiting = w.waiting[1:]
		return n
	}
	says := func(who, text string) {
		n := next()
		if who == "ann" {
			who = author(n)
		}
		_, err := w.repo.Comment(n, who, text)
		w.must(err)
	}
	plan("coming back", returning, func(i int) {
		w.must(w.repo.EditIssue(w.returning[i], author(w.returning[i]), body(fmt.Sprintf("ann-back-%d", i), "Lost.")))
	})
	plan("new requests", fresh, func(i int) {
		name := fmt.Sprintf("ann-new-%d", i)
		if i%4 == 3 {
			name = ""
		}
		w.fileByOne(body(name, "Lost."))
	})
	plan("comments", comments, func(i int) {
		if i%4 == 3 {
			says("max", "I have the same problem.")
			return
		}
		says("ann", "Hello? Any news?")
	})
	plan("commands", commands, func(i int) {
		c := [][2]string{
			{"hal", "/ask project"},
			{"ann", "/status"},
			{"hal", "/kind lost-codes"},
			{"ada", "/complete outside"},
			{"ann", "/withdraw"},
			{"hal", "/ask project"},
			{"mallory", "/complete outside"},
			{"ann", "/status"},
			{"hal", "/ask project"},
			{"hal", "/kind lost-codes"},
		}[i%10]
		says(c[0], c[1])
	})
	slices.SortStableFunc(all, func(a, b errand) int { return int(a.at - b.at) })
	return all
}

// spend lets the day pass: people do their errands, and the clock starts what
// it does under `serve`.
func (w *tracker) spend() {
	w.Helper()
	all := w.errands()
	for minute := 0; minute < 24*60; minute += 5 { // passes are hours apart
		at := time.Duration(minute) * time.Minute
		for len(all) > 0 && all[0].at < at+5*time.Minute {
			w.clock.set(w.day.Add(max(all[0].at, at)))
			w.cost(all[0].cause, all[0].do)
			all = all[1:]
		}
		w.clock.set(w.day.Add(at + 5*time.Minute - time.Second))
		if minute%15 == 0 {
			w.cost("aging", func() { w.must(w.bot.Sweep(w.Context(), w.clock.Now())) })
			w.cost("digest", func() { w.must(w.bot.Digest(w.Context(), w.clock.Now())) })
		}
		w.cost("reconcile", func() { w.must(w.bot.Passes(w.Context())) })
		w.cost("failed deliveries", func() { w.must(w.bot.Redeliver(w.Context())) })
	}
}

// A day of a big tracker costs a fraction of what actions/stale asks to find
// out who says nothing. A reminder is one call, and an end is five; what is due
// in the same minute is looked at by one list, and here something is in ten of
// them: the work is done every five minutes, by `serve` at each sweep. At a desk
// each request has an issue of its own, which is written at each change.
func TestDayOfABigTracker(t *testing.T) {
	days := []struct {
		name string
		setup
		aging, reconcile, all int // at most
	}{
		{"on the issues", setup{}, lists + due + 5*closing, 24, 435},
		{"with a desk", setup{desk: true}, lists + 2*due + 6*closing, 24, 515},
	}
	for _, test := range days[:sample.Sizes{Plain: 1, Race: 1, All: len(days)}.Of(t)] {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newTracker(t, test.setup)
			w.check(map[string]int{"open": open})
			w.spend()
			t.Logf("calls of a day, %s; what is answered with 304 is free:\n%s", test.name, w.costs)
			if got := w.costs.total("aging"); got > test.aging {
				t.Errorf("aging: %d calls, want %d at most", got, test.aging)
			}
			if got := w.costs.total("reconcile"); got > test.reconcile {
				t.Errorf("reconcile: %d calls, want %d at most", got, test.reconcile)
			}
			if got := w.costs.all(); got > test.all {
				t.Errorf("all: %d calls, want %d at most", got, test.all)
			}
			const ended = 4 // by a command
			w.check(map[string]int{
				"open": open + fresh - closing - ended, "closed": closing + ended,
				"told today": due + closing + ended/2, // who ended it knows
			})
			if daily, hourly := stale(1), stale(24); daily != 184 || hourly != 3151 {
				t.Errorf("actions/stale needs %d and %d calls, want 184 and 3151", daily, hourly)
			}
		})
	}
}

// check finds out whether the tracker is what it should be.
func (w *tracker) check(want map[string]int) {
	w.Helper()
	got := map[string]int{}
	for n := 1; ; n++ {
		is, ok := w.repo.Issue(n)
		if !ok {
			break
		}
		got[is.State]++
		for _, c := range is.Comments {
			if c.ByApp && strings.Contains(c.Body, "recoverybot: notify:") && c.CreatedAt.After(w.day) {
				got["told today"]++
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("the tracker (-want +got):\n%s", diff)
	}
}
