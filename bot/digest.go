package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// Digest tells each desk how its requests stand, once for each time of the
// policy's schedule, and the log of those that have no desk. One that was
// missed is told late, and the first time is the first after the first call.
// The cron schedule calls it, and the start.
func (b *Bot) Digest(ctx context.Context, now time.Time) error {
	if b.Rules.DigestSchedule() == nil {
		return nil
	}
	if may, err := b.may(ctx, writes); !may {
		return err
	}
	circles, err := b.circles(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range circles {
		err := b.digest(ctx, c, now)
		if errors.Is(err, ErrConflict) {
			err = nil // another one has told it
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// circle is a desk with the repositories that it is of.
type circle struct {
	desk *policy.Repository // nil: they have none
	of   map[int64]Repository
}

func (c circle) id() int64 {
	if c.desk == nil {
		return 0
	}
	return c.desk.ID
}

// circles returns the desks in the policy's order. A repository in which
// nothing is written before the operator has chosen is left out.
func (b *Bot) circles(ctx context.Context) ([]circle, error) {
	var all []circle
	for _, r := range b.Rules.Repositories {
		known, err := b.Store.Repository(ctx, r.ID)
		switch {
		case errors.Is(err, ErrNotFound): // and no case of it is
		case err != nil:
			return nil, fmt.Errorf("reading a repository: %w", err)
		case known.Held:
			continue
		}
		c := circle{desk: r.Desk, of: map[int64]Repository{}}
		i := slices.IndexFunc(all, func(o circle) bool { return o.id() == c.id() })
		if i < 0 {
			i, all = len(all), append(all, c)
		}
		all[i].of[r.ID] = known
	}
	return all, nil
}

// digest tells one desk, if it is time.
func (b *Bot) digest(ctx context.Context, c circle, now time.Time) error {
	last, err := b.Store.Told(ctx, c.id())
	if err != nil {
		return err
	}
	if last.At.IsZero() { // nothing was missed before the bot was there
		return b.Store.Tell(ctx, Told{Desk: c.id(), At: now, Until: now}, nil)
	}
	at := b.Rules.DigestDue(last.At, now)
	if at.IsZero() {
		return nil
	}
	n, err := b.numbers(ctx, c, span{last.Until, now})
	if err != nil {
		return err
	}
	told := Told{Desk: c.id(), At: at, Until: now}
	effects := b.Rules.TellDigest(n, at)
	if c.desk != nil || len(effects) == 0 {
		return b.Store.Tell(ctx, told, effects)
	}
	if err := b.Store.Tell(ctx, told, nil); err != nil {
		return err
	}
	b.logDigest(n)
	return nil
}

// span is a time in which requests end.
type span struct{ since, until time.Time }

// numbers counts the requests of a desk.
func (b *Bot) numbers(ctx context.Context, c circle, s span) (policy.DigestNumbers, error) {
	open, err := b.Store.Cases(ctx)
	if err != nil {
		return policy.DigestNumbers{}, err
	}
	ended, err := b.Store.Ended(ctx, s.since)
	if err != nil {
		return policy.DigestNumbers{}, err
	}
	// An ended one with a late reply is among the open ones, too.
	open = slices.DeleteFunc(open, func(k Case) bool { return !k.Memory.State.Open() })
	var cases []policy.DigestCase
	for _, k := range append(open, ended...) {
		if r, ok := c.of[k.Ref.Repository]; ok {
			issue := fmt.Sprintf("%s/%s#%d", r.Owner, r.Name, k.Ref.Number)
			cases = append(cases, policy.DigestCase{Issue: issue, Memory: k.Memory})
		}
	}
	n := b.Rules.Digest(cases, s.since, s.until)
	known, err := b.forecast(ctx)
	if err != nil {
		return policy.DigestNumbers{}, err
	}
	n.Forecast = b.Rules.KindForecasts(known)
	return n, nil
}

// logDigest tells the operator what no desk hears: the numbers alone.
func (b *Bot) logDigest(n policy.DigestNumbers) {
	ended := 0
	for _, e := range n.Ended {
		ended += e.Count
	}
	b.Log.Info("digest of the requests without a desk", "in_time", n.Under, "over", n.Over, "over_twice", n.OverTwice,
		"overdue", n.Overdue, "requesters", n.Them, "clock", n.Clock, "paused", n.Held, "snoozed", n.Snoozed, "ended", ended)
}

// Outlook is what the next digest of a desk would say now.
type Outlook struct {
	Desk *policy.Repository // nil: of the repositories without one
	At   time.Time          // when it comes; zero: never, by this policy
	Text string             // "" where there is nothing to say
}

// NextDigests returns what the next digests would say now, in the policy's
// order. It writes nothing and asks GitHub nothing. since is from when on ended
// requests count; zero: since the last digest, or for a day where there was
// none.
func (b *Bot) NextDigests(ctx context.Context, since time.Time) ([]Outlook, error) {
	circles, err := b.circles(ctx)
	if err != nil {
		return nil, err
	}
	now := b.Clock()
	var all []Outlook
	for _, c := range circles {
		o := Outlook{Desk: c.desk}
		if s := b.Rules.DigestSchedule(); s != nil {
			o.At = s.Next(now).UTC()
		}
		if o.Text, err = b.nextDigest(ctx, c, span{since, now}); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

func (b *Bot) nextDigest(ctx context.Context, c circle, s span) (string, error) {
	if s.since.IsZero() {
		last, err := b.Store.Told(ctx, c.id())
		if err != nil {
			return "", err
		}
		if s.since = last.Until; s.since.IsZero() {
			s.since = s.until.Add(-24 * time.Hour)
		}
	}
	n, err := b.numbers(ctx, c, s)
	if err != nil || n.Empty() {
		return "", err
	}
	return b.Rules.Render(policy.Text{Name: policy.TextDigest, Digest: &n})
}
