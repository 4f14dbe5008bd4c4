package bot_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

// fewWrites bounds what an attack may make the bot write, where it says no
// number of its own.
const fewWrites = 40

const itself = "recoverybot[bot]"

// claim is one way to write what must be so in the end: what is so, to be
// compared with the last group.
type claim struct {
	line *regexp.Regexp
	is   func(s *siege, m []string) string
}

func claims() []claim {
	const at = `\A#([0-9]+) `
	return []claim{
		{regexp.MustCompile(at + `is (.*)\z`), func(s *siege, m []string) string {
			c, ok := s.caseOf(s.number(m[1]))
			if !ok {
				return "no request"
			}
			return string(c.Memory.State)
		}},
		{regexp.MustCompile(at + `waits for (.*)\z`), func(s *siege, m []string) string {
			return cmp.Or(string(s.remembered(m[1]).Turn), "nobody")
		}},
		{regexp.MustCompile(at + `names (.*)\z`), func(s *siege, m []string) string {
			return cmp.Or(s.remembered(m[1]).Account, "nobody")
		}},
		{regexp.MustCompile(at + `has ([0-9]+) approvals\z`), func(s *siege, m []string) string {
			return strconv.Itoa(len(s.remembered(m[1]).Approvals))
		}},
		{regexp.MustCompile(at + `has ([0-9]+) pieces of evidence\z`), func(s *siege, m []string) string {
			return strconv.Itoa(len(s.remembered(m[1]).Evidence))
		}},
		{regexp.MustCompile(at + `has ([0-9]+) objections\z`), func(s *siege, m []string) string {
			return strconv.Itoa(len(s.remembered(m[1]).Objections))
		}},
		{regexp.MustCompile(at + `has the marks (.*)\z`), func(s *siege, m []string) string {
			var all []string
			for _, f := range s.remembered(m[1]).Flags {
				all = append(all, string(f))
			}
			return cmp.Or(strings.Join(all, ", "), "none")
		}},
		{regexp.MustCompile(at + `has ([0-9]+) comments? of ours\z`), func(s *siege, m []string) string {
			is, _ := s.repo.Issue(s.number(m[1]))
			return strconv.Itoa(len(slices.DeleteFunc(is.Comments, func(c bottest.Comment) bool { return c.Author != itself })))
		}},
		{regexp.MustCompile(at + `on GitHub is (open|closed)\z`), func(s *siege, m []string) string {
			is, _ := s.repo.Issue(s.number(m[1]))
			return is.State
		}},
		{regexp.MustCompile(at + `wears (.*)\z`), func(s *siege, m []string) string {
			is, _ := s.repo.Issue(s.number(m[1]))
			return cmp.Or(strings.Join(slices.Sorted(slices.Values(is.Labels)), ", "), "nothing")
		}},
		{regexp.MustCompile(`\A(\S+) got (.*)\z`), func(s *siege, m []string) string { return s.answersTo(m[1]) }},
		{regexp.MustCompile(`\Athe audit log has (.*) by ([0-9]+) ([0-9]+) times\z`), func(s *siege, m []string) string {
			return strconv.Itoa(s.audited(m[1] + " by " + m[2]))
		}},
	}
}

func (s *siege) remembered(number string) policy.Memory {
	s.Helper()
	c, _ := s.caseOf(s.number(number))
	return c.Memory
}

// oldComments is the claim that lets something pass which is known: what it
// says is so in no other attack. GitHub takes comments along to where an issue
// is transferred. The status comment among them is written on.
const oldComments = "comments of ours were moved along"

var atMost = regexp.MustCompile(`\Aat most ([0-9]+) writes\z`)

// claimed compares the end with what is written down.
func (s *siege) claimed(writes []bottest.Call) {
	s.Helper()
	bound := fewWrites
	for _, c := range s.claims {
		if m := atMost.FindStringSubmatch(c); m != nil {
			bound = s.number(m[1])
			continue
		}
		if c != oldComments {
			s.compared(c)
		}
	}
	if len(writes) > bound {
		s.Errorf("%d writes, at most %d are wanted: %s", len(writes), bound, count(writes))
	}
}

func (s *siege) compared(written string) {
	s.Helper()
	for _, c := range claims() {
		m := c.line.FindStringSubmatch(written)
		if m == nil {
			continue
		}
		if got, want := c.is(s, m), m[len(m)-1]; got != want {
			s.Errorf("%q: it is %q", written, got)
		}
		return
	}
	s.Errorf("%q is no claim", written)
}

