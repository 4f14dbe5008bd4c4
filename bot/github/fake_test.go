package github

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
	"github.com/recoverybot/recoverybot/policy"
)

// world is a client of the stateful fake, with one issue and one comment.
// Every exchange is checked against GitHub's own description.
type world struct {
	fake   *bottest.Fake
	repo   *bottest.Repository
	client *Client
	ref    bot.Ref
	note   int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	block, _ := pem.Decode(testKey())
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{fake: bottest.New(bottest.Options{Clock: testNow, AuthClock: time.Now, AppID: 9, Slug: "recovery", PrivateKey: key})}
	w.fake.AddOrganization("octo", 12)
	w.fake.AddTeam(bottest.Team{Org: "octo", Slug: "staff", ID: 11, Members: []string{"bob", "carol"}})
	w.repo = w.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo", Name: "help", ID: 7, Labels: []string{"recovery"}})
	server := httptest.NewServer(contract.Handler(t, w.fake))
	t.Cleanup(server.Close)
	w.client, err = New(Options{BaseURL: server.URL, AppID: 9, PrivateKey: testKey(), Repositories: []int64{7}, Version: "test", Clock: testNow})
	if err != nil {
		t.Fatal(err)
	}
	n, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "T", Body: "B", Labels: []string{"recovery"}})
	if err != nil {
		t.Fatal(err)
	}
	if w.note, err = w.repo.Comment(n, "ann", "/status"); err != nil {
		t.Fatal(err)
	}
	found, err := w.client.FindRepository(t.Context(), "octo", "help")
	if err != nil {
		t.Fatal(err)
	}
	is, _ := w.repo.Issue(n)
	w.ref = bot.Ref{
		CaseKey:      bot.CaseKey{Repository: found.ID, Issue: is.ID},
		Installation: found.Installation, Owner: found.Owner, Name: found.Name, Number: n,
	}
	return w
}

func TestReadsOfTheFake(t *testing.T) {
	w := newWorld(t)
	if _, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "P", PullRequest: true}); err != nil {
		t.Fatal(err)
	}
	ctx, c := t.Context(), w.client
	is, err := c.Issue(ctx, w.ref)
	if err != nil || is.ID != w.ref.Issue || is.Author.Login != "ann" || !is.Open || !slices.Equal(is.Labels, []string{"recovery"}) {
		t.Errorf("issue %+v, %v", is, err)
	}
	if _, err := c.Issue(ctx, bot.Ref{CaseKey: bot.CaseKey{Repository: 7}, Installation: w.ref.Installation, Owner: "octo", Name: "help", Number: w.ref.Number + 1}); bot.ClassOf(err) != bot.GoneAway {
		t.Errorf("a pull request: %v", err)
	}
	since, _, err1 := c.IssuesSince(ctx, w.ref, bot.Window{Since: testNow().Add(-time.Hour)})
	open, err2 := c.OpenIssues(ctx, w.ref, "recovery")
	later, _, err3 := c.IssuesSince(ctx, w.ref, bot.Window{Since: testNow().Add(time.Hour)})
	if len(since) != 1 || len(open) != 1 || len(later) != 0 || err1 != nil || err2 != nil || err3 != nil {
		t.Errorf("issues since %v %v, open %v %v, later %v %v", since, err1, open, err2, later, err3)
	}
	one, err := c.Comment(ctx, w.ref, w.note)
	if err != nil {
		t.Fatal(err)
	}
	if one.Issue != w.ref.Number || one.App != 0 || one.Body != "/status" || !one.UpdatedAt.Equal(one.CreatedAt) {
		t.Errorf("comment %+v", one)
	}
	all, err1 := c.Comments(ctx, w.ref, time.Time{})
	everywhere, _, err2 := c.CommentsSince(ctx, w.ref, bot.Window{Since: testNow().Add(-time.Hour)})
	want := []bot.IssueComment{one}
	if d := cmp.Diff([][]bot.IssueComment{want, want}, [][]bot.IssueComment{all, everywhere}); d != "" || err1 != nil || err2 != nil {
		t.Errorf("comments: %v, %v (-want +got):\n%s", err1, err2, d)
	}
	ids, err := c.Members(ctx, w.ref.Installation, policy.Team{Org: "octo", Slug: "staff", ID: 11, OrgID: 12})
	if err != nil || len(ids) != 2 || w.fake.CountSince(0, "team", "team members") != 2 {
		t.Errorf("members %v, %v", ids, err)
	}
	me, err := c.Self(ctx)
	if want := (policy.Actor{ID: w.fake.BotID(), Login: "recovery[bot]", Bot: true}); err != nil || me != want {
		t.Errorf("self %+v, %v; want %+v", me, err, want)
	}
}

