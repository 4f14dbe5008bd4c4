package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// Reminders and ends fall due in crowds, by the sweep, and on issues that
// nobody has touched for long. One list of those shows what a look at each
// would: for a single one that is due it costs as much as the look, one call.
const (
	quietLife = time.Minute // how long a list is believed
	quietRest = time.Hour   // how long none is asked for, after one that did not help
	maxQuiet  = 8           // lists at once in memory
	quietText = 16 << 10    // bytes of a text that is kept so long: an issue with more is looked at
)

// quietKey is what a list is of.
type quietKey struct {
	repository int64
	label      string
}

// quietPage is the answer to one call. It is never changed.
type quietPage struct {
	asked  time.Time // before the call
	issues map[int64]policy.Issue
}

// quietList is what is known of one list. Its fields are guarded by
// quietLists.mu, but for asking.
type quietList struct {
	asking sync.Mutex // held while GitHub is asked: who wants the same list waits for it
	users  int        // while there are some, the list is not forgotten
	page   *quietPage // nil: none
	rest   time.Time  // none is asked for before
}

// quietLists lie in memory alone, and are dropped by the first work after their
// minute. The zero value has none.
type quietLists struct {
	mu    sync.Mutex
	known map[quietKey]*quietList
}

// take returns a list to use until leave, nil where there are too many.
func (q *quietLists) take(key quietKey, now time.Time) *quietList {
	q.drop(now)
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.known[key]
	switch {
	case l != nil:
	case len(q.known) >= maxQuiet:
		return nil
	case q.known == nil:
		q.known = map[quietKey]*quietList{}
		fallthrough
	default:
		l = &quietList{}
		q.known[key] = l
	}
	l.users++
	return l
}

func (q *quietLists) leave(l *quietList) { q.change(l, func(l *quietList) { l.users-- }) }

// drop forgets what is not believed any more.
func (q *quietLists) drop(now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for key, l := range q.known {
		if !l.page.fresh(now) {
			l.page = nil
		}
		if l.page == nil && l.users == 0 && !now.Before(l.rest) {
			delete(q.known, key)
		}
	}
}

// fresh reports whether a page is younger than a minute. The clock may have
// gone back.
func (p *quietPage) fresh(now time.Time) bool {
	return p != nil && !now.Before(p.asked) && now.Sub(p.asked) < quietLife
}

// read returns what is known of a list, and whether it may be asked for.
func (q *quietLists) read(l *quietList, now time.Time) (page *quietPage, may bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.page.fresh(now) {
		return l.page, false
	}
	return nil, !now.Before(l.rest)
}

func (q *quietLists) change(l *quietList, do func(*quietList)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	do(l)
}

// snapshot is a case's issue: from a list, where only time wants to know and
// the list shows what a look would; else it is read.
func (b *Bot) snapshot(ctx context.Context, w *Work) (policy.Issue, error) {
	if issue, ok, err := b.listed(ctx, w); ok || err != nil {
		return issue, err
	}
	return b.GitHub.Issue(ctx, w.Case.Ref) //nolint:wrapcheck // its class is what counts
}

// listed takes a case's issue from a list. It is for a tick of a request that
// waits for nothing but its requester's reminder or end, and only where nothing
// has happened to it of late by what is known: an event or a write of the last
// minute, the list may not show.
func (b *Bot) listed(ctx context.Context, w *Work) (policy.Issue, bool, error) {
	c, now := w.Case, b.Clock()
	m := c.Memory
	known := c.NewestSeen
	if c.LastWrite.After(known) {
		known = c.LastWrite
	}
	if w.Delivery != nil || w.Shadow || m.Label == "" || !m.Lapses(now) || pending(c.Pending) || now.Sub(known) < young {
		return policy.Issue{}, false, nil
	}
	key := quietKey{repository: c.Ref.Repository, label: m.Label}
	l := b.quiet.take(key, now)
	if l == nil {
		return policy.Issue{}, false, nil
	}
	defer b.quiet.leave(l)
	page, err := b.quietPage(ctx, l, w)
	if page == nil || err != nil {
		return policy.Issue{}, false, err
	}
	issue, ok := page.issues[c.Ref.Issue]
	if !ok { // of too many it is not among the first ones, or it is not what it was: the next list would not help either
		b.quiet.change(l, func(l *quietList) { l.rest = now.Add(quietRest) })
	}
	same := ok && issue.Open && issue.Number == c.Ref.Number && issue.HasLabel(m.Label)
	return issue, same && !issue.UpdatedAt.Before(c.NewestSeen) && page.asked.Sub(known) >= young, nil
}

// quietPage returns a list, from memory or from GitHub; nil where the issue is
// to be looked at instead. An error is one after which the look would fail, too.
func (b *Bot) quietPage(ctx context.Context, l *quietList, w *Work) (*quietPage, error) {
	l.asking.Lock()
	defer l.asking.Unlock()
	now := b.Clock()
	page, may := b.quiet.read(l, now)
	if !may {
		return page, nil
	}
	r := w.Case.Ref
	r.Issue, r.Number = 0, 0
	found, err := b.GitHub.QuietIssues(ctx, r, w.Case.Memory.Label)
	if err == nil {
		page = &quietPage{asked: now, issues: make(map[int64]policy.Issue, len(found))}
		for _, i := range found {
			if len(i.Body) <= quietText {
				page.issues[i.ID] = i
			}
		}
		b.quiet.change(l, func(l *quietList) { l.page = page })
		return page, nil
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Limit == "" && ctx.Err() == nil {
		b.quiet.change(l, func(l *quietList) { l.rest = now.Add(quietRest) })
	}
	switch ClassOf(err) {
	case Transient, Forbidden:
		return nil, err
	default:
		return nil, nil //nolint:nilnil // the look says what is wrong
	}
}
