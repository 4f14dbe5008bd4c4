package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// The times of the passes. The first ones after a start or any trouble are
// close, so that a webhook that does not come is noticed within a quarter of
// an hour; each that finds nothing missing doubles the time to the next. Six
// passes a day with two calls, and one call at a desk, are what a calm day of
// a large tracker may cost.
const (
	overlap = 10 * time.Minute // how far a pass reaches back over the last one
	shortly = 5 * time.Minute
	seldom  = 4 * time.Hour
	// passLimit ends a pass: below the time that the job has for all of them.
	passLimit = 8 * time.Minute

	pinned   = time.Hour          // how long a pass asks for the same list, although there was something in it
	longDown = 2 * 24 * time.Hour // GitHub keeps deliveries for three
)

// source is something that passes read: a repository that is served, or a desk.
type source struct {
	policy.Repository
	read  func(context.Context, *reading) error
	start func(context.Context, policy.Repository) error
	name  string
}

// reading is a pass on its way.
type reading struct {
	Repository
	began  time.Time
	since  time.Time // what was before is known
	window Window    // of the list to ask for; then, of the next one
	added  int       // deliveries
	missed int       // of them, those that a webhook should have brought
}

func (b *Bot) sources() []source {
	var all []source
	for _, r := range b.Rules.Repositories {
		all = append(all, source{r, b.readIssues, b.startRepository, fmt.Sprintf("%s/%s", r.Owner, r.Name)})
	}
	for _, r := range b.desks() {
		all = append(all, source{r, b.readDesk, b.startDesk, fmt.Sprintf("the desk %s/%s", r.Owner, r.Name)})
	}
	return all
}

// Reconcile reads everywhere what changed since the last pass, so that a
// webhook that never came is made good. A repository that can't be read does
// not stop the others.
func (b *Bot) Reconcile(ctx context.Context) error {
	return b.reconcile(ctx, b.sources())
}

// Passes is Reconcile where a pass is due: it is called often, and asks GitHub
// nothing where none is.
func (b *Bot) Passes(ctx context.Context) error {
	b.quiet.drop(b.Clock())
	due, err := b.Store.DuePasses(ctx, b.Clock())
	if err != nil {
		return err
	}
	sources := slices.DeleteFunc(b.sources(), func(s source) bool { return !slices.Contains(due, s.ID) })
	slices.SortStableFunc(sources, func(a, b source) int { return slices.Index(due, a.ID) - slices.Index(due, b.ID) })
	return b.reconcile(ctx, sources)
}

func (b *Bot) reconcile(ctx context.Context, sources []source) error {
	if may, err := b.may(ctx, Mode.Works); !may {
		return err
	}
	var errs []error
	for _, s := range sources {
		if err := b.passAlone(ctx, s); err != nil {
			errs = append(errs, fmt.Errorf("reconciling %s: %w", s.name, err))
		}
	}
	return errors.Join(errs...)
}

// passAlone is pass, so that it cannot stop the passes of others: one that
// takes too long comes after theirs the next time.
func (b *Bot) passAlone(ctx context.Context, s source) error {
	limited, done := context.WithTimeout(ctx, passLimit)
	defer done()
	err := b.pass(limited, s)
	if ctx.Err() != nil || err == nil || limited.Err() == nil {
		return err
	}
	r, loadErr := b.Store.Repository(ctx, s.ID)
	if loadErr != nil {
		return errors.Join(err, loadErr)
	}
	return errors.Join(err, b.Store.EndPass(ctx, b.failed(r, err)))
}

// pass reads one source, and stores how far it came only when all of it is
// stored that it found.
func (b *Bot) pass(ctx context.Context, s source) error {
	r, err := b.Store.Repository(ctx, s.ID)
	if err != nil {
		return err
	}
	if ctx, err = b.visit(ctx, r.Installation, policy.NewRequest); errors.Is(err, ErrResting) {
		return b.Store.EndPass(ctx, b.failed(r, err))
	}
	if err != nil {
		return err
	}
	r, open, err := b.attend(ctx, s, r)
	if err != nil {
		return errors.Join(err, b.Store.EndPass(ctx, b.failed(r, err)))
	}
	if !open {
		return b.Store.EndPass(ctx, b.resting(r))
	}
	run := &reading{Repository: r, began: b.Clock(), since: r.known().Add(-overlap), window: r.Passes.Window}
	if run.window.Since.IsZero() {
		run.window = Window{Since: run.since}
	}
	if err := s.read(ctx, run); err != nil {
		closed, lookErr := b.shut(ctx, r.ID, err)
		if closed {
			return b.Store.EndPass(ctx, b.resting(r))
		}
		return errors.Join(err, lookErr, b.Store.EndPass(ctx, b.failed(r, err)))
	}
	if run.missed > 0 && b.Poll == 0 {
		b.Log.Warn("a pass found what no webhook had brought: does GitHub reach the webhook's address?",
			"repository", r.Owner+"/"+r.Name, "missed", run.missed)
	}
	now, every := b.Clock(), b.every(run)
	return b.Store.EndPass(ctx, Pass{
		Repository: r.ID, Was: r.Passes.Due, Mark: run.began, Now: now,
		Passes: Passes{Window: run.next(), Every: every, Due: now.Add(every)},
	})
}

// known is the time before which everything was seen.
func (r Repository) known() time.Time {
	if r.Mark.IsZero() {
		return r.Started
	}
	return r.Mark
}

// every is the time to the next pass.
func (b *Bot) every(run *reading) time.Duration {
	last := run.Passes.Every
	switch {
	case b.Poll > 0:
		return b.Poll
	case last < shortly, run.missed > 0:
		return shortly
	}
	return min(2*last, seldom)
}

