package policy

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// play lets people write, a minute apart, each line "WHO TEXT" where it may
// stand.
func (w *world) play(lines ...string) Decision {
	var d Decision
	for _, line := range lines {
		who, text, _ := strings.Cut(line, " ")
		w.now = w.now.Add(time.Minute)
		d = w.hand(w.saysWhereFit(whois(who), text))
	}
	return d
}

// alone is a request that one approval brings on its way.
func alone(t *testing.T) *world {
	t.Helper()
	w := small(t, Security)
	w.play("ada /attest branch-attested", "hal /attest branch-attested", "ada /approve mailbox notified $DIGEST")
	if w.memory.State != Waiting {
		t.Fatalf("got %s, want waiting", w.memory.State)
	}
	return w
}

// TestVetoIsNotLiftedByTheApprover: who approved alone cannot lift what the
// veto group stopped, and not by taking the approval back first.
func TestVetoIsNotLiftedByTheApprover(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  State
	}{
		"the approver":                     {[]string{"eve /hold", "ada /resume"}, Held},
		"the approver, approval withdrawn": {[]string{"eve /hold", "ada /unapprove", "ada /resume"}, Held},
		"another agent":                    {[]string{"eve /hold", "pat /resume"}, Review},
		"a hold by nobody of the group":    {[]string{"hal /hold", "ada /resume"}, Review},
	} {
		w := alone(t)
		if d := w.play(c.lines...); d.Memory.State != c.want {
			t.Errorf("%s: got %s, want %s, because %v", name, d.Memory.State, c.want, d.Reasons)
		}
	}
}

// TestUndoLiftsNoHold: what a command brought to security is not taken from
// there by undoing the command.
func TestUndoLiftsNoHold(t *testing.T) {
	w := led(t, Triage)
	w.play("sam /object", "ada /attest mailbox", "ada /attest branch-declared", "pat /attest branch-declared",
		"ada /approve $DIGEST", "pat /approve $DIGEST", "hal /notified")
	if w.memory.State != Held {
		t.Fatalf("got %s, want hold", w.memory.State)
	}
	if d := w.play("hal /undo"); d.Memory.State != Held {
		t.Errorf("got %s, want hold, because %v", d.Memory.State, d.Reasons)
	}
}

// TestOneLeftHasADay: where approvals are taken back until one is left, the
// veto group hears of it, and has its day from then.
func TestOneLeftHasADay(t *testing.T) {
	w := small(t, Security)
	w.play("ada /attest branch-attested", "hal /attest branch-attested", "hal /approve $DIGEST", "pat /approve mailbox notified $DIGEST")
	over := w.memory.WakeAt
	w.now = over.Add(-time.Hour)
	d := w.play("ada /approve $DIGEST", "hal /unapprove", "pat /unapprove")
	if !strings.Contains(strings.Join(texts(d.Reasons), " "), "alert(veto") {
		t.Errorf("the veto group is not told: %v", d.Reasons)
	}
	if want := w.now.Add(24 * time.Hour); d.Memory.State != Waiting || !d.Memory.WakeAt.Equal(want) {
		t.Errorf("got %s until %s, want waiting until %s", d.Memory.State, d.Memory.WakeAt, want)
	}
}

// TestGoneIsVoid: an issue that was deleted or transferred takes nothing with
// it, should it come back.
func TestGoneIsVoid(t *testing.T) {
	w := led(t, Waiting)
	d := w.hand(Event{Kind: Gone})
	if m := d.Memory; m.State != Closed || len(m.Approvals)+len(m.Evidence) > 0 || m.Notice != nil {
		t.Errorf("%s, and left are %v, %v and the notice %v", m.State, m.Approvals, m.Evidence, m.Notice)
	}
}

