package bot_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// attack is a written-down attempt of somebody who has nothing but GitHub: what
// they want, which requirements of security stand in the way, what they do, and
// what must be so in the end.
type attack struct {
	name, title, wants string
	against            string   // numbers of requirements
	steps              []string // see steps
	claims             []string // see claims
	files              map[string]string
}

func parseAttack(name string, src []byte) (attack, error) {
	ar := txtar.Parse(src)
	head, script, _ := strings.Cut(string(ar.Comment), "\n\n")
	a := attack{name: name, files: map[string]string{}}
	for i, line := range strings.Split(head, "\n") {
		wants, isWants := strings.CutPrefix(line, "Wants: ")
		against, isAgainst := strings.CutPrefix(line, "Against: ")
		switch {
		case i == 0:
			a.title = line
		case isWants:
			a.wants = wants
		case isAgainst:
			a.against = against
		default:
			return attack{}, fmt.Errorf("%q is none of title, Wants and Against", line)
		}
	}
	for _, f := range ar.Files {
		a.files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	a.steps, a.claims = filled(script), filled(a.files["want"])
	if a.title == "" || a.wants == "" || a.against == "" || len(a.steps) == 0 || len(a.claims) == 0 {
		return attack{}, fmt.Errorf("an attack has a title, Wants, Against, steps and a file \"want\"")
	}
	return a, nil
}

// filled are the lines that are not empty and no remarks.
func filled(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			all = append(all, line)
		}
	}
	return all
}

func attacks(t *testing.T) []attack {
	t.Helper()
	names, err := filepath.Glob("testdata/attacks/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all []attack
	for _, path := range names {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		a, err := parseAttack(strings.TrimSuffix(filepath.Base(path), ".txtar"), src)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, a)
	}
	return all
}

// siege is an attack on its way.
type siege struct {
	*world
	attack
	current   int // the number of the issue that is meant where none is said
	elsewhere *bottest.Repository
	agents    bottest.Team
	helpers   bottest.Team
	asleep    bool
	switched  int // the mark of the last change of the mode
	canaries  []string
}

// TestAttacks: each attack ends as it is written down, and leaves behind no
// transition that its author may not make, no mention, no word of what was
// typed, nothing done twice, and nothing stuck.
func TestAttacks(t *testing.T) {
	all := attacks(t)
	if len(all) < 60 {
		t.Errorf("%d attacks are written down, want 60", len(all))
	}
	for _, a := range sample.Each(t, all, sample.Sizes{Plain: 1, Race: 6, All: 1}) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			s := besiege(t, a)
			for _, step := range a.steps {
				s.do(step)
			}
			s.asleep = false
			s.settle()
			writes := s.wrote(0)
			s.claimed(writes)
			s.harmless(writes)
			s.honest()
			s.silent()
		})
	}
}

func besiege(t *testing.T, a attack) *siege {
	t.Helper()
	s := &siege{attack: a, current: 1}
	s.world = newWorld(t, setup{desk: true, before: func(w *world) {
		w.fake.AddUser("mallory", 6601)
		w.fake.AddUser("otto", 6602)
		w.fake.AddUser("nina", 6603)
		s.elsewhere = w.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "elsewhere", ID: 700009, Labels: []string{w.rules.Requests.Label}})
		for login, role := range map[string]string{"max": "write", "boss": "admin"} {
			s.elsewhere.AddCollaborator(login, role)
		}
		w.desk.AddCollaborator("boss", "admin")
	}})
	agents, helpers := s.rules.People[policy.Agents].Team, s.rules.People[policy.Helpers].Team
	s.agents = bottest.Team{Org: agents.Org, Slug: agents.Slug, ID: agents.ID, Members: []string{"ada"}}
	s.helpers = bottest.Team{Org: helpers.Org, Slug: helpers.Slug, ID: helpers.ID, Members: []string{"hal"}}
	for _, text := range append(slices.Clone(a.steps), a.files["body.md"], a.files["other.md"], canaryBody) {
		s.canaries = append(s.canaries, canaryWord.FindAllString(text, -1)...)
	}
	return s
}

const canaryBody = "I have a new phone, canary-default."

var canaryWord = regexp.MustCompile(`canary-[a-z0-9]+`)

// caseOf is what the bot knows of an issue; false where it is no request.
func (s *siege) caseOf(n int) (bot.Case, bool) {
	s.Helper()
	cases, err := s.store.Cases(s.Context())
	s.must(err)
	is, _ := s.repo.Issue(n)
	for _, c := range cases { // a number may be claimed by another one, an id not
		if c.Ref.Issue == is.ID {
			return c, true
		}
	}
	owner, name, _ := strings.Cut(s.repo.Name(), "/")
	c, err := s.store.FindCase(s.Context(), owner, name, n)
	if errors.Is(err, bot.ErrNotFound) {
		return bot.Case{}, false
	}
	s.must(err)
	return c, c.Memory.State != ""
}
