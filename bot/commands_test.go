package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// change rewrites the queued deliveries of an event.
func (w *world) change(event string, do func(payload map[string]any)) {
	w.Helper()
	w.fake.Rearrange(func(queue []bottest.Delivery) []bottest.Delivery {
		for i, d := range queue {
			if d.Event != event {
				continue
			}
			var p map[string]any
			w.must(json.Unmarshal(d.Payload, &p))
			do(p)
			raw, err := json.Marshal(p)
			w.must(err)
			queue[i].Payload = raw
			queue[i].Action, _ = p["action"].(string)
		}
		return queue
	})
}

// TestCommandMatrix: of all ways in which the text of a command can arrive,
// exactly one runs it.
func TestCommandMatrix(t *testing.T) {
	senders := map[string]map[string]any{
		"author": nil, // as it is
		"other":  {"id": 99001, "login": "mallory", "type": "User"},
		"bot":    {"id": 99002, "login": "helper[bot]", "type": "Bot"},
		"app":    {"id": 99003, "login": "ada", "type": "User"},
	}
	ran := []string{}
	for _, action := range []string{"created", "edited", "deleted"} {
		for _, sender := range []string{"author", "other", "bot", "app"} {
			for _, edited := range []bool{false, true} {
				cell := fmt.Sprintf("%s by %s, edited meanwhile: %v", action, sender, edited)
				t.Run(cell, func(t *testing.T) {
					w := newWorld(t, setup{})
					n := w.triage()
					id, err := w.repo.Comment(n, "ada", "/deny abuse")
					w.must(err)
					w.change("issue_comment", func(p map[string]any) {
						p["action"] = action
						if s := senders[sender]; s != nil {
							p["sender"] = s
						}
					})
					if edited {
						w.clock.set(w.clock.Now().Add(time.Second))
						w.must(w.repo.EditComment(id, "max", "/deny unprovable"))
					}
					w.settle()
					w.soon()
					if w.memory(n).State == policy.Denied {
						ran = append(ran, cell)
					}
				})
			}
		}
	}
	if want := []string{"created by author, edited meanwhile: false"}; !slices.Equal(ran, want) {
		t.Errorf("ran: %q, want %q", ran, want)
	}
}

// throughApp is a GitHub where every comment was written through an App, in
// the name of its author.
type throughApp struct{ bot.GitHub }

func (g throughApp) Comment(ctx context.Context, r bot.Ref, id int64) (bot.IssueComment, error) {
	c, err := g.GitHub.Comment(ctx, r, id)
	c.App = 815
	return c, err
}

// A comment through an App is nobody's word, though GitHub names a person as
// its author.
func TestCommandThroughApp(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	o := w.bot.Options
	o.GitHub = throughApp{o.GitHub}
	w.bot = bot.New(o)
	w.start()
	id := w.say(n, "ada", "/deny abuse")
	w.soon()
	w.state(n, policy.Triage)
	if got := w.reactions(n, id); got != "" {
		t.Errorf("reactions %q, want none", got)
	}
}

// However often and in whatever order the webhooks come, a command runs once.
func TestOnce(t *testing.T) {
	ways := map[string]func(w *world, guid string){
		"the same id ten times": func(w *world, guid string) {
			for range 10 {
				w.fake.Redeliver(guid)
			}
		},
		"the same body with new ids": func(w *world, guid string) {
			for range 10 {
				w.fake.Replay(guid)
			}
		},
		"another body of the same comment": func(w *world, guid string) {
			w.fake.Replay(guid)
			w.change("issue_comment", func(p map[string]any) { p["extra"] = "x" })
		},
		"six days later": func(w *world, guid string) {
			w.clock.set(w.clock.Now().Add(6 * 24 * time.Hour))
			w.fake.Replay(guid)
			w.change("issue_comment", func(p map[string]any) { p["extra"] = "y" })
		},
		"with another reconcile pass": func(w *world, _ string) { w.must(w.bot.Reconcile(w.Context())) },
	}
	for name, again := range ways {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			n := w.triage()
			w.say(n, "hal", "/ask project")
			guid := lastDelivery(w, "issue_comment")
			was := bottest.Summary(w.issue(n))
			mark := w.fake.Mark()
			w.later(time.Minute)
			again(w, guid)
			w.settle()
			w.soon()
			if got := w.wrote(mark); len(got) != 0 {
				t.Errorf("writes %v, want none", got)
			}
			if got := bottest.Summary(w.issue(n)); got != was {
				t.Errorf("end:\n%s\nwant:\n%s", got, was)
			}
		})
	}
}

