package github

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

func TestIssue(t *testing.T) {
	s := newServer(t)
	s.answer("GET "+issuePath, http.StatusOK, issueAnswer)
	got, err := s.client().Issue(t.Context(), testRef())
	if err != nil {
		t.Fatal(err)
	}
	want := policy.Issue{
		Repository: 7, ID: 100, Number: 3, Title: "T", Body: "B",
		Author: policy.Actor{ID: 1, Login: "ann"}, ClosedBy: 2, Locked: true,
		Labels: []string{"l1"}, Assignees: []string{"bob"}, CreatedAt: day(1), UpdatedAt: day(2),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("issue (-want +got):\n%s", d)
	}
}

func TestIssueThatIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   bot.Class
	}{
		"another issue":    {strings.Replace(issueAnswer, `"id":100`, `"id":101`, 1), bot.GoneAway},
		"pull request":     {strings.Replace(issueAnswer, `"id":100`, `"pull_request":{"url":"u"},"id":100`, 1), bot.GoneAway},
		"no issue at all":  {`{}`, bot.Broken},
		"no JSON":          {`<html>canary`, bot.Broken},
		"mistyped":         {`{"id":"canary"}`, bot.Broken},
		"no date":          {`{"id":100,"updated_at":"canary"}`, bot.Broken},
		"cut":              {`{"id":100,`, bot.Transient},
		"over eight MiB":   {`{"id":100,"body":"` + strings.Repeat("x", maxAnswer) + `"}`, bot.Broken},
		"no pull request":  {strings.Replace(issueAnswer, `"id":100`, `"pull_request":null,"id":100`, 1), ""},
		"author is nobody": {strings.Replace(issueAnswer, `{"id":1,"login":"ann","type":"User"}`, `null`, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer("GET "+issuePath, http.StatusOK, c.answer)
			_, err := s.client().Issue(t.Context(), testRef())
			if got := bot.ClassOf(err); got != c.want {
				t.Fatalf("class %q (%v), want %q", got, err, c.want)
			}
			if err != nil {
				wantError(t, err, bot.Error{Class: c.want, Status: http.StatusOK})
			}
		})
	}
}

func TestComment(t *testing.T) {
	s := newServer(t)
	s.answer("GET /repos/octo/help/issues/comments/55", http.StatusOK, `{"id":55,"body":"/deny","user":{"id":4,"login":"x[bot]","type":"Bot"},
		"issue_url":"https://api.github.com/repos/octo/help/issues/3","performed_via_github_app":{"id":77},
		"created_at":"2026-11-01T00:00:00Z","updated_at":"2026-11-02T00:00:00Z"}`)
	got, err := s.client().Comment(t.Context(), testRef(), 55)
	if err != nil {
		t.Fatal(err)
	}
	want := bot.IssueComment{
		ID: 55, Issue: 3, Author: policy.Actor{ID: 4, Login: "x[bot]", Bot: true}, App: 77,
		Body: "/deny", CreatedAt: day(1), UpdatedAt: day(2),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("comment (-want +got):\n%s", d)
	}
}

