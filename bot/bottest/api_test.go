package bottest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// exchange is a call and the status that it wants.
type exchange struct {
	want               int
	auth, method, path string
	body               string
}

// endpoints is every call that the bot, or the demo, makes, about issue 1 and the comment at that path.
func endpoints(w *world, token, comment string) []exchange {
	const one = "/repos/pypi/support/issues/1"
	return []exchange{
		{200, w.app(), "GET", "/app", ""},
		{200, w.app(), "GET", "/repos/pypi/support/installation", ""},
		{201, w.app(), "POST", "/app/installations/1001/access_tokens", `{"repository_ids":[233912345],"permissions":{"issues":"write"}}`},
		{201, w.app(), "POST", "/app/installations/1001/access_tokens", "null"},
		{200, token, "GET", "/repos/pypi/support", ""},
		{200, token, "GET", "/users/author", ""},
		{200, token, "GET", "/users/recoverybot%5Bbot%5D", ""},
		{200, token, "GET", "/orgs/pypi", ""},
		{200, token, "GET", "/orgs/pypi/teams/support-admins", ""},
		{200, token, "GET", "/orgs/pypi/teams/support-admins/members?per_page=1", ""},
		{200, token, "GET", "/repos/pypi/support/issues?state=all&since=2026-01-01T00:00:00Z&sort=updated&direction=asc&per_page=100&page=1", ""},
		{201, person("new"), "POST", "/repos/pypi/support/issues", `{"title":"Help","body":"x","labels":["account-recovery"]}`},
		{200, token, "GET", one, ""},
		{200, token, "PATCH", one, `{"title":"Other","labels":["a","b"],"assignees":["agent"]}`},
		{200, token, "PATCH", one, `{"state":"closed","state_reason":"not_planned"}`},
		{200, token, "GET", one, ""},
		{200, token, "PATCH", one, `{"state":"open"}`},
		{200, token, "GET", "/repos/pypi/support/issues/comments?since=2026-01-01T00:00:00Z&sort=updated&direction=desc", ""},
		{200, token, "GET", one + "/comments?since=2026-01-01T00:00:00Z", ""},
		{200, token, "GET", comment, ""},
		{200, token, "PATCH", comment, `{"body":"edited"}`},
		{201, token, "POST", comment + "/reactions", `{"content":"eyes"}`},
		{200, token, "GET", comment + "/reactions?content=eyes", ""},
		{201, token, "POST", one + "/reactions", `{"content":"+1"}`},
		{200, token, "GET", one + "/reactions", ""},
		{204, token, "DELETE", comment, ""},
		{201, token, "POST", "/repos/pypi/support/labels", `{"name":"recovery: triage","color":"0e8a16","description":"staff must look"}`},
		{200, token, "GET", "/repos/pypi/support/labels?per_page=2", ""},
		{200, token, "GET", "/repos/pypi/support/labels/recovery:%20triage", ""},
		{200, token, "POST", one + "/labels", `{"labels":["recovery: triage"]}`},
		{200, token, "POST", one + "/labels", `["bare"]`},
		{200, token, "GET", one + "/labels", ""},
		{200, token, "DELETE", one + "/labels/recovery:%20triage", ""},
		{201, token, "POST", one + "/assignees", `{"assignees":["other"]}`},
		{200, token, "DELETE", one + "/assignees", `{"assignees":["other"]}`},
		{204, token, "PUT", one + "/lock", `{"lock_reason":"resolved"}`},
		{204, token, "DELETE", one + "/lock", ""},
		{200, token, "GET", "/api/v3" + one, ""},
		{200, token, "GET", "/repositories/233912345/issues/1", ""},
		{200, "", "GET", one, ""},
		{200, w.app(), "GET", "/app/installations", ""},
	}
}