// Webhooks that come late, doubled and in any order end where the same ones
// in order do.
func TestReordered(t *testing.T) {
	story := func(w *world, mix func([]bottest.Delivery) []bottest.Delivery) string {
		n := w.file(body("", "Lost."))
		at := w.clock.Now()
		acts := []func(){
			func() { w.must(w.repo.EditIssue(n, "ann", body("ann-builds", "Lost."))) },
			func() { _, err := w.repo.Comment(n, "hal", "/ask project"); w.must(err) },
			func() { _, err := w.repo.Comment(n, "ann", "It is ann-tools."); w.must(err) },
			func() { _, err := w.repo.Comment(n, "ada", "/complete outside"); w.must(err) },
		}
		for i, act := range acts {
			w.clock.set(at.Add(time.Duration(i+1) * time.Minute))
			act()
		}
		w.fake.Rearrange(mix)
		_, err := w.fake.Deliver(w.Context())
		w.must(err)
		w.settle()
		w.soon()
		is := w.issue(n)
		for i := range is.Comments {
			is.Comments[i].Edits = 0
		}
		return bottest.Summary(is)
	}
	want := story(newWorld(t, setup{}), func(q []bottest.Delivery) []bottest.Delivery { return q })
	if !strings.HasPrefix(want, "closed as completed") {
		t.Fatalf("the story ends as\n%s", want)
	}
	mixes := map[string]func([]bottest.Delivery) []bottest.Delivery{
		"reversed": func(q []bottest.Delivery) []bottest.Delivery { slices.Reverse(q); return q },
		"doubled":  func(q []bottest.Delivery) []bottest.Delivery { return append(q, q...) },
		"rotated":  func(q []bottest.Delivery) []bottest.Delivery { return append(q[2:], q[:2]...) },
	}
	for name, mix := range mixes {
		t.Run(name, func(t *testing.T) {
			if got := story(newWorld(t, setup{}), mix); got != want {
				t.Errorf("end:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// What is not known of a team is neither yes nor no: the command waits, and
// after an hour says so.
func TestUnknownAuthority(t *testing.T) {
	agents := bottest.Team{Org: "octo-registry", Slug: "support-agents", ID: 5001, Members: []string{"ada"}}
	fails := map[string]func(*world){
		"500": func(w *world) { w.fake.Fail(bottest.Fault{Status: 500, On: "team", Times: 10000}) },
		"403": func(w *world) { w.fake.Fail(bottest.Fault{Status: 403, On: "team", Times: 10000}) },
		"404": func(w *world) { w.fake.RemoveTeam(agents.Org, agents.Slug) },
		"members 404": func(w *world) {
			w.fake.Fail(bottest.Fault{Status: http.StatusNotFound, On: "team members", Times: 10000})
		},
		"another team of that name": func(w *world) {
			again := agents
			again.ID = 6001
			w.fake.AddTeam(again)
		},
	}
	for name, fail := range fails {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			n := w.triage()
			fail(w)
			id := w.say(n, "ada", "/complete outside")
			w.later(59 * time.Minute)
			if got := w.reactions(n, id); got != "" || len(w.ours(n)) != 1 {
				t.Errorf("before the hour is over: reactions %q, %d comments", got, len(w.ours(n)))
			}
			w.later(2 * time.Minute)
			if got := w.reactions(n, id); got != "confused" || len(w.ours(n)) != 2 {
				t.Errorf("after it: reactions %q, %d comments; want confused and 2", got, len(w.ours(n)))
			}
			w.fake.ClearFaults()
			w.fake.AddTeam(agents)
			w.later(2 * time.Hour)
			w.state(n, policy.Triage)
		})
	}
}

// A command that waited for its author to be known runs when he is.
func TestAuthorityComesBack(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.fake.Fail(bottest.Fault{Status: 503, On: "team", Times: 4})
	w.say(n, "ada", "/complete outside")
	w.state(n, policy.Triage)
	for range 6 {
		w.later(31 * time.Second)
	}
	w.state(n, policy.Completed)
}

// People are known by their numbers: a new name takes nothing away, and an
// old one gives nothing.
func TestNames(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.fake.AddUser("adele", 1001) // ada, renamed
	w.fake.AddUser("ada", 6666)   // a stranger who took the name
	stranger := w.say(n, "ada", "/complete outside")
	w.state(n, policy.Triage)
	if got := w.reactions(n, stranger); got != "" {
		t.Errorf("the stranger got %q, want nothing", got)
	}
	w.say(n, "adele", "/complete outside")
	w.state(n, policy.Completed)
}
