package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/parser"
)

// atOpening is how long after its creation a label that the author set counts
// as set by the form: GitHub sends it as an event of its own.
const atOpening = 5 * time.Second

// The events that are understood.
const (
	issuesEvent  = "issues"
	commentEvent = "issue_comment"
)

func known(event string) bool {
	return slices.Contains([]string{
		issuesEvent, commentEvent, "repository", "membership", "team", "organization", "ping",
		"installation", "installation_repositories", "installation_target",
	}, event)
}

// kept reports whether an action changes a request.
func kept(event, action string) bool {
	if event == commentEvent {
		return slices.Contains([]string{"created", "edited", "deleted"}, action)
	}
	return slices.Contains([]string{
		"opened", "edited", "closed", "reopened", "deleted", "transferred", "labeled", "unlabeled",
	}, action)
}

// route sends a delivery where it belongs.
func (h *Handler) route(ctx context.Context, d delivery) Reason {
	switch d.event {
	case "ping":
		return Ping
	case "installation", "installation_repositories", "installation_target":
		return h.installation(ctx, &d.payload)
	case "membership", "team", "organization":
		if h.o.OnTeams != nil {
			h.o.OnTeams()
		}
		return Teams
	}
	served, reason := h.served(ctx, &d.payload)
	if reason != "" {
		return reason
	}
	if d.event == "repository" {
		return h.repository(ctx, &d.payload)
	}
	if !kept(d.event, d.payload.Action) {
		return UnknownAction
	}
	if !complete(d.event, &d.payload) {
		return BadPayload
	}
	reason = h.ignore(d.event, &d.payload, served)
	if reason != "" && reason != OthersComment && reason != Bot {
		return reason
	}
	v := h.value(d)
	v.Leaks = h.leaks(d.event, &d.payload, served)
	if reason != "" {
		if served.Desk || !bot.Secret(v.Leaks) {
			return reason
		}
		v = onlyLeaks(v, &d.payload)
	}
	if v.Desk = served.Desk; v.Desk && !counts(v) {
		return Desk
	}
	return h.store(ctx, v)
}

