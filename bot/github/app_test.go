package github

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func testTeam() policy.Team { return policy.Team{Org: "octo", Slug: "staff", ID: 11} }

func TestFindRepositoryAndSelf(t *testing.T) {
	s := newServer(t)
	s.answer("GET /repos/Octo/old/installation", 200, `{"id":5}`)
	s.on("GET /repos/Octo/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/repositories/7", http.StatusMovedPermanently)
	})
	s.answer("GET /repositories/7", 200, `{"id":7,"name":"help","owner":{"login":"octo"},"private":true,"archived":true}`)
	s.answer("GET /app", 200, `{"slug":"recovery"}`)
	s.answer("GET /users/recovery%5Bbot%5D", 200, `{"id":42,"login":"recovery[bot]","type":"Bot"}`)
	c := s.client()
	got, err := c.FindRepository(t.Context(), "Octo", "old")
	if err != nil {
		t.Fatal(err)
	}
	want := bot.Repository{ID: 7, Owner: "octo", Name: "help", Installation: 5, Private: true, State: "archived"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("repository (-want +got):\n%s", d)
	}
	for range 2 {
		me, err := c.Self(t.Context())
		if want := (policy.Actor{ID: 42, Login: "recovery[bot]", Bot: true}); err != nil || me != want {
			t.Errorf("self %+v, %v; want %+v", me, err, want)
		}
	}
	var how []string
	for _, e := range s.log {
		kind, _, _ := strings.Cut(e.Token, " ")
		how = append(how, e.What+" "+kind)
	}
	wantHow := []string{
		"GET /repos/Octo/old/installation Bearer",
		"POST /app/installations/5/access_tokens Bearer",
		"GET /repos/Octo/old t1", "GET /repositories/7 t1",
		"GET /app Bearer", "GET /users/recovery%5Bbot%5D t1",
	}
	if d := cmp.Diff(wantHow, how); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

func TestSelfWithoutAnInstallation(t *testing.T) {
	for name, c := range map[string]struct {
		app, user string
		want      bot.Class
	}{
		"bot":       {`{"slug":"recovery"}`, `{"id":42,"type":"Bot"}`, ""},
		"a person":  {`{"slug":"recovery"}`, `{"id":42,"type":"User"}`, bot.Broken},
		"no number": {`{"slug":"recovery"}`, `{"type":"Bot"}`, bot.Broken},
		"no slug":   {`{}`, `{}`, bot.Missing},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer("GET /app", 200, c.app)
			s.answer("GET /users/recovery%5Bbot%5D", 200, c.user)
			_, err := s.client().Self(t.Context())
			if got := bot.ClassOf(err); got != c.want {
				t.Errorf("class %q (%v), want %q", got, err, c.want)
			}
			if got := s.last().Token; got != "" {
				t.Errorf("token %q", got)
			}
		})
	}
}

func TestFindRepositoryThatIsNotThere(t *testing.T) {
	_, err := newServer(t).client().FindRepository(t.Context(), "octo", "help")
	wantError(t, err, bot.Error{Op: "GET installation", Class: bot.Missing, Status: 404})
	_, err = newServer(t).client().FindRepository(t.Context(), "octo", "..")
	wantError(t, err, bot.Error{Op: "GET installation", Class: bot.Invalid})
}
