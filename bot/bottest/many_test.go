package bottest_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

func numberOf(t *testing.T, raw []byte) string {
	t.Helper()
	var p struct{ Issue struct{ Number int } }
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(p.Issue.Number)
}

func bodyOf(t *testing.T, raw []byte) string {
	t.Helper()
	var p struct{ Comment struct{ Body string } }
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	return p.Comment.Body
}

// Fifty organisations, each with an installation, a repository and a team of its own: none reaches into another.
func TestManyInstallations(t *testing.T) {
	w := newWorld(t)
	const all = 50
	for i := range all {
		org := fmt.Sprintf("org%02d", i)
		w.fake.AddTeam(bottest.Team{Org: org, Slug: "support", Members: []string{fmt.Sprintf("agent%02d", i)}})
		r := w.fake.AddRepository(bottest.RepositoryOptions{Owner: org, Name: "support", Private: true, Installation: int64(5000 + i)})
		r.AddCollaborator("author", "read")
		if _, err := r.OpenIssue("author", bottest.Draft{Title: "Help"}); err != nil {
			t.Fatal(err)
		}
	}
	list := w.as(w.app()).call(200, "GET /app/installations?per_page=100", "").list()
	if len(list) != all+1 {
		t.Errorf("%d installations, want %d", len(list), all+1)
	}
	for i := range all {
		id := 5000 + i
		token := fmt.Sprint("token ", w.as(w.app()).call(201, fmt.Sprintf("POST /app/installations/%d/access_tokens", id), "").object()["token"])
		own, next := fmt.Sprintf("org%02d", i), fmt.Sprintf("org%02d", (i+1)%all)
		w.as(token).call(201, "POST /repos/"+own+"/support/issues/1/comments", `{"body":"x"}`)
		w.as(token).call(404, "GET /repos/"+next+"/support/issues/1", "")
		members := w.as(token).call(200, "GET /orgs/"+own+"/teams/support/members", "").list()
		if len(members) != 1 || members[0]["login"] != fmt.Sprintf("agent%02d", i) {
			t.Errorf("members of %s: %v", own, members)
		}
		w.as(token).call(404, "GET /orgs/"+next+"/teams/support", "")
		in := w.as(w.app()).call(200, "GET /repos/"+own+"/support/installation", "").object()
		if in["id"] != float64(id) || in["account"].(map[string]any)["login"] != own {
			t.Errorf("installation of %s: %v", own, in["id"])
		}
	}
	for _, d := range w.fake.Pending() {
		var p struct {
			Installation struct{ ID int64 }
			Repository   struct{ ID int64 }
		}
		w.check(json.Unmarshal(d.Payload, &p))
		if p.Installation.ID != d.Installation || p.Repository.ID != d.Repository || d.Installation < 5000 {
			t.Errorf("a webhook of %+v says %+v", d.Installation, p)
		}
	}
}
