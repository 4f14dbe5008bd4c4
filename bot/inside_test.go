package bot

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/policy"
)

func insideNow() time.Time { return time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC) }

// shelf is a GitHub that has comments, by repository and id, and no more.
type shelf struct {
	GitHub
	comments map[CaseKey]IssueComment
	classes  map[int64]Class
}

func (s shelf) Comment(_ context.Context, r Ref, id int64) (IssueComment, error) {
	if class := s.classes[id]; class != "" {
		return IssueComment{}, &Error{Op: "GET comment", Class: class, RetryAfter: 7 * time.Minute}
	}
	c, ok := s.comments[CaseKey{Repository: r.Repository, Issue: id}]
	if !ok {
		return IssueComment{}, &Error{Op: "GET comment", Class: Missing, Status: 404}
	}
	return c, nil
}

// Issue can be read where there is a comment.
func (s shelf) Issue(_ context.Context, r Ref) (policy.Issue, error) {
	for at := range s.comments {
		if at.Repository == r.Repository {
			return policy.Issue{}, nil
		}
	}
	return policy.Issue{}, &Error{Op: "GET issue", Class: Missing, Status: 404}
}

func (s shelf) bot() *Bot {
	return New(Options{Rules: &policy.Rules{}, GitHub: s, Clock: insideNow, Log: slog.New(slog.DiscardHandler)})
}

const (
	onIssue = 1
	onDesk  = 2
)

func deskWork() Work {
	return Work{Case: Case{
		Ref:  Ref{CaseKey: CaseKey{Repository: onIssue, Issue: 10}, Number: 1},
		Desk: Ref{CaseKey: CaseKey{Repository: onDesk, Issue: 20}, Number: 2},
	}}
}

// Each comment is read where it stands; what cannot be read is neither kept
// nor gone.
func TestKept(t *testing.T) {
	same := IssueComment{CreatedAt: insideNow(), UpdatedAt: insideNow()}
	edited := IssueComment{CreatedAt: insideNow(), UpdatedAt: insideNow().Add(time.Second)}
	s := shelf{
		comments: map[CaseKey]IssueComment{{onIssue, 11}: same, {onIssue, 12}: edited, {onDesk, 21}: same, {onDesk, 22}: edited},
		classes:  map[int64]Class{13: Transient, 14: GoneAway, 15: Forbidden, 16: Broken, 17: Missing},
	}
	var asked []policy.CommentAt
	for id := int64(11); id <= 17; id++ {
		asked = append(asked, policy.CommentAt{ID: id})
	}
	asked = append(asked, policy.CommentAt{ID: 21, Desk: true}, policy.CommentAt{ID: 22, Desk: true}, policy.CommentAt{ID: 11, Desk: true})
	var req policy.Request
	wait := s.bot().kept(t.Context(), deskWork(), asked, &req)
	want := map[policy.CommentAt]policy.Kept{
		{ID: 11}: policy.CommentKept, {ID: 12}: policy.CommentEdited, {ID: 14}: policy.CommentGone, {ID: 17}: policy.CommentGone,
		{ID: 21, Desk: true}: policy.CommentKept, {ID: 22, Desk: true}: policy.CommentEdited, {ID: 11, Desk: true}: policy.CommentGone,
	}
	if diff := cmp.Diff(want, req.Facts.Comments); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
	if wait != 7*time.Minute || policy.Known(policy.FactSet{Comments: asked}, req.Facts) {
		t.Errorf("wait %v, and everything is known", wait)
	}
	if known := []policy.CommentAt{{ID: 11}, {ID: 14}, {ID: 22, Desk: true}}; !policy.Known(policy.FactSet{Comments: known}, req.Facts) {
		t.Error("what was read is not known")
	}
}

// A desk that cannot be read any more says nothing of what stands there.
func TestKeptWhereDeskIsHidden(t *testing.T) {
	at := policy.CommentAt{ID: 21, Desk: true}
	var req policy.Request
	shelf{}.bot().kept(t.Context(), deskWork(), []policy.CommentAt{at}, &req)
	if got, known := req.Facts.Comments[at]; known {
		t.Errorf("got %q, want nothing", got)
	}
}

// Where there is no desk any more, nobody can read what stood there.
func TestKeptWithoutDesk(t *testing.T) {
	w := deskWork()
	w.Case.Desk = Ref{}
	at := policy.CommentAt{ID: 21, Desk: true}
	var req policy.Request
	shelf{}.bot().kept(t.Context(), w, []policy.CommentAt{at}, &req)
	if got := req.Facts.Comments[at]; got != policy.CommentGone {
		t.Errorf("got %q", got)
	}
}

func TestClaim(t *testing.T) {
	said := func(id int64, age time.Duration) *Delivery {
		return &Delivery{Event: "issue_comment", Action: "created", ObjectID: id, ObjectUpdatedAt: insideNow().Add(-age)}
	}
	desk := said(99, 0)
	desk.Desk = true
	s := shelf{
		comments: map[CaseKey]IssueComment{{onIssue, 11}: {Body: "Hello."}},
		classes:  map[int64]Class{13: Transient, 14: GoneAway, 15: Forbidden},
	}
	for name, c := range map[string]struct {
		said *Delivery
		want string
	}{
		"a tick":        {nil, ""},
		"at the desk":   {desk, ""},
		"there":         {said(11, 0), ""},
		"gone":          {said(14, 0), ""},
		"missing":       {said(12, young), ""},
		"too young":     {said(12, young-1), "put off: comment not visible yet"},
		"no answer":     {said(13, 0), "GET comment: transient: no answer"},
		"may not be":    {said(15, 0), "GET comment: forbidden: no answer"},
		"other objects": {&Delivery{Event: "issues", Action: "edited", ObjectID: 13}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := deskWork()
			w.Delivery = c.said
			var req policy.Request
			got := ""
			if err := s.bot().claim(t.Context(), w, &req); err != nil {
				got = err.Error()
			}
			if got != c.want || req.Facts.Claim {
				t.Errorf("got %q and %v, want %q", got, req.Facts.Claim, c.want)
			}
		})
	}
}

// An alert is one warning, of numbers and codes.
func TestAlert(t *testing.T) {
	var log recorder
	b := New(Options{Log: slog.New(&log)})
	b.alert(deskWork().Case.Ref, policy.Decision{Reasons: []policy.Reason{
		{Code: "alert", Args: []string{string(policy.AlertObjection), "security"}}, {Code: "command"}, {Code: "alert"},
	}})
	if diff := cmp.Diff([]string{"WARN issue=1 alert=objection"}, log.lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// recorder keeps level and attributes of what is logged.
type recorder struct {
	slog.Handler
	lines []string
}

func (*recorder) Enabled(context.Context, slog.Level) bool { return true }

func (r *recorder) Handle(_ context.Context, rec slog.Record) error {
	line := rec.Level.String()
	rec.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	r.lines = append(r.lines, line)
	return nil
}