func TestWritesToTheFake(t *testing.T) {
	w := newWorld(t)
	ctx, c := t.Context(), w.client
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	const label = "recovery: author's turn"
	for range 2 { // the second finds everything as it should be
		must(c.CreateLabel(ctx, w.ref, policy.Label{Name: label, Color: "00ff00", Description: "d"}))
		must(c.AddLabels(ctx, w.ref, []string{label}))
		must(c.React(ctx, w.ref, w.note, "eyes"))
		must(c.Assign(ctx, w.ref, []string{"bob"}))
		must(c.Close(ctx, w.ref, "not_planned"))
	}
	first, err := c.PostComment(ctx, w.ref, "first")
	must(err)
	second, err := c.PostComment(ctx, w.ref, "second")
	must(err)
	must(c.EditComment(ctx, w.ref, first, "first, edited"))
	ours, err := c.Comment(ctx, w.ref, first)
	if err != nil || ours.App != 9 || ours.Author.ID != w.fake.BotID() {
		t.Errorf("our comment %+v, %v", ours, err)
	}
	for _, content := range []string{"eyes", "+1"} {
		got, err := c.Reacted(ctx, w.ref, w.note, content)
		if err != nil || got != (content == "eyes") {
			t.Errorf("reacted with %s: %v, %v", content, got, err)
		}
	}
	is, _ := w.repo.Issue(w.ref.Number)
	if is.State != "closed" || is.StateReason != "not_planned" || !slices.Equal(is.Labels, []string{"recovery", label}) || len(is.Comments) != 3 {
		t.Errorf("after the writes: %+v", is)
	}
	for range 2 {
		must(c.RemoveLabel(ctx, w.ref, label))
		must(c.DeleteComment(ctx, w.ref, second))
		must(c.Unassign(ctx, w.ref, []string{"bob"}))
		must(c.Reopen(ctx, w.ref))
	}
	if err := c.EditComment(ctx, w.ref, second, "x"); bot.ClassOf(err) != bot.Missing {
		t.Errorf("editing what was deleted: %v", err)
	}
	is, _ = w.repo.Issue(w.ref.Number)
	if is.State != "open" || !slices.Equal(is.Labels, []string{"recovery"}) || len(is.Comments) != 2 || len(is.Assignees) != 0 {
		t.Errorf("after taking all back: %+v", is)
	}
}