// pages answers a list in pages, linked as GitHub does.
func (s *server) pages(path string, pages ...string) {
	s.on("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		if n+1 < len(pages) {
			q := r.URL.Query()
			q.Set("page", fmt.Sprint(n+1))
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?page=0>; rel="prev", <%s%s?%s>; rel="next", <%s%s>; rel="last"`,
				s.URL, path, s.URL, path, q.Encode(), s.URL, path))
		}
		_, _ = fmt.Fprint(w, pages[n])
	})
}

func listed(id, updated int) string {
	return fmt.Sprintf(`{"id":%d,"number":%d,"state":"open","created_at":"2026-11-01T00:00:00Z","updated_at":"2026-11-%02dT00:00:00Z","issue_url":"x/issues/%d"}`,
		id, id, updated, id)
}

func TestLists(t *testing.T) {
	s := newServer(t)
	pull := `{"id":9,"number":9,"pull_request":{},"updated_at":"2026-11-09T00:00:00Z"}`
	first, second := "["+listed(1, 5)+","+listed(2, 3)+"]", "["+pull+","+listed(2, 3)+","+listed(3, 4)+"]"
	s.pages("/repos/octo/help/issues", first, second)
	s.pages("/repos/octo/help/issues/comments", first, second)
	s.pages(issuePath+"/comments", first)
	c, since := s.client(), time.Date(2026, 11, 1, 2, 0, 0, 999, time.FixedZone("", 3600))

	ids := func(issues []policy.Issue, err error) []int64 {
		var all []int64
		for _, i := range issues {
			all = append(all, i.ID)
		}
		return check(t, all, err)
	}
	comments := func(found []bot.IssueComment, err error) []int64 {
		var all []int64
		for _, x := range found {
			all = append(all, x.ID)
		}
		return check(t, all, err)
	}
	changed, window, err1 := c.IssuesSince(t.Context(), testRef(), bot.Window{Since: since})
	said, _, err2 := c.CommentsSince(t.Context(), testRef(), bot.Window{Since: since})
	if window.ETag != "" {
		t.Errorf("a list of two pages has the tag %q: it says nothing of the second", window.ETag)
	}
	for _, x := range []struct {
		name      string
		got, want []int64
	}{
		{"issues since", ids(changed, err1), []int64{2, 3, 1}},
		{"open issues", ids(c.OpenIssues(t.Context(), testRef(), "a b")), []int64{1, 2, 3}},
		{"repository comments", comments(said, err2), []int64{2, 3, 1, 9}},
		{"comments", comments(c.Comments(t.Context(), testRef(), time.Time{})), []int64{1, 2}},
	} {
		if d := cmp.Diff(x.want, x.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", x.name, d)
		}
	}
	want := []string{
		"GET /repos/octo/help/issues?direction=asc&per_page=100&since=2026-11-01T01%3A00%3A00Z&sort=created&state=all",
		"GET /repos/octo/help/issues?direction=asc&page=1&per_page=100&since=2026-11-01T01%3A00%3A00Z&sort=created&state=all",
		"GET /repos/octo/help/issues/comments?direction=asc&per_page=100&since=2026-11-01T01%3A00%3A00Z&sort=created",
		"GET /repos/octo/help/issues/comments?direction=asc&page=1&per_page=100&since=2026-11-01T01%3A00%3A00Z&sort=created",
		"GET /repos/octo/help/issues?direction=asc&labels=a+b&per_page=100&sort=created&state=open",
		"GET /repos/octo/help/issues?direction=asc&labels=a+b&page=1&per_page=100&sort=created&state=open",
		"GET " + issuePath + "/comments?per_page=100",
	}
	if d := cmp.Diff(want, s.calls()); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// One page is asked for, whatever follows it, and what is no open issue is left
// out of it.
func TestQuietIssues(t *testing.T) {
	s := newServer(t)
	pull := `{"id":9,"number":9,"state":"open","pull_request":{},"updated_at":"2026-11-09T00:00:00Z"}`
	closed := `{"id":8,"number":8,"state":"closed","updated_at":"2026-11-09T00:00:00Z"}`
	s.pages("/repos/octo/help/issues", "["+pull+","+listed(2, 3)+","+closed+`,{"id":7,"state":"open"},`+listed(1, 5)+"]", "["+listed(3, 6)+"]")
	found, err := s.client().QuietIssues(t.Context(), testRef(), "a b")
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, i := range found {
		got = append(got, i.ID)
	}
	if d := cmp.Diff([]int64{2, 1}, got); d != "" {
		t.Errorf("issues (-want +got):\n%s", d)
	}
	want := []string{"GET /repos/octo/help/issues?direction=asc&labels=a+b&per_page=100&sort=updated&state=open"}
	if d := cmp.Diff(want, s.calls()); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	s.on("GET /repos/octo/help/issues", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	_, err = s.client().QuietIssues(t.Context(), testRef(), "a b")
	wantError(t, err, bot.Error{Op: "GET quiet issues", Class: bot.Transient, Status: http.StatusBadGateway})
}

func check(t *testing.T, ids []int64, err error) []int64 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestListsThatNeverEndOrLeave(t *testing.T) {
	for name, link := range map[string]string{
		"never ends":   "<%s/repos/octo/help/issues>; rel=\"next\"",
		"another host": "<https://evil.example/%.0s>; rel=\"next\"",
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("GET /repos/octo/help/issues", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Link", fmt.Sprintf(link, s.URL))
				_, _ = fmt.Fprint(w, "[]")
			})
			got, err := s.client().OpenIssues(t.Context(), testRef(), "")
			wantError(t, err, bot.Error{Class: bot.Broken, Status: http.StatusOK})
			if got != nil || len(s.calls()) > maxPages {
				t.Errorf("got %v after %d calls", got, len(s.calls()))
			}
		})
	}
}

// TestFindTeam: the ids of an answer are for the name that was asked for.
func TestFindTeam(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   bot.Class
	}{
		"as asked":                {`{"id":11,"slug":"staff","organization":{"id":12,"login":"Octo"}}`, ""},
		"another team":            {`{"id":13,"slug":"everybody","organization":{"id":12,"login":"octo"}}`, bot.Broken},
		"of another organisation": {`{"id":14,"slug":"staff","organization":{"id":15,"login":"mallory"}}`, bot.Broken},
		"nameless":                {`{"id":11}`, bot.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer("GET /orgs/octo/teams/staff", http.StatusOK, c.answer)
			got, err := s.client().FindTeam(t.Context(), 5, policy.Team{Org: "octo", Slug: "staff"})
			if bot.ClassOf(err) != c.want || err == nil && got != (policy.Team{Org: "octo", Slug: "staff", ID: 11, OrgID: 12}) {
				t.Errorf("got %+v, %v; want the class %q", got, err, c.want)
			}
		})
	}
}

func TestMembers(t *testing.T) {
	team := policy.Team{Org: "octo", Slug: "staff", ID: 11, OrgID: 12}
	for name, c := range map[string]struct {
		answer string
		team   policy.Team
		want   bot.Class
	}{
		"as configured":             {`{"id":11,"organization":{"id":12}}`, team, ""},
		"any organisation":          {`{"id":11,"organization":{"id":13}}`, policy.Team{Org: "octo", Slug: "staff", ID: 11}, ""},
		"created anew":              {`{"id":99,"organization":{"id":12}}`, team, bot.Invalid},
		"of another organisation":   {`{"id":11,"organization":{"id":13}}`, team, bot.Invalid},
		"without its organisation":  {`{"id":11}`, team, bot.Invalid},
		"id is not in the policy":   {`{"id":11}`, policy.Team{Org: "octo", Slug: "staff"}, bot.Invalid},
		"no id on either side":      {`{}`, policy.Team{Org: "octo", Slug: "staff"}, bot.Invalid},
		"a slug that leaves a path": {`{}`, policy.Team{Org: "octo", Slug: ".."}, bot.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer("GET /orgs/octo/teams/staff", http.StatusOK, c.answer)
			s.pages("/orgs/octo/teams/staff/members", `[{"id":3},{"id":1}]`, `[{"id":3},{"id":2}]`)
			got, err := s.client().Members(t.Context(), 5, c.team)
			if bot.ClassOf(err) != c.want {
				t.Fatalf("class %q (%v), want %q", bot.ClassOf(err), err, c.want)
			}
			if err == nil && !slices.Equal(got, []int64{1, 2, 3}) {
				t.Errorf("members %v, want 1, 2, 3", got)
			}
			if err == nil && !strings.Contains(s.calls()[1], "/members?per_page=100&role=all") {
				t.Errorf("calls: %q", s.calls())
			}
		})
	}
}

func TestReacted(t *testing.T) {
	s := newServer(t)
	s.answer("GET /app", http.StatusOK, `{"slug":"recovery"}`)
	s.answer("GET /users/recovery%5Bbot%5D", http.StatusOK, `{"id":42,"login":"recovery[bot]","type":"Bot"}`)
	s.answer("GET /repos/octo/help/issues/comments/1/reactions", http.StatusOK, `[{"content":"+1","user":{"id":41}},{"content":"+1","user":null}]`)
	s.answer("GET /repos/octo/help/issues/comments/2/reactions", http.StatusOK, `[{"content":"+1","user":{"id":42}}]`)
	c := s.client()
	for id, want := range map[int64]bool{1: false, 2: true} {
		got, err := c.Reacted(t.Context(), testRef(), id, "+1")
		if err != nil || got != want {
			t.Errorf("comment %d: %v, %v; want %v", id, got, err, want)
		}
	}
	if got := s.last().What; !strings.HasSuffix(got, "/reactions?content=%2B1&per_page=100") {
		t.Errorf("asked %s", got)
	}
}