// failed is the end of a pass that was not finished.
func (b *Bot) failed(r Repository, cause error) Pass {
	now, wait := b.Clock(), shortly
	if b.Poll > 0 {
		wait = b.Poll
	}
	p := Pass{Repository: r.ID, Was: r.Passes.Due, Now: now, Passes: r.Passes}
	p.Every, p.Due = 0, now.Add(max(wait, retryAfter(cause)))
	p.Behind = r.Passes.Behind || now.Sub(r.known()) > seldom+overlap
	return p
}

// asked remembers the answer to a question with so many entries. While a list
// stays what it is, the same question is cheap; one with something in it would
// only grow.
func (run *reading) asked(w Window, entries int) {
	if run.window = w; entries > 0 && run.began.Sub(w.Since) > pinned {
		run.window.ETag = ""
	}
}

// next is the window of the next pass: the same one until something is new.
func (run *reading) next() Window {
	if run.added > 0 || run.window.ETag == "" {
		return Window{}
	}
	return run.window
}

// readIssues stores a delivery for each request and each comment that is news.
func (b *Bot) readIssues(ctx context.Context, run *reading) error {
	issues, window, err := b.GitHub.IssuesSince(ctx, repositoryRef(run.Repository), run.window)
	same := errors.Is(err, ErrUnchanged)
	if err != nil && !same {
		return err
	}
	run.asked(window, len(issues))
	if run.began.Sub(run.known()) > longDown {
		if issues, err = b.whole(ctx, run, issues); err != nil {
			return err
		}
	}
	requests, newer, err := b.missed(ctx, run, issues)
	if err != nil {
		return err
	}
	if len(requests) > 0 {
		if err := b.missedComments(ctx, run, requests); err != nil {
			return err
		}
	}
	// Last: it makes the issue known, and what is known is not looked at by
	// the next pass, if this one fails.
	for _, n := range newer {
		if err := b.news(ctx, run, n); err != nil {
			return err
		}
	}
	return nil
}

// news is a delivery that a pass found.
type news struct {
	Delivery
	issue policy.Issue
	since time.Time // when its webhook was due; zero: there may have been none
}

// news stores a delivery. One of a moment ago may still be on its way.
func (b *Bot) news(ctx context.Context, run *reading, n news) error {
	out, err := b.Store.AddDelivery(ctx, b.found(run.Repository, n.issue, n.Delivery))
	if err != nil || out != Added {
		return err
	}
	run.added++
	if !n.since.IsZero() && run.began.Sub(n.since) > young {
		run.missed++
	}
	return nil
}

// missed returns the issues that are known or look like requests, by number: a
// comment may be missed on any of them, for our own later write makes what is
// known of an issue newer than the comment. And it returns news of those of
// them that are newer than what is known.
func (b *Bot) missed(ctx context.Context, run *reading, issues []policy.Issue) (requests map[int]policy.Issue, newer []news, err error) {
	requests = map[int]policy.Issue{}
	for _, i := range issues {
		newest, err := b.Store.NewestSeen(ctx, CaseKey{Repository: run.ID, Issue: i.ID})
		if err != nil {
			return nil, nil, err
		}
		if newest.IsZero() && !b.Rules.Candidate(i) {
			continue
		}
		requests[i.Number] = i
		if i.UpdatedAt.After(newest) {
			n := news{Delivery: Delivery{Event: "reconcile", Action: "seen"}, issue: i}
			if newest.IsZero() {
				n.since = i.CreatedAt // of what makes a known one newer, some is told by no webhook
			}
			newer = append(newer, n)
		}
	}
	return requests, newer, nil
}

// missedComments stores a delivery for each comment of these issues, the
// oldest first. One that a webhook brought is known by its id, and counts once.
func (b *Bot) missedComments(ctx context.Context, run *reading, requests map[int]policy.Issue) error {
	comments, _, err := b.GitHub.CommentsSince(ctx, repositoryRef(run.Repository), Window{Since: run.since})
	if err != nil {
		return err
	}
	if err := b.rewritten(ctx, run, edited{comments, requests}); err != nil {
		return err
	}
	for _, c := range b.byPeople(comments, run.since) {
		i, ok := requests[c.Issue]
		if !ok {
			continue
		}
		if err := b.news(ctx, run, news{Delivery: b.created(c), issue: i, since: c.CreatedAt}); err != nil {
			return err
		}
	}
	return nil
}

// byPeople returns the comments that people wrote since a time, the oldest
// first.
func (b *Bot) byPeople(comments []IssueComment, since time.Time) []IssueComment {
	all := slices.DeleteFunc(slices.Clone(comments), func(c IssueComment) bool {
		return c.Author.Bot || b.Rules.Ignores(c.Author.ID) || c.App != 0 || c.CreatedAt.Before(since)
	})
	slices.SortStableFunc(all, func(a, b IssueComment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all
}

// readDesk stores a delivery for each command at a desk that is news. The
// store knows the requests' issues there by their numbers.
func (b *Bot) readDesk(ctx context.Context, run *reading) error {
	comments, window, err := b.GitHub.CommentsSince(ctx, repositoryRef(run.Repository), run.window)
	if errors.Is(err, ErrUnchanged) {
		return nil
	}
	if err != nil {
		return err
	}
	run.asked(window, len(comments))
	for _, c := range b.byPeople(comments, run.since) {
		n := news{Delivery: b.created(c), issue: policy.Issue{Number: c.Issue}, since: c.CreatedAt}
		if n.Desk = true; !n.Command {
			continue
		}
		if err := b.news(ctx, run, n); err != nil {
			return err
		}
	}
	return nil
}
