package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/parser/leak"
	"github.com/recoverybot/recoverybot/policy"
)

// Said is a text that somebody wrote, and where it stands, or stood before it
// was edited or deleted.
type Said struct {
	Text    string
	In      policy.Place
	Comment int64   // comment id; 0: the issue itself
	Before  *string // what an edit replaced, which is history now; nil: it was not edited, or nobody saw
}

// Leaks searches texts and returns what it finds: each class once for each
// place, sorted, so that the number of finds is bounded whatever is written;
// nil if there is nothing. Where it sees both sides of an edit it says what is
// fresh. What is public is left out. What the texts say is not in it.
func Leaks(public leak.Options, said ...Said) []policy.Leaked {
	var all []policy.Leaked
	for _, s := range said {
		all = append(all, s.leaks(public)...)
	}
	place := func(a, b policy.Leaked) int {
		return cmp.Or(cmp.Compare(a.Comment, b.Comment), cmp.Compare(a.In, b.In), cmp.Compare(a.Class, b.Class))
	}
	slices.SortFunc(all, func(a, b policy.Leaked) int { // what is fresh first: it stays
		return cmp.Or(place(a, b), cmp.Compare(b.Novelty, a.Novelty))
	})
	return slices.CompactFunc(all, func(a, b policy.Leaked) bool { return place(a, b) == 0 })
}

func (s Said) leaks(public leak.Options) []policy.Leaked {
	var all []policy.Leaked
	var before string
	if s.Before != nil {
		before = *s.Before
	}
	now, was := public.Scan(s.Text), public.Scan(before)
	for _, c := range leak.ClassesOf(now) {
		l := policy.Leaked{Class: c, In: s.In, Comment: s.Comment}
		if s.Before != nil && !covered(values(s.Text, now, c), values(before, was, c)) {
			l.Novelty = policy.Fresh
		}
		all = append(all, l)
	}
	for _, c := range leak.ClassesOf(was) {
		all = append(all, policy.Leaked{Class: c, In: policy.InHistory, Comment: s.Comment})
	}
	return all
}

// valueLimit is how many values of one class are compared with how many: of more
// nobody knows, and the new ones count as fresh.
const valueLimit = 100

// values returns what the finds of a class say, each once.
func values(text string, found []leak.Leak, c leak.Class) []string {
	var all []string
	for _, l := range found {
		if l.Class == c {
			all = append(all, text[l.Start:l.End])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// covered reports whether each of the values was there before, be it as a part
// of one: who takes codes away from a list adds none.
func covered(now, was []string) bool {
	if len(now) > valueLimit || len(was) > valueLimit {
		return slices.Equal(now, was)
	}
	return !slices.ContainsFunc(now, func(v string) bool {
		return !slices.ContainsFunc(was, func(old string) bool { return strings.Contains(old, v) })
	})
}

// Secret reports whether one of the finds is a secret.
func Secret(found []policy.Leaked) bool {
	return slices.ContainsFunc(found, func(l policy.Leaked) bool { return l.Class.Secret() })
}

// holding is the delivery that a comment of a person has leaks in it; false if
// it has none. The same one is stored once, until it is edited.
func (b *Bot) holding(c IssueComment, i policy.Issue) (Delivery, bool) {
	d := Delivery{
		GUID:  fmt.Sprintf("reconcile:comment:%d:%d", c.ID, c.UpdatedAt.Unix()),
		Event: "reconcile", Action: "comment", ObjectID: c.ID, ObjectUpdatedAt: i.UpdatedAt,
		SenderID: c.Author.ID, Leaks: Leaks(b.Rules.Public(), Said{Text: c.Body, In: policy.InComment, Comment: c.ID}),
	}
	return d, len(d.Leaks) > 0 && !c.Author.Bot
}

// rewritten stores a delivery for each comment that was edited and in which
// something is found: the edit's own webhook may be lost. What it replaced
// nobody can read here.
func (b *Bot) rewritten(ctx context.Context, run *reading, in edited) error {
	for _, c := range in.comments {
		i, ok := in.requests[c.Issue]
		if !ok || c.UpdatedAt.Equal(c.CreatedAt) {
			continue
		}
		d, ok := b.holding(c, i)
		if !ok {
			continue
		}
		if err := b.news(ctx, run, news{Delivery: d, issue: i}); err != nil {
			return err
		}
	}
	return nil
}

// edited are comments that were read, and the requests that they may be on, by
// number.
type edited struct {
	comments []IssueComment
	requests map[int]policy.Issue
}

// written stores a delivery for each comment of an old request in which
// something is found: they come after the request was taken over.
func (b *Bot) written(ctx context.Context, w Work, i policy.Issue, comments []IssueComment) error {
	for _, c := range comments {
		d, ok := b.holding(c, i)
		if !ok {
			continue
		}
		if _, err := b.Store.AddDelivery(ctx, b.found(w.Repository, i, d)); err != nil {
			return err
		}
	}
	return nil
}
