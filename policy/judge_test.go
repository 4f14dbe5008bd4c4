package policy_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

func bodyFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/bodies/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestJudge reads forms for tools that have no issue: a problem of the name
// that the form does not have yet comes with the sentence of the status.
func TestJudge(t *testing.T) {
	r := exampleRules()
	sentence := func(code string) string {
		text, err := r.Render(policy.Text{
			Name: policy.TextStatus, State: policy.Incomplete, Turn: policy.Requester, Registry: r.Registries[0].Key,
			Problems: []policy.TextProblem{{Field: r.Requests.Account, Code: code}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.ToLower(text)
	}
	for body, want := range map[string]policy.Verdict{
		completeBody: {Account: "ann", Kind: policy.KindLost2FA, Complete: true},
		strings.Replace(completeBody, "\nann\n", "\na@b.example\n", 1): {
			Kind: policy.KindLost2FA, Problems: []parser.Problem{{Field: r.Requests.Account, Code: "email", Line: 1, Column: 1}},
		},
		strings.Replace("Hello\n\n"+completeBody, "\nann\n", "\ntwo words\n", 1): {
			Kind: policy.KindLost2FA, Problems: []parser.Problem{{Field: r.Requests.Account, Code: "spaces", Line: 3, Column: 1}},
		},
		strings.Replace(completeBody, "\nann\n", "\n_No response_\n", 1): {Kind: policy.KindLost2FA},
		"": {Kind: policy.KindOther},
	} {
		form := r.Form(policy.Issue{Body: body, CreatedAt: firstDay()})
		got := r.Judge(&form)
		for i, p := range got.Problems {
			if said := strings.ToLower(strings.TrimSuffix(p.Text, "\n")); said == "" || !strings.Contains(sentence(p.Code), said) {
				t.Errorf("%q: got the sentence %q, want that of the status:\n%s", p.Code, p.Text, sentence(p.Code))
			}
			got.Problems[i].Text = ""
		}
		want.Registry = r.Registries[0].Key
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: verdict (-want +got):\n%s", body, diff)
		}
	}
}

// TestQueue orders what staff see: what goes to security, what waits for them by the time
// of the hand-over, replies after the end, and last what waits for others.
func TestQueue(t *testing.T) {
	at := func(hours int) time.Time { return firstDay().Add(time.Duration(hours) * time.Hour) }
	ms := []policy.Memory{
		{Account: "asked", State: policy.Asked, Turn: policy.Requester, Since: at(0), Queued: at(-9)},
		{Account: "ended", State: policy.Closed, Turn: policy.Nobody, Since: at(1)},
		{Account: "bumped", State: policy.Review, Turn: policy.Staff, Since: at(9), Queued: at(2)},
		{Account: "newer", State: policy.Triage, Turn: policy.Staff, Since: at(3), Queued: at(3)},
		{Account: "same", State: policy.Triage, Turn: policy.Staff, Since: at(3), Queued: at(3)},
		{Account: "taken", State: policy.Triage, Turn: policy.Staff, Since: at(8), Queued: at(8), Kind: policy.KindCompromised, GoesTo: policy.Security},
		{Account: "waiting", State: policy.Waiting, Turn: policy.OnClock, Since: at(-5), Queued: at(-9)},
		{Account: "claimed while waiting", State: policy.Waiting, Turn: policy.Staff, Since: at(4), Queued: at(4)},
		{Account: "ready", State: policy.Ready, Turn: policy.Staff, Since: at(9), Queued: at(9)},
		{Account: "on hold", State: policy.Held, Turn: policy.OnSecurity, Since: at(7), Queued: at(7)},
		{Account: "ready, and to security", State: policy.Ready, Turn: policy.Staff, Since: at(10), Queued: at(10), GoesTo: policy.Security},
		{Account: "taken, asked", State: policy.Asked, Turn: policy.Requester, Since: at(-1), Kind: policy.KindCompromised, GoesTo: policy.Security},
	}
	var got []string
	for _, i := range policy.Queue(ms) {
		got = append(got, ms[i].Account)
	}
	want := []string{
		"on hold", "taken", "ready, and to security", "ready", "bumped", "newer", "same", "claimed while waiting",
		"ended", "taken, asked", "asked", "waiting",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
}

// TestAlerts counts the late ones, and sees three unknown forms in a row, but
// neither two nor three with another one between.
func TestAlerts(t *testing.T) {
	late := policy.Memory{Late: true, Since: firstDay()}
	strange := func(day int) policy.Memory {
		return policy.Memory{Flags: []policy.Flag{policy.FlagFormUnknown}, Since: firstDay().AddDate(0, 0, day)}
	}
	known := func(day int) policy.Memory { return policy.Memory{Since: firstDay().AddDate(0, 0, day)} }
	const changed = "the last three requests have headings that the form does not have: was the form changed? Add its new version to requests.forms"
	for name, c := range map[string]struct {
		ms   []policy.Memory
		want []string
	}{
		"nothing":                 {nil, nil},
		"one is late":             {[]policy.Memory{late, known(1)}, []string{"1 request is past the staff target"}},
		"two are late":            {[]policy.Memory{late, known(1), late}, []string{"2 requests are past the staff target"}},
		"two unknown forms":       {[]policy.Memory{strange(1), strange(2)}, nil},
		"three unknown forms":     {[]policy.Memory{strange(2), known(0), strange(3), strange(1)}, []string{changed}},
		"a known one in between":  {[]policy.Memory{strange(0), strange(1), known(2), strange(3)}, nil},
		"three, and one is known": {[]policy.Memory{strange(1), strange(2), known(3)}, nil},
	} {
		if diff := cmp.Diff(c.want, policy.Alerts(c.ms)); diff != "" {
			t.Errorf("%s: alerts (-want +got):\n%s", name, diff)
		}
	}
}

// TestPlan counts old requests as an adoption would take them.
func TestPlan(t *testing.T) {
	r := exampleRules()
	day := 24 * time.Hour
	now := firstDay().Add(400 * day)
	issue := func(author int64, account string, age time.Duration) policy.Issue {
		return policy.Issue{
			Author: policy.Actor{ID: author, Login: "ann"}, Open: true, Labels: []string{r.Requests.Label},
			Body:      strings.Replace(completeBody, "\nann\n", "\n"+account+"\n", 1),
			CreatedAt: now.Add(-age), UpdatedAt: now.Add(-age),
		}
	}
	unreadable := issue(14, "", 8*day)
	unreadable.Body = bodyFile(t, "foreign-headings")
	got := r.Plan([]policy.Issue{
		issue(11, "Ann", 366*day), issue(11, "ann", 91*day), issue(12, "aNN", 31*day), issue(12, "bob", 7*day),
		issue(13, "not a name", day), unreadable,
	}, now)
	posted := issue(15, "eve", day)
	posted.Body += "\n\npypi-AgEIcHlwaS5vcmcCJDNlOWJmZjA1LWZkNjktNDlhZi1iNmE0LTFkMmE3MzJhYzRhYgACKlszLCJiN2M4"
	if p := r.Plan([]policy.Issue{posted, issue(16, "kim", day)}, now); p.Leaks != 1 || p.States[policy.Held] != 1 {
		t.Errorf("of two requests one has a secret in its text: the plan says %d, %v", p.Leaks, p.States)
	}
	want := policy.Plan{
		States: map[policy.State]int{policy.Triage: 5, policy.Incomplete: 1}, Unreadable: 1, Duplicates: 1, Collisions: 1,
		Ages: []policy.Age{{Than: 7 * day, Count: 4}, {Than: 30 * day, Count: 3}, {Than: 90 * day, Count: 2}, {Than: 365 * day, Count: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}
