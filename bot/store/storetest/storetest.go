// Package storetest is the conformance suite of bot.Store: what every store
// must do, told by the contract of the interface alone.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Store is what is tested: a bot.Store, and what operators see and do of its
// deliveries and effects. The methods are documented at store.Store.
type Store interface {
	bot.Store
	Jobs(ctx context.Context) ([]bot.Job, error)
	Job(ctx context.Context, name string) (bot.Job, error)
	Retry(ctx context.Context, name string, now time.Time) (bot.Verdict, error)
}

// Run tests the stores that open returns. Each call must return an empty one,
// which the caller closes at the end of the test t.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for name, test := range tests() {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			test(&world{T: t, ctx: ctx, Store: open(t)})
		})
	}
}

// patience is far above what any test needs: what takes longer waits for
// itself.
const patience = 90 * time.Second

func tests() map[string]func(*world) {
	all := deskTests()
	maps.Copy(all, caseTests())
	maps.Copy(all, hookTests())
	maps.Copy(all, retentionTests())
	maps.Copy(all, modeTests())
	maps.Copy(all, otherTests())
	maps.Copy(all, forgottenTests())
	return all
}

// deskTests are about what staff read: the desk and the digest.
func deskTests() map[string]func(*world) {
	return map[string]func(*world){
		"a case gets its issue at the desk":  seatsCase,
		"a comment at the desk":              hearsDesk,
		"the desk and the issue in order":    ordersDesk,
		"trouble at the desk is the desk's":  separatesDesk,
		"the desk's effects follow the desk": movesDesk,
		"another issue, another desk":        reseatsCase,
		"an issue at the desk that died":     forgetsDesk,
		"what ended since a time":            remembersEnds,
		"a digest is told once":              tellsDigest,
		"the newest digest is enough":        tellsNewest,
		"a digest follows its desk":          movesDigest,
		"a digest without a desk":            dropsDigest,
		"a digest without a word":            tellsNobody,
	}
}

func caseTests() map[string]func(*world) {
	return map[string]func(*world){
		"a delivery is kept":                            keeps,
		"what was found in a delivery is kept":          keepsLeaks,
		"the same delivery again":                       seesAgain,
		"a creation is one event":                       createsOnce,
		"without GUID or digest":                        nameless,
		"a dead delivery is re-armed":                   rearms,
		"oldest object first":                           ordersDeliveries,
		"put off blocks its own case":                   putsOff,
		"names are renewed":                             renews,
		"a tick when it is time":                        ticks,
		"a held repository":                             holdsRepository,
		"the operator's choice":                         adopts,
		"ready is the oldest unit":                      findsReady,
		"a decision is read back":                       commits,
		"a conflict leaves nothing":                     conflicts,
		"a tick that was overtaken":                     overtaken,
		"a command runs once":                           runsOnce,
		"an ended delivery":                             endsOnce,
		"newer effects supersede":                       supersedes,
		"effects in order":                              ordersEffects,
		"effects by priority":                           prefersEffects,
		"effects hasten those before them":              hastensEffects,
		"GitHub was asked too much":                     refuses,
		"GitHub says no, and not for how long":          refusesUnsaid,
		"a tick waits for GitHub":                       refusesTicks,
		"little is left":                                sparesLast,
		"steps and begun":                               steps,
		"a failing effect stops nobody else":            failsCalls,
		"ids of comments":                               keepsComments,
		"an installation waits":                         holdsWrites,
		"effects follow the installation":               moves,
		"how long staff took":                           measures,
		"what staff took long ago":                      forgetsWaits,
		"a new policy wakes":                            rewakes,
		"a pass that is cut off":                        rewakesOn,
		"a decision during the pass":                    decidedMeanwhile,
		"labels of a repository":                        createsLabels,
		"a repository is replaced":                      savesRepository,
		"sweep wakes what is due":                       sweeps,
		"open cases and late replies":                   listsCases,
		"a case by its number":                          findsCase,
		"the timeline is a chain":                       tells,
		"nothing to tell":                               tellsNothing,
		"a transaction that is cut off":                 cutsOff,
		"deliveries while others are worked on":         concurs,
		"what is not known":                             unknown,
		"a decision on several cases is independent":    separates,
		"jobs that are open or dead":                    listsJobs,
		"a dead delivery is retried":                    retriesDelivery,
		"a dead effect is retried":                      retriesEffect,
		"what waits is tried at once":                   hurries,
		"what can't be retried":                         refusesRetries,
		"a comment that died is forgotten":              forgets,
		"the newest time that was seen never goes back": newest,
	}
}

// world is a store with what tests say to it.
type world struct {
	*testing.T
	Store

	ctx context.Context
}

const (
	repository   = 71
	installation = 9
	author       = 1001
	agent        = 2002
)

func start() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// minute is a number of minutes after the start.
func minute(n int) time.Time { return start().Add(time.Duration(n) * time.Minute) }

func key(issue int64) bot.CaseKey { return bot.CaseKey{Repository: repository, Issue: issue} }

