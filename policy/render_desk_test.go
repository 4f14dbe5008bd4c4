package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// deskRules are the rules of the texts with a team, a place to send people to,
// and this language as the default one, which the desk speaks.
func deskRules(t *testing.T, language string) *Rules {
	t.Helper()
	rules := textRules(t)
	slices.SortStableFunc(rules.Languages, func(a, b string) int {
		if a == language {
			return -1
		}
		return 0
	})
	rules.People = map[Role]Group{Security: {Team: &Team{Org: "octo-org", Slug: "security", ID: 7}}}
	rules.Redirects = map[string]string{"name-transfer": "https://example.org/names", "appeal": "mailto:appeals@example.org"}
	if err := rules.learn(); err != nil {
		t.Fatal(err)
	}
	return rules
}

func (p *textsPage) proof() {
	p.chapter("Steps of proof", "Each is open, done, or one that the requester cannot do.")
	for _, kind := range []StepKind{StepMail, StepBranch} {
		for _, how := range []string{"open", "done", "cannot"} {
			x := sampleStatus(Proof, Requester)
			x.Steps = slices.DeleteFunc(x.Steps, func(s Step) bool { return s.Kind != kind })
			switch how {
			case "done":
				x.Steps[0].Done = x.Created
			case "cannot":
				x.Steps[0].Cannot = true
			}
			p.text(fmt.Sprintf("Step: %s, %s", kind, how), x, "step "+string(kind)+" "+how)
		}
	}
}

func (p *textsPage) places() {
	p.chapter("Places that fit better", "The status after `/redirect`, for each of its words. The policy's key `redirect` says where they are.")
	for _, word := range placeWords() {
		x := sampleStatus(Elsewhere, Nobody)
		x.Redirect = string(word)
		p.text("Place: "+string(word), x, "elsewhere "+string(word))
	}
}

func (p *textsPage) desk() {
	p.chapter("At the desk", "What staff read there, in the first language of the policy.")
	x := sampleStatus(Proof, Staff)
	x.Name, x.Desk, x.Steps = TextDesk, sampleSummary(x), sampleSteps(x)
	p.text("The summary", x, "text desk")
	x.Name = TextWhy
	p.text("Why", x, "text why")
	for _, code := range AlertCodes() {
		x := Text{Name: TextAlert, Alert: code, To: Security, State: Triage, Turn: Staff, Desk: x.Desk}
		p.text("Alert: "+string(code), x, "alert "+string(code), "text alert")
	}
	p.text("Digest", Text{Name: TextDigest, Digest: sampleDigest(x)}, "text digest")
}

// render fails the test for a text that cannot be made.
func (r *Rules) mustRender(t *testing.T, x Text) string {
	t.Helper()
	text, err := r.Render(x)
	if err != nil {
		t.Fatalf("Render(%+v): %v", x, err)
	}
	return text
}

// TestDeskTextsKeepTheRules renders what stands at the desk with all values that
// matter, in each language.
func TestDeskTextsKeepTheRules(t *testing.T) {
	for _, language := range BuiltinLanguages() {
		rules := deskRules(t, language)
		for _, registry := range []string{samplePyPI, plainPackages} {
			some := sampled(t)
			deskSamples(sampleText(registry), func(x Text) {
				if !some.take(x) {
					return
				}
				text := rules.mustRender(t, x)
				if f := faults(rules, x, text); len(f) > 0 {
					t.Errorf("%s:\n%s\n- %s", language, text, strings.Join(f, "\n- "))
				}
			})
			if some.count < 100 {
				t.Errorf("%s: only %d texts", language, some.count)
			}
		}
	}
}