// answersTo are the reactions on all that somebody wrote, in order; a comment
// without one is "-".
func (s *siege) answersTo(who string) string {
	var all []string
	for _, is := range append(s.repo.Issues(), s.desk.Issues()...) {
		for _, c := range is.Comments {
			if c.Author != who {
				continue
			}
			got := "-"
			for _, r := range c.Reactions {
				got = strings.TrimPrefix(got+" "+r.Content, "- ")
			}
			all = append(all, got)
		}
	}
	if !slices.ContainsFunc(all, func(got string) bool { return got != "-" }) {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

func (s *siege) audited(row string) int {
	s.Helper()
	n := 0
	for _, r := range s.rows() {
		if r == row {
			n++
		}
	}
	return n
}

// rows are the audit log's rows of all requests.
func (s *siege) rows() []string {
	s.Helper()
	var all []string
	for _, is := range s.repo.Issues() {
		rows, err := s.store.Timeline(s.Context(), bot.CaseKey{Repository: s.repo.ID(), Issue: is.ID})
		s.must(err)
		for _, r := range rows {
			all = append(all, fmt.Sprintf("%s by %d", r.Action, r.Actor))
		}
	}
	return all
}

// ends are the transitions that only some people can bring about. Who is not
// staff has a number below 0 there.
var ends = regexp.MustCompile(`\A\S+: (\S+) -> (waiting|ready|completed|denied|elsewhere|duplicate|ignored|asked) by (-?[0-9]+)\z`)

// harmless checks what holds after every attack.
func (s *siege) harmless(writes []bottest.Call) {
	s.Helper()
	for _, row := range s.rows() {
		m := ends.FindStringSubmatch(row)
		if m == nil || m[1] == m[2] {
			continue
		}
		agents, staff := []string{"1001"}, []string{"1001", "1002", "1009"}
		may := map[string][]string{
			"completed": agents, "denied": {"1001", "1009"}, "waiting": append(staff, "0"), "ready": append(staff, "0"),
			"elsewhere": staff, "duplicate": staff, "ignored": append(staff, "2001"), "asked": staff,
		}
		if m[2] == "duplicate" && strings.HasPrefix(row, "opened: ") {
			continue // the same person asks twice for one account: a rule, and nobody's command
		}
		if !slices.Contains(may[m[2]], m[3]) {
			s.Errorf("the audit log has %q: they have no right to that", row)
		}
	}
	for _, is := range s.repo.Issues() {
		s.approved(is)
	}
	for _, text := range s.ourTexts() {
		s.written(text)
	}
	s.onceOnly(writes)
	for _, c := range s.fake.Calls() {
		if c.ByApp && c.Kind == "unknown" {
			s.Errorf("the bot calls %s %s, which is no call of ours", c.Method, c.Path)
		}
	}
	chain, err := s.store.Verify(s.Context(), nil)
	if err != nil {
		s.Errorf("the audit log: %+v, %v", chain, err)
	}
}

// approved checks that nothing goes on without two people of staff.
func (s *siege) approved(is bottest.Issue) {
	s.Helper()
	c, ok := s.caseOf(is.Number)
	if !ok || c.Memory.State != policy.Waiting && c.Memory.State != policy.Ready {
		return
	}
	var by []int64
	for _, a := range c.Memory.Approvals {
		if a.User != c.AuthorID && slices.Contains([]int64{1001, 1002, 1009}, a.User) && !slices.Contains(by, a.User) {
			by = append(by, a.User)
		}
	}
	if len(by) < 2 {
		s.Errorf("#%d is %s by the approvals of %v", is.Number, c.Memory.State, by)
	}
}

// posted is a text of ours, with whom it may mention.
type posted struct {
	where, text string
	mentions    []string
	title       bool // GitHub makes no link of what stands there
	duplicate   bool // it names the request that it repeats, by its number
}

// ourTexts are all that we wrote, wherever it stands.
func (s *siege) ourTexts() []posted {
	var staff []string
	for _, p := range s.rules.People {
		if p.Team != nil {
			staff = append(staff, p.Team.Org+"/"+p.Team.Slug)
		}
	}
	staff = append(staff, "sue") // security of the example policy, by number
	var all []posted
	for _, repo := range []*bottest.Repository{s.repo, s.desk, s.elsewhere} {
		for _, is := range repo.Issues() {
			where, may := fmt.Sprintf("%s#%d", is.Repository, is.Number), []string{is.Author}
			c, _ := s.caseOf(is.Number)
			repeats := repo == s.repo && c.Memory.State == policy.Duplicate
			if repo == s.desk {
				may = staff
			}
			if is.Author == itself {
				all = append(all, posted{where: where, text: is.Body}, posted{where: where + " title", text: is.Title, title: true})
			}
			for _, c := range is.Comments {
				if c.Author == itself {
					all = append(all, posted{where: fmt.Sprintf("%s comment %d", where, c.ID), text: c.Body, mentions: may, duplicate: repeats})
				}
			}
		}
	}
	return all
}

func (s *siege) written(p posted) {
	s.Helper()
	for _, f := range textFaults(p.text, p.mentions) {
		if p.title && strings.HasPrefix(f, "refers to") || p.duplicate && strings.HasPrefix(f, "refers to \"#") {
			continue
		}
		s.Errorf("%s %s:\n%s", p.where, f, p.text)
	}
	for _, c := range s.canaries {
		if strings.Contains(p.text, c) {
			s.Errorf("%s repeats %q:\n%s", p.where, c, p.text)
		}
	}
	if c, ok := parser.ParseCommand(p.text); ok {
		s.Errorf("%s is the command %q", p.where, c.Name)
	}
}

var markerLine = regexp.MustCompile(`<!-- recoverybot: (\S[^>]*) -->\s*\z`)

// onceOnly checks that nothing was done twice: comments by their marker,
// reactions by comment, the label that is set already.
func (s *siege) onceOnly(writes []bottest.Call) {
	s.Helper()
	for _, repo := range []*bottest.Repository{s.repo, s.desk} {
		for _, is := range repo.Issues() {
			seen := map[string]bool{}
			for _, c := range is.Comments {
				m := markerLine.FindStringSubmatch(c.Body)
				if c.Author != itself || slices.Contains(s.claims, oldComments) && m != nil && m[1] != "status" {
					continue
				}
				if m == nil || seen[m[1]] {
					s.Errorf("%s#%d: comment %d is there twice, or has no marker:\n%s", is.Repository, is.Number, c.ID, c.Body)
					continue
				}
				seen[m[1]] = true
			}
		}
	}
	reacted := map[string]int{}
	for _, c := range writes {
		if c.Kind == "POST reaction" {
			if reacted[c.Path]++; reacted[c.Path] > 1 {
				s.Errorf("%s: a second reaction", c.Path)
			}
		}
	}
}

// honest checks that nothing is stuck: a command on each request, and a new
// request, are handled afterwards.
func (s *siege) honest() {
	s.Helper()
	s.fake.ClearFaults()
	for range 3 {
		s.later(time.Hour)
	}
	s.sweep()
	for _, is := range s.repo.Issues() {
		if _, ok := s.caseOf(is.Number); !ok || is.Locked {
			continue
		}
		s.clock.set(s.clock.Now().Add(time.Minute))
		before := s.commanded()
		_, err := s.repo.Comment(is.Number, "sue", "/status") // it may get no reaction: those of a day are counted
		s.must(err)
		s.settle()
		s.soon()
		if got := s.commanded(); got != before+1 {
			s.Errorf("#%d: an honest /status is not done", is.Number)
		}
	}
	n, err := s.repo.OpenIssue("nina", bottest.Draft{Title: "Mine", Body: body("nina-charts", "A new phone."), Labels: []string{s.rules.Requests.Label}})
	s.must(err)
	s.settle()
	s.later(time.Minute)
	id := s.say(n, "sue", "/ask detail")
	s.soon()
	if c, ok := s.caseOf(n); !ok || c.Memory.State != policy.Asked || s.reactions(n, id) != "+1" {
		s.Errorf("an honest request afterwards is %q, want asked", c.Memory.State)
	}
	for _, j := range s.jobs() {
		if gone := j.State == bot.JobDead && strings.Contains(j.Class, ": "+string(bot.GoneAway)+": "); j.State != bot.JobDone && !gone {
			s.Errorf("left behind: %s %s, %s: %s", j.Name, j.What, j.State, j.Class)
		}
	}
}

// commanded counts the commands of sue that were done.
func (s *siege) commanded() int {
	s.Helper()
	n := 0
	for _, row := range s.rows() {
		if strings.HasPrefix(row, "commanded: ") && strings.HasSuffix(row, " by 1009") {
			n++
		}
	}
	return n
}

// silent checks that no word that was typed is kept or logged.
func (s *siege) silent() {
	s.Helper()
	seen := map[string][]byte{"the log": []byte(s.log.String())}
	for _, file := range []string{s.path, s.path + "-wal"} {
		b, err := os.ReadFile(file)
		s.must(err)
		seen["the file "+file[strings.LastIndex(file, "/")+1:]] = b
	}
	for where, text := range seen {
		for _, c := range s.canaries {
			if i := bytes.Index(text, []byte(c)); i >= 0 {
				s.Errorf("%s repeats %q: %q", where, c, text[max(0, i-100):min(len(text), i+50)])
			}
		}
	}
}
