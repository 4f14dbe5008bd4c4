package bot_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// outage is something that takes a repository away, and what brings it back.
type outage struct {
	state  string
	away   func(*world) error
	back   func(*world) error
	atNoon bool // people can write there meanwhile
}

const ourInstallation = 1001

func outages() map[string]outage {
	all := map[string]outage{
		"suspended": {
			state: bot.StateSuspended, atNoon: true,
			away: func(w *world) error { return w.fake.Suspend("boss", ourInstallation) },
			back: func(w *world) error { return w.fake.Unsuspend("boss", ourInstallation) },
		},
		"removed": {
			state: bot.StateRemoved, atNoon: true,
			away: func(w *world) error { return w.fake.Uncover("boss", ourInstallation, w.repo) },
			back: func(w *world) error { return w.fake.Cover("boss", ourInstallation, w.repo) },
		},
		"uninstalled": {
			state: bot.StateRemoved, atNoon: true,
			away: func(w *world) error { return w.fake.Uninstall("boss", ourInstallation) },
			back: func(w *world) error { return w.fake.Install("boss", 2002, w.repo) },
		},
		"archived": {
			state: bot.StateArchived,
			away:  func(w *world) error { return w.repo.Archive("boss") },
			back:  func(w *world) error { return w.repo.Unarchive("boss") },
		},
		"issues off": {
			state: bot.StateNoIssues,
			away:  func(w *world) error { return w.repo.DisableIssues("boss") },
			back:  func(w *world) error { return w.repo.EnableIssues("boss") },
		},
	}
	return all
}

func (w *world) stateOfRepository() string {
	w.Helper()
	r, err := w.store.Repository(w.Context(), w.rules.Repositories[0].ID)
	w.must(err)
	return r.State
}

// While nothing can be done in a repository, nothing is tried there again and
// again, no request ends, and the time is given back. That holds whether a
// webhook tells of it or a pass finds it.
func TestOutages(t *testing.T) {
	all := outages()
	for i, name := range slices.Sorted(maps.Keys(all)) {
		for j, heard := range []string{"by webhook", "by passes"} {
			if !every(t, i, j, sample.Sizes{Plain: 1, Race: 5, All: 1}) {
				continue
			}
			t.Run(name+" "+heard, func(t *testing.T) {
				t.Parallel()
				outageEnds(newWorld(t, setup{}), all[name], heard == "by passes")
			})
		}
	}
}

func outageEnds(w *world, o outage, deaf bool) {
	silent, heard := w.asked(), w.asked()
	w.passes()
	w.days(20)
	before := w.memory(silent)
	w.must(o.away(w))
	if deaf {
		w.drop()
	}
	w.settle()
	w.later(time.Minute)
	w.days(1)
	if got := w.stateOfRepository(); got != o.state {
		w.Fatalf("state %q, want %q\n%s", got, o.state, w.log)
	}
	mark := w.fake.Mark()
	w.days(39) // its end would be long past
	if got := w.fake.CountSince(mark); got > 39*24*2 {
		w.Errorf("%d calls in 39 days of an outage: it tries again and again", got)
	}
	if got := w.wrote(mark); len(got) != 0 {
		w.Errorf("%d writes in an outage", len(got))
	}
	w.state(silent, policy.Asked)
	if got := strings.Count(w.log.String(), "nothing can be done in a repository"); got != 1 {
		w.Errorf("the operator was told %d times, want once", got)
	}
	if o.atNoon {
		w.comment(heard, "It is ann-tools.")
	}
	w.must(o.back(w))
	if deaf {
		w.drop()
	}
	w.settle()
	w.days(1)
	if got := w.stateOfRepository(); got != bot.StateActive {
		w.Fatalf("state %q, want active\n%s", got, w.log)
	}
	w.state(silent, policy.Asked)
	if o.atNoon {
		w.state(heard, policy.Review)
	}
	after := w.memory(silent)
	if lost := after.Since.Sub(before.Since); lost < 39*day || lost > 42*day {
		w.Errorf("%v were given back, want 40 days\n%s", lost, w.log)
	}
	w.days(45)
	w.state(silent, policy.Expired)
}

// Issues that were switched off are not deleted: what was to be written is
// written when they are back.
func TestNoIssuesIsNoEnd(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.passes()
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, Status: 500, On: "POST reaction", Times: 1})
	_, err := w.repo.Comment(n, "hal", "/ask project")
	w.must(err)
	w.settle()
	w.must(w.repo.DisableIssues("boss"))
	w.later(time.Minute)
	w.later(10 * time.Minute)
	if m := w.memory(n); !m.State.Open() {
		t.Fatalf("state %q: issues that are switched off ended it", m.State)
	}
	w.must(w.repo.EnableIssues("boss"))
	w.days(1)
	w.state(n, policy.Asked)
	if got := w.issue(n).Comments; len(got) != 2 || len(got[1].Reactions) != 1 {
		t.Errorf("comments %+v, want the receipt of the command", got)
	}
	jobs, err := w.store.Jobs(t.Context())
	w.must(err)
	if len(jobs) != 0 {
		t.Errorf("left over: %+v", jobs)
	}
}

// A repository that was renamed or transferred is served on, with its new name
// and installation.
func TestMovedRepository(t *testing.T) {
	for name, move := range map[string]func(*world) error{
		"renamed":     func(w *world) error { return w.repo.Rename("boss", "help") },
		"transferred": func(w *world) error { return w.repo.TransferTo("boss", "octo-new", 3003) },
	} {
		for _, heard := range []string{"by webhook", "by passes"} {
			t.Run(name+" "+heard, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, setup{})
				n := w.asked()
				w.passes()
				w.must(move(w))
				if heard == "by passes" {
					w.drop()
				}
				w.settle()
				w.days(2)
				r, err := w.store.Repository(t.Context(), w.rules.Repositories[0].ID)
				w.must(err)
				if r.Owner+"/"+r.Name == "octo-registry/support" || r.State != bot.StateActive {
					t.Fatalf("known as %s/%s, %s\n%s", r.Owner, r.Name, r.State, w.log)
				}
				w.comment(n, "It is ann-tools.")
				w.settle()
				w.later(time.Minute)
				w.state(n, policy.Review)
				if is := w.issue(n); len(is.Comments[len(is.Comments)-1].Reactions) != 1 {
					t.Errorf("no receipt was written:\n%s", w.log)
				}
			})
		}
	}
}

// A delivery of days ago says that the desk is private. It is not: nothing is
// written there, and GitHub is asked.
func TestOldNewsOfADesk(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	w.passes()
	desk := w.rules.Repositories[0].Desk
	shown := bot.Repository{ID: desk.ID, Owner: desk.Owner, Name: desk.Name, Installation: 1002, State: bot.StateActive}
	w.must(w.bot.Heard(w.Context(), shown))
	old := shown
	old.Private = true
	w.must(w.bot.Told(w.Context(), old))
	r, err := w.store.Repository(w.Context(), desk.ID)
	w.must(err)
	if r.Private {
		t.Error("an old delivery made a public desk private")
	}
	if !r.Looked.IsZero() || r.Passes.Due.After(w.clock.Now()) {
		t.Errorf("GitHub is not asked at once: looked at %v, next pass %v", r.Looked, r.Passes.Due)
	}
}
