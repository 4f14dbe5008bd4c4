package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// What is on hold stands first, then what an agent may do, then what waits for
// staff; what only time brings stands last.
func TestQueueSections(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 12, 3, hour, 0, 0, 0, time.UTC) }
	var cases []bot.Case
	add := func(author int64, m policy.Memory) {
		m.Registry = "pypi"
		cases = append(cases, bot.Case{
			Ref: bot.Ref{Owner: "o", Name: "r", Number: len(cases) + 1}, AuthorID: author, Memory: m,
		})
	}
	add(1, policy.Memory{State: policy.Waiting, Turn: policy.OnClock, Since: at(1), WakeAt: at(20), Account: "wait"})
	add(2, policy.Memory{State: policy.Asked, Turn: policy.Requester, Since: at(2), Snooze: at(21), Account: "same"})
	add(3, policy.Memory{State: policy.Triage, Turn: policy.Staff, Since: at(3), Queued: at(3), Account: "SAME"})
	add(4, policy.Memory{State: policy.Ready, Turn: policy.Staff, Since: at(4), Queued: at(4), Account: "go"})
	add(2, policy.Memory{
		State: policy.Held, Turn: policy.OnSecurity, Since: at(5), Queued: at(5), Account: "same",
		Hold: &policy.Hold{Why: policy.HoldObjection},
	})
	var out bytes.Buffer
	if err := printQueue(&env{out: &out}, queue(cases)); err != nil {
		t.Fatal(err)
	}
	want := `! o/r#5: the account same is asked for in o/r#2 (the same author), o/r#3 (another author), too
FOR        SINCE (UTC)       REQUEST  STATE    KIND  ACCOUNT  NOTES
security   2026-12-03 05:00  o/r#5    hold           same     paused: objection
ready      2026-12-03 04:00  o/r#4    ready          go
staff      2026-12-03 03:00  o/r#3    triage         SAME
requester  2026-12-03 02:00  o/r#2    asked          same     snoozed until 2026-12-03 21:00
waiting    2026-12-03 01:00  o/r#1    waiting        wait     until 2026-12-03 20:00
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the queue (-want +got):\n%s", diff)
	}
}
