package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// Start looks up who the bot is and what it serves, and asks whether it may
// begin. It reads GitHub and writes nothing there; after a change of the policy
// each open request gets its new wake time. Its error says what the
// operator has to mend; one of class Transient may pass, but for ErrOther.
// Called again after an error, it looks up only what it could not before. In
// ModeStop it asks nothing, and returns ErrStopped.
func (b *Bot) Start(ctx context.Context) error {
	if may, err := b.may(ctx, Mode.Works); err != nil {
		return err
	} else if !may {
		return errors.Join(ErrStopped, b.Recall(ctx))
	}
	if err := b.startAll(ctx); err != nil {
		return err
	}
	// Only now: an installation's token reads the bot's user everywhere.
	self, err := b.GitHub.Self(ctx)
	if err != nil {
		return fmt.Errorf("asking GitHub who the App is: %w", err)
	}
	if err := b.rewake(ctx); err != nil {
		return err
	}
	if err := b.fallBehind(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.self, b.looked = self, nil
	return nil
}

// startAll looks everything up that the policy names. What cannot be reached
// now, but could before, stops nobody; nor does what the App is not installed
// on yet, where it is elsewhere: it is served once that is mended.
func (b *Bot) startAll(ctx context.Context) error {
	failed, passing := error(nil), []error(nil)
	var absent []source
	n := len(b.Rules.Repositories)
	all := b.sources()
	for _, s := range slices.Concat(all[n:], all[:n]) { // desks first
		err := b.startOnce(ctx, s)
		switch class := ClassOf(err); {
		case err == nil:
		case class == Missing && b.knows(ctx, s.ID) != nil:
			absent, failed = append(absent, s), err
		case mayBeItsOwn(err) && len(passing) < startFailures:
			passing = append(passing, err)
		default:
			return err
		}
	}
	if len(passing) > 0 {
		return passing[0] // the others are tried with it
	}
	if len(absent) == len(all) {
		return failed
	}
	for _, s := range absent {
		if err := b.await(ctx, s.Repository); err != nil {
			return err
		}
	}
	return nil
}

// startFailures is after how many failures a start stops to ask: GitHub is
// down then, not a call lost.
const startFailures = 2

// startOnce is startSource, for what this start has not looked up yet.
func (b *Bot) startOnce(ctx context.Context, s source) error {
	if b.looked[s.ID] {
		return nil
	}
	if err := b.startSource(ctx, s); err != nil {
		return fmt.Errorf("looking up %s: %w", s.name, err)
	}
	if b.looked == nil {
		b.looked = map[int64]bool{}
	}
	b.looked[s.ID] = true
	return nil
}

// mayBeItsOwn reports whether an error may be that of one call, so that it is
// worth to make others: GitHub does not ask to wait.
func mayBeItsOwn(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Class == Transient && e.Limit == "" && e.RetryAfter == 0 && e.Cause == ""
}

// knows returns ErrNotFound for a repository that the bot has never served.
func (b *Bot) knows(ctx context.Context, id int64) error {
	r, err := b.Store.Repository(ctx, id)
	if err == nil && r.Started.IsZero() {
		return ErrNotFound
	}
	return err
}

// startSource renews what is known of a repository, by its id if it was served
// before: its name may be another one now, or another's.
func (b *Bot) startSource(ctx context.Context, s source) error {
	if err := b.knows(ctx, s.ID); err != nil {
		return s.start(ctx, s.Repository)
	}
	r, err := b.Store.Repository(ctx, s.ID)
	if err != nil {
		return err
	}
	was := r.State
	if r, err = b.renew(ctx, r); err != nil {
		return err
	}
	if !r.Active() {
		if was == r.State { // it was told when it became so, by another process
			b.Log.Warn("nothing can be done in a repository: all work there waits until that is mended", "repository", r.Owner+"/"+r.Name, "state", r.State)
		}
		return nil
	}
	s.Owner, s.Name = r.Owner, r.Name
	return s.start(ctx, s.Repository)
}

// fallBehind lets time wait everywhere until a pass has read what happened
// while nobody listened.
func (b *Bot) fallBehind(ctx context.Context) error {
	var ids []int64
	for _, s := range b.sources() {
		r, err := b.Store.Repository(ctx, s.ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if !r.Mark.IsZero() {
			ids = append(ids, r.ID)
		}
	}
	return b.Store.FallBehind(ctx, ids...)
}

// ReadTeams reads each team of the policy, after Start, and warns of one that
// cannot be read: until it can, commands of staff wait.
func (b *Bot) ReadTeams(ctx context.Context) {
	installation := b.Installation(b.Rules.Repositories[0].ID)
	for _, t := range b.Rules.Teams() {
		if _, err := b.members(ctx, installation, t); err != nil {
			b.Log.Warn("a team cannot be read, and commands of staff wait: compare its name and ids with `recoverybot check --github`, and look whether the App may read members",
				"team", t.String(), "class", describe(err))
		}
	}
}

// startRepository renews what is known of a repository.
func (b *Bot) startRepository(ctx context.Context, r policy.Repository) error {
	found, err := b.GitHub.FindRepository(ctx, r.Owner, r.Name)
	if err != nil {
		return err
	}
	if found.ID != r.ID {
		return fmt.Errorf("the policy says id %d, GitHub says %d: %w", r.ID, found.ID, ErrOther)
	}
	b.mu.Lock()
	b.at[r.ID] = found.Installation
	b.mu.Unlock()
	known, err := b.Store.Repository(ctx, r.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if found.State != known.State && !known.Started.IsZero() {
		found.State = known.State // only Renew changes it: work waits there
	}
	found.Started, found.Mark, found.Batch, found.Adoption = known.Started, known.Mark, known.Batch, known.Adoption
	if r.Desk != nil {
		found.Desk = r.Desk.ID
	}
	if found.Started.IsZero() {
		// GitHub tells times in whole seconds: what is filed in this one is not old.
		found.Started = b.Clock().Truncate(time.Second)
	}
	chosen := b.Rules.Start.Old
	if chosen.Choice == "" && found.Adoption.Choice == "" {
		if err := b.undecided(ctx, &found); err != nil {
			return err
		}
	}
	if err := b.Store.SaveRepository(ctx, found); err != nil || chosen.Choice == "" || chosen == found.Adoption {
		return err
	}
	return b.Store.Adopt(ctx, r.ID, chosen, b.Clock())
}

// undecided holds a repository where old requests are open and the operator
// has not said what becomes of them.
func (b *Bot) undecided(ctx context.Context, r *Repository) error {
	old, err := b.OldRequests(ctx, *r)
	if err != nil {
		return err
	}
	if r.Held = len(old) > 0; !r.Held {
		r.Adoption = policy.Adoption{Choice: "new"}
		return nil
	}
	b.Log.Warn("open requests are older than the bot: nothing is written to GitHub before you choose with `recoverybot adopt`",
		"repository", r.Owner+"/"+r.Name, "open_requests", len(old))
	return nil
}

// OldRequests lists the open requests that are older than the start, oldest
// first.
func (b *Bot) OldRequests(ctx context.Context, r Repository) ([]policy.Issue, error) {
	issues, err := b.GitHub.OpenIssues(ctx, repositoryRef(r), "")
	if err != nil {
		return nil, err
	}
	start := b.startOf(r)
	var old []policy.Issue
	for _, i := range issues {
		i.Public = !r.Private
		if i.CreatedAt.Before(start) && b.Rules.Candidate(i) {
			old = append(old, i)
		}
	}
	return old, nil
}

func repositoryRef(r Repository) Ref {
	return Ref{CaseKey: CaseKey{Repository: r.ID}, Installation: r.Installation, Owner: r.Owner, Name: r.Name}
}

// adopt hands over the old requests that the operator's choice allows now.
func (b *Bot) adopt(ctx context.Context, r Repository) error {
	if !r.Active() {
		return nil
	}
	limit := 0
	switch r.Adoption.Choice {
	case "all":
		if !r.Batch.IsZero() {
			return nil
		}
	case "oldest":
		if b.Clock().Sub(r.Batch) < 24*time.Hour {
			return nil
		}
		limit = r.Adoption.PerDay
	default:
		return nil
	}
	asking, err := b.visit(ctx, r.Installation, policy.Reminding)
	if err != nil {
		return err
	}
	old, err := b.OldRequests(asking, r)
	if err != nil {
		return err
	}
	added := 0
	for _, i := range old {
		if limit > 0 && added == limit {
			break
		}
		out, err := b.Store.AddDelivery(ctx, b.found(r, i, Delivery{Event: "adopt", Action: "adopt"}))
		if err != nil {
			return err
		}
		if out == Added {
			added++
		}
	}
	r.Batch = b.Clock()
	b.Log.Info("old requests taken over", "repository", r.Owner+"/"+r.Name, "count", added)
	return b.Store.SaveRepository(ctx, r)
}

// found completes a delivery that no webhook brought: d says what was found by
// reading, of an issue. Its GUID is the same whenever the same thing is found.
func (b *Bot) found(r Repository, i policy.Issue, d Delivery) Delivery {
	d.Ref = repositoryRef(r)
	d.Ref.Issue, d.Ref.Number = i.ID, i.Number
	d.Private, d.AuthorID, d.ReceivedAt = r.Private, i.Author.ID, b.Clock()
	if d.ObjectID == 0 {
		d.ObjectID, d.ObjectUpdatedAt = i.ID, i.UpdatedAt
	}
	if d.GUID == "" {
		d.GUID = fmt.Sprintf("%s:%s:%d", d.Event, d.Action, d.ObjectID)
		if d.Event == "reconcile" {
			d.GUID += fmt.Sprintf(":%d", i.UpdatedAt.Unix())
		}
	}
	d.Digest = Digest(d.GUID)
	return d
}
