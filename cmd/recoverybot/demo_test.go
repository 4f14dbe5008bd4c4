package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// TestFakeOnly runs serve, as a process, by the line that demo --fake-only
// prints. Every story of the page alone, in which no days pass, ends there as it is written.
func TestFakeOnly(t *testing.T) {
	t.Parallel()
	fake := launch(t, "demo", "--fake-only")
	line := strings.Fields(fake.line("recoverybot serve "))
	flags := map[string]string{}
	for i := 2; i+1 < len(line); i += 2 {
		flags[line[i]] = line[i+1]
	}
	bot := launch(t, line[1:]...)
	eventually(t, "ready", get("http://"+flags["--listen"]+"/readyz"))
	folk := &bottest.People{
		URL: flags["--github-url"], Owner: "octo-registry", Name: "support", Label: "account-recovery",
		Client: &http.Client{Timeout: 10 * time.Second},
	}
	all := calm(t)
	ends := acted(t, folk, all[1:])
	if len(ends) < 11 {
		t.Errorf("%d stories, want 11 at least", len(ends))
	}
	// What comes later is done later: nothing changes the others after this.
	last := acted(t, folk, all[:1])
	for _, e := range append(ends, last...) {
		is, err := folk.Issue(t.Context(), e.number)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e.story.Want, bottest.Summary(is)); diff != "" {
			t.Errorf("%s (-written +seen):\n%s", e.story.Name, diff)
		}
	}
	bot.stop(syscall.SIGTERM)
	fake.stop(syscall.SIGINT)
	if _, err := os.Stat(filepath.Dir(flags["--database"])); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

// course is a story with what a visitor sees after each of its steps.
type course struct {
	story bottest.Story
	after []string
}

// calm plays the stories without days, mails and acts at the desk, which no
// visitor sees, in this process, step by step: another process, that cannot be
// asked whether it is done, has to come to the same.
func calm(t *testing.T) []course {
	t.Helper()
	stories, err := bottest.Stories()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(t.Context(), testEnv(), checked(t))
	if err != nil {
		t.Fatal(err)
	}
	var all []course
	for _, s := range stories {
		atDesk := slices.ContainsFunc(s.Steps, func(step bottest.StoryStep) bool { return step.Desk })
		if s.Days || s.Mails || atDesk {
			continue
		}
		c := course{story: s}
		number := 0
		for _, step := range s.Steps {
			if number, err = w.folk.Act(t.Context(), number, step); err == nil {
				err = w.settle(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			is, _ := w.repo.Issue(number)
			c.after = append(c.after, bottest.Summary(is))
		}
		all = append(all, c)
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}
	return all
}

// end is where a story was played.
type end struct {
	story  bottest.Story
	number int
}

// acted plays stories at the same time, each step after what the one before
// it leads to was seen.
func acted(t *testing.T, folk *bottest.People, courses []course) []end {
	t.Helper()
	ends := make([]end, len(courses))
	var all sync.WaitGroup
	for i, c := range courses {
		all.Go(func() {
			number := 0
			for j, step := range c.story.Steps {
				var err error
				if number, err = folk.Act(t.Context(), number, step); err == nil {
					err = saw(t.Context(), folk, sight{number, c.after[j]})
				}
				if err != nil {
					t.Errorf("%s: %q: %v", c.story.Name, step.Line, err)
					break
				}
			}
			ends[i] = end{c.story, number}
		})
	}
	all.Wait()
	return ends
}

// sight is how an issue must look.
type sight struct {
	number int
	want   string
}

// saw waits for a sight.
func saw(ctx context.Context, folk *bottest.People, s sight) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 800*time.Millisecond) { // a look is a dozen calls
		is, err := folk.Issue(ctx, s.number)
		if err != nil {
			return err
		}
		diff := cmp.Diff(s.want, bottest.Summary(is))
		if diff == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not as in the calm run (-want +got):\n%s", diff)
		case <-time.After(wait):
		}
	}
}

var curl = regexp.MustCompile(`\Acurl -s -X POST (\S+) -H 'Authorization: ([^']+)' -d '(.*)'\z`)

