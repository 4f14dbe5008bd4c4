package policy

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/parser/leak"
)

// The people of the stories. Ada is an agent, Hal a helper, Eve has the
// security role; Pat is an agent who has a request of their own; Sam is
// nobody; Robo is another bot.
const (
	annID = 11 + iota
	halID
	adaID
	samID
	roboID
	patID
	botID
	eveID = 41
)

func person(name string) (Actor, bool) {
	ids := map[string]int64{
		"ann": annID, "hal": halID, "ada": adaID, "eve": eveID, "sam": samID, "robo": roboID, "pat": patID,
	}
	id, ok := ids[name]
	return Actor{ID: id, Login: name, Bot: id == roboID}, ok
}

func whois(name string) Actor {
	a, _ := person(name)
	return a
}

func storyMembers() map[string][]int64 {
	return map[string][]int64{
		"octo-registry/agents":  {adaID, patID},
		"octo-registry/helpers": {halID},
	}
}

// testRules reads a policy; its forms lie in testdata/forms.
func testRules(t testing.TB, src []byte) *Rules {
	t.Helper()
	r, err := ParseRules(src, os.DirFS("testdata"))
	if err != nil {
		t.Fatalf("the policy of the tests:\n%v", err)
	}
	return r
}

func storyPolicy(t testing.TB) []byte {
	t.Helper()
	src, err := os.ReadFile("testdata/recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// twoRegistries are the rules of the stories with a second registry and a
// second language.
func twoRegistries(t testing.TB) *Rules {
	t.Helper()
	src := strings.Replace(string(storyPolicy(t)), "\nrequests:",
		"\n  testpypi: {preset: pypi, url: https://test.pypi.org, words: [test pypi]}\nrequests:", 1)
	r := testRules(t, []byte(src+"\nlanguages: [en, es]\n"))
	if len(r.Registries) != 2 {
		t.Fatalf("got %d registries, want 2", len(r.Registries))
	}
	return r
}

// withDesk are rules by which staff have a desk.
func withDesk(r *Rules) *Rules {
	desk := *r
	desk.Repositories = slices.Clone(r.Repositories)
	desk.Repositories[0].Desk = &Repository{ID: 700099, Owner: "octo-registry", Name: "desk"}
	return &desk
}

// storyBodies are the bodies that stories name: the files of testdata/bodies.
func storyBodies(t testing.TB) map[string]string {
	t.Helper()
	files, err := fs.Glob(os.DirFS("testdata/bodies"), "*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bodies: %v", err)
	}
	bodies := map[string]string{}
	for _, f := range files {
		src, err := os.ReadFile("testdata/bodies/" + f)
		if err != nil {
			t.Fatal(err)
		}
		bodies[strings.TrimSuffix(f, ".md")] = strings.TrimSuffix(string(src), "\n")
	}
	return bodies
}

// world is one issue, and the bot's memory of it, without a network: it hands
// events to Decide as the loop does, and makes effects as GitHub does.
type world struct {
	rules   *Rules
	now     time.Time
	issue   Issue
	memory  Memory
	pending []Effect
	stuck   bool // effects wait
	stale   bool // the next snapshots are marked as not fresh
	unknown bool // the teams cannot be read

	lastWrite time.Time
	comment   int64            // the newest comment's id
	lastWord  Actor            // of a person
	lastSaid  time.Time        //
	ours      map[string]int64 // our comments by name
	posted    []time.Time      // our notifications but for advice
	advised   []leak.Class     // of what they said what to do
	gone      bool
	private   bool // only its members read the repository
	atDesk    bool // there is an issue at the desk
	deskOpen  bool
	id        int64 // of the issue; 0: 1

	objections int // how many the event's actor has open elsewhere

	members map[string][]int64 // of the teams
	fates   map[int64]Kept     // comments that are not as they were written
	claims  map[int64]bool     // comments that claim the account
	last    map[int64]int64    // each person's newest comment
	texts   map[int64]string   // of comments
}

func newWorld(r *Rules, now time.Time) *world {
	return &world{
		rules: r, now: now, ours: map[string]int64{}, comment: 900, members: storyMembers(),
		fates: map[int64]Kept{}, claims: map[int64]bool{}, last: map[int64]int64{}, texts: map[int64]string{},
	}
}

// secret is the key of the only case.
func (w *world) secret() []byte { return []byte("the key of the case") }

// digest is what an approval must name now.
func (w *world) digest() string {
	ev := Event{Kind: Seen, At: w.issue.UpdatedAt}
	q, ev := w.request(ev)
	m := w.rules.move(q, ev, w.now)
	m.compare()
	return m.digest()
}

// open files the issue.
func (w *world) open(author Actor, body string, labels ...string) {
	w.issue = Issue{
		Repository: 700001, ID: cmp.Or(w.id, 1), Number: int(cmp.Or(w.id, 1)), Title: "Account recovery", Body: body, Author: author, Open: true,
		Labels: labels, CreatedAt: w.now, UpdatedAt: w.now, Public: !w.private,
	}
}

// request is what the loop would hand to Decide for an event.
func (w *world) request(ev Event) (Request, Event) {
	q := Request{Issue: w.issue, Memory: w.memory}
	q.Issue.Labels = slices.Clone(w.issue.Labels)
	q.Issue.Assignees = slices.Clone(w.issue.Assignees)
	q.Facts.Pending = slices.Clone(w.pending)
	q.Facts.Started = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	q.Facts.Stale = w.stale
	q.Facts.Secret = w.secret()
	if w.gone {
		ev.Kind = Gone
		q.Issue = Issue{Repository: q.Issue.Repository, ID: q.Issue.ID, Number: q.Issue.Number, Author: q.Issue.Author}
		return q, ev
	}
	q.Facts.Newer = !slices.ContainsFunc(w.pending, func(e Effect) bool { return !AtDesk(e) }) && w.issue.UpdatedAt.After(w.lastWrite)
	q.Form = w.rules.Form(q.Issue)
	need := w.rules.Needs(q, ev)
	q.Facts.Same = need.Same
	if need.Objector != 0 {
		q.Facts.Objections = w.objections
	}
	q.Facts.Members = map[string][]int64{}
	for _, t := range need.Teams {
		if ids, ok := w.members[t.String()]; ok && !w.unknown {
			q.Facts.Members[t.String()] = ids
		}
	}
	q.Facts.Comments = map[CommentAt]Kept{}
	for _, c := range need.Comments {
		if !w.unknown {
			q.Facts.Comments[c] = cmp.Or(w.fates[c.ID], CommentKept)
		}
	}
	q.Facts.Claim = need.Claim && w.claims[ev.Comment]
	if need.LastWord {
		q.Facts.LastWord, q.Facts.LastWordAt = w.lastWord, w.lastSaid
	}
	if !Known(need, q.Facts) {
		ev.Kind = Unverified
	}
	return q, ev
}

// hand lets the bot decide about ev, and makes the effects.
func (w *world) hand(ev Event) Decision {
	q, ev := w.request(ev)
	d := w.rules.Decide(q, ev, w.now)
	w.accept(d)
	return d
}

func (w *world) accept(d Decision) {
	w.memory = d.Memory
	for _, e := range d.Effects {
		if Supersedes(e.Key()) {
			w.pending = slices.DeleteFunc(w.pending, func(old Effect) bool { return old.Key() == e.Key() })
		}
		w.pending = append(w.pending, e)
		if c, ok := e.(Comment); ok && strings.HasPrefix(c.Name, "notify:") {
			if c.Text.Name == TextLeak {
				if !c.Text.ByOthers {
					w.advised = append(w.advised, c.Text.Leaks...)
				}
				continue
			}
			w.posted = append(w.posted, w.now)
		}
	}
	if !w.stuck {
		w.write()
	}
}

// write makes what was decided.
func (w *world) write() {
	for _, e := range w.pending {
		if AtDesk(e) {
			w.performAtDesk(e)
			continue
		}
		if w.gone {
			break
		}
		w.perform(e)
		w.lastWrite, w.issue.UpdatedAt = w.now, w.now
	}
	w.pending = nil
}

// performAtDesk makes what is made at the desk, which leaves the issue alone.
func (w *world) performAtDesk(e Effect) {
	switch e := e.(type) {
	case Desk:
		w.atDesk, w.deskOpen = true, e.Open
	case Comment:
		if !w.atDesk {
			panic("a comment at the desk, where there is no issue")
		}
	}
}

func (w *world) perform(e Effect) {
	switch e := e.(type) {
	case Comment:
		if w.ours[e.Name] == 0 {
			w.comment++
			w.ours[e.Name] = w.comment
		}
	case Labels:
		for _, n := range e.Remove {
			w.setLabel(n, false)
		}
		for _, n := range e.Add {
			w.setLabel(n, true)
		}
	case Close:
		if w.issue.Open {
			w.issue.Open, w.issue.Reopened, w.issue.ClosedBy = false, false, botID
		}
	case Reopen:
		w.issue.Open, w.issue.Reopened, w.issue.ClosedBy = true, true, 0
	case Assign:
		w.issue.Assignees = append(slices.DeleteFunc(w.issue.Assignees, func(n string) bool {
			return slices.Contains(e.Remove, n)
		}), e.Add...)
	case Mask:
		w.mask(e)
	case React:
	default:
		panic(fmt.Sprintf("an unknown effect: %T", e))
	}
}

func (w *world) setLabel(name string, on bool) {
	w.issue.Labels = slices.DeleteFunc(w.issue.Labels, func(n string) bool { return n == name })
	if on {
		w.issue.Labels = append(w.issue.Labels, name)
	}
}

// The things that people do change the issue, and return the event of them.

func (w *world) touch(who Actor, kind EventKind) Event {
	w.issue.UpdatedAt = w.now
	return Event{Kind: kind, Actor: who, At: w.now}
}

func (w *world) says(who Actor, text string) Event {
	ev := w.touch(who, Commented)
	if strings.Contains(text, "$DIGEST") {
		text = strings.ReplaceAll(text, "$DIGEST", w.digest())
	}
	w.comment++
	ev.Comment = w.comment
	w.last[who.ID], w.claims[w.comment] = w.comment, w.rules.Claims(text)
	w.texts[w.comment] = text
	ev.Leaks = w.leaksIn(text, Leaked{In: InComment, Comment: w.comment})
	if !who.Bot {
		w.lastWord, w.lastSaid = who, w.now
	}
	ev.Offer = who.ID != w.issue.Author.ID && w.rules.Offers(text)
	if c, ok := parser.ParseCommand(text); ok {
		ev.Kind, ev.Command = Commanded, c
	}
	return ev
}

// saysAtDesk is a comment on the request's issue at the desk. The request's own
// issue does not change by it.
func (w *world) saysAtDesk(who Actor, text string) Event {
	issue, word, said := w.issue, w.lastWord, w.lastSaid
	ev := w.says(who, text)
	w.issue, w.lastWord, w.lastSaid = issue, word, said
	ev.Desk = true
	return ev
}

// saysWhereFit is a comment at the desk if the issue is no place for it.
func (w *world) saysWhereFit(who Actor, text string) Event {
	if c, ok := parser.ParseCommand(text); ok && discloses(c) {
		return w.saysAtDesk(who, text)
	}
	return w.says(who, text)
}

func (w *world) edits(who Actor, body string) Event {
	leaks := w.compared(body, w.issue.Body, Leaked{In: InBody})
	w.issue.Body = body
	ev := w.touch(who, Edited)
	ev.Leaks = leaks
	return ev
}

func (w *world) closes(who Actor) Event {
	w.issue.Open, w.issue.Reopened, w.issue.ClosedBy = false, false, who.ID
	return w.touch(who, ClosedHand)
}

func (w *world) reopens(who Actor) Event {
	w.issue.Open, w.issue.Reopened, w.issue.ClosedBy = true, true, 0
	return w.touch(who, ReopenedHand)
}

func (w *world) labels(who Actor, name string, on bool) Event {
	w.setLabel(name, on)
	return w.touch(who, Labeled)
}

// due reports whether a sweep at w.now would find the request.
func (w *world) due() bool { return !w.memory.WakeAt.IsZero() && !w.now.Before(w.memory.WakeAt) }

// lead files an issue and brings it into a state, by what people do. hand
// takes the events. The body is that of the issue, unless the state needs
// another one; without a state the issue has no intake label.
func (w *world) lead(to State, bodies map[string]string, body string, hand func(Event)) {
	ann, ada := whois("ann"), whois("ada")
	labels := []string{w.rules.Requests.Label}
	switch to {
	case None:
		labels = nil
	case Incomplete, Expired:
		body = "no-name"
	default:
	}
	w.open(ann, bodies[body], labels...)
	if to == None {
		return
	}
	hand(w.touch(ann, Opened))
	w.now = w.now.Add(time.Minute)
	switch to {
	case Asked:
		hand(w.says(ada, "/ask"))
	case Review:
		hand(w.says(ada, "/ask detail"))
		w.now = w.now.Add(time.Minute)
		hand(w.says(ann, "/done"))
	case Completed:
		hand(w.says(ada, "/complete outside"))
	case Denied:
		hand(w.says(ada, "/deny abuse"))
	case Withdrawn:
		hand(w.says(ann, "/solved"))
	case Closed:
		hand(w.closes(ada))
	case Ignored:
		hand(w.says(ada, "/ignore"))
	case Expired:
		for _, days := range []int{70, 7} {
			w.now = w.now.AddDate(0, 0, days)
			hand(Event{Kind: Tick})
		}
	case Proof:
		hand(w.says(ada, "/proof"))
	case Waiting, Ready:
		hand(w.says(ada, "/approve 1 7 notified $DIGEST"))
		w.now = w.now.Add(time.Minute)
		hand(w.says(whois("hal"), "/approve 7 $DIGEST"))
		if to == Ready {
			w.now = w.memory.WakeAt
			hand(Event{Kind: Tick})
		}
	case Held:
		hand(w.says(whois("hal"), "/hold"))
	case Elsewhere:
		hand(w.says(ada, "/redirect other"))
	case Duplicate:
		hand(w.says(ada, "/duplicate #7"))
	default:
	}
}

// fork copies a world.
func (w *world) fork() *world {
	c := *w
	c.issue.Labels = slices.Clone(w.issue.Labels)
	c.issue.Assignees = slices.Clone(w.issue.Assignees)
	c.pending = slices.Clone(w.pending)
	c.posted, c.advised = slices.Clone(w.posted), slices.Clone(w.advised)
	c.last, c.claims, c.texts = maps.Clone(w.last), maps.Clone(w.claims), maps.Clone(w.texts)
	c.ours = maps.Clone(w.ours)
	c.stuck, c.unknown = false, false
	return &c
}
