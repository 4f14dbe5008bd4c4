package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// fileAs is a request by somebody, which the bot has not seen.
func (w *world) fileAs(who, account string) int {
	w.Helper()
	n, err := w.repo.OpenIssue(who, bottest.Draft{
		Title: "Locked out", Body: body(account, "I have a new phone."), Labels: []string{w.rules.Requests.Label},
	})
	w.must(err)
	return n
}

func collides(m policy.Memory) bool { return slices.Contains(m.Flags, policy.FlagCollision) }

// TestCollision: the earlier request is marked at once, though nothing happened
// to it, and the public page of the later one names no other.
func TestCollision(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	first := w.triage()
	second := w.fileAs("sam", "Ann-Builds")
	w.settle()
	w.state(first, policy.Triage)
	w.state(second, policy.Held)
	if !collides(w.memory(first)) || !collides(w.memory(second)) {
		t.Errorf("marks %q and %q, want both marked", w.memory(first).Flags, w.memory(second).Flags)
	}
	for _, c := range w.issue(second).Comments {
		if strings.Contains(c.Body, "#1") || strings.Contains(c.Body, "somebody else") {
			t.Errorf("everybody reads of the other one:\n%s", c.Body)
		}
	}
	if is := w.deskIssue(second); !strings.Contains(is.Body, "#1") {
		t.Errorf("staff do not read of the other one:\n%s", is.Body)
	}
	alerts := 0
	for _, n := range []int{first, second} {
		for _, c := range w.deskIssue(n).Comments {
			if strings.Contains(c.Body, "two people ask") {
				alerts++
			}
		}
	}
	if alerts != 1 {
		t.Errorf("%d alerts for the pair, want 1", alerts)
	}
}

// TestDuplicate: the second request of one author for one account is closed with
// a link to the first.
func TestDuplicate(t *testing.T) {
	w := newWorld(t, setup{})
	first := w.triage()
	second := w.fileAs("ann", "ann-builds")
	w.settle()
	w.state(first, policy.Triage)
	w.state(second, policy.Duplicate)
	if is := w.issue(second); is.State != "closed" || !strings.Contains(bottest.Summary(is), "#1") {
		t.Errorf("want it closed with a link:\n%s", bottest.Summary(is))
	}
}

// TestCollisionByCommand: the account that a command names is compared in the
// decision on that command.
func TestCollisionByCommand(t *testing.T) {
	w := newWorld(t, setup{})
	first := w.triage()
	second := w.fileAs("sam", "sam-builds")
	w.settle()
	w.later(time.Minute)
	w.say(second, "sam", "/username ann-builds")
	w.state(second, policy.Held)
	if !collides(w.memory(first)) {
		t.Errorf("the first has the marks %q", w.memory(first).Flags)
	}
}

// TestThirdObjection: the limit of one person's objections goes across requests.
func TestThirdObjection(t *testing.T) {
	w := newWorld(t, setup{})
	for i, account := range []string{"one", "two", "three"} {
		n := w.fileAs("ann", account)
		w.settle()
		w.say(n, "sam", "/object")
		m := w.memory(n)
		if many := len(m.Objections) == 1 && m.Objections[0].Many; many != (i == 2) {
			t.Errorf("objection %d: %+v, want only the third to be one of many", i+1, m.Objections)
		}
	}
}
