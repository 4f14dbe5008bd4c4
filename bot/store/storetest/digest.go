package storetest

import (
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// told is a digest of that minute, at the desk.
func told(at int) bot.Told {
	return bot.Told{Desk: deskRepository, At: minute(at), Until: minute(at + 1)}
}

// digest is what tells the digest of a name.
func digest(name string) []policy.Effect {
	t := policy.Text{Name: policy.TextDigest, Digest: &policy.DigestNumbers{Them: 1}}
	return []policy.Effect{policy.Desk{Text: t, Open: true}, policy.Comment{Name: "digest:" + name, Text: t, Desk: true}}
}

// remembersEnds reads the cases that ended since a time, and not those that
// were opened again.
func remembersEnds(w *world) {
	for i, m := range []policy.Memory{
		{State: policy.Completed, Ended: minute(10)},
		{State: policy.Denied, Ended: minute(20)},
		{State: policy.Triage, Turn: policy.Staff, Ended: minute(30)},
		{State: policy.Expired, Ended: minute(40)},
	} {
		issue := int64(501 + i)
		w.add(bot.Added, opened(issue))
		w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), m)))
	}
	ended := func(since time.Time) []int64 {
		cases, err := w.Ended(w.ctx, since)
		w.must(err)
		issues := []int64{}
		for _, c := range cases {
			issues = append(issues, c.Ref.Issue)
		}
		return issues
	}
	w.same("all", ended(time.Time{}), []int64{501, 502, 504})
	w.same("at that time", ended(minute(20)), []int64{502, 504})
	w.same("since then", ended(minute(20).Add(time.Microsecond)), []int64{504})
	w.add(bot.Added, commented(504, 7001, 50))
	w.must(w.Commit(w.ctx, decide(w.begin(504, minute(50)), policy.Memory{State: policy.Review, Turn: policy.Staff})))
	w.same("one opened again", ended(minute(20)), []int64{502})
}

// tellsDigest tells two digests: each once, in order, on one issue.
func tellsDigest(w *world) {
	w.furnish()
	before, err := w.Told(w.ctx, deskRepository)
	w.must(err)
	w.same("before", before, bot.Told{Desk: deskRepository})
	w.must(w.Tell(w.ctx, told(10), digest("a")))
	w.fails(w.Tell(w.ctx, told(10), digest("a")), bot.ErrConflict)
	w.fails(w.Tell(w.ctx, told(9), digest("b")), bot.ErrConflict)
	after, err := w.Told(w.ctx, deskRepository)
	w.must(err)
	w.same("after", after, told(10))

	c := w.deskCall(minute(11))
	w.same("first", []any{c.Effect, c.Desk, c.Ref.Issue, c.Shown}, []any{digest("a")[0], deskRef(), int64(0), false})
	w.made(c, bot.Made{Last: true, Desk: deskIssueRef()})
	c = w.deskCall(minute(11))
	w.same("second", []any{c.Effect, c.Desk}, []any{digest("a")[1], deskIssueRef()})
	w.made(c, bot.Made{Last: true, Comment: 8100})
	w.must(w.Tell(w.ctx, told(20), digest("b")))
	w.same("on the same issue", w.deskCall(minute(21)).Desk, deskIssueRef())

	w.add(bot.Foreign, atDesk(8001, 5))
	cases, err := w.Cases(w.ctx)
	w.must(err)
	w.same("cases", len(cases), 0)
}

// tellsNewest: of digests that could not be told the newest is enough, and
// what was begun keeps its place.
func tellsNewest(w *world) {
	w.furnish()
	w.must(w.Tell(w.ctx, told(10), digest("a")))
	c := w.deskCall(minute(11))
	w.must(w.Tell(w.ctx, told(20), digest("b")))
	w.must(w.Tell(w.ctx, told(30), digest("c")))
	w.must(w.CallMade(w.ctx, c, bot.Made{Last: true, Desk: deskIssueRef(), Now: minute(31)}))
	var keys []string
	for range 2 {
		c := w.deskCall(minute(31))
		keys = append(keys, c.Effect.Key())
		w.made(c, bot.Made{Last: true, Now: minute(31)})
	}
	w.same("told", keys, []string{"desk", "digest:c"})
	_, _, err := w.NextCall(w.ctx, deskInstallation, minute(32))
	w.fails(err, bot.ErrNothing)
}

// movesDigest: a digest follows its desk to another installation.
func movesDigest(w *world) {
	w.furnish()
	w.must(w.Tell(w.ctx, told(10), digest("a")))
	moved := desk()
	moved.Installation = 20
	w.must(w.SaveRepository(w.ctx, moved))
	c, _, err := w.NextCall(w.ctx, 20, minute(11))
	w.must(err)
	w.same("call", c.Desk.Installation, int64(20))
}

// dropsDigest: a repository that is no desk any more hears nothing.
func dropsDigest(w *world) {
	w.furnish()
	w.must(w.Tell(w.ctx, told(10), digest("a")))
	served := held()
	served.Held = false
	w.must(w.SaveRepository(w.ctx, served))
	w.same("desk", w.deskCall(minute(11)).Desk, bot.Ref{})
}

// tellsNobody: without effects only the time is remembered, for a desk that is
// none, too; and with some the desk must be known.
func tellsNobody(w *world) {
	for _, desk := range []int64{0, deskRepository} {
		t := told(10)
		t.Desk = desk
		w.must(w.Tell(w.ctx, t, nil))
		got, err := w.Told(w.ctx, desk)
		w.must(err)
		w.same("told", got, t)
	}
	w.fails(w.Tell(w.ctx, told(20), digest("a")), bot.ErrNotFound)
	got, err := w.Told(w.ctx, deskRepository)
	w.must(err)
	w.same("after an error", got, told(10))
	_, err = w.Ready(w.ctx, minute(60))
	w.fails(err, bot.ErrNothing)
}
