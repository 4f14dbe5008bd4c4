package github

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

type write struct {
	what, body string
	status     int
	answer     string
	do         func(context.Context, *Client, bot.Ref) error
}

func writes() map[string]write {
	const help = "/repos/octo/help"
	return map[string]write{
		"PostComment": {"POST " + issuePath + "/comments", `{"body":"<b>&"}`, 201, `{"id":8}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			id, err := c.PostComment(ctx, r, "<b>&")
			if err == nil && id != 8 {
				return io.ErrNoProgress
			}
			return err
		}},
		"EditComment": {"PATCH " + help + "/issues/comments/8", `{"body":"x"}`, 200, `{}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.EditComment(ctx, r, 8, "x")
		}},
		"DeleteComment": {"DELETE " + help + "/issues/comments/8", ``, 204, ``, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.DeleteComment(ctx, r, 8)
		}},
		"CreateLabel": {"POST " + help + "/labels", `{"color":"00ff00","description":"d","name":"n"}`, 201, `{}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.CreateLabel(ctx, r, policy.Label{Name: "n", Color: "00ff00", Description: "d"})
		}},
		"AddLabels": {"POST " + issuePath + "/labels", `{"labels":["a","b"]}`, 200, `[]`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.AddLabels(ctx, r, []string{"a", "b"})
		}},
		"RemoveLabel": {"DELETE " + issuePath + "/labels/recovery:%20a%2Fb%3F", ``, 200, `[]`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.RemoveLabel(ctx, r, "recovery: a/b?")
		}},
		"React": {"POST " + help + "/issues/comments/8/reactions", `{"content":"+1"}`, 200, `{}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.React(ctx, r, 8, "+1")
		}},
		"Close": {"PATCH " + issuePath, `{"state":"closed","state_reason":"not_planned"}`, 200, `{}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.Close(ctx, r, "not_planned")
		}},
		"Reopen": {"PATCH " + issuePath, `{"state":"open"}`, 200, `{}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.Reopen(ctx, r)
		}},
		"Assign": {"POST " + issuePath + "/assignees", `{"assignees":["ann"]}`, 201, `{}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.Assign(ctx, r, []string{"ann"})
		}},
		"Unassign": {"DELETE " + issuePath + "/assignees", `{"assignees":["ann"]}`, 200, `{}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.Unassign(ctx, r, []string{"ann"})
		}},
		"PostIssue": {"POST " + help + "/issues", `{"body":"b","title":"t"}`, 201, `{"id":9,"number":4}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			at, err := c.PostIssue(ctx, r, bot.Draft{Title: "t", Body: "b", Open: true})
			want := r
			want.Issue, want.Number = 9, 4
			if err == nil && at != want {
				return io.ErrNoProgress
			}
			return err
		}},
		"EditIssue": {"PATCH " + issuePath, `{"body":"b","state":"open","title":"t"}`, 200, `{"id":100}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.EditIssue(ctx, r, bot.Draft{Title: "t", Body: "b", Open: true})
		}},
		"EditText": {"PATCH " + issuePath, `{"body":"b","title":"t"}`, 200, `{"id":100}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.EditText(ctx, r, bot.IssueText{Title: "t", Body: "b"})
		}},
		"EditText of the title": {"PATCH " + issuePath, `{"title":"t"}`, 200, `{"id":100}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.EditText(ctx, r, bot.IssueText{Title: "t"})
		}},
		"EditIssue to closed": {"PATCH " + issuePath, `{"body":"b","state":"closed","title":"t"}`, 200, `{"id":100}`, func(ctx context.Context, c *Client, r bot.Ref) error {
			return c.EditIssue(ctx, r, bot.Draft{Title: "t", Body: "b"})
		}},
	}
}

func TestWrites(t *testing.T) {
	for name, w := range writes() {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer(w.what, w.status, w.answer)
			if err := w.do(t.Context(), s.client(), testRef()); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{w.what}, s.calls()); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			if got := s.last(); got.Body != w.body || got.Token != "t1" {
				t.Errorf("body %s with token %s, want %s with t1", got.Body, got.Token, w.body)
			}
		})
	}
}

// Where GitHub says that it is gone, taking away is done, and no other write.
func TestWritesToWhatIsMissing(t *testing.T) {
	done := map[string]bool{"DeleteComment": true, "RemoveLabel": true}
	for name, w := range writes() {
		t.Run(name, func(t *testing.T) {
			err := w.do(t.Context(), newServer(t).client(), testRef())
			if done[name] {
				if err != nil {
					t.Errorf("got %v, want success", err)
				}
				return
			}
			wantError(t, err, bot.Error{Class: bot.Missing, Status: 404})
		})
	}
}