// TestDeskTells: the summary has each value that staff need, and whom it is
// about is not mentioned.
func TestDeskTells(t *testing.T) {
	rules := deskRules(t, English)
	x := sampleStatus(Proof, Staff)
	x.Name, x.Desk, x.Language = TextDesk, sampleSummary(x), "es"
	got := rules.mustRender(t, x)
	for _, want := range []string{
		"`example/support#12`", "`octocat`, id `1001`", "`jbber`", "other, lost-email", "account name unknown", "proof, since 3 December 2026",
		"| 1 | **`mailbox`** | answer from the account's verified address | `2001`, 3 December 2026, 10:12 UTC |",
		"10:12 UTC; **a second person must confirm** |", "| 8 | `co-owner` |",
		"**Approvals:** `2001`, 3 December 2026, 10:12 UTC. **Objections that are open:** 1.", "`ordinary`", "- approvals\n", "`3f9a04c2`",
		"```text\n/status\n```", "`example/support#7`",
		"Subject: [recovery #12] Your account", "Asunto: [recovery #12] Tu cuenta", "https://github.com/example/support/issues/12",
		"the account jbber", "la cuenta jbber",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the summary does not say %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "@octocat") {
		t.Errorf("the summary mentions the requester:\n%s", got)
	}
	x.Language = ""
	if got := rules.mustRender(t, x); strings.Contains(got, "Asunto") || !strings.Contains(got, "Subject") {
		t.Errorf("a mail in the default language alone is wanted:\n%s", got)
	}
	x.State, x.Turn = Completed, Nobody
	if got := rules.mustRender(t, x); strings.Contains(got, "Subject") {
		t.Errorf("an ended request needs no mail:\n%s", got)
	}
}

// TestSecondPerson: for what the registry does not show, one person's word is not
// enough, and two people's is.
func TestSecondPerson(t *testing.T) {
	s := speaker{set: textRules(t).texts[English]}
	for i, c := range Classes() {
		by := []Attest{{User: 1}, {User: 2}}
		one := s.evidence(i+1, c, []Evidence{{Class: c, By: by[:1]}})
		two := s.evidence(i+1, c, []Evidence{{Class: c, By: by}})
		want := strings.HasPrefix(string(c), "branch-") || c == NoProject
		if one.Second != want || two.Second || one.Number != i+1 || len(two.By) != 2 || one.Meaning == "" {
			t.Errorf("%s: one person %+v, two people %+v, want a second one: %v", c, one, two, want)
		}
	}
}

// TestAlertMentions: an alert mentions the team of its role, and nobody else is
// ever mentioned at the desk.
func TestAlertMentions(t *testing.T) {
	rules := deskRules(t, English)
	x := Text{Name: TextAlert, Alert: AlertHold, To: Security, State: Held, Turn: OnSecurity, Author: sampleAuthor}
	const want = "@octo-org/security, please look: the request is paused"
	if got := rules.mustRender(t, x); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for text, safe := range map[string]bool{
		"@octo-org/security, please look":       true,
		"@octo-org/security: please look":       true,
		"@octo-org/security-all, please look":   false,
		"@octo-org/securit, please look":        false,
		"@octo-org, please look":                false,
		"@octocat, please look":                 false,
		"&#64;octocat, please look":             false,
		"Please look at example/support#12":     false,
		"Please look at #12":                    false,
		"Please look at `example/support#12`":   true,
		"Please look:\n/approve":                false,
		"Please look:\n```text\n/approve\n```":  true,
		"Please look:\n```text\n```\n/approve`": false,
	} {
		if got := rules.unsafe(x, text); (len(got) == 0) != safe {
			t.Errorf("%q: got %q, want it safe: %v", text, got, safe)
		}
	}
	for _, to := range []Role{Helpers, ""} {
		x.To = to
		if got := rules.mustRender(t, x); strings.Contains(got, "@") || !strings.HasPrefix(got, "Please look") {
			t.Errorf("to %q, who are no team: got %q", to, got)
		}
	}
	x.Name, x.To = TextStatus, Security
	if got := rules.unsafe(x, "@octo-org/security, please look"); len(got) == 0 {
		t.Error("a text for requesters may mention a team")
	}
}

