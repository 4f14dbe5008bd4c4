package bot_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xhit/go-str2duration/v2"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
)

// manner is one way to write a step of an attack, and what it does. The first
// that fits counts.
type manner struct {
	line *regexp.Regexp
	do   func(s *siege, m []string)
}

// manners are the steps that are no acts of people on an issue: those are deeds.
func manners() []manner {
	return []manner{
		{regexp.MustCompile(`\Await (\S+)\z`), func(s *siege, m []string) {
			d, err := str2duration.ParseDuration(m[1])
			s.must(err)
			s.pass(d)
		}},
		{regexp.MustCompile(`\Athe bot sleeps\z`), func(s *siege, _ []string) { s.asleep = true }},
		{regexp.MustCompile(`\Athe bot wakes\z`), func(s *siege, _ []string) { s.asleep = false; s.settle() }},
		{regexp.MustCompile(`\Athe bot restarts\z`), func(s *siege, _ []string) { s.restart(); s.settle() }},
		{regexp.MustCompile(`\Athe bot reads what it missed\z`), func(s *siege, _ []string) { s.must(s.bot.Reconcile(s.Context())) }},
		{regexp.MustCompile(`\Awebhooks are (lost|reversed|doubled)\z`), (*siege).mix},
		{regexp.MustCompile(`\A(\S+) (joins|leaves) the (agents|helpers)\z`), (*siege).staffing},
		{regexp.MustCompile(`\A(\S+) is renamed (\S+)\z`), func(s *siege, m []string) { s.fake.AddUser(m[2], logins()[m[1]]) }},
		{regexp.MustCompile(`\Aa stranger takes the name (\S+)\z`), func(s *siege, m []string) { s.fake.AddUser(m[1], 6699) }},
		{regexp.MustCompile(`\A(\S+) is an organisation\z`), func(s *siege, m []string) { s.fake.AddOrganization(m[1], 0) }},
		{regexp.MustCompile(`\AGitHub does not tell who is in a team\z`), func(s *siege, _ []string) {
			s.fake.Fail(bottest.Fault{Status: 500, On: "team", Times: 10000})
		}},
		{regexp.MustCompile(`\Athe operator switches to (run|shadow|read-only|stop)\z`), func(s *siege, m []string) {
			s.mode(bot.Mode(m[1]))
			s.switched = s.fake.Mark()
		}},
		{regexp.MustCompile(`\Anothing was written since\z`), func(s *siege, _ []string) {
			if got := s.wrote(s.switched); len(got) > 0 {
				s.Errorf("written since the switch: %s", count(got))
			}
		}},
		{regexp.MustCompile(`\AGitHub works again\z`), func(s *siege, _ []string) { s.fake.ClearFaults() }},
		{regexp.MustCompile(`\A(\S+) renames the repository: (\S+)\z`), func(s *siege, m []string) { s.must(s.repo.Rename(m[1], m[2])) }},
		{regexp.MustCompile(`\A(\S+) makes the repository (private|public)\z`), func(s *siege, m []string) {
			if m[2] == "private" {
				s.must(s.repo.Privatize(m[1]))
				return
			}
			s.must(s.repo.Publicize(m[1]))
		}},
	}
}

// logins are the people of the attacks with their numbers.
func logins() map[string]int64 {
	return map[string]int64{
		"ada": 1001, "hal": 1002, "sue": 1009, "max": 2001, "ann": 3001, "mallory": 6601, "otto": 6602, "nina": 6603,
	}
}

var times = regexp.MustCompile(`\A([0-9]+) times (.*)\z`)

// do does one step and lets the bot work, unless it sleeps.
func (s *siege) do(step string) {
	s.Helper()
	n := 1
	if m := times.FindStringSubmatch(step); m != nil {
		n, _ = strconv.Atoi(m[1])
		step = m[2]
	}
	for i := range n {
		pause := time.Second
		if i == 0 {
			pause = time.Minute
		}
		s.clock.set(s.clock.Now().Add(pause))
		s.once(strings.ReplaceAll(step, "$NUMBER", strconv.Itoa(i)))
	}
	if !s.asleep {
		s.settle()
	}
}

func (s *siege) once(step string) {
	s.Helper()
	for _, way := range append(manners(), deliveries()...) {
		if m := way.line.FindStringSubmatch(step); m != nil {
			way.do(s, m)
			return
		}
	}
	m := deedLine.FindStringSubmatch(step)
	if m == nil {
		s.Fatalf("%q is no step", step)
	}
	s.deed(deed{who: m[1], verb: m[2], desk: m[3] == " at the desk", number: s.number(m[4]), text: s.text(m[5])})
}

// deed is what somebody does to an issue.
type deed struct {
	who, verb, text string
	desk            bool
	number          int
}

var deedLine = regexp.MustCompile(`\A([a-z][a-z0-9-]*) ([a-z' ]+?)( at the desk)?(?: on #([0-9]+))?(?:: (.*))?\z`)

func (s *siege) number(digits string) int {
	if digits == "" {
		return s.current
	}
	n, err := strconv.Atoi(digits)
	s.must(err)
	return n
}

// text is what somebody types: a file of the attack, a Go string where it has
// what cannot be seen, or as it stands.
func (s *siege) text(written string) string {
	s.Helper()
	if body, ok := s.files[written]; ok {
		return body
	}
	if strings.HasPrefix(written, `"`) {
		text, err := strconv.Unquote(written)
		s.must(err)
		return text
	}
	return written
}

