package main

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/policy"
)

// What staff need to act stands in explain: who said what, with the numbers
// that /attest takes in public, and the lines to paste.
func TestExplainSummary(t *testing.T) {
	at := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	x := explained{Repository: "o/r", Number: 7, Memory: policy.Memory{
		State: policy.Held, Turn: policy.OnSecurity, Since: at, Registry: "pypi", Account: "jbber", Policy: "0123456789ab",
		Evidence: []policy.Evidence{
			{Class: policy.Mailbox, By: []policy.Attest{{User: 13}}},
			{Class: policy.BranchDeclared, By: []policy.Attest{{User: 13}, {User: 12}}},
		},
		Approvals: []policy.Approval{{User: 13, At: at}, {User: 12, At: at.Add(time.Hour)}},
		Notice:    &policy.Notice{User: 13, At: at},
		Hold:      &policy.Hold{Why: policy.HoldObjection, By: 99, At: at},
	}, staffView: staffView{
		Other: "ba9876543210",
		Summary: &policy.Summary{
			Related: []policy.Related{
				{Issue: "o/r#5", State: policy.Denied, Ended: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), SameAuthor: true, SameAccount: true, Older: true},
				{Issue: "o/r#6", State: policy.Held, SameAccount: true},
				{Issue: "o/r#3", State: policy.Completed, Ended: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC), SameAuthor: true},
			}, Denials: 2,
			AuthorID: 11, Objections: 1, Path: "ordinary", Lacks: []string{"time", "hold"}, Digest: "1f2e3d4c",
			Next: []string{"/notified", "/resume"},
		},
	}}
	var out bytes.Buffer
	x.print(&env{out: &out})
	got := regexp.MustCompile(`(?m)^numbers .*\n`).ReplaceAllString(out.String(), "")
	want := `o/r#7
state     hold
turn      security
since     2026-12-03 10:00
queued    -
next      -
registry  pypi
account   jbber
policy    0123456789ab
          the policy file is version ba9876543210, and the digest by it
evidence  1 mailbox (user 13); 7 branch-declared (user 13, user 12)
approved  by user 13 on 2026-12-03 10:00
approved  by user 12 on 2026-12-03 11:00
notified  by user 13 on 2026-12-03 10:00
on hold   objection, by user 99 on 2026-12-03 10:00
author    user 11
denied    before: 2
related   o/r#5, denied since 2026-11-02 09:00: the same account and author, older
related   o/r#6, hold: the same account, another author
related   o/r#3, completed since 2026-10-01 09:00: the same author, another account
objected  1
path      ordinary
lacks     time, hold
digest    1f2e3d4c
write     /notified
write     /resume
timeline (UTC)
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("explain (-want +got):\n%s", diff)
	}
}