// Every endpoint answers once as GitHub's description says: the server checks it.
func TestEveryEndpointKeepsTheContract(t *testing.T) {
	w := newWorld(t)
	w.open("account-recovery")
	token := w.token("")
	note := w.as(token).call(201, "POST /repos/pypi/support/issues/1/comments", `{"body":"hello"}`).object()
	comment := fmt.Sprintf("/repos/pypi/support/issues/comments/%.0f", note["id"])
	for _, c := range endpoints(w, token, comment) {
		w.as(c.auth).call(c.want, c.method+" "+c.path, c.body)
	}
	for _, c := range w.fake.Calls() {
		if c.Kind == "unknown" || c.Status == 0 {
			t.Errorf("call %+v has no kind or no status", c)
		}
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	token := w.token("")
	hidden := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "desk", ID: 5, Private: true})
	w.fake.AddRepository(bottest.RepositoryOptions{Owner: "else", Name: "where", ID: 6, Installation: 2002})
	_, err := hidden.OpenIssue("stranger", bottest.Draft{Title: "x"})
	if err == nil {
		t.Error("a stranger opened an issue in a private repository")
	}
	narrow := w.token(`{"repository_ids":[233912345],"permissions":{"metadata":"read"}}`)
	reader := w.token(`{"permissions":{"issues":"read"}}`)
	one := fmt.Sprintf("/repos/pypi/support/issues/%d", n)
	long := fmt.Sprintf(`{"body":%q}`, strings.Repeat("é", 65537))
	cases := []struct {
		name               string
		want               int
		auth, method, path string
		body               string
		message            string
	}{
		{"bad token", 401, "token nonsense", "GET", one, "", "Bad credentials"},
		{"nobody writes", 401, "", "POST", one + "/comments", `{"body":"x"}`, "Requires authentication"},
		{"app route by token", 401, token, "GET", "/app", "", "A JSON web token could not be decoded"},
		{"wrong issuer", 401, w.jwt("999", time.Minute), "GET", "/app", "", "'Issuer' claim ('iss') must be an Integer"},
		{"too long", 401, w.jwt(appID, 11*time.Minute), "GET", "/app", "", "'Expiration time' claim ('exp') is too far in the future"},
		{"forged", 401, w.app()[:len(w.app())-8] + "AAAAAAAA", "GET", "/app", "", "A JSON web token could not be decoded"},
		{"jwt on an issue", 403, w.app(), "GET", one, "", "Resource not accessible by integration"},
		{"other permission", 403, narrow, "GET", one, "", "Resource not accessible by integration"},
		{"read only", 403, reader, "POST", one + "/comments", `{"body":"x"}`, "Resource not accessible by integration"},
		{"no members", 403, narrow, "GET", "/orgs/pypi/teams/support-admins", "", "Resource not accessible by integration"},
		{"outside the token", 404, narrow, "GET", "/repos/pypi/desk", "", "Not Found"},
		{"foreign public", 403, token, "POST", "/repos/else/where/labels", `{"name":"x"}`, "Resource not accessible by integration"},
		{"hidden", 404, person("stranger"), "GET", "/repos/pypi/desk", "", "Not Found"},
		{"no such issue", 404, token, "GET", "/repos/pypi/support/issues/999", "", "Not Found"},
		{"no such team", 404, token, "GET", "/orgs/pypi/teams/none", "", "Not Found"},
		{"team for strangers", 404, person("stranger"), "GET", "/orgs/pypi/teams/support-admins", "", "Not Found"},
		{
			"foreign repository", 422, w.app(), "POST", "/app/installations/1001/access_tokens", `{"repository_ids":[6]}`,
			"There is at least one repository that does not exist or is not accessible to the parent installation.",
		},
		{
			"wider", 422, w.app(), "POST", "/app/installations/1001/access_tokens", `{"permissions":{"contents":"read"}}`,
			"The permissions requested are not granted to this installation.",
		},
		{
			"write for read", 422, w.app(), "POST", "/app/installations/1001/access_tokens", `{"permissions":{"members":"write"}}`,
			"The permissions requested are not granted to this installation.",
		},
		{"no such installation", 404, w.app(), "POST", "/app/installations/9/access_tokens", "", "Not Found"},
		{"long comment", 422, token, "POST", one + "/comments", long, "Validation Failed"},
		{"long body", 422, token, "PATCH", one, long, "Validation Failed"},
		{"no title", 422, person("author"), "POST", "/repos/pypi/support/issues", `{"title":" "}`, "Validation Failed"},
		{"long title", 422, token, "PATCH", one, fmt.Sprintf(`{"title":%q}`, strings.Repeat("x", 257)), "Validation Failed"},
		{"empty comment", 422, token, "POST", one + "/comments", `{"body":" "}`, "Validation Failed"},
		{"long label", 422, token, "POST", "/repos/pypi/support/labels", fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 51)), "Validation Failed"},
		{"odd colour", 422, token, "POST", "/repos/pypi/support/labels", `{"name":"x","color":"green"}`, "Validation Failed"},
		{"no such label", 404, token, "GET", "/repos/pypi/support/labels/none", "", "Not Found"},
		{"no such comment", 404, token, "GET", "/repos/pypi/support/issues/comments/1", "", "Not Found"},
		{"a person is no organization", 404, token, "GET", "/orgs/author", "", "Not Found"},
		{"label there", 422, token, "POST", "/repos/pypi/support/labels", `{"name":"Account-Recovery"}`, "Validation Failed"},
		{"label not set", 404, token, "DELETE", one + "/labels/nothing", "", "Label does not exist"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := w.as(c.auth).call(c.want, c.method+" "+c.path, c.body).object()["message"]
			if got != c.message {
				t.Errorf("message %q, want %q", got, c.message)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "desk", Private: true})
	a := w.as(w.app()).call(201, "POST /app/installations/1001/access_tokens", `{"repository_ids":[233912345],"permissions":{"issues":"write"}}`)
	got := a.object()
	if got["expires_at"] != "2026-12-03T11:12:00Z" || got["repository_selection"] != "selected" || len(got["repositories"].([]any)) != 1 {
		t.Errorf("token %v", got)
	}
	want := map[string]any{"issues": "write", "metadata": "read"}
	if diff := cmp.Diff(want, got["permissions"]); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
	token := fmt.Sprint("token ", got["token"])
	w.as(token).call(200, "GET /repos/pypi/support/labels", "")
	w.clock.pass(time.Hour)
	w.as(token).call(401, "GET /repos/pypi/support/labels", "")
	token = w.token("")
	w.fake.RevokeTokens()
	w.as(token).call(401, "GET /repos/pypi/support/labels", "")
}