var (
	shownDigest = regexp.MustCompile("\\*\\*DIGEST:\\*\\* `([0-9a-f]{8})`")
	askedDigest = regexp.MustCompile(`\$DIGEST(?:\(([0-9]+)\))?`)
)

func (s *siege) deed(d deed) {
	s.Helper()
	repo, n := s.repo, d.number
	if m := askedDigest.FindStringSubmatch(d.text); m != nil {
		of := n
		if m[1] != "" {
			of = s.number(m[1])
		}
		shown := shownDigest.FindStringSubmatch(s.deskIssue(of).Body)
		if shown == nil {
			s.Fatalf("the desk shows no digest of #%d", of)
		}
		d.text = strings.ReplaceAll(d.text, m[0], shown[1])
	}
	if d.desk {
		repo, n = s.desk, s.deskCase(n).Desk.Number
	}
	if !s.said(repo, n, d) {
		s.must(s.turned(repo, n, d))
	}
}

// said does what is about a text; false where the deed is another one.
func (s *siege) said(repo *bottest.Repository, n int, d deed) bool {
	s.Helper()
	var err error
	owner, whose := strings.CutPrefix(d.verb, "amends ")
	victim, erases := strings.CutPrefix(d.verb, "erases ")
	switch {
	case d.verb == "files" || d.verb == "pulls" || d.verb == "writes an issue":
		s.opens(repo, d)
	case d.verb == "comments":
		_, err = repo.Comment(n, d.who, d.text)
	case d.verb == "comments through an app":
		_, err = repo.CommentThroughApp(n, d.who, d.text)
	case d.verb == "amends":
		err = repo.EditComment(s.newest(repo, n, d.who), d.who, d.text)
	case d.verb == "erases":
		err = repo.DeleteComment(s.newest(repo, n, d.who), d.who)
	case whose:
		err = repo.EditComment(s.newest(repo, n, strings.TrimSuffix(owner, "'s")), d.who, d.text)
	case erases:
		err = repo.DeleteComment(s.newest(repo, n, strings.TrimSuffix(victim, "'s")), d.who)
	case d.verb == "edits":
		err = repo.EditIssue(n, d.who, d.text)
	case d.verb == "retitles":
		err = repo.EditTitle(n, d.who, d.text)
	default:
		return false
	}
	s.must(err)
	return true
}

// opens opens an issue: with the label of the form ("files"), without one
// ("writes an issue"), or as a pull request.
func (s *siege) opens(repo *bottest.Repository, d deed) {
	s.Helper()
	text := d.text
	switch account, named := strings.CutPrefix(text, "for "); {
	case named:
		text = body(account, canaryBody)
	case text == "":
		text = body("ann-builds", canaryBody)
	}
	draft := bottest.Draft{Title: "Locked out, canary-title", Body: text, PullRequest: d.verb == "pulls"}
	if d.verb != "writes an issue" {
		draft.Labels = []string{s.rules.Requests.Label}
	}
	_, err := repo.OpenIssue(d.who, draft)
	s.must(err)
}

// turned does what is no text.
func (s *siege) turned(repo *bottest.Repository, n int, d deed) error {
	s.Helper()
	switch d.verb {
	case "closes":
		return repo.Close(n, d.who)
	case "reopens":
		return repo.Reopen(n, d.who)
	case "labels":
		return repo.Label(n, d.who, d.text)
	case "unlabels":
		return repo.Unlabel(n, d.who, d.text)
	case "locks":
		return repo.Lock(n, d.who)
	case "unlocks":
		return repo.Unlock(n, d.who)
	case "assigns":
		return repo.Assign(n, d.who, d.text)
	case "deletes the issue":
		return repo.DeleteIssue(n, d.who)
	case "converts the issue":
		return repo.ConvertToDiscussion(n, d.who)
	case "transfers the issue":
		_, err := repo.Transfer(n, d.who, s.elsewhere)
		return err
	case "brings it back":
		_, err := s.elsewhere.Transfer(len(s.elsewhere.Issues()), d.who, s.repo)
		return err
	}
	s.Fatalf("nobody %q", d.verb)
	return nil
}

// newest is the id of somebody's newest comment; "recoverybot" is the bot.
func (s *siege) newest(repo *bottest.Repository, n int, who string) int64 {
	s.Helper()
	if who == "recoverybot" {
		who += "[bot]"
	}
	is, _ := repo.Issue(n)
	for _, c := range slices.Backward(is.Comments) {
		if c.Author == who {
			return c.ID
		}
	}
	s.Fatalf("%s has written nothing on %d", who, n)
	return 0
}

func (s *siege) mix(m []string) {
	s.fake.Rearrange(func(q []bottest.Delivery) []bottest.Delivery {
		switch m[1] {
		case "reversed":
			slices.Reverse(q)
		case "doubled":
			q = append(q, q...)
		default:
			q = nil
		}
		return q
	})
}

// staffing changes who is in a team. The bot hears of it by the time that its
// list is kept.
func (s *siege) staffing(m []string) {
	team := &s.agents
	if m[3] == "helpers" {
		team = &s.helpers
	}
	team.Members = slices.DeleteFunc(slices.Clone(team.Members), func(login string) bool { return login == m[1] })
	if m[2] == "joins" {
		team.Members = append(team.Members, m[1])
	}
	s.fake.AddTeam(*team)
	s.clock.set(s.clock.Now().Add(2 * time.Minute))
}