// shows wants what a person sees of the demo: the timeline, without colours where
// it is no terminal, beside the desk, and a whole recovery that is counted.
func (p *process) shows() {
	p.tb.Helper()
	out, _, _ := strings.Cut(p.out.String(), "\nStill up. ")
	for _, want := range []string{
		`^1\. A complete request goes to staff\.$`,
		`  ann      files "Lost my phone"$`,
		`  the bot  \+ label recovery: triage$`,
		`because  stranger-ignored: a command of staff by somebody else: nothing happens$`,
		`^32 of 32 requests ended as written\.$`,
		`^[0-9]+ API calls, of which [0-9]+ writes:$`,
		`  ada      at the desk: /approve mailbox branch-declared notified [0-9a-f]{8} \[\+1\]$`,
		`^   What staff read at the desk at this time:$`,
		"^  \\*\\*DIGEST:\\*\\* `[0-9a-f]{8}`\\. ",
		`  \(mail\)   tells the mail hook of a mail: "Re: your account \[recovery #16\]"$`,
		`^   Counted: acts of staff: 3; notifications of nina: 3; notifications of nina from the desk: 0$`,
		`^Attacks that fail$`,
		`^   Why it fails: Everybody who knows the account was told`,
		`at the desk, to octo-registry/support-agents: approvals do not count any$`,
	} {
		if !regexp.MustCompile("(?m)" + want).MatchString(out) {
			p.tb.Errorf("the demo does not show %s", want)
		}
	}
	for _, not := range []string{`has no words for it`, `\x1b`, `.{101}`} {
		if seen := regexp.MustCompile("(?m)" + not).FindString(out); seen != "" {
			p.tb.Errorf("the demo shows %q", seen)
		}
	}
	if p.errs.String() != "" {
		p.tb.Errorf("it wrote to stderr: %s", p.errs.String())
	}
}

// TestStay looks at what the demo shows, and does what the curl lines say that
// demo --stay prints: it files a request, and writes as a member of staff.
func TestStay(t *testing.T) {
	t.Parallel()
	p := launchApart(t, "demo", "--stay")
	line := p.line("curl -s -X POST ")
	p.shows()
	var issue struct {
		Number int `json:"number"`
	}
	if err := json.Unmarshal(curled(t, line), &issue); err != nil {
		t.Fatal(err)
	}
	repo := curl.FindStringSubmatch(line)[1]
	folk := &bottest.People{URL: strings.TrimSuffix(repo, "/repos/octo-registry/support/issues"), Owner: "octo-registry", Name: "support", Client: http.DefaultClient}
	want := "open\nlabels: account-recovery, recovery: triage\nrecoverybot[bot]: Account recovery for PyPI: it is our turn"
	if err := saw(t.Context(), folk, sight{issue.Number, want}); err != nil {
		t.Error(err)
	}
	curled(t, strings.Replace(p.line("curl -s -X POST "+repo+"/N/comments"), "/N/", fmt.Sprintf("/%d/", issue.Number), 1))
	want = "open\nlabels: account-recovery, recovery: author's turn\nrecoverybot[bot]: Account recovery for PyPI: it is your turn\nhal: /ask detail [+1]"
	if err := saw(t.Context(), folk, sight{issue.Number, want}); err != nil {
		t.Error(err)
	}
	p.stop(syscall.SIGINT)
	left, err := filepath.Glob(filepath.Join(p.temp, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// curled does what a curl line says, and returns the answer.
func curled(t *testing.T, line string) []byte {
	t.Helper()
	m := curl.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("not a curl line: %s", line)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m[1], strings.NewReader(m[3]))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", m[2])
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // only read
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%s: status %d, %v", line, res.StatusCode, err)
	}
	return answer
}

func TestDemoJSON(t *testing.T) {
	t.Parallel()
	some := spread(t)
	code, out, errs := demo(t, &env{stories: some}, "--json")
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var issues []struct {
		Number   int      `json:"number"`
		Author   string   `json:"author"`
		State    string   `json:"state"`
		Reason   string   `json:"state_reason"`
		Labels   []string `json:"labels"`
		Comments []struct {
			Author string `json:"author"`
			Body   string `json:"body"`
		} `json:"comments"`
	}
	if err := json.Unmarshal([]byte(out), &issues); err != nil {
		t.Fatalf("not a JSON array: %v", err)
	}
	if len(issues) != len(some) {
		t.Fatalf("%d issues, want %d", len(issues), len(some))
	}
	for _, is := range issues {
		if is.State != "open" && is.State != "closed" || len(is.Comments) == 0 || is.Comments[0].Author != "recoverybot[bot]" || is.Comments[0].Body == "" {
			t.Errorf("issue %d: state %q, comments %v", is.Number, is.State, is.Comments)
		}
	}
	whole := slices.IndexFunc(some, func(s bottest.Story) bool { return strings.Contains(s.Want, "recovery: completed") })
	if g := issues[whole]; g.State != "closed" || g.Reason != "completed" || !slices.Contains(g.Labels, "recovery: completed") {
		t.Errorf("issue %d ends as %s %s with %q", g.Number, g.State, g.Reason, g.Labels)
	}
}
