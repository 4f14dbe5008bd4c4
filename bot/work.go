package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// How long work waits, and how often it is tried.
const (
	young     = time.Minute      // an object that is younger may be missing in a read
	authority = time.Hour        // how long a command waits for its author to be checked
	recheck   = 30 * time.Second // between two such tries
	maxTries  = 5                // failures that count, before a delivery or an effect is dead
)

// backoff returns the wait before the n-th try (from 0) of what may just not
// be visible yet.
func backoff(n int) time.Duration {
	waits := []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second}
	if n < len(waits) {
		return waits[n]
	}
	return time.Minute
}

// staleWaits is how often a stale snapshot is read anew, before it is taken
// as it is.
const staleWaits = 4

// later says that work must wait, and why.
type later struct {
	class   string
	wait    time.Duration // 0: by the number of waits
	counted bool
	idle    bool // GitHub was left alone, or left us: that was no try
}

// Is reports whether l is ErrResting.
func (l *later) Is(target error) bool { return l.idle && target == ErrResting }

func (l *later) Error() string { return "put off: " + l.class }

// workOnce decides one delivery or tick of a case. With ErrNothing it returns
// when there may be more.
func (b *Bot) workOnce(ctx context.Context, key CaseKey) (time.Time, error) {
	b.quiet.drop(b.Clock())
	w, next, err := b.Store.Begin(ctx, key, b.Clock())
	if err != nil {
		return next, err
	}
	asking, err := ctx, error(nil)
	if !idle(w) {
		asking, err = b.visit(ctx, w.Case.Ref.Installation, urgency(&w))
	}
	if err == nil {
		err = b.decide(asking, w)
	}
	if err == nil || errors.Is(err, ErrConflict) {
		return time.Time{}, nil
	}
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	return b.putOff(ctx, w, err)
}

// putOff lets a delivery wait. A tick has no row to wait in: the job does.
func (b *Bot) putOff(ctx context.Context, w Work, cause error) (time.Time, error) {
	now := b.Clock()
	l, ok := errors.AsType[*later](cause)
	if ClassOf(cause) == Forbidden {
		if _, err := b.shut(ctx, w.Case.Ref.Repository, cause); err != nil {
			b.Log.Info("a repository could not be looked at", "class", describe(err))
		}
	}
	if !ok {
		// Without rights nothing can be said of the delivery: it is the
		// operator's to mend, and no redelivery would follow.
		class := ClassOf(cause)
		l = &later{class: describe(cause), counted: class != Transient && class != Forbidden}
		if e, ok := errors.AsType[*Error](cause); ok {
			l.wait, l.idle = e.RetryAfter, e.Limit != ""
		}
	}
	b.Log.Info("work put off", "issue", w.Case.Ref.Number, "class", l.class)
	if w.Delivery == nil && l.idle {
		return now.Add(max(l.wait, time.Second)), errors.Join(ErrNothing, ErrResting)
	}
	if w.Delivery == nil {
		return now.Add(max(l.wait, time.Minute)), ErrNothing
	}
	d := w.Delivery
	if l.counted && d.Tries+1 >= maxTries {
		return time.Time{}, b.bury(ctx, w, l.class)
	}
	if l.wait == 0 {
		l.wait = backoff(d.Waits + d.Tries)
	}
	return time.Time{}, b.Store.PutOff(ctx, d.ID, Pause{Until: now.Add(l.wait), Class: l.class, Counted: l.counted, Idle: l.idle, Now: now})
}

// bury gives a delivery up, and tells so where it was a command.
func (b *Bot) bury(ctx context.Context, w Work, class string) error {
	b.Log.Warn("a delivery failed too often and is dead; redeliver it to try again", "guid", w.Delivery.GUID, "class", class)
	if w.Delivery.Command && w.Case.Memory.State != policy.None {
		confused := policy.React{Comment: w.Delivery.ObjectID, Content: "confused", Desk: w.Delivery.Desk}
		r := Result{Case: w.Case, Now: b.Clock(), Decision: policy.Decision{
			Memory: w.Case.Memory, Effects: []policy.Effect{confused},
			Reasons: []policy.Reason{{Code: "delivery-dead"}},
		}}
		if err := b.Store.Commit(ctx, r); err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return b.Store.Bury(ctx, w.Delivery.ID, class, b.Clock())
}

// describe is an error as it may be stored: never its text.
func describe(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Error()
	}
	return string(ClassOf(err))
}