func ref(issue int64) bot.Ref {
	return bot.Ref{CaseKey: key(issue), Installation: installation, Owner: "pypi", Name: "support", Number: int(issue % 100)}
}

// opened is the delivery of a new issue, opened at minute 0.
func opened(issue int64) bot.Delivery {
	return bot.Delivery{
		GUID: fmt.Sprintf("opened-%d", issue), Digest: fmt.Sprintf("digest-opened-%d", issue),
		Event: "issues", Action: "opened", Ref: ref(issue), AuthorID: author, ObjectID: issue,
		ObjectUpdatedAt: start(), SenderID: author, ReceivedAt: start(),
	}
}

// commented is the delivery of a comment, made at that minute.
func commented(issue, comment int64, at int) bot.Delivery {
	d := opened(issue)
	d.GUID, d.Digest = fmt.Sprintf("comment-%d", comment), fmt.Sprintf("digest-comment-%d", comment)
	d.Event, d.Action, d.ObjectID = "issue_comment", "created", comment
	d.ObjectUpdatedAt, d.ReceivedAt = minute(at), minute(at)
	d.CommentSHA256, d.Command = "00ff", true
	return d
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) fails(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got error %v, want %v", err, want)
	}
}

func (w *world) same(what string, got, want any) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// add delivers, and checks what became of it.
func (w *world) add(want bot.Outcome, deliveries ...bot.Delivery) {
	w.Helper()
	for _, d := range deliveries {
		got, err := w.AddDelivery(w.ctx, d)
		w.must(err)
		if got != want {
			w.Fatalf("delivery %s of %s: got %v, want %v", d.GUID, d.Event, got, want)
		}
	}
}

func (w *world) begin(issue int64, now time.Time) bot.Work {
	w.Helper()
	work, _, err := w.Begin(w.ctx, key(issue), now)
	w.must(err)
	return work
}

// idle checks that there is nothing to do for a case, and when there may be.
func (w *world) idle(issue int64, now, next time.Time) {
	w.Helper()
	_, at, err := w.Begin(w.ctx, key(issue), now)
	w.fails(err, bot.ErrNothing)
	if !at.Equal(next) {
		w.Errorf("case %d: got next time %v, want %v", issue, at, next)
	}
}

// decide is the storing of a decision on work.
func decide(work bot.Work, m policy.Memory, effects ...policy.Effect) bot.Result {
	r := bot.Result{
		Case:     work.Case,
		Event:    policy.Event{Kind: policy.Tick},
		Decision: policy.Decision{Memory: m, Effects: effects, Reasons: []policy.Reason{{Code: "because"}}},
		Now:      start(),
	}
	r.Case.Memory = m
	if work.Delivery != nil {
		r.Delivery = work.Delivery.ID
		r.Event = policy.Event{Kind: policy.Opened, Actor: policy.Actor{ID: work.Delivery.SenderID}}
	}
	return r
}

// triage adds a new issue and decides on it.
func (w *world) triage(issue int64, effects ...policy.Effect) {
	w.Helper()
	w.add(bot.Added, opened(issue))
	m := policy.Memory{State: policy.Triage, Turn: policy.Staff}
	w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), m, effects...)))
}

func (w *world) find(issue int64) bot.Case {
	w.Helper()
	c, err := w.FindCase(w.ctx, "pypi", "support", int(issue%100))
	w.must(err)
	return c
}

func (w *world) call(now time.Time) bot.Call {
	w.Helper()
	c, _, err := w.NextCall(w.ctx, installation, now)
	w.must(err)
	return c
}

// quiet checks that there is no call to make, and when there may be.
func (w *world) quiet(now, next time.Time) {
	w.Helper()
	c, at, err := w.NextCall(w.ctx, installation, now)
	if err == nil {
		w.Fatalf("got call %v of case %d, want none", c.Effect, c.Ref.Issue)
	}
	w.fails(err, bot.ErrNothing)
	if !at.Equal(next) {
		w.Errorf("got next time %v, want %v", at, next)
	}
}

func (w *world) made(c bot.Call, m bot.Made) {
	w.Helper()
	if m.Now.IsZero() {
		m.Now = start()
	}
	w.must(w.CallMade(w.ctx, c, m))
}

// drain makes all calls, each in one step, and returns what they were.
func (w *world) drain(now time.Time) []string {
	w.Helper()
	var all []string
	for {
		c, _, err := w.NextCall(w.ctx, installation, now)
		if errors.Is(err, bot.ErrNothing) {
			return all
		}
		w.must(err)
		all = append(all, fmt.Sprintf("%d %s", c.Ref.Issue, c.Effect.Key()))
		w.made(c, bot.Made{Last: true})
	}
}

func status(kind policy.Kind) policy.Effect {
	return policy.Comment{Name: "status", Text: policy.Text{Name: policy.TextStatus, Kind: kind}}
}

func notice(n int, text policy.TextName) policy.Effect {
	return policy.Comment{Name: fmt.Sprintf("notify:%d", n), Text: policy.Text{Name: text}}
}

func labels(add ...string) policy.Effect { return policy.Labels{Add: add} }
