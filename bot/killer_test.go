package bot_test

import (
	"context"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// side says on which side of a call the process is killed.
type side string

const (
	before side = "before"
	after  side = "after"
)

// killer kills the process at the n-th call to the store or to GitHub since it
// was armed, once. A nil killer kills nobody.
type killer struct {
	mu    sync.Mutex
	at    int // 0: never; calls are counted all the same
	side  side
	calls []string // the names of all calls since it was armed
	dead  bool     // the process was killed, and nobody has noticed yet
	done  bool
}

// arm sets the next kill, and returns the calls since the last time.
func (k *killer) arm(at int, s side) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	calls := k.calls
	k.at, k.side, k.calls, k.done = at, s, nil, false
	return calls
}

// killed is what a killed process panics with.
type killed struct{}

// call counts a call, and kills before it. The caller runs what it returns
// after the call.
func (k *killer) call(name string) func() {
	k.mu.Lock()
	k.calls = append(k.calls, name)
	hit := !k.done && len(k.calls) == k.at
	k.done = k.done || hit
	k.mu.Unlock()
	if !hit {
		return func() {}
	}
	if k.side == before {
		panic(killed{})
	}
	return func() { panic(killed{}) }
}

// died reports whether a recovered panic is the killer's. Any other goes on.
func (k *killer) died(recovered any) bool {
	if recovered == nil {
		return false
	}
	if _, ok := recovered.(killed); !ok || k == nil {
		panic(recovered)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dead = true
	return true
}

func (k *killer) isDead() bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

// buried reports once whether the process is dead.
func (k *killer) buried() bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	was := k.dead
	k.dead = false
	return was
}

// mortalStore is a store at every call to which the process may be killed.
type mortalStore struct {
	bot.Store

	k *killer
}

func (s mortalStore) AddDelivery(ctx context.Context, d bot.Delivery) (bot.Outcome, error) {
	defer s.k.call("AddDelivery")()
	return s.Store.AddDelivery(ctx, d)
}

func (s mortalStore) Ready(ctx context.Context, now time.Time) (bot.Unit, error) {
	defer s.k.call("Ready")()
	return s.Store.Ready(ctx, now)
}

func (s mortalStore) Begin(ctx context.Context, key bot.CaseKey, now time.Time) (bot.Work, time.Time, error) {
	defer s.k.call("Begin")()
	return s.Store.Begin(ctx, key, now)
}

func (s mortalStore) Commit(ctx context.Context, r bot.Result) error {
	defer s.k.call("Commit")()
	return s.Store.Commit(ctx, r)
}

func (s mortalStore) Waits(ctx context.Context, since time.Time) (map[policy.Kind][]time.Duration, error) {
	defer s.k.call("Waits")()
	return s.Store.Waits(ctx, since)
}

func (s mortalStore) Rewake(ctx context.Context, version string, wake func(bot.Case) time.Time) (int, error) {
	defer s.k.call("Rewake")()
	return s.Store.Rewake(ctx, version, wake)
}

func (s mortalStore) PutOff(ctx context.Context, delivery int64, p bot.Pause) error {
	defer s.k.call("PutOff")()
	return s.Store.PutOff(ctx, delivery, p)
}

func (s mortalStore) Bury(ctx context.Context, delivery int64, class string, now time.Time) error {
	defer s.k.call("Bury")()
	return s.Store.Bury(ctx, delivery, class, now)
}

func (s mortalStore) NextCall(ctx context.Context, installation int64, now time.Time) (bot.Call, time.Time, error) {
	defer s.k.call("NextCall")()
	return s.Store.NextCall(ctx, installation, now)
}

func (s mortalStore) EndPass(ctx context.Context, p bot.Pass) error {
	defer s.k.call("EndPass")()
	return s.Store.EndPass(ctx, p)
}

func (s mortalStore) FallBehind(ctx context.Context, ids ...int64) error {
	defer s.k.call("FallBehind")()
	return s.Store.FallBehind(ctx, ids...)
}

func (s mortalStore) CallMade(ctx context.Context, c bot.Call, m bot.Made) error {
	defer s.k.call("CallMade")()
	return s.Store.CallMade(ctx, c, m)
}