func TestPatchReplacesLists(t *testing.T) {
	w := newWorld(t)
	n := w.open("a", "b")
	w.check(w.repo.Assign(n, "helper", "agent"))
	token := w.token("")
	mark := len(w.issue(n).Timeline)
	w.as(token).call(200, "PATCH /repos/pypi/support/issues/1", `{"labels":[{"name":"B"},"c"],"assignees":["other"],"state":"closed"}`)
	w.as(token).call(200, "PATCH /repos/pypi/support/issues/1", `{"labels":["c","b"],"state":"closed","state_reason":"completed"}`)
	var got []string
	for _, e := range w.issue(n).Timeline[mark:] {
		got = append(got, e.String())
	}
	const bot = "recoverybot[bot] "
	want := []string{
		bot + "unlabeled a", bot + "labeled c", bot + "unassigned agent", bot + "assigned other", bot + "closed completed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
}

func TestPaging(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.open()
		w.clock.pass(time.Minute)
	}
	var seen []int
	path := "/repos/pypi/support/issues?per_page=2&direction=asc"
	links := 0
	for path != "" {
		a := w.as("").call(200, "GET "+path, "")
		for _, is := range a.list() {
			seen = append(seen, int(is["number"].(float64)))
		}
		path = ""
		for part := range strings.SplitSeq(a.header.Get("Link"), ", ") {
			address, rel, _ := strings.Cut(part, ">; ")
			if rel == `rel="next"` {
				path = strings.TrimPrefix(address, "<"+w.url)
				links++
			}
		}
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5}, seen); diff != "" || links != 2 {
		t.Errorf("paged through with %d links (-want +got):\n%s", links, diff)
	}
	if beyond := w.as("").call(200, "GET /repos/pypi/support/issues?per_page=2&page=9", ""); len(beyond.list()) != 0 {
		t.Errorf("page 9 of 3: %s", beyond.raw)
	}
}

