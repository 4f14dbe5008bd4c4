package policy

import (
	"time"

	"github.com/robfig/cron/v3"
)

// digestWorth is how long after its time a digest is still news.
const digestWorth = 24 * time.Hour

// zoned is a schedule that counts in a zone, whichever zone it is asked in.
type zoned struct {
	cron.Schedule

	zone *time.Location
}

// Next returns the first time of the schedule after t.
func (z zoned) Next(t time.Time) time.Time { return z.Schedule.Next(t.In(z.zone)) }

// SweepSchedule says when to look what is due, in the calendar's zone.
func (r *Rules) SweepSchedule() cron.Schedule { return zoned{r.Clocks.Sweep, r.Calendar.Zone} }

// DigestSchedule says when staff are told how all requests stand, in the
// calendar's zone; nil: never.
func (r *Rules) DigestSchedule() cron.Schedule {
	if r.Clocks.Digest == nil {
		return nil
	}
	return zoned{r.Clocks.Digest, r.Calendar.Zone}
}

// DigestDue returns the time of the digest that is due at now, where the last
// one was that of last. Of several that were missed it is the newest; one that
// is a day old or more is news no longer. The zero time: none is due.
func (r *Rules) DigestDue(last, now time.Time) time.Time {
	s := r.DigestSchedule()
	if s == nil {
		return time.Time{}
	}
	var due time.Time
	for at := s.Next(last); !at.IsZero() && !at.After(now); at = s.Next(at) {
		due = at
	}
	if due.IsZero() || now.Sub(due) >= digestWorth {
		return time.Time{}
	}
	return due.UTC()
}

// TellDigest returns what tells a desk the digest of a time: its issue, which
// shows the newest one, and a comment there, by which watchers hear of it. It
// is nothing where there is nothing to say.
func (r *Rules) TellDigest(n DigestNumbers, at time.Time) []Effect {
	if n.Empty() {
		return nil
	}
	t := Text{Name: TextDigest, Digest: &n}
	return []Effect{
		Desk{Text: t, Open: true},
		Comment{Name: "digest:" + at.UTC().Format(time.RFC3339), Text: t, Desk: true},
	}
}
