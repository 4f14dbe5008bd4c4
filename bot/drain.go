package bot

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// How long a call waits after an error that says no time, and while the App may
// not make it.
const (
	retryCall     = 5 * time.Second
	withoutRights = 5 * time.Minute
)

// callLimit ends a call. The store keeps other processes from the installation
// for 30 s after it gave the call: whoever takes over then must not meet a call
// of ours that is still under way, not even by a clock that is some seconds off.
const callLimit = 20 * time.Second

// drainOnce makes one call of one effect.
func (b *Bot) drainOnce(ctx context.Context, installation int64) (time.Time, error) {
	// The time that the store takes to give the call is part of the lease.
	limited, done := context.WithTimeout(ctx, callLimit)
	defer done()
	if wait := b.accounts.rest(installation, policy.LeakAdvice, b.Clock()); wait > 0 {
		return b.Clock().Add(wait), errors.Join(ErrNothing, ErrResting)
	}
	c, next, err := b.Store.NextCall(limited, installation, b.Clock())
	if err != nil {
		return next, err
	}
	b.accounts.begin(installation, b.Clock())
	made, err := b.perform(b.writing(limited), c)
	b.settle(ctx, installation)
	if err != nil {
		if ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
		return time.Time{}, b.callFailed(ctx, c, err)
	}
	made.Now = b.Clock()
	if b.WriteInterval > 0 { // before another process may go on
		if err := b.Store.HoldWrites(ctx, installation, made.Now.Add(b.WriteInterval)); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, b.Store.CallMade(ctx, c, made)
}

// callFailed lets the effect wait, or gives it up. That a rate limit holds the
// whole installation is known already; any other failure stops its case alone.
func (b *Bot) callFailed(ctx context.Context, c Call, cause error) error {
	now := b.Clock()
	p := Pause{Until: now.Add(retryCall), Class: describe(cause), Now: now}
	class := ClassOf(cause)
	if e := retryAfter(cause); class == Transient && e > 0 {
		p.Until = now.Add(e)
	}
	switch class {
	case Transient:
	case Forbidden: // the App's rights: the operator mends them, and then it is made
		p.Until = now.Add(withoutRights)
	default:
		p.Counted = true
		p.Until = now.Add(time.Minute)
		if c.Tries+1 >= maxTries || class == GoneAway {
			p.Until = time.Time{}
		}
	}
	if class == Forbidden || p.Until.IsZero() {
		closed, err := b.shut(ctx, c.repository(), cause)
		if closed || err != nil { // it waits with everything else there; what is unknown gives nothing up
			p.Counted, p.Until = false, now.Add(retryCall)
			return b.Store.CallFailed(ctx, c.ID, p)
		}
	}
	if gone := b.converted(ctx, c, cause); gone != nil {
		p.Counted = true
		if c.Tries+1 >= maxTries {
			p.Class, p.Until = describe(gone), time.Time{}
		}
	}
	b.Log.Warn("a write to GitHub was not made", "issue", c.Ref.Number, "effect", c.Effect.String(),
		"class", p.Class, "given_up", p.Until.IsZero())
	return b.Store.CallFailed(ctx, c.ID, p)
}

// converted returns GoneAway where a write may have been refused because its
// issue became a discussion: that closes and locks it, and GitHub tells of it by
// no more than a 403 to each write. Somebody may have locked it by hand, and the
// App may lack a right: a few tries are made before that is an end. Else it is nil.
func (b *Bot) converted(ctx context.Context, c Call, cause error) error {
	e, ok := errors.AsType[*Error](cause)
	if !ok || e.Class != Forbidden || e.Status != http.StatusForbidden || policy.AtDesk(c.Effect) {
		return nil
	}
	if issue, err := b.GitHub.Issue(b.listening(ctx), c.Ref); err == nil && issue.Locked && !issue.Open {
		gone := *e
		gone.Class = GoneAway
		return &gone
	}
	return nil
}

// perform makes step c.Step of an effect. Only a call that was begun before is
// looked up first: it may have been made by a process that died.
func (b *Bot) perform(ctx context.Context, c Call) (Made, error) {
	if policy.AtDesk(c.Effect) {
		var err error
		if c, err = seated(c); err != nil {
			return Made{}, err
		}
	}
	switch e := c.Effect.(type) {
	case policy.Comment:
		return b.comment(ctx, c, e)
	case policy.Desk:
		return b.desk(ctx, c, e)
	case policy.Labels:
		return b.labels(ctx, c, e)
	case policy.React:
		return last(b.react(ctx, c, e))
	case policy.Close:
		return last(b.close(ctx, c, e))
	case policy.Reopen:
		return last(b.reopen(ctx, c))
	case policy.Assign:
		return b.assign(ctx, c, e)
	case policy.Mask:
		return b.mask(ctx, c, e)
	}
	return Made{}, &Error{Op: "unknown effect", Class: Invalid}
}

func last(err error) (Made, error) { return Made{Last: true}, err }

func (b *Bot) react(ctx context.Context, c Call, e policy.React) error {
	if c.Begun {
		there, err := b.GitHub.Reacted(ctx, c.Ref, e.Comment, e.Content)
		if there || err != nil && ClassOf(err) != Missing {
			return err
		}
	}
	err := b.GitHub.React(ctx, c.Ref, e.Comment, e.Content)
	if ClassOf(err) == Missing {
		return nil // the comment was deleted: nobody misses the receipt
	}
	return err
}

func (b *Bot) close(ctx context.Context, c Call, e policy.Close) error {
	if c.Begun {
		if issue, err := b.GitHub.Issue(ctx, c.Ref); err != nil || !issue.Open {
			return err
		}
	}
	return b.GitHub.Close(ctx, c.Ref, e.Reason)
}

func (b *Bot) reopen(ctx context.Context, c Call) error {
	if c.Begun {
		if issue, err := b.GitHub.Issue(ctx, c.Ref); err != nil || issue.Open {
			return err
		}
	}
	return b.GitHub.Reopen(ctx, c.Ref)
}

func (b *Bot) assign(ctx context.Context, c Call, e policy.Assign) (Made, error) {
	now, err := b.assignees(ctx, c)
	if err != nil {
		return Made{}, err
	}
	has := func(login string) bool {
		return slices.ContainsFunc(now, func(n string) bool { return strings.EqualFold(n, login) })
	}
	var steps []func() error
	if len(e.Add) > 0 {
		steps = append(steps, func() error {
			if c.Begun && !slices.ContainsFunc(e.Add, func(n string) bool { return !has(n) }) {
				return nil
			}
			return b.GitHub.Assign(ctx, c.Ref, e.Add)
		})
	}
	if len(e.Remove) > 0 {
		steps = append(steps, func() error {
			if c.Begun && !slices.ContainsFunc(e.Remove, has) {
				return nil
			}
			return b.GitHub.Unassign(ctx, c.Ref, e.Remove)
		})
	}
	return run(steps, c.Step)
}

// assignees returns who is assigned, where it matters: a call that was begun
// may have been made.
func (b *Bot) assignees(ctx context.Context, c Call) ([]string, error) {
	if !c.Begun {
		return nil, nil
	}
	issue, err := b.GitHub.Issue(ctx, c.Ref)
	return issue.Assignees, err
}

// run makes one of several steps; a step beyond the last is done.
func run(steps []func() error, i int) (Made, error) {
	if i >= len(steps) {
		return Made{Last: true}, nil
	}
	return Made{Last: i == len(steps)-1}, steps[i]()
}

// labels creates what is not known to exist, adds all at once, and removes one
// by one: each a step of its own.
func (b *Bot) labels(ctx context.Context, c Call, e policy.Labels) (Made, error) {
	var steps []func() error
	for _, name := range e.Add {
		steps = append(steps, func() error { return b.createLabel(ctx, c, name) })
	}
	if len(e.Add) > 0 {
		steps = append(steps, func() error {
			if has, err := b.hasLabels(ctx, c, e.Add); has || err != nil {
				return err
			}
			return b.GitHub.AddLabels(ctx, c.Ref, e.Add)
		})
	}
	for _, name := range e.Remove {
		steps = append(steps, func() error { return b.GitHub.RemoveLabel(ctx, c.Ref, name) })
	}
	step := c.Step
	for step < len(e.Add) && slices.Contains(c.Labels, e.Add[step]) {
		step++ // exists: no call
	}
	made, err := run(steps, step)
	made.Steps = step - c.Step + 1
	return made, err
}

func (b *Bot) createLabel(ctx context.Context, c Call, name string) error {
	label := policy.Label{Name: name}
	for _, l := range b.Rules.Labels {
		if l.Name == name {
			label = l
		}
	}
	if err := b.GitHub.CreateLabel(ctx, c.Ref, label); err != nil {
		return err
	}
	return b.Store.LabelCreated(ctx, c.Ref.Repository, name)
}

func (b *Bot) hasLabels(ctx context.Context, c Call, names []string) (bool, error) {
	if !c.Begun {
		return false, nil
	}
	issue, err := b.GitHub.Issue(ctx, c.Ref)
	if err != nil {
		return false, err
	}
	for _, n := range names {
		if !issue.HasLabel(n) {
			return false, nil
		}
	}
	return true, nil
}

// marker is the hidden line by which a comment of ours is found again. It
// counts only in a comment that our own App wrote.
func marker(name string) string { return "<!-- recoverybot: " + name + " -->" }

// comment posts or edits one of our comments.
func (b *Bot) comment(ctx context.Context, c Call, e policy.Comment) (Made, error) {
	text, err := b.Rules.Render(e.Text)
	if err != nil {
		return Made{}, &Error{Op: "render " + string(e.Text.Name), Class: Invalid}
	}
	body := strings.TrimRight(text, "\n") + "\n\n" + marker(e.Name)
	id := c.Comment
	if id == 0 && (c.Begun || cameAlong(e, c)) {
		if id, err = b.find(ctx, c, e.Name); err != nil {
			return Made{}, err
		}
	}
	if id == 0 {
		id, err = b.GitHub.PostComment(ctx, c.Ref, body)
		return Made{Last: true, Comment: id}, err
	}
	return b.edit(ctx, c, written{id: id, name: e.Name, body: body})
}

// written is a comment of ours, as it should be.
type written struct {
	id   int64
	name string
	body string
}

// edit replaces a living comment's text. One that was deleted is posted anew,
// once; after that somebody does not want it there.
func (b *Bot) edit(ctx context.Context, c Call, w written) (Made, error) {
	made := Made{Last: true, Comment: w.id}
	if c.Begun {
		now, err := b.GitHub.Comment(ctx, c.Ref, w.id)
		if err == nil && now.Body == w.body {
			return made, nil
		}
		if err != nil && ClassOf(err) != Missing {
			return Made{}, err
		}
	}
	err := b.GitHub.EditComment(ctx, c.Ref, w.id, w.body)
	if ClassOf(err) != Missing {
		return made, err
	}
	return b.repost(ctx, c, w)
}

// repost posts a comment that was deleted, unless a process that died has.
func (b *Bot) repost(ctx context.Context, c Call, w written) (Made, error) {
	if c.Begun {
		id, err := b.find(ctx, c, w.name)
		if id != 0 || err != nil {
			return Made{Last: true, Comment: id, Reposted: true}, err
		}
	}
	if c.Reposts > 0 {
		b.Log.Warn("our comment was deleted twice and is not posted again", "issue", c.Ref.Number)
		return Made{Last: true}, nil
	}
	id, err := b.GitHub.PostComment(ctx, c.Ref, w.body)
	return Made{Last: true, Comment: id, Reposted: true}, err
}

// lately is how long before its effect was decided a comment of ours may have
// been posted by a process that died.
const lately = 10 * time.Minute

// cameAlong reports whether the issue may have a status comment of ours that nothing
// remembers: it is older than its first status. The comment came along when the
// issue was transferred, or is of before the request was forgotten, or the
// database was lost. People read it, so it is written on.
func cameAlong(e policy.Comment, c Call) bool {
	made := e.Text.Created
	return e.Name == "status" && !made.IsZero() && made.Before(c.At.Add(-lately))
}

// find adopts a comment that was posted by a process that died before it could
// remember it, or that is older. Of two with one name the lower id stays.
func (b *Bot) find(ctx context.Context, c Call, name string) (int64, error) {
	since := c.At.Add(-lately)
	if e, ok := c.Effect.(policy.Comment); ok && cameAlong(e, c) {
		since = e.Text.Created
	}
	comments, err := b.GitHub.Comments(ctx, c.Ref, since)
	if err != nil {
		return 0, err
	}
	var found int64
	for _, cm := range comments {
		if cm.Author.ID != b.Self().ID || !strings.HasSuffix(strings.TrimSpace(cm.Body), marker(name)) {
			continue
		}
		if found == 0 {
			found = cm.ID
			continue
		}
		if err := b.GitHub.DeleteComment(ctx, c.Ref, max(found, cm.ID)); err != nil {
			return 0, err
		}
		found = min(found, cm.ID)
	}
	return found, nil
}
