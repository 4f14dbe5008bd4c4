package policy

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/xhit/go-str2duration/v2"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// updating reports whether the tests were run with -update: then they write
// what they expect. The flag may be declared by another file of this package.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func TestMain(m *testing.M) {
	if flag.Lookup("update") == nil {
		flag.Bool("update", false, "write the expected results in testdata anew")
	}
	sample.Histories()
	os.Exit(m.Run())
}

// The files of testdata/stories tell histories of requests: testdata/README.md
// says how to read and write them.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	bodies := storyBodies(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			story(t, file, bodies)
		})
	}
}

func story(t *testing.T, file string, bodies map[string]string) {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rules := storyPolicy(t)
	policies := map[string][]byte{}
	var script, want []byte
	at := -1
	for i, f := range ar.Files {
		switch f.Name {
		case "policy.yml":
			rules = f.Data
		case "script":
			script = f.Data
		case "want":
			want, at = f.Data, i
		default:
			name, ok := strings.CutSuffix(f.Name, ".yml")
			if !ok {
				t.Fatalf("%s: unknown section %q", file, f.Name)
			}
			policies[name] = f.Data
		}
	}
	s := &teller{
		t: t, bodies: bodies, policies: policies,
		world: newWorld(testRules(t, rules), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)),
	}
	for line := range strings.Lines(string(script)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			s.tell(line)
		}
	}
	got := s.out.Bytes()
	if updating() {
		if at < 0 {
			ar.Files = append(ar.Files, txtar.File{Name: "want"})
			at = len(ar.Files) - 1
		}
		ar.Files[at].Data = got
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// teller runs the lines of a script and writes what the bot decides.
type teller struct {
	t      *testing.T
	world  *world
	bodies map[string]string
	out    bytes.Buffer
	before Memory

	policies map[string][]byte // that the story may take in place of its first
}

func (s *teller) tell(line string) {
	fmt.Fprintf(&s.out, "> %s\n", line)
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "at":
		s.at(rest)
	case word[0] == '+':
		s.pass(s.duration(word[1:]))
	case word == "down":
		s.world.now = s.world.now.Add(s.duration(rest))
		s.sweep()
	case line == "sweep":
		s.show(s.world.hand(Event{Kind: Tick}))
	case line == "writes stop":
		s.world.stuck = true
	case line == "writes go on":
		s.world.stuck = false
		s.world.write()
	case line == "policy desk":
		s.world.rules = withDesk(s.world.rules)
	case line == "policy private":
		s.world.private = true
	case word == "policy":
		s.world.rules = testRules(s.t, s.policies[rest])
	case word == "lost":
		s.person(rest)
	case word == "late":
		s.late(rest)
	case word == "unchecked":
		s.world.unknown = true
		s.event(s.person(rest))
		s.world.unknown = false
	case word == "stale":
		s.world.stale = true
		s.event(s.person(rest))
		s.world.stale = false
	case line == "issue gone":
		s.world.gone = true
		s.event(Event{Kind: Gone})
	case line == "status deleted":
		ev := s.world.touch(Actor{ID: roboID, Bot: true}, Erased)
		ev.Comment = s.world.ours["status"]
		s.event(ev)
	case line == "mail comes":
		s.world.now = s.world.now.Add(time.Minute)
		s.event(Event{Kind: Mailed, At: s.world.now})
	case line == "operator adopts":
		s.event(Event{Kind: Adopted, At: s.world.issue.UpdatedAt})
	case line == "reconcile":
		s.event(Event{Kind: Seen, At: s.world.issue.UpdatedAt})
	default:
		s.event(s.person(line))
	}
}

func (s *teller) at(date string) {
	now, err := time.Parse("2006-01-02 15:04", date)
	if err != nil {
		s.t.Fatal(err)
	}
	s.world.now = now
}

