package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// The same plan makes the same scripts, another seed others, and a script is as long as it was asked to be.
func TestScripts(t *testing.T) {
	p := plan{seed: 7, events: 1003, issues: 100, repositories: 3}
	first, again := scripts(p), scripts(p)
	if d := cmp.Diff(first, again); d != "" {
		t.Errorf("the same plan made other scripts:\n%s", d)
	}
	p.seed = 8
	if cmp.Equal(first, scripts(p)) {
		t.Error("another seed made the same scripts")
	}
	total := 0
	next := map[string]int{}
	found := map[string]bool{}
	for _, s := range first {
		total += s.acts()
		found[s.Kind] = true
		if next[s.Place.Repository]++; s.Place.Number != next[s.Place.Repository] {
			t.Errorf("%s is the script number %d of its repository", s.Place, next[s.Place.Repository])
		}
		if s.Steps[0][0].Do != "files" {
			t.Errorf("%s begins with %q, want a filing", s.Place, s.Steps[0][0])
		}
	}
	if total != 1003 {
		t.Errorf("%d events, want 1003", total)
	}
	for _, k := range kinds() {
		if !found[k.name] {
			t.Errorf("no script of the kind %s among 100", k.name)
		}
	}
}

// Of acts that come together only one may have an effect: their order is not sure.
func TestBursts(t *testing.T) {
	for _, s := range scripts(plan{seed: 1, events: 5000, issues: 500, repositories: 1}) {
		for _, st := range s.Steps {
			effects := 0
			for _, a := range st {
				if !slices.Contains(strangers(), a.Who) || strings.HasPrefix(a.Text, "/") {
					effects++
				}
			}
			if effects > 1 || len(st) > 1 && st[0].Do == "edits" {
				t.Errorf("%s: %v come together", s.Place, st)
			}
		}
	}
}

// village is one issue in which all is as it should be.
func village(t *testing.T) ([]script, *outcome, *bottest.Repository) {
	t.Helper()
	f := bottest.New(bottest.Options{Clock: time.Now, AppID: appID, Slug: slug})
	r := f.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "support-1"})
	n, err := r.OpenIssue("user-1", bottest.Draft{Title: "Help", Body: "please", Labels: []string{intakeLabel, "recovery: triage"}})
	if err != nil {
		t.Fatal(err)
	}
	all := []script{{Kind: "form", Author: "user-1", Place: place{"octo-registry/support-1", n}}}
	return all, look(r), r
}

func look(r *bottest.Repository) *outcome {
	return &outcome{
		played: played{seen: [][]string{nil}, stuck: []string{""}}, issues: r.Issues(),
		audit: [][]string{{"looked: none -> triage ()", "commanded by 1001: triage -> denied (command)"}}, figures: &figures{},
	}
}

func TestCompare(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(*testing.T, *outcome)
		want string // in the first difference; "": none
	}{
		"nothing":    {func(*testing.T, *outcome) {}, ""},
		"label lost": {func(_ *testing.T, o *outcome) { o.issues[0].Labels = o.issues[0].Labels[:1] }, "-labels: account-recovery, recovery: triage"},
		"comment doubled": {func(_ *testing.T, o *outcome) {
			c := bottest.Comment{ByApp: true, Author: "recoverybot[bot]", Body: "Hello\n\n<!-- recoverybot: status -->"}
			o.issues[0].Comments = append(o.issues[0].Comments, c, c)
		}, `doubled: two comments of ours have the marker "status"`},
		"label set twice": {func(_ *testing.T, o *outcome) {
			o.issues[0].Timeline = append(o.issues[0].Timeline, bottest.Event{Actor: "recoverybot[bot]", Kind: "labeled", Label: "x"})
		}, "the bot changed other things"},
		"command run twice": {func(_ *testing.T, o *outcome) { o.audit[0] = append(o.audit[0], o.audit[0][1]) }, "the audit log is different"},
		"command lost":      {func(_ *testing.T, o *outcome) { o.audit[0] = o.audit[0][:1] }, "-commanded by 1001"},
		"closed":            {func(_ *testing.T, o *outcome) { o.issues[0].State = "closed" }, "-open"},
		"stuck":             {func(_ *testing.T, o *outcome) { o.stuck[0] = "after step 1: nothing" }, "after step 1: nothing"},
		"replica ended":     {func(_ *testing.T, o *outcome) { o.odd = []string{"a replica ended by itself"} }, "ended by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			all, calm, r := village(t)
			other := look(r)
			test.harm(t, other)
			got := compare(all, calm, other)
			switch {
			case test.want == "" && len(got) > 0:
				t.Errorf("found %q, want nothing", got)
			case test.want != "" && (len(got) == 0 || !strings.Contains(got[0], test.want)):
				t.Errorf("found %q, want %q in the first", got, test.want)
			}
		})
	}
}

// Dates, ids and forecasts are not compared, all else is.
func TestPlain(t *testing.T) {
	a := plain("We close this on 2026-11-21, 10:05 UTC. Lately, nine of ten such requests had an answer within 1 hour. [Said](#issuecomment-12)")
	b := plain("We close this on 2026-11-22, 09:00 UTC. [Said](#issuecomment-99)")
	if a != b {
		t.Errorf("got %q and %q, want the same", a, b)
	}
	if a == plain("We keep this open on 2026-11-22, 09:00 UTC. [Said](#issuecomment-99)") {
		t.Errorf("another text is %q, too", a)
	}
}

func TestAuditLine(t *testing.T) {
	for export, want := range map[string]string{
		`{"action":"opened: none -> triage","actor":5,"reasons":[{"code":"welcome"}]}`:           "looked: none -> triage (welcome)",
		`{"action":"seen: none -> triage","actor":0,"reasons":[{"code":"welcome"}]}`:             "looked: none -> triage (welcome)",
		`{"action":"edited: triage -> triage","actor":5,"reasons":[{"code":"edited"}]}`:          "",
		`{"action":"closed: triage -> closed","actor":5,"reasons":[{"code":"closed-by-hand"}]}`:  "looked: triage -> closed (closed-by-hand)",
		`{"action":"commanded: asked -> asked","actor":9,"reasons":[{"code":"a"},{"code":"b"}]}`: "commanded by 9: asked -> asked (a b)",
	} {
		got, err := byScript([]script{{Place: place{"o/r", 1}}}, []byte(strings.Replace(export, "{", `{"request":"o/r#1",`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got[0], "\n") != want {
			t.Errorf("%s: got %q, want %q", export, got[0], want)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"-database", "oracle"}, {"-events", "1"}, {"-faults", "2"}, {"surplus"}, {"-nonsense"}} {
		var out bytes.Buffer
		if got := run(t.Context(), args, &out); got != exitUsage {
			t.Errorf("%q: status %d, want %d\n%s", args, got, exitUsage, &out)
		}
	}
}

// Whatever happens to a webhook, people's arrive or are lost, and are waited for.
func TestFates(t *testing.T) {
	opened := letter{Delivery: bottest.Delivery{Event: "issues", Action: "opened"}, person: true}
	for _, test := range []struct {
		event, action, sender string
		want                  bool
	}{
		{"issues", "opened", "user-1", true},
		{"issues", "edited", "user-1", false},
		{"issues", "reopened", "ada", false},
		{"issue_comment", "created", "ada", true},
		{"issue_comment", "created", "mallory", false},
	} {
		l := opened
		l.Event, l.Action, l.sender = test.event, test.action, test.sender
		if got := l.mayBeLost(); got != test.want {
			t.Errorf("%s.%s by %s may be lost: %t, want %t", test.event, test.action, test.sender, got, test.want)
		}
	}
}