func (s mortalStore) CallFailed(ctx context.Context, effect int64, p bot.Pause) error {
	defer s.k.call("CallFailed")()
	return s.Store.CallFailed(ctx, effect, p)
}

func (s mortalStore) Lease(ctx context.Context, installation int64, w bot.Wish) (time.Duration, error) {
	defer s.k.call("Lease")()
	return s.Store.Lease(ctx, installation, w)
}

func (s mortalStore) Settle(ctx context.Context, installation int64, b bot.Bill) error {
	defer s.k.call("Settle")()
	return s.Store.Settle(ctx, installation, b)
}

func (s mortalStore) HoldWrites(ctx context.Context, installation int64, until time.Time) error {
	defer s.k.call("HoldWrites")()
	return s.Store.HoldWrites(ctx, installation, until)
}

func (s mortalStore) Sweep(ctx context.Context, now time.Time) (int, []bot.CaseKey, error) {
	defer s.k.call("Sweep")()
	return s.Store.Sweep(ctx, now)
}

func (s mortalStore) Cases(ctx context.Context) ([]bot.Case, error) {
	defer s.k.call("Cases")()
	return s.Store.Cases(ctx)
}

func (s mortalStore) Ended(ctx context.Context, since time.Time) ([]bot.Case, error) {
	defer s.k.call("Ended")()
	return s.Store.Ended(ctx, since)
}

func (s mortalStore) Told(ctx context.Context, desk int64) (bot.Told, error) {
	defer s.k.call("Told")()
	return s.Store.Told(ctx, desk)
}

func (s mortalStore) Tell(ctx context.Context, t bot.Told, effects []policy.Effect) error {
	defer s.k.call("Tell")()
	return s.Store.Tell(ctx, t, effects)
}

func (s mortalStore) Repository(ctx context.Context, id int64) (bot.Repository, error) {
	defer s.k.call("Repository")()
	return s.Store.Repository(ctx, id)
}

func (s mortalStore) SaveRepository(ctx context.Context, r bot.Repository) error {
	defer s.k.call("SaveRepository")()
	return s.Store.SaveRepository(ctx, r)
}

func (s mortalStore) LabelCreated(ctx context.Context, repository int64, name string) error {
	defer s.k.call("LabelCreated")()
	return s.Store.LabelCreated(ctx, repository, name)
}

func (s mortalStore) Adopt(ctx context.Context, repository int64, a policy.Adoption, now time.Time) error {
	defer s.k.call("Adopt")()
	return s.Store.Adopt(ctx, repository, a, now)
}

func (s mortalStore) NewestSeen(ctx context.Context, key bot.CaseKey) (time.Time, error) {
	defer s.k.call("NewestSeen")()
	return s.Store.NewestSeen(ctx, key)
}

// mortalGitHub is a GitHub at every call to which the process may be killed.
type mortalGitHub struct {
	bot.GitHub

	k *killer
}

func (g mortalGitHub) Issue(ctx context.Context, r bot.Ref) (policy.Issue, error) {
	defer g.k.call("Issue")()
	return g.GitHub.Issue(ctx, r)
}

func (g mortalGitHub) Comment(ctx context.Context, r bot.Ref, id int64) (bot.IssueComment, error) {
	defer g.k.call("Comment")()
	return g.GitHub.Comment(ctx, r, id)
}

func (g mortalGitHub) Comments(ctx context.Context, r bot.Ref, since time.Time) ([]bot.IssueComment, error) {
	defer g.k.call("Comments")()
	return g.GitHub.Comments(ctx, r, since)
}

func (g mortalGitHub) Reacted(ctx context.Context, r bot.Ref, comment int64, content string) (bool, error) {
	defer g.k.call("Reacted")()
	return g.GitHub.Reacted(ctx, r, comment, content)
}

func (g mortalGitHub) Members(ctx context.Context, installation int64, t policy.Team) ([]int64, error) {
	defer g.k.call("Members")()
	return g.GitHub.Members(ctx, installation, t)
}

func (g mortalGitHub) IssuesSince(ctx context.Context, r bot.Ref, since bot.Window) ([]policy.Issue, bot.Window, error) {
	defer g.k.call("IssuesSince")()
	return g.GitHub.IssuesSince(ctx, r, since)
}

