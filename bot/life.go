package bot

import (
	"context"
	"errors"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// What a repository can be. While it is not active, all work there waits.
const (
	StateActive    = "active"
	StateSuspended = "suspended" // the installation is
	StateRemoved   = "removed"   // the App is not installed there, or there is no such repository
	StateArchived  = "archived"  // nobody can write
	StateNoIssues  = "no-issues" // issues are switched off; they come back as they were
	StateGone      = "gone"      // it was deleted
)

// Active reports whether something can be done in the repository. One of which
// no state is known yet may be.
func (r Repository) Active() bool { return r.State == StateActive || r.State == "" }

// Closed is a repository in which nothing can be done.
type Closed struct {
	Repository
	Since time.Time // zero: it never was otherwise
}

// How often a repository itself is looked at: for its visibility, which no
// call tells, and after a failure that may come of what it has become.
const (
	lookDaily  = 24 * time.Hour
	lookHourly = time.Hour // without webhooks
	lookFailed = 10 * time.Minute
	shutSeldom = time.Hour // between two looks at one that is not active
)

// renew asks GitHub what a repository is now, and tells the operator once of
// what became of it.
func (b *Bot) renew(ctx context.Context, r Repository) (Repository, error) {
	found, err := b.GitHub.LookUp(ctx, repositoryRef(r))
	if err != nil {
		return r, err
	}
	if err := b.Heard(ctx, found); err != nil {
		return r, err
	}
	return b.Store.Repository(ctx, r.ID)
}

// Heard stores what became of a repository: ID and State, and, where Owner is
// set, Name, Installation and Private. One that is not known is left alone.
func (b *Bot) Heard(ctx context.Context, r Repository) error {
	was, err := b.Store.Renew(ctx, r, b.Clock())
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.Owner != "" {
		b.mu.Lock()
		b.at[r.ID] = r.Installation
		b.mu.Unlock()
	}
	name := was.Owner + "/" + was.Name
	switch {
	case was.State == StateGone && r.State == StateRemoved:
	case was.Active() && r.State != StateActive:
		b.Log.Warn("nothing can be done in a repository any more: all work there waits until that is mended", "repository", name, "state", r.State)
	case !was.Active() && r.State == StateActive:
		b.Log.Info("a repository is back: its past is read first", "repository", name, "was", was.State)
	case was.State != r.State:
		b.Log.Info("a repository is in another state", "repository", name, "was", was.State, "state", r.State)
	}
	if r.Owner != "" && (r.Owner != was.Owner || r.Name != was.Name) {
		b.Log.Info("a repository has another name", "repository", name, "now", r.Owner+"/"+r.Name)
	}
	return nil
}

// Told is Heard for what a webhook said, which may be days old: GitHub is asked
// at once what is so now, and that nobody else can read a repository any more
// is believed only of that answer.
func (b *Bot) Told(ctx context.Context, r Repository) error {
	known, err := b.Store.Repository(ctx, r.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r.Private = r.Private && known.Private
	if err := b.Heard(ctx, r); err != nil {
		return err
	}
	return b.Store.Hurry(ctx, r.ID)
}

// Changed lets the repositories of the policy among ids, and those of the
// installation, be looked at at once: something became of them.
func (b *Bot) Changed(ctx context.Context, installation int64, ids []int64) error {
	known := map[int64]bool{}
	for _, id := range ids {
		known[id] = true
	}
	var all []int64
	for _, s := range b.sources() {
		if known[s.ID] || installation != 0 && b.Installation(s.ID) == installation {
			all = append(all, s.ID)
		}
	}
	return b.Store.Hurry(ctx, all...)
}

// Installed reports whether an installation is a repository's, as far as any
// process knows. If not, GitHub will be asked: it may have been transferred.
func (b *Bot) Installed(ctx context.Context, repository, installation int64) (bool, error) {
	r, err := b.Store.Repository(ctx, repository)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	b.mu.Lock()
	b.at[repository] = r.Installation
	b.mu.Unlock()
	if r.Installation == installation {
		return true, nil
	}
	return false, b.Store.Hurry(ctx, repository)
}

// shut reports whether an error comes of what became of the whole repository,
// rather than of the one thing that was asked for.
func (b *Bot) shut(ctx context.Context, repository int64, cause error) (bool, error) {
	r, err := b.Store.Repository(ctx, repository)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch ClassOf(cause) {
	case Forbidden:
		if b.Clock().Sub(r.Looked) < lookFailed {
			return !r.Active(), nil // the App's rights, most likely
		}
	case GoneAway, Missing:
	default:
		return false, nil
	}
	r, err = b.renew(b.listening(ctx), r)
	return !r.Active(), err
}

// attend looks at a repository itself before a pass, if it is time, and
// reports whether there is anything to read there.
func (b *Bot) attend(ctx context.Context, s source, r Repository) (Repository, bool, error) {
	every := lookDaily
	if b.Poll > 0 {
		every = lookHourly
	}
	if !r.Active() || r.Looked.IsZero() || b.Clock().Sub(r.Looked) >= every {
		var err error
		if r, err = b.renew(ctx, r); err != nil || !r.Active() {
			return r, false, err
		}
	}
	if !r.Started.IsZero() {
		return r, true, nil
	}
	if err := s.start(ctx, s.Repository); err != nil { // the App came to it while we ran
		return r, false, err
	}
	r, err := b.Store.Repository(ctx, r.ID)
	return r, err == nil, err
}

// resting is the end of a pass over a repository in which there is nothing to
// read: nobody asks again and again.
func (b *Bot) resting(r Repository) Pass {
	p := Pass{Repository: r.ID, Was: r.Passes.Due, Now: b.Clock(), Passes: r.Passes}
	p.Every = min(max(2*r.Passes.Every, shortly), shutSeldom)
	p.Due = p.Now.Add(p.Every)
	return p
}

// await remembers a repository of the policy that the App cannot reach yet.
func (b *Bot) await(ctx context.Context, r policy.Repository) error {
	b.Log.Warn("GitHub does not show a repository of the policy to the App: it is served as soon as the App is installed there",
		"repository", r.Owner+"/"+r.Name)
	return b.Store.SaveRepository(ctx, Repository{ID: r.ID, Owner: r.Owner, Name: r.Name, State: StateRemoved})
}