// served returns what is configured for the payload's repository, or why it
// is none of ours.
func (h *Handler) served(ctx context.Context, p *payload) (Repository, Reason) {
	if p.Repository == nil || p.Repository.ID == 0 {
		return Repository{}, BadPayload
	}
	served, ok := h.o.Repositories(p.Repository.ID)
	if !ok {
		return Repository{}, ForeignRepository
	}
	switch {
	case p.Installation == nil || p.Installation.ID == 0:
		return Repository{}, ForeignInstallation
	case served.Installation == 0 || served.Installation == p.Installation.ID:
		return served, ""
	case h.o.Installed == nil:
		return Repository{}, ForeignInstallation
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	ours, err := h.o.Installed(ctx, p.Repository.ID, p.Installation.ID)
	switch {
	case err != nil:
		h.o.Logger.Error("installation not looked up: GitHub is asked to wait", "repository", p.Repository.ID, "error", err)
		return Repository{}, Unavailable
	case !ours:
		return Repository{}, ForeignInstallation
	}
	return served, ""
}

// installation tells that something became of an installation. What, GitHub
// is asked.
func (h *Handler) installation(ctx context.Context, p *payload) Reason {
	if h.o.OnInstallation == nil || p.Installation == nil || p.Installation.ID == 0 {
		return Installation
	}
	var ids []int64
	for _, r := range slices.Concat(p.Repositories, p.Added, p.Removed) {
		ids = append(ids, r.ID)
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := h.o.OnInstallation(ctx, p.Installation.ID, ids); err != nil {
		h.o.Logger.Error("news of an installation not stored: GitHub is asked to wait", "installation", p.Installation.ID, "error", err)
		return Unavailable
	}
	return Installation
}

// complete reports whether everything is there that the event is about.
func complete(event string, p *payload) bool {
	owner, name, ok := strings.Cut(p.Repository.FullName, "/")
	if !ok || owner == "" || name == "" || p.Sender.id() == 0 {
		return false
	}
	if p.Issue == nil || p.Issue.ID == 0 || p.Issue.Number <= 0 || p.Issue.UpdatedAt.IsZero() {
		return false
	}
	if event == commentEvent {
		return p.Comment != nil && p.Comment.ID != 0 && !p.Comment.UpdatedAt.IsZero()
	}
	return p.Label != nil || p.Action != "labeled" && p.Action != "unlabeled"
}

// counts reports whether a delivery from a desk means something: a command, or
// that somebody changed an issue there. Prose is for staff alone.
func counts(d bot.Delivery) bool {
	if d.Event == commentEvent {
		return d.Action == "created" && d.Command
	}
	return !d.SenderBot && slices.Contains([]string{"edited", "closed", "reopened", "deleted", "transferred"}, d.Action)
}

// ignore says why a complete payload changes nothing, "" if it may.
func (h *Handler) ignore(event string, p *payload, served Repository) Reason {
	self := h.o.Self()
	switch {
	case p.Issue.pull():
		return PullRequest
	case p.Sender.ID == self:
		return Own
	case event == commentEvent:
		return h.ignoreComment(p, self)
	case p.Action == "labeled" || p.Action == "unlabeled":
		return ignoreLabel(p, served)
	}
	return ""
}

// ignoreComment drops what other bots write, and what accounts that the policy
// ignores do. A deletion matters only if it took a comment of ours; while our id
// is not known, any bot's may be one. A secret in a person's comment matters all
// the same: see Handler.leaks.
func (h *Handler) ignoreComment(p *payload, self int64) Reason {
	ours := self != 0 && p.Comment.User.id() == self || self == 0 && p.Comment.User.bot()
	switch {
	case p.Action == "deleted" && !ours:
		return OthersComment
	case p.Action != "deleted" && (p.Sender.Type == "Bot" || p.Comment.User.bot() && !ours):
		return Bot
	case p.Action != "deleted" && (h.o.Ignored(p.Sender.ID) || !ours && h.o.Ignored(p.Comment.User.id())):
		return IgnoredAccount
	}
	return ""
}

// ignoreLabel drops labels that are not ours. GitHub compares their names
// without regard to case.
func ignoreLabel(p *payload, served Repository) Reason {
	ours := func(name string) bool { return strings.EqualFold(name, p.Label.Name) }
	if !ours(served.IntakeLabel) && !slices.ContainsFunc(served.Labels, ours) {
		return Label
	}
	if p.Action == "labeled" && p.Sender.ID == p.Issue.User.id() && p.Issue.UpdatedAt.Sub(p.Issue.CreatedAt) <= atOpening {
		return LabelAtOpening
	}
	return ""
}

// value keeps ids, times and digests. But for Handler.leaks, the text of a
// comment ends here.
func (h *Handler) value(d delivery) bot.Delivery {
	p := &d.payload
	owner, name, _ := strings.Cut(p.Repository.FullName, "/")
	v := bot.Delivery{
		GUID: d.guid, Digest: d.digest, Event: d.event, Action: p.Action,
		Ref: bot.Ref{
			CaseKey:      bot.CaseKey{Repository: p.Repository.ID, Issue: p.Issue.ID},
			Installation: p.Installation.ID, Owner: owner, Name: name, Number: p.Issue.Number,
		},
		Private: p.Repository.Private, AuthorID: p.Issue.User.id(),
		ObjectID: p.Issue.ID, ObjectUpdatedAt: p.Issue.UpdatedAt,
		SenderID: p.Sender.ID, SenderBot: p.Sender.bot(),
		ReceivedAt: h.o.Clock(),
	}
	if d.event == commentEvent {
		sum := sha256.Sum256([]byte(p.Comment.Body))
		v.ObjectID, v.ObjectUpdatedAt = p.Comment.ID, p.Comment.UpdatedAt
		v.CommentSHA256 = hex.EncodeToString(sum[:])
		_, v.Command = parser.ParseCommand(p.Comment.Body)
		v.Offer = h.offers(p)
	}
	return v
}

// offers reports whether somebody wrote, in a comment of their own on a request
// of somebody else, that they recover accounts.
func (h *Handler) offers(p *payload) bool {
	by := p.Comment.User.id()
	return p.Action != "deleted" && by == p.Sender.ID && by != p.Issue.User.id() && h.o.Offers(p.Comment.Body)
}

// repository tells what a repository that is served is now.
func (h *Handler) repository(ctx context.Context, p *payload) Reason {
	owner, name, ok := strings.Cut(p.Repository.FullName, "/")
	if !ok || owner == "" || name == "" {
		return BadPayload
	}
	if h.o.OnRepository == nil {
		return RepositoryChanged
	}
	state := bot.StateActive
	switch {
	case p.Action == "deleted":
		state = bot.StateGone
	case p.Repository.Archived:
		state = bot.StateArchived
	case p.Repository.HasIssues != nil && !*p.Repository.HasIssues:
		state = bot.StateNoIssues
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	err := h.o.OnRepository(ctx, bot.Repository{
		ID: p.Repository.ID, Owner: owner, Name: name, Installation: p.Installation.ID,
		Private: p.Repository.Private, State: state,
	})
	if err != nil {
		h.o.Logger.Error("repository not stored: GitHub is asked to wait", "repository", p.Repository.ID, "error", err)
		return Unavailable
	}
	return RepositoryChanged
}