// What moves in the fake as on GitHub: a new name is followed, a transfer and
// a deletion are the end.
func TestMovesInTheFake(t *testing.T) {
	w := newWorld(t)
	ctx, c := t.Context(), w.client
	if err := w.repo.Rename("octo", "renamed"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Issue(ctx, w.ref); err != nil {
		t.Errorf("reading after the renaming: %v", err)
	}
	id, err := c.PostComment(ctx, w.ref, "x")
	if is, _ := w.repo.Issue(w.ref.Number); err != nil || len(is.Comments) != 2 || is.Comments[1].ID != id {
		t.Errorf("writing after the renaming: %v, %+v", err, is)
	}
	other := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo", Name: "other", ID: 8})
	if _, err := w.repo.Transfer(w.ref.Number, "octo", other); err != nil {
		t.Fatal(err)
	}
	before := w.fake.Mark()
	w.ref.Name = "renamed"
	_, readErr := c.Issue(ctx, w.ref)
	_, writeErr := c.PostComment(ctx, w.ref, "x")
	for _, err := range []error{readErr, writeErr} {
		if bot.ClassOf(err) != bot.GoneAway {
			t.Errorf("after the transfer: %v", err)
		}
	}
	if n := w.fake.CountSince(before, "POST comment"); n != 1 {
		t.Errorf("%d comments were sent, want 1", n)
	}
}

func TestFaultsOfTheFake(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		fault bottest.Fault
		want  bot.Error
	}{
		"a limit that ends":   {bottest.Fault{Status: 403, Reset: testNow().Add(time.Minute)}, bot.Error{Class: bot.Transient, Status: 403, RetryAfter: time.Minute, Limit: bot.LimitPrimary}},
		"a limit by seconds":  {bottest.Fault{Status: 403, RetryAfter: 30 * time.Second}, bot.Error{Class: bot.Transient, Status: 403, RetryAfter: 30 * time.Second, Limit: bot.LimitSecondary}},
		"too many":            {bottest.Fault{Status: 429, RetryAfter: 5 * time.Second}, bot.Error{Class: bot.Transient, Status: 429, RetryAfter: 5 * time.Second, Limit: bot.LimitSecondary}},
		"not allowed":         {bottest.Fault{Status: 403}, bot.Error{Class: bot.Forbidden, Status: 403}},
		"a server's error":    {bottest.Fault{Status: 502}, bot.Error{Class: bot.Transient, Status: 502}},
		"done, and an error":  {bottest.Fault{Kind: bottest.FaultAfter, Status: 500}, bot.Error{Class: bot.Transient, Status: 500}},
		"done, and cut":       {bottest.Fault{Kind: bottest.FaultCut}, bot.Error{Class: bot.Transient}},
		"cut before":          {bottest.Fault{Kind: bottest.FaultCutBefore}, bot.Error{Class: bot.Transient}},
		"moved to nowhere":    {bottest.Fault{Kind: bottest.FaultRedirect, Location: "https://evil.example/"}, bot.Error{Class: bot.GoneAway, Status: 301}},
		"a bad token, always": {bottest.Fault{Status: 401, Times: 2}, bot.Error{Class: bot.Forbidden, Status: 401}},
	} {
		t.Run(name, func(t *testing.T) {
			c.fault.On, c.want.Op = "POST comment", "POST comment"
			w.fake.Fail(c.fault)
			before := w.fake.Mark()
			_, err := w.client.PostComment(t.Context(), w.ref, "x")
			wantError(t, err, c.want)
			if n := w.fake.CountSince(before, "POST comment"); n != max(c.fault.Times, 1) {
				t.Errorf("sent %d times", n)
			}
			if left := w.fake.ClearFaults(); left != 0 {
				t.Errorf("%d faults are left", left)
			}
		})
	}
	w.fake.RevokeTokens()
	if _, err := w.client.PostComment(t.Context(), w.ref, "x"); err != nil {
		t.Errorf("after the tokens were revoked: %v", err)
	}
}

// The same question is answered by ErrUnchanged until something is new.
func TestConditionalLists(t *testing.T) {
	w := newWorld(t)
	ctx, asked := t.Context(), bot.Window{Since: testNow().Add(-time.Hour)}
	_, issues, err1 := w.client.IssuesSince(ctx, w.ref, asked)
	_, comments, err2 := w.client.CommentsSince(ctx, w.ref, asked)
	if err1 != nil || err2 != nil || issues.ETag == "" || comments.ETag == "" || !issues.Since.Equal(asked.Since) {
		t.Fatalf("windows %+v and %+v, errors %v and %v", issues, comments, err1, err2)
	}
	_, same, err1 := w.client.IssuesSince(ctx, w.ref, issues)
	_, _, err2 = w.client.CommentsSince(ctx, w.ref, comments)
	if !errors.Is(err1, bot.ErrUnchanged) || !errors.Is(err2, bot.ErrUnchanged) || same != issues {
		t.Errorf("again: %v and %v, window %+v; want that nothing has changed", err1, err2, same)
	}
	if _, err := w.repo.Comment(w.ref.Number, "ann", "news"); err != nil {
		t.Fatal(err)
	}
	found, now, err1 := w.client.IssuesSince(ctx, w.ref, issues)
	said, _, err2 := w.client.CommentsSince(ctx, w.ref, comments)
	if err1 != nil || err2 != nil || len(found) != 1 || len(said) != 2 || now.ETag == issues.ETag {
		t.Errorf("after news: %d issues and %d comments, %v and %v", len(found), len(said), err1, err2)
	}
}