// A token that is refused with 404 says nothing about a label.
func TestWritesOfAnInstallationThatIsGone(t *testing.T) {
	for name, w := range writes() {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer("POST /app/installations/5/access_tokens", 404, `{"message":"canary"}`)
			err := w.do(t.Context(), s.client(), testRef())
			wantError(t, err, bot.Error{Op: "POST access token", Class: bot.Forbidden, Status: 404})
		})
	}
}

func TestCreateLabelThatExists(t *testing.T) {
	w := writes()["CreateLabel"]
	for name, c := range map[string]struct {
		answer string
		want   bot.Class
	}{
		"exists":    {`{"message":"Validation Failed","errors":[{"resource":"Label","code":"already_exists","field":"name"}]}`, ""},
		"is wrong":  {`{"message":"Validation Failed","errors":[{"resource":"Label","code":"invalid","field":"color"}]}`, bot.Invalid},
		"says less": {`{"message":"already_exists"}`, bot.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer(w.what, 422, c.answer)
			if got := bot.ClassOf(w.do(t.Context(), s.client(), testRef())); got != c.want {
				t.Errorf("class %q, want %q", got, c.want)
			}
		})
	}
}

// An answer that is cut after the status does not undo what was done.
func TestWriteWhoseAnswerIsCut(t *testing.T) {
	w := writes()["AddLabels"]
	s := newServer(t)
	s.on(w.what, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusOK)
	})
	if err := w.do(t.Context(), s.client(), testRef()); err != nil {
		t.Error(err)
	}
}

// An issue that is another one by now was edited by mistake, and that is told.
func TestEditOfAnotherIssue(t *testing.T) {
	for answer, want := range map[string]bot.Class{`{"id":101}`: bot.GoneAway, `{}`: bot.Broken} {
		s := newServer(t)
		s.answer("PATCH "+issuePath, 200, answer)
		err := s.client().EditIssue(t.Context(), testRef(), bot.Draft{Title: "t", Open: true})
		if got := bot.ClassOf(err); got != want {
			t.Errorf("%s: class %q, want %q", answer, got, want)
		}
		if got := bot.ClassOf(s.client().EditText(t.Context(), testRef(), bot.IssueText{Title: "t"})); got != want {
			t.Errorf("%s, of a text: class %q, want %q", answer, got, want)
		}
	}
	s := newServer(t)
	s.answer("POST /repos/octo/help/issues", 201, `{"id":9}`)
	if _, err := s.client().PostIssue(t.Context(), testRef(), bot.Draft{Title: "t"}); bot.ClassOf(err) != bot.Broken {
		t.Errorf("an issue without a number: got %v", err)
	}
}

// A move is never followed by a write as a read, and what was moved is gone;
// but a repository that was only renamed is found by its id.
func TestWritesThatAreRedirected(t *testing.T) {
	for name, c := range map[string]struct {
		to   string
		want bot.Class
	}{
		"issue transferred":  {"/repositories/8/issues/1/comments", bot.GoneAway},
		"another issue":      {"/repositories/7/issues/4/comments", bot.GoneAway},
		"repository by name": {"/repos/other/help/issues/3/comments", bot.GoneAway},
		"another host":       {"https://evil.example/repositories/7/issues/3/comments", bot.GoneAway},
		"nowhere":            {"", bot.GoneAway},
		"renamed":            {"/repositories/7/issues/3/comments", ""},
	} {
		for _, status := range []int{301, 302, 307, 308} {
			t.Run(name, func(t *testing.T) {
				s := newServer(t)
				s.on("POST "+issuePath+"/comments", func(w http.ResponseWriter, _ *http.Request) {
					if c.to != "" {
						w.Header().Set("Location", c.to)
					}
					w.WriteHeader(status)
				})
				s.answer("POST /repositories/7/issues/3/comments", 201, `{"id":8}`)
				id, err := s.client().PostComment(t.Context(), testRef(), "x")
				if c.want == "" {
					if err != nil || id != 8 || s.last().Body != `{"body":"x"}` {
						t.Errorf("got %d, %v, body %s; want comment 8", id, err, s.last().Body)
					}
					return
				}
				wantError(t, err, bot.Error{Class: c.want, Status: status})
				if d := cmp.Diff([]string{"POST " + issuePath + "/comments"}, s.calls()); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
			})
		}
	}
}