func TestListIssues(t *testing.T) {
	w := newWorld(t)
	w.open("account-recovery") // 1
	w.clock.pass(time.Minute)
	w.open() // 2
	w.check(w.repo.Close(2, "author"))
	w.clock.pass(time.Minute)
	w.open() // 3
	w.clock.pass(time.Minute)
	_, err := w.repo.Comment(1, "author", "any news?")
	w.check(err)
	cases := map[string][]int{
		"":                                             {3, 1},
		"?state=closed":                                {2},
		"?state=all&direction=asc":                     {1, 2, 3},
		"?state=all&sort=updated":                      {1, 3, 2},
		"?state=all&sort=comments&direction=asc":       {2, 3, 1},
		"?labels=Account-Recovery":                     {1},
		"?state=all&since=2026-12-03T10:14:00Z":        {3, 1},
		"?state=all&creator=nobody":                    nil,
		"?state=all&since=2026-12-03T12:15:00%2B02:00": {1},
	}
	for query, want := range cases {
		var got []int
		for _, is := range w.as("").call(200, "GET /repos/pypi/support/issues"+query, "").list() {
			got = append(got, int(is["number"].(float64)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("issues%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestComments(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	first, err := w.repo.Comment(n, "author", "one")
	w.check(err)
	w.clock.pass(time.Minute)
	token := w.token("")
	note := w.as(token).call(201, "POST /repos/pypi/support/issues/1/comments", `{"body":"two"}`).object()
	w.clock.pass(time.Minute)
	w.check(w.repo.EditComment(first, "author", "one more"))
	bot := note["performed_via_github_app"].(map[string]any)
	user := note["user"].(map[string]any)
	if bot["id"] != float64(appID) || user["login"] != "recoverybot[bot]" || user["type"] != "Bot" || user["id"] != float64(w.fake.BotID()) {
		t.Errorf("the bot's comment: %v", note)
	}
	bodies := func(path string) []string {
		var all []string
		for _, c := range w.as(token).call(200, "GET "+path, "").list() {
			all = append(all, c["body"].(string))
		}
		return all
	}
	cases := map[string][]string{
		"/repos/pypi/support/issues/1/comments":                                 {"one more", "two"},
		"/repos/pypi/support/issues/1/comments?since=2026-12-03T10:14:00Z":      {"one more"},
		"/repos/pypi/support/issues/comments?sort=updated&direction=asc":        {"two", "one more"},
		"/repos/pypi/support/issues/comments?sort=updated&direction=desc":       {"one more", "two"},
		"/repos/pypi/support/issues/comments?direction=desc":                    {"one more", "two"},
		"/repos/pypi/support/issues/comments?since=2026-12-03T10:14:00Z&page=1": {"one more"},
	}
	for path, want := range cases {
		if diff := cmp.Diff(want, bodies(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	is := w.issue(n)
	if is.Comments[0].Edits != 1 || !is.Comments[1].ByApp || is.UpdatedAt != is.Comments[0].UpdatedAt {
		t.Errorf("snapshot: %+v", is)
	}
}

func TestReactionsAreIdempotent(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	id, err := w.repo.Comment(n, "author", "one")
	w.check(err)
	token := w.token("")
	before := w.issue(n).UpdatedAt
	w.clock.pass(time.Minute)
	path := fmt.Sprintf("/repos/pypi/support/issues/comments/%d/reactions", id)
	first := w.as(token).call(201, "POST "+path, `{"content":"eyes"}`).object()["id"]
	if again := w.as(token).call(200, "POST "+path, `{"content":"eyes"}`).object()["id"]; again != first {
		t.Errorf("a second reaction %v beside %v", again, first)
	}
	w.as(token).call(201, "POST "+path, `{"content":"+1"}`)
	w.check(w.repo.React(id, "agent", "eyes"))
	want := []bottest.Reaction{{Login: "recoverybot[bot]", Content: "eyes"}, {Login: "recoverybot[bot]", Content: "+1"}, {Login: "agent", Content: "eyes"}}
	if diff := cmp.Diff(want, w.issue(n).Comments[0].Reactions); diff != "" {
		t.Errorf("reactions (-want +got):\n%s", diff)
	}
	if got := w.issue(n).UpdatedAt; got != before {
		t.Errorf("a reaction moved updated_at from %v to %v", before, got)
	}
	if got := w.as(token).call(200, "GET "+path+"?per_page=2&page=2", "").list(); len(got) != 1 {
		t.Errorf("page 2 of 3 reactions: %v", got)
	}
}

func TestAssignees(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	for i := range 11 {
		w.repo.AddCollaborator(fmt.Sprintf("c%02d", i), "triage")
	}
	token := w.token("")
	w.as(token).call(201, "POST /repos/pypi/support/issues/1/assignees", `{"assignees":["stranger","agent","author"]}`)
	if diff := cmp.Diff([]string{"agent"}, w.issue(n).Assignees); diff != "" {
		t.Errorf("assignees (-want +got):\n%s", diff)
	}
	for i := range 11 {
		w.check(w.repo.Assign(n, "helper", fmt.Sprintf("c%02d", i)))
	}
	if got := len(w.issue(n).Assignees); got != 10 {
		t.Errorf("%d assignees, want 10", got)
	}
	w.as(token).call(200, "DELETE /repos/pypi/support/issues/1/assignees", `{"assignees":["agent","nobody"]}`)
	if got := len(w.issue(n).Assignees); got != 9 {
		t.Errorf("%d assignees after one was taken off, want 9", got)
	}
}

func TestConditionalGet(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	tag := w.as("").call(200, "GET /repos/pypi/support/issues", "").header.Get("ETag")
	if got := w.conditional(tag); got != 304 {
		t.Errorf("unchanged list: status %d, want 304", got)
	}
	w.clock.pass(time.Second)
	w.check(w.repo.Close(n, "author"))
	if got := w.conditional(tag); got != 200 {
		t.Errorf("changed list: status %d, want 200", got)
	}
	a := w.as("").call(200, "GET /repos/pypi/support", "")
	if got := a.header.Get("Date"); got != "Thu, 03 Dec 2026 10:12:01 GMT" {
		t.Errorf("Date %q is not the fake's", got)
	}
}