// decide reads what the decision needs, takes it, and stores it.
func (b *Bot) decide(ctx context.Context, w Work) error {
	if idle(w) {
		return b.skip(ctx, w, commandRan)
	}
	req := policy.Request{Memory: w.Case.Memory}
	req.Facts = policy.Facts{Pending: w.Case.Pending, Started: w.Repository.Started, Secret: w.Case.Secret, Away: w.Away}
	ev, err := b.look(ctx, &w, &req)
	if err != nil {
		return err
	}
	if w.Shadow {
		req.Facts.Newer = false // what was decided was not written: nobody took it away
	}
	reason, drop := dropped(&w, ev)
	if drop && len(ev.Leaks) == 0 {
		return b.skip(ctx, w, reason)
	}
	if drop {
		ev = onlyLeaks(ev)
	}
	if ev.Kind != policy.Gone {
		if err := guard(func() { req.Form = b.Rules.Form(req.Issue) }); err != nil {
			return err
		}
		if err := b.gather(ctx, &w, &req, &ev); err != nil {
			return err
		}
	}
	if req.Facts.Forecast, err = b.forecast(ctx); err != nil {
		return err
	}
	d, err := b.think(ctx, &w, req, ev)
	if err != nil {
		return err
	}
	if drop {
		d.Reasons = append([]policy.Reason{{Code: reason}}, d.Reasons...)
	}
	b.alert(w.Case.Ref, d)
	return b.commit(ctx, w, ev, d)
}

// guard runs what thinks. A panic there comes from what somebody wrote, and
// must bury that delivery alone; its value may hold their text and is dropped.
func guard(think func()) (err error) {
	defer func() {
		if recover() != nil {
			err = &later{class: "deciding panicked", counted: true}
		}
	}()
	think()
	return nil
}

// The kinds of events that end before a decision: the comment that was a
// command is not what it was.
const (
	commentGone   policy.EventKind = "comment-gone"
	commentEdited policy.EventKind = "comment-edited"
	commentApp    policy.EventKind = "comment-by-app"
	ourComment    policy.EventKind = "comment-deleted"
)

// commandRan is why a delivery of a command ends that was run before.
const commandRan = "command-ran-before"

// idle reports whether there is nothing to decide: the command ran before, and
// nothing was found in the delivery.
func idle(w Work) bool { return w.Ran && (w.Delivery == nil || len(w.Delivery.Leaks) == 0) }

func dropped(w *Work, ev policy.Event) (string, bool) {
	switch ev.Kind {
	case commentGone, commentEdited, commentApp, ourComment:
		return string(ev.Kind), true
	case policy.Gone:
		return "", false
	default:
		return commandRan, w.Ran
	}
}

// onlyLeaks is an event that is dropped but for what was found in its texts: a
// comment that is gone or is another one now was read all the same.
func onlyLeaks(ev policy.Event) policy.Event {
	return policy.Event{Kind: policy.Seen, Actor: ev.Actor, At: ev.At, Comment: ev.Comment, Desk: ev.Desk, Leaks: ev.Leaks}
}

// skip ends a delivery without a decision.
func (b *Bot) skip(ctx context.Context, w Work, reason string) error {
	d := policy.Decision{Memory: w.Case.Memory, Reasons: []policy.Reason{{Code: reason}}}
	return b.commit(ctx, w, policy.Event{Actor: policy.Actor{ID: w.Delivery.SenderID}}, d)
}

func (b *Bot) commit(ctx context.Context, w Work, ev policy.Event, d policy.Decision) error {
	r := Result{Case: w.Case, Event: ev, Decision: d, Others: w.Others, Now: b.Clock()}
	r.Case.Memory = d.Memory
	if w.Delivery != nil {
		r.Delivery = w.Delivery.ID
	}
	if ev.Kind == policy.Commanded || ev.Kind == policy.Unverified && ev.Command.Name != "" {
		r.Command = ev.Comment
	}
	if err := b.Store.Commit(ctx, r); err != nil {
		return fmt.Errorf("storing the decision on issue %d: %w", w.Case.Ref.Number, err)
	}
	return nil
}

// alert tells the operator what staff should see, who may have no desk: by one
// warning in the log.
func (b *Bot) alert(ref Ref, d policy.Decision) {
	for _, r := range d.Reasons {
		switch r.Code {
		case "staff-late":
			b.Log.Warn("staff are past their target", "issue", ref.Number)
		case "form-unknown":
			b.Log.Warn("a request has headings, but none of the form's: was the form changed?", "issue", ref.Number)
		case "security-silent":
			b.Log.Error("security has not looked for twice its target, and nobody after them: tell them yourself", "issue", ref.Number)
		case "alert":
			if len(r.Args) > 0 {
				b.Log.Warn("a request needs staff's attention", "issue", ref.Number, "alert", r.Args[0])
			}
		}
	}
}
