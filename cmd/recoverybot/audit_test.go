package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/policy"
)

// tamper FILE STATEMENTS… does in a database what the bot never does.
func tamper(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	for _, statement := range args[1:] {
		_, err := db.ExecContext(context.Background(), statement)
		ts.Check(err)
	}
	ts.Check(db.Close())
}

// heads FILE puts the head that audit verify prints into $HEAD.
func heads(ts *testscript.TestScript, _ bool, args []string) {
	var out bytes.Buffer
	e := testEnv()
	e.out = &out
	if status := run(context.Background(), []string{"audit", "verify", "--database", ts.MkAbs(args[0])}, e); status != exitOK {
		ts.Fatalf("audit verify ended with %d:\n%s", status, out.String())
	}
	_, head, _ := strings.Cut(out.String(), "\nhead ")
	ts.Setenv("HEAD", strings.TrimSpace(head))
}

// recovery is a request from its opening to the end, as its decisions.
type recovery struct {
	*testing.T

	st  *store.Store
	at  time.Time
	key bot.CaseKey
}

// step decides, an hour after the last time.
func (r *recovery) step(by int64, kind policy.EventKind, m policy.Memory, reasons ...policy.Reason) {
	r.Helper()
	r.at = r.at.Add(time.Hour)
	guid := r.at.String()
	if _, err := r.st.AddDelivery(r.Context(), bot.Delivery{
		GUID: guid, Digest: guid, Event: "reconcile", Action: "seen", AuthorID: 1001, ObjectID: 5, ObjectUpdatedAt: r.at, ReceivedAt: r.at,
		Ref: bot.Ref{CaseKey: r.key, Installation: 9, Owner: "octo", Name: "help", Number: 17},
	}); err != nil {
		r.Fatal(err)
	}
	w, _, err := r.st.Begin(r.Context(), r.key, r.at)
	if err != nil {
		r.Fatal(err)
	}
	w.Case.Memory = m
	if err := r.st.Commit(r.Context(), bot.Result{
		Case: w.Case, Delivery: w.Delivery.ID, Event: policy.Event{Kind: kind, Actor: policy.Actor{ID: by}},
		Decision: policy.Decision{Memory: m, Reasons: reasons, ByStaff: by != 1001}, Now: r.at,
	}); err != nil {
		r.Fatal(err)
	}
}

// recover plays an ordinary recovery of an account, and returns its database.
func recovered(t *testing.T, account string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recoverybot.db")
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	st, err := store.Open(t.Context(), store.Options{Database: path, Clock: func() time.Time { return begin }})
	if err != nil {
		t.Fatal(err)
	}
	r := &recovery{T: t, st: st, at: begin, key: bot.CaseKey{Repository: 7, Issue: 501}}
	hour := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Hour) }
	reason := func(code string, args ...string) policy.Reason { return policy.Reason{Code: code, Args: args} }

	m := policy.Memory{State: policy.Triage, Turn: policy.Staff, Registry: "pypi", Account: account, Policy: "aaaaaaaaaaaa"}
	r.step(1001, policy.Opened, m, reason("request", "triage"))
	m.State, m.Turn = policy.Proof, policy.Requester
	m.Notice = &policy.Notice{At: hour(2), User: 2002, Comment: 71}
	r.step(2002, policy.Commanded, m, reason("command", "proof", "sampleproject", "notified"))
	m.State, m.Turn = policy.Review, policy.Staff
	m.Evidence = []policy.Evidence{
		{Class: policy.Mailbox, By: []policy.Attest{{User: 2002, At: hour(3), Comment: 72, Desk: true}}},
		{Class: policy.BranchDeclared, By: []policy.Attest{{User: 2002, At: hour(3), Comment: 72, Desk: true}, {User: 3003, At: hour(3), Comment: 73}}},
	}
	m.Approvals = []policy.Approval{{User: 2002, At: hour(3), Comment: 72, Desk: true, Classes: []policy.Class{policy.Mailbox}, Binding: "b1"}}
	r.step(2002, policy.Commanded, m, reason("command", "approve", "mailbox"))
	m.State, m.Turn, m.Policy = policy.Waiting, policy.OnClock, "bbbbbbbbbbbb"
	m.Approvals = append(slices.Clone(m.Approvals), policy.Approval{User: 3003, At: hour(4), Comment: 74, Binding: "b2"})
	r.step(3003, policy.Commanded, m, reason("command", "approve"))
	m.State, m.Turn = policy.Ready, policy.Staff
	r.step(0, policy.Tick, m, reason("ready", "ordinary"))
	m.State, m.Turn = policy.Completed, policy.Nobody
	r.step(2002, policy.ClosedHand, m, reason("completed"))
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// answer says from an export alone who let a request through, when, on what
// evidence, under which policy.
func answer(t *testing.T, export string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(export) {
		var l auditLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		_, to, _ := strings.Cut(l.Action, " -> ")
		if to != "ready" && to != "completed" {
			continue
		}
		fmt.Fprintf(&b, "%s %s at %s by %d under %s\n", l.Request, to, l.At, l.Actor, l.Policy)
		for _, r := range l.Reasons {
			fmt.Fprintf(&b, "  %s %s\n", r.Code, strings.Join(r.Args, " "))
		}
	}
	return b.String()
}

// The log alone tells who let this through, whatever the account is called.
func TestAuditTellsWho(t *testing.T) {
	const rests = `  rests-on-evidence mailbox by:2002 at:2026-03-02T12:00:00Z desk:72
  rests-on-evidence branch-declared by:2002 at:2026-03-02T12:00:00Z desk:72
  rests-on-evidence branch-declared by:3003 at:2026-03-02T12:00:00Z comment:73
  rests-on-approval by:2002 at:2026-03-02T12:00:00Z desk:72 binding:b1 mailbox
  rests-on-approval by:3003 at:2026-03-02T13:00:00Z comment:74 binding:b2
  rests-on-notice by:2002 at:2026-03-02T11:00:00Z comment:71
`
	const want = "octo/help#17 ready at 2026-03-02T14:00:00Z by 0 under bbbbbbbbbbbb\n  ready ordinary\n" + rests +
		"octo/help#17 completed at 2026-03-02T15:00:00Z by 2002 under bbbbbbbbbbbb\n  completed \n" + rests
	for _, account := range []string{"jbber", "mailbox", "2002", "ordinary", "b1"} {
		var out bytes.Buffer
		e := testEnv()
		e.out = &out
		if status := run(t.Context(), []string{"audit", "export", "--database", recovered(t, account), "--case", "octo/help#17"}, e); status != exitOK {
			t.Fatalf("%s: export ended with %d", account, status)
		}
		if diff := cmp.Diff(want, answer(t, out.String())); diff != "" {
			t.Errorf("account %s: (-want +got)\n%s", account, diff)
		}
		if account == "jbber" && strings.Contains(out.String(), account) {
			t.Errorf("the export names the account:\n%s", out.String())
		}
	}
}