// TestOnlyOurOwnReference: a text links a request of the same author, and no other.
func TestOnlyOurOwnReference(t *testing.T) {
	rules := deskRules(t, English)
	x := sampleStatus(Duplicate, Nobody)
	if got := rules.mustRender(t, x); !strings.Contains(got, "another request for this: #12.") {
		t.Errorf("the other request is not named:\n%s", got)
	}
	for text, safe := range map[string]bool{"See #12.": true, "See #123.": false, "See #1.": false, "See #12 and #13.": false, "a/b#12": false} {
		if got := rules.unsafe(x, text); (len(got) == 0) != safe {
			t.Errorf("%q: got %q, want it safe: %v", text, got, safe)
		}
	}
	x.State, x.Turn = Triage, Staff
	if got := rules.unsafe(x, "See #12."); len(got) == 0 {
		t.Error("a request that repeats nothing may refer to another")
	}
}

// TestRedirectPlaces: a redirected request names the policy's link or address, else the
// registry's own door.
func TestRedirectPlaces(t *testing.T) {
	rules := deskRules(t, English)
	for _, c := range []struct{ registry, word, want string }{
		{samplePyPI, "name-transfer", "[this page](https://example.org/names)"},
		{samplePyPI, "appeal", "write to appeals@example.org."},
		{samplePyPI, "bug", "[help](https://pypi.org/help/)"},
		{plainPackages, "bug", "on the site of Plain Packages"},
		{samplePyPI, "no-such-word", "the place that fits"},
	} {
		x := sampleStatus(Elsewhere, Nobody)
		x.Registry, x.Redirect = c.registry, c.word
		if got := rules.mustRender(t, x); !strings.Contains(got, c.want) {
			t.Errorf("%s at %s: no %q in\n%s", c.word, c.registry, c.want, got)
		}
	}
}

// TestPace: of what may be said of time, the most important is said, alone.
func TestPace(t *testing.T) {
	rules := textRules(t)
	x := sampleStatus(Triage, Staff)
	x.Snooze, x.Away, x.Late, x.Forecast = x.Created.AddDate(0, 0, 1), x.Created.AddDate(0, 0, 2), true, Forecast{P50: time.Minute, P90: 25 * time.Hour}
	all := []string{"again on 4 December 2026", "away until 5 December 2026", "We are late", "half of such requests had an answer within 1 hour, and nine of ten within 2 days"}
	for i, want := range all {
		got := rules.mustRender(t, x)
		for j, other := range all {
			if strings.Contains(got, other) != (i == j) {
				t.Errorf("%q is wanted, alone:\n%s", want, got)
			}
		}
		[]func(){func() { x.Snooze = time.Time{} }, func() { x.Away = time.Time{} }, func() { x.Late = false }, func() {}}[i]()
	}
	x.State, x.Turn = Held, OnSecurity
	if got := rules.mustRender(t, x); strings.Contains(got, "nine of ten") {
		t.Errorf("a forecast for a hold:\n%s", got)
	}
}

// TestHoldSaysNoReason: whatever the reason, the public text is the same.
func TestHoldSaysNoReason(t *testing.T) {
	rules := textRules(t)
	x := sampleStatus(Held, OnSecurity)
	want := rules.mustRender(t, x)
	for _, why := range []HoldReason{HoldStaff, HoldObjection, HoldCollision, HoldLeak, HoldTakeover} {
		x.Paused = why
		if got := rules.mustRender(t, x); got != want {
			t.Errorf("%s gives another text:\n%s", why, got)
		}
	}
}

// TestSpan: lengths are rounded up, to hours and from a day on to days.
func TestSpan(t *testing.T) {
	s := speaker{set: textRules(t).texts[English]}
	for d, want := range map[time.Duration]string{
		0: "", time.Second: "1 hour", time.Hour: "1 hour", 61 * time.Minute: "2 hours", 23 * time.Hour: "23 hours",
		23*time.Hour + 1: "1 day", 24 * time.Hour: "1 day", 24*time.Hour + 1: "2 days", 100 * time.Hour: "5 days",
	} {
		if got := s.span(d); got != want {
			t.Errorf("span(%s) = %q, want %q", d, got, want)
		}
	}
}