func (s *teller) duration(text string) time.Duration {
	d, err := str2duration.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// pass lets time pass, with a sweep whenever one is due.
func (s *teller) pass(d time.Duration) {
	end := s.world.now.Add(d)
	for n := 0; !s.world.memory.WakeAt.IsZero() && !s.world.memory.WakeAt.After(end); n++ {
		if n == 100 {
			s.t.Fatalf("%d sweeps change nothing: WakeAt is %s", n, s.world.memory.WakeAt)
		}
		if s.world.memory.WakeAt.After(s.world.now) {
			s.world.now = s.world.memory.WakeAt
		}
		s.sweep()
	}
	s.world.now = end
}

func (s *teller) sweep() {
	if s.world.due() {
		fmt.Fprintf(&s.out, "  on %s\n", moment(s.world.now))
		s.show(s.world.hand(Event{Kind: Tick}))
	}
}

// late is an event that comes only now, of something that the snapshot shows
// or that is overtaken since: `late 2h ann: text`.
func (s *teller) late(rest string) {
	by, line, _ := strings.Cut(rest, " ")
	now := s.world.now
	s.world.now = now.Add(-s.duration(by) - time.Minute)
	issue := s.world.issue
	ev := s.person(line)
	s.world.now, s.world.issue = now, issue
	s.event(ev)
}

// person lets somebody act, a minute after what was before.
func (s *teller) person(line string) Event {
	s.world.now = s.world.now.Add(time.Minute)
	line = strings.NewReplacer("$TOKEN", secretToken, "$OTHER", otherToken).Replace(line)
	name, rest, _ := strings.Cut(line, " ")
	name, colon := strings.CutSuffix(name, ":")
	who, ok := person(name)
	if !ok {
		s.t.Fatalf("%q: who is %s?", line, name)
	}
	if colon {
		return s.world.says(who, rest)
	}
	if said, ok := strings.CutPrefix(rest, "at the desk: "); ok {
		return s.world.saysAtDesk(who, said)
	}
	verb, what, _ := strings.Cut(rest, " ")
	switch verb {
	case "opens:":
		s.anew()
		s.world.open(who, s.body(what), s.world.rules.Requests.Label)
		return s.world.touch(who, Opened)
	case "opens-unlabelled:":
		s.anew()
		s.world.open(who, s.body(what))
		return s.world.touch(who, Opened)
	case "edits:":
		return s.world.edits(who, s.body(what))
	case "writes:":
		old, is, ok := strings.Cut(what, " => ")
		if !ok || !strings.Contains(s.world.issue.Body, old) {
			s.t.Fatalf("%q: want OLD => NEW, and OLD in the body", line)
		}
		return s.world.edits(who, strings.Replace(s.world.issue.Body, old, is, 1))
	case "titles:":
		s.world.issue.Title = what
		return s.world.touch(who, Edited)
	case "edits-comment":
		ev := s.world.touch(who, Edited)
		ev.Comment = s.world.comment
		s.world.fates[s.world.last[who.ID]] = CommentEdited
		return ev
	case "rewrites:":
		return s.world.rewrites(who, what)
	case "deletes-comment":
		s.world.fates[s.world.last[who.ID]] = CommentGone
		return s.world.touch(who, Seen) // only the reconcile pass would tell
	case "leaves":
		for team, ids := range s.world.members {
			s.world.members[team] = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == who.ID })
		}
		return Event{Kind: Seen, At: s.world.issue.UpdatedAt} // of teams nobody tells us
	case "closes":
		return s.world.closes(who)
	case "reopens":
		return s.world.reopens(who)
	case "sets":
		return s.world.labels(who, what, true)
	case "removes":
		return s.world.labels(who, what, false)
	}
	s.t.Fatalf("%q: what does %s do?", line, name)
	return Event{}
}

// anew is for another issue.
func (s *teller) anew() {
	old := s.world
	s.world, s.before = newWorld(old.rules, old.now), Memory{}
	s.world.stuck, s.world.stale, s.world.unknown = old.stuck, old.stale, old.unknown
	s.world.members, s.world.private = old.members, old.private
}

func (s *teller) body(name string) string {
	b, ok := s.bodies[name]
	if !ok {
		s.t.Fatalf("no body %q", name)
	}
	return b
}

func (s *teller) event(ev Event) { s.show(s.world.hand(ev)) }

// show writes a decision: where the request stands, what it does, and why.
func (s *teller) show(d Decision) {
	m := d.Memory
	fmt.Fprintf(&s.out, "  %s\n", standing(m))
	for _, l := range changes(s.before, m) {
		fmt.Fprintf(&s.out, "  %s\n", l)
	}
	for _, e := range d.Effects {
		fmt.Fprintf(&s.out, "  - %s\n", described(e))
	}
	reasons := make([]string, 0, len(d.Reasons))
	for _, r := range d.Reasons {
		reasons = append(reasons, r.String())
	}
	fmt.Fprintf(&s.out, "  because %s\n", strings.Join(reasons, ", "))
	s.before = m
}

func standing(m Memory) string {
	if m.State == None {
		return "no request"
	}
	s := string(m.State)
	if m.Turn != Nobody {
		s += fmt.Sprintf(", %s's turn since %s", m.Turn, moment(m.Since))
	} else {
		s += ", ended " + moment(m.Ended)
	}
	if !m.Queued.IsZero() {
		s += ", queued " + moment(m.Queued)
	}
	if !m.WakeAt.IsZero() {
		s += ", wakes " + moment(m.WakeAt)
	}
	if m.Late {
		s += ", late"
	}
	if m.Quiet {
		s += ", quiet"
	}
	return s
}