// TestLateResume: /resume that was written before the hold, and comes late, is
// of another one.
func TestLateResume(t *testing.T) {
	w := led(t, Held)
	late := w.says(whois("pat"), "/resume")
	w.play("ada /resume", "eve /hold")
	w.now = w.now.Add(time.Minute)
	if d := w.hand(late); d.Memory.State != Held {
		t.Errorf("got %s, want hold, because %v", d.Memory.State, d.Reasons)
	}
	w = led(t, Held)
	late = w.says(whois("pat"), "/resume")
	w.play("sam /object", "ada /resume")
	w.now = w.now.Add(time.Minute)
	if d := w.hand(late); d.Memory.State != Held {
		t.Errorf("after an objection: got %s, want hold, because %v", d.Memory.State, d.Reasons)
	}
}

// TestLateUndo: /undo that was written before a command does not undo it.
func TestLateUndo(t *testing.T) {
	w := led(t, Triage)
	w.play("ada /kind lost-2fa")
	late := w.says(whois("ada"), "/undo")
	w.play("ada /kind lost-email")
	if d := w.hand(late); d.Memory.Kind != KindLostEmail {
		t.Errorf("got %s, want lost-email, because %v", d.Memory.Kind, d.Reasons)
	}
}

// TestAnotherAccountMeanwhile: what staff wrote before the account changed was
// of the account before. It proves nothing of the new one, and nobody was told.
func TestAnotherAccountMeanwhile(t *testing.T) {
	for _, line := range []string{"/attest mailbox", "/notified"} {
		unseen := led(t, Triage)
		unseen.now = unseen.now.Add(time.Hour)
		unseen.issue.Body = strings.Replace(unseen.issue.Body, "jbber", "jbbez", 1) // and its event was lost
		d := unseen.hand(unseen.saysWhereFit(whois("ada"), line))
		if m := d.Memory; m.Account != "jbbez" || len(m.Evidence) > 0 || m.Notice != nil {
			t.Errorf("%s, after an edit that nobody told: %s has %v and the notice %v", line, m.Account, m.Evidence, m.Notice)
		}
		late := led(t, Triage)
		late.now = late.now.Add(time.Hour)
		ev := late.saysWhereFit(whois("ada"), line)
		late.play("ann /username jbbez")
		d = late.hand(ev)
		if m := d.Memory; m.Account != "jbbez" || len(m.Evidence) > 0 || m.Notice != nil {
			t.Errorf("%s, late: %s has %v and the notice %v", line, m.Account, m.Evidence, m.Notice)
		}
		if d = late.play("sam thanks", "ada "+line); len(d.Memory.Evidence) == 0 && d.Memory.Notice == nil {
			t.Errorf("%s, said again: nothing comes of it, because %v", line, d.Reasons)
		}
	}
}

// TestStaleNamesNothing: an old snapshot gives no request its old account back,
// and what staff say then still takes away what was shown of another one.
func TestStaleNamesNothing(t *testing.T) {
	w := led(t, Waiting)
	old := w.issue
	w.issue.Body = strings.Replace(w.issue.Body, "jbber", "jbbez", 1)
	w.hand(w.touch(whois("ann"), Edited))
	w.issue, w.stale = old, true
	if d := w.play("sam hello"); d.Memory.Account != "jbbez" {
		t.Errorf("an old snapshot makes the account %q", d.Memory.Account)
	}
	w = led(t, Waiting)
	w.stale = true
	if d := w.play("hal /username jbbez"); d.Memory.Account != "jbbez" || len(d.Memory.Evidence) > 0 || d.Memory.Notice != nil {
		t.Errorf("of %s there is %v and the notice %v", d.Memory.Account, d.Memory.Evidence, d.Memory.Notice)
	}
}

// TestUndoRestoresNoApproval: approvals that another account voided stay void
// when the account comes back.
func TestUndoRestoresNoApproval(t *testing.T) {
	w := led(t, Waiting)
	d := w.play("ada /username jbbez", "ada /undo")
	if m := d.Memory; m.Account != "jbber" || len(m.Approvals) > 0 || slices.Contains([]State{Waiting, Ready}, m.State) {
		t.Errorf("%s of %s has the approvals %v", m.State, m.Account, m.Approvals)
	}
}
