package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// A start that fails at one repository looks up the others all the same, and
// the next one asks only for what is missing: with many repositories and calls
// that get lost, none would ever get through all of them.
func TestStartGoesOn(t *testing.T) {
	w, _ := twoRepositories(t, "")
	w.stop()
	w.boot()
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, Status: http.StatusBadGateway, Path: "/repos/octo-registry/support"})
	for i, want := range []string{"other support", "support", "other support"} {
		mark := w.fake.Mark()
		if err := w.bot.Start(t.Context()); (err != nil) != (i == 0) {
			t.Fatalf("start %d: %v", i, err)
		}
		if got := w.looked(mark); got != want {
			t.Errorf("start %d looked up %q, want %q", i, got, want)
		}
	}
}

// Where nothing gets through, a start does not ask for all of it.
func TestStartStops(t *testing.T) {
	w, _ := twoRepositories(t, strings.Replace(examplePolicy(t), "calendar:",
		"  - {id: 700004, name: octo-registry/third}\n  - {id: 700005, name: octo-registry/fourth}\ncalendar:", 1))
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, Status: http.StatusBadGateway, Times: 100})
	mark := w.fake.Mark()
	if err := w.bot.Start(t.Context()); err == nil {
		t.Fatal("no error")
	}
	if got := len(w.fake.CallsSince(mark)); got != 3 {
		t.Errorf("%d calls, want 3", got)
	}
}

// looked lists the repositories that were looked up since a mark.
func (w *world) looked(mark int) string {
	var names []string
	for _, c := range w.fake.CallsSince(mark) {
		name, ok := strings.CutPrefix(c.Path, "/repos/octo-registry/")
		if ok && c.Kind == "repository" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