// changes are the other values that a decision changed.
func changes(a, b Memory) []string {
	var out []string
	note := func(name string, before, after any) {
		if was, is := fmt.Sprint(before), fmt.Sprint(after); was != is {
			out = append(out, fmt.Sprintf("%s: %s", name, is))
		}
	}
	note("account", a.Account, b.Account)
	if a.Registry != "" || b.Registry != "pypi" {
		note("registry", a.Registry, b.Registry)
	}
	note("kind", a.Kind, b.Kind)
	note("marks", a.Marks, b.Marks)
	note("goes to", a.GoesTo, b.GoesTo)
	note("flags", a.Flags, b.Flags)
	note("unticked hints", a.Boxes, b.Boxes)
	note("steps", stepsText(a.Steps), stepsText(b.Steps))
	note("new address", a.NewAddress, b.NewAddress)
	note("evidence", evidenceText(a.Evidence), evidenceText(b.Evidence))
	note("approved by", approversText(a.Approvals), approversText(b.Approvals))
	note("notice", noticeText(a.Notice), noticeText(b.Notice))
	note("objections", objectionsText(a.Objections), objectionsText(b.Objections))
	note("paused", holdText(a.Hold), holdText(b.Hold))
	note("leaks", findsText(a.Leaks), findsText(b.Leaks))
	note("notifications that wait", len(a.Held), len(b.Held))
	return out
}

func described(e Effect) string {
	if d, ok := e.(Desk); ok {
		return d.String() + summarized(d.Text.Desk)
	}
	if r, ok := e.(React); ok && r.Desk {
		return r.String() + " at the desk"
	}
	if m, ok := e.(Mask); ok && m.Repost {
		return m.String() + ", and post it anew"
	}
	c, ok := e.(Comment)
	if !ok {
		return e.String()
	}
	s := e.String()
	t := c.Text
	if c.Name == "status" {
		s += " of " + string(t.State)
	}
	for _, p := range t.Problems {
		s += fmt.Sprintf("; %s: %s", p.Field, p.Code)
	}
	if t.Desk != nil {
		s += summarized(t.Desk)
	}
	for _, v := range []string{string(t.Alert), string(t.To), string(t.Refusal), t.Suggestion, strings.Join(t.Commands, " "), strings.Join(t.Registries, " ")} {
		if v != "" {
			s += "; " + v
		}
	}
	if t.Redirect != "" {
		s += "; points to " + t.Redirect
	}
	if t.Repeats != 0 {
		s += fmt.Sprintf("; repeats #%d", t.Repeats)
	}
	if t.State == Asked && t.Turn == Requester {
		s += "; asks " + string(t.Ask)
	}
	if t.Steps != nil {
		s += "; steps: " + stepsText(t.Steps)
	}
	if t.Paused != "" {
		s += "; paused: " + string(t.Paused)
	}
	for _, d := range []struct {
		word string
		at   time.Time
	}{{"notified", t.Notified}, {"ready", t.Ready}, {"reminds", t.Remind}, {"closes", t.Close}, {"reopen until", t.Reopen}, {"snoozed until", t.Snooze}, {"away until", t.Away}} {
		if !d.at.IsZero() {
			s += "; " + d.word + " " + moment(d.at)
		}
	}
	if t.Late {
		s += "; we are late"
	}
	s += leaksText(t)
	if t.Language != "" {
		s += "; in " + t.Language
	}
	return s
}

// summarized is what a staff summary says beside what every text says.
func summarized(s *Summary) string {
	out := fmt.Sprintf("; %s by %d", s.Issue, s.AuthorID)
	for _, e := range s.Evidence {
		out += fmt.Sprintf("; %s (%d)", e.Class, len(e.By))
	}
	if n := len(s.Approvals); n > 0 {
		out += fmt.Sprintf("; %d approved", n)
	}
	if s.Objections > 0 {
		out += fmt.Sprintf("; %d objected", s.Objections)
	}
	for _, part := range []struct {
		word string
		is   []string
	}{{"path", strings.Fields(s.Path)}, {"lacks", s.Lacks}, {"next", s.Next}, {"others", s.Others}} {
		if len(part.is) > 0 {
			out += "; " + part.word + " " + strings.Join(part.is, ", ")
		}
	}
	if s.Digest == "" {
		return out
	}
	return strings.ReplaceAll(out, s.Digest, "DIGEST")
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
