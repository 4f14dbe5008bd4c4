package bot_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func oddNow() time.Time { return time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC) }

// oddGitHub answers what is set, and panics on any other call.
type oddGitHub struct {
	bot.GitHub
	found    bot.Repository
	missing  map[string]bool // operations that answer 404
	issues   []policy.Issue
	comments []bot.IssueComment
	posted   []string
	forbid   int64 // repository of which lists are forbidden
}

func (g *oddGitHub) err(op string) error {
	if g.missing[op] {
		return &bot.Error{Op: op, Class: bot.Missing, Status: 404}
	}
	return nil
}

func (g *oddGitHub) Issue(context.Context, bot.Ref) (policy.Issue, error) {
	return policy.Issue{}, g.err("issue")
}

func (g *oddGitHub) FindRepository(context.Context, string, string) (bot.Repository, error) {
	return g.found, nil
}

func (g *oddGitHub) LookUp(context.Context, bot.Ref) (bot.Repository, error) {
	return g.found, nil
}

func (g *oddGitHub) Self(context.Context) (policy.Actor, error) {
	return policy.Actor{ID: 99, Login: "recoverybot[bot]", Bot: true}, nil
}

func (g *oddGitHub) IssuesSince(_ context.Context, r bot.Ref, w bot.Window) ([]policy.Issue, bot.Window, error) {
	if g.forbid == r.Repository {
		return nil, w, &bot.Error{Op: "GET issues", Class: bot.Forbidden, Status: 403}
	}
	return g.issues, w, nil
}

func (g *oddGitHub) CommentsSince(_ context.Context, _ bot.Ref, w bot.Window) ([]bot.IssueComment, bot.Window, error) {
	return g.comments, w, nil
}

func (g *oddGitHub) Comments(context.Context, bot.Ref, time.Time) ([]bot.IssueComment, error) {
	return g.comments, nil
}

func (g *oddGitHub) Comment(context.Context, bot.Ref, int64) (bot.IssueComment, error) {
	return bot.IssueComment{}, g.err("comment")
}

func (g *oddGitHub) EditComment(context.Context, bot.Ref, int64, string) error {
	return g.err("comment")
}

func (g *oddGitHub) PostComment(_ context.Context, _ bot.Ref, body string) (int64, error) {
	g.posted = append(g.posted, body)
	return 900, nil
}

// oddStore hands out one piece of work or one call, and keeps what is stored.
type oddStore struct {
	bot.Store
	work   bot.Work
	call   bot.Call
	newest time.Time
	state  string // of the repository

	results  []bot.Result
	pauses   []bot.Pause
	made     []bot.Made
	added    []bot.Delivery
	repaired []int64 // repositories whose mark was moved

	waits      map[policy.Kind][]time.Duration
	measured   int   // how often they were read
	unmeasured error // of Waits
	sleeper    *bot.Case
	version    string // of the policy that asked to wake it
	unwoken    error  // of Rewake
}

// Standing is of a bot that runs as usual.
func (s *oddStore) Standing(context.Context) (bot.Standing, error) {
	return bot.Standing{Opinion: bot.Opinion{Mode: bot.ModeRun}, Stored: bot.ModeRun}, nil
}

func (s *oddStore) Begin(context.Context, bot.CaseKey, time.Time) (bot.Work, time.Time, error) {
	if len(s.results)+len(s.pauses) > 0 {
		return bot.Work{}, time.Time{}, bot.ErrNothing
	}
	return s.work, time.Time{}, nil
}

func (s *oddStore) Lease(context.Context, int64, bot.Wish) (time.Duration, error) { return 0, nil }

func (s *oddStore) Commit(_ context.Context, r bot.Result) error {
	s.results = append(s.results, r)
	return nil
}

func (s *oddStore) PutOff(_ context.Context, _ int64, p bot.Pause) error {
	s.pauses = append(s.pauses, p)
	return nil
}

func (s *oddStore) NextCall(context.Context, int64, time.Time) (bot.Call, time.Time, error) {
	if len(s.made) > 0 {
		return bot.Call{}, time.Time{}, bot.ErrNothing
	}
	return s.call, time.Time{}, nil
}

func (s *oddStore) CallMade(_ context.Context, _ bot.Call, m bot.Made) error {
	s.made = append(s.made, m)
	return nil
}

func (s *oddStore) Repository(_ context.Context, id int64) (bot.Repository, error) {
	return bot.Repository{ID: id, Owner: "o", Name: "n", Installation: 5, Started: oddNow(), State: s.state}, nil
}

func (s *oddStore) SaveRepository(context.Context, bot.Repository) error { return nil }

func (s *oddStore) EndPass(_ context.Context, p bot.Pass) error {
	if !p.Mark.IsZero() {
		s.repaired = append(s.repaired, p.Repository)
	}
	return nil
}

func (s *oddStore) FallBehind(context.Context, ...int64) error { return nil }

func (s *oddStore) Renew(_ context.Context, r bot.Repository, _ time.Time) (bot.Repository, error) {
	was := bot.Repository{ID: r.ID, Owner: "o", Name: "n", Installation: 5, Started: oddNow(), State: s.state}
	s.state = r.State
	return was, nil
}

func (s *oddStore) Waits(context.Context, time.Time) (map[policy.Kind][]time.Duration, error) {
	s.measured++
	return s.waits, s.unmeasured
}

func (s *oddStore) Rewake(_ context.Context, version string, wake func(bot.Case) time.Time) (int, error) {
	s.version = version
	if s.sleeper == nil {
		return 0, s.unwoken
	}
	s.sleeper.Memory.WakeAt = wake(*s.sleeper)
	return 1, s.unwoken
}

func (s *oddStore) Adopt(context.Context, int64, policy.Adoption, time.Time) error { return nil }

func (s *oddStore) NewestSeen(context.Context, bot.CaseKey) (time.Time, error) { return s.newest, nil }

func (s *oddStore) AddDelivery(_ context.Context, d bot.Delivery) (bot.Outcome, error) {
	s.added = append(s.added, d)
	return bot.Added, nil
}

func oddBot(t *testing.T, s *oddStore, g *oddGitHub) *bot.Bot {
	t.Helper()
	const dir = "../.github"
	src, err := os.ReadFile(dir + "/recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := policy.ParseRules(src, os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	r.Repositories[0].Desk = nil
	return bot.New(bot.Options{Rules: r, Store: s, GitHub: g, Clock: oddNow, Log: slog.New(slog.DiscardHandler)})
}

func oddRef() bot.Ref {
	return bot.Ref{CaseKey: bot.CaseKey{Repository: 700001, Issue: 501}, Installation: 5, Owner: "o", Name: "n", Number: 7}
}