func (g mortalGitHub) OpenIssues(ctx context.Context, r bot.Ref, label string) ([]policy.Issue, error) {
	defer g.k.call("OpenIssues")()
	return g.GitHub.OpenIssues(ctx, r, label)
}

func (g mortalGitHub) QuietIssues(ctx context.Context, r bot.Ref, label string) ([]policy.Issue, error) {
	defer g.k.call("QuietIssues")()
	return g.GitHub.QuietIssues(ctx, r, label)
}

func (g mortalGitHub) CommentsSince(ctx context.Context, r bot.Ref, since bot.Window) ([]bot.IssueComment, bot.Window, error) {
	defer g.k.call("CommentsSince")()
	return g.GitHub.CommentsSince(ctx, r, since)
}

func (g mortalGitHub) FindRepository(ctx context.Context, owner, name string) (bot.Repository, error) {
	defer g.k.call("FindRepository")()
	return g.GitHub.FindRepository(ctx, owner, name)
}

func (g mortalGitHub) Self(ctx context.Context) (policy.Actor, error) {
	defer g.k.call("Self")()
	return g.GitHub.Self(ctx)
}

func (g mortalGitHub) PostComment(ctx context.Context, r bot.Ref, body string) (int64, error) {
	defer g.k.call("PostComment")()
	return g.GitHub.PostComment(ctx, r, body)
}

func (g mortalGitHub) EditComment(ctx context.Context, r bot.Ref, id int64, body string) error {
	defer g.k.call("EditComment")()
	return g.GitHub.EditComment(ctx, r, id, body)
}

func (g mortalGitHub) DeleteComment(ctx context.Context, r bot.Ref, id int64) error {
	defer g.k.call("DeleteComment")()
	return g.GitHub.DeleteComment(ctx, r, id)
}

func (g mortalGitHub) CreateLabel(ctx context.Context, r bot.Ref, l policy.Label) error {
	defer g.k.call("CreateLabel")()
	return g.GitHub.CreateLabel(ctx, r, l)
}

func (g mortalGitHub) AddLabels(ctx context.Context, r bot.Ref, names []string) error {
	defer g.k.call("AddLabels")()
	return g.GitHub.AddLabels(ctx, r, names)
}

func (g mortalGitHub) RemoveLabel(ctx context.Context, r bot.Ref, name string) error {
	defer g.k.call("RemoveLabel")()
	return g.GitHub.RemoveLabel(ctx, r, name)
}

func (g mortalGitHub) React(ctx context.Context, r bot.Ref, comment int64, content string) error {
	defer g.k.call("React")()
	return g.GitHub.React(ctx, r, comment, content)
}

func (g mortalGitHub) Close(ctx context.Context, r bot.Ref, reason string) error {
	defer g.k.call("Close")()
	return g.GitHub.Close(ctx, r, reason)
}

func (g mortalGitHub) Reopen(ctx context.Context, r bot.Ref) error {
	defer g.k.call("Reopen")()
	return g.GitHub.Reopen(ctx, r)
}

func (g mortalGitHub) Assign(ctx context.Context, r bot.Ref, logins []string) error {
	defer g.k.call("Assign")()
	return g.GitHub.Assign(ctx, r, logins)
}

func (g mortalGitHub) Unassign(ctx context.Context, r bot.Ref, logins []string) error {
	defer g.k.call("Unassign")()
	return g.GitHub.Unassign(ctx, r, logins)
}

func (g mortalGitHub) PostIssue(ctx context.Context, r bot.Ref, d bot.Draft) (bot.Ref, error) {
	defer g.k.call("PostIssue")()
	return g.GitHub.PostIssue(ctx, r, d)
}

func (g mortalGitHub) EditText(ctx context.Context, r bot.Ref, t bot.IssueText) error {
	defer g.k.call("EditText")()
	return g.GitHub.EditText(ctx, r, t)
}

func (g mortalGitHub) EditIssue(ctx context.Context, r bot.Ref, d bot.Draft) error {
	defer g.k.call("EditIssue")()
	return g.GitHub.EditIssue(ctx, r, d)
}
