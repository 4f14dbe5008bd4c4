package storetest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func otherTests() map[string]func(*world) {
	return map[string]func(*world){
		"others about the same account":       findsOthers,
		"others of the same author":           findsOwn,
		"two begin at the same moment":        claimsOnce,
		"two at once, many times":             claimsAtOnce,
		"another case is looked at again":     rouses,
		"how many objections somebody has":    countsObjections,
		"a flood of others is not read whole": sparesOthers,
	}
}

// names is a memory of an open request for an account.
func names(account string) policy.Memory {
	return policy.Memory{State: policy.Triage, Turn: policy.Staff, Registry: "pypi", Account: account}
}

// asks files a request of an author for an account, without a look at others.
func (w *world) asks(issue, by int64, m policy.Memory) {
	w.Helper()
	d := opened(issue)
	d.AuthorID, d.SenderID = by, by
	w.add(bot.Added, d)
	w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), m)))
}

func (w *world) others(issue, by int64, account string) bot.Others {
	w.Helper()
	of := policy.Same{Registry: "pypi", Account: account, Author: by}
	found, err := w.Others(w.ctx, of, key(issue))
	w.must(err)
	found.Of = of
	return found
}

func issues(found bot.Others) []int64 {
	var all []int64
	for _, o := range found.List {
		all = append(all, o.Issue)
	}
	return all
}

func findsOthers(w *world) {
	m := names("JBber")
	m.Flags = []policy.Flag{policy.FlagCollision}
	m.Claimed = minute(3)
	w.asks(501, 1, m)
	w.asks(502, 2, names("other"))
	ended := names("jbber")
	ended.State, ended.Ended = policy.Denied, minute(4)
	w.asks(503, 3, ended)
	elsewhere := names("jbber")
	elsewhere.Registry = "testpypi"
	w.asks(504, 4, elsewhere)
	w.same("others", w.others(505, 9, "jbber").List, []policy.Other{{
		IssueAt: policy.IssueAt{Repository: repository, Issue: 501}, Number: 1, Author: 1,
		Registry: "pypi", Account: "JBber", State: policy.Triage, Claimed: minute(3), Disputed: true,
	}})
	w.same("of itself", issues(w.others(501, 1, "jbber")), []int64(nil))
}

func findsOwn(w *world) {
	ended := names("jbber")
	ended.State, ended.Ended = policy.Denied, minute(4)
	w.asks(501, 1, ended)
	w.asks(502, 1, names("other"))
	w.asks(503, 1, policy.Memory{State: policy.Incomplete, Turn: policy.Requester})
	w.add(bot.Added, opened(504)) // no request yet
	w.same("own", issues(w.others(505, 1, "jbber")), []int64{501, 502, 503})
	w.same("own, with no account", issues(w.others(505, 1, "")), []int64{501, 502, 503})
}

// claimsOnce lets two requests begin that have both read that there is no other.
func claimsOnce(w *world) {
	w.add(bot.Added, opened(501), opened(502))
	first, second := decide(w.begin(501, start()), names("jbber")), decide(w.begin(502, start()), names("JBBER"))
	first.Others, second.Others = w.others(501, 1, "jbber"), w.others(502, 2, "jbber")
	w.must(w.Commit(w.ctx, second))
	w.fails(w.Commit(w.ctx, first), bot.ErrConflict)
	first.Others = w.others(501, 1, "jbber")
	w.same("seen the second time", issues(first.Others), []int64{502})
	w.must(w.Commit(w.ctx, first))
}

// claimsAtOnce lets two requests begin in two processes, again and again. One of
// the two has seen the other one in the end.
func claimsAtOnce(w *world) {
	for i := range 10 {
		a, b := int64(500+2*i), int64(501+2*i)
		account := string(rune('a' + i))
		w.add(bot.Added, opened(a), opened(b))
		var seen [2][]int64
		var errs [2]error
		var both sync.WaitGroup
		for n, issue := range []int64{a, b} {
			both.Go(func() { seen[n], errs[n] = w.claim(issue, account) })
		}
		both.Wait()
		w.must(errors.Join(errs[:]...))
		if !slices.Contains(seen[0], b) && !slices.Contains(seen[1], a) {
			w.Fatalf("round %d: %d saw %v and %d saw %v: they missed each other", i, a, seen[0], b, seen[1])
		}
	}
}

// claim decides until it meets no conflict, and returns what it saw the last
// time.
func (w *world) claim(issue int64, account string) ([]int64, error) {
	for {
		work, _, err := w.Begin(w.ctx, key(issue), start())
		if err != nil {
			return nil, err
		}
		of := policy.Same{Registry: "pypi", Account: account, Author: issue}
		found, err := w.Others(w.ctx, of, key(issue))
		if err != nil {
			return nil, err
		}
		found.Of = of
		r := decide(work, names(account))
		r.Others, r.Case.AuthorID = found, issue
		if err := w.Commit(w.ctx, r); !errors.Is(err, bot.ErrConflict) {
			return issues(found), err
		}
	}
}

func rouses(w *world) {
	w.asks(501, 1, names("jbber"))
	w.add(bot.Added, opened(502), opened(503))
	for _, issue := range []int64{502, 503} {
		r := decide(w.begin(issue, start()), names("jbber"))
		r.Decision.Rouse = []policy.IssueAt{{Repository: repository, Issue: 501}, {Repository: repository, Issue: 999}}
		w.must(w.Commit(w.ctx, r))
	}
	work := w.begin(501, start())
	if work.Delivery == nil || work.Delivery.Event != bot.OthersEvent {
		w.Fatalf("got %+v, want a look at the others", work.Delivery)
	}
	w.must(w.Commit(w.ctx, decide(work, work.Case.Memory)))
	w.idle(501, start(), time.Time{}) // two that rouse it at once are one look
}

func countsObjections(w *world) {
	object := func(m policy.Memory, by int64, o policy.Objection) policy.Memory {
		o.By = by
		m.Objections = append(slices.Clone(m.Objections), o)
		return m
	}
	count := func(by, but int64, want int) {
		w.Helper()
		n, err := w.Objections(w.ctx, by, key(but))
		w.must(err)
		w.same("objections", n, want)
	}
	w.asks(501, 1, object(names("a"), 7, policy.Objection{}))
	w.asks(502, 2, object(object(names("b"), 7, policy.Objection{}), 8, policy.Objection{Mail: true}))
	w.asks(503, 3, object(names("c"), 7, policy.Objection{Closed: true}))
	count(7, 999, 2)
	count(7, 502, 1)
	count(8, 999, 0)
	ended := w.find(501).Memory
	ended.State = policy.Denied
	w.add(bot.Added, commented(501, 7001, 1))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(2)), ended)))
	count(7, 999, 1)
}

// sparesOthers: one author's many requests are one, so that they hide nobody's,
// nor the one of their own to which somebody objected.
func sparesOthers(w *world) {
	objected := names("gone")
	objected.State, objected.Ended, objected.Objections = policy.Withdrawn, minute(4), []policy.Objection{{By: 7}}
	w.asks(499, 66, objected)
	for i := range int64(40) {
		w.asks(500+i, 66, names("jbber"))
	}
	w.asks(590, 77, names("jbber"))
	w.same("others", issues(w.others(595, 1, "jbber")), []int64{500, 590})
	own := issues(w.others(595, 66, "x"))
	if n := len(own); n > 30 || !slices.Contains(own, 499) {
		w.Errorf("%d of one author are read, want 30 at most, with the one that somebody objects to: %v", n, own)
	}
}
