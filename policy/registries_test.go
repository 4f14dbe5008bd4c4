package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// A second registry of a preset has its name and its pages from the policy.
func TestSecondRegistry(t *testing.T) {
	second := twoRegistries(t).Registries[1]
	got := []string{second.Key, second.Name, second.URL, second.Links.SignIn, second.Links.Help, strings.Join(second.Words, ", ")}
	want := []string{
		"testpypi", "testpypi", "https://test.pypi.org", "https://test.pypi.org/account/login/", "https://test.pypi.org/help/", "test pypi",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the second registry (-want +got):\n%s", diff)
	}
}

// Which registry a request is about.
func TestWhichRegistry(t *testing.T) {
	r := twoRegistries(t)
	r.Registries[1].Names.ProfileURLs = append(r.Registries[1].Names.ProfileURLs, "https://people.example/")
	for line, want := range map[string]string{
		"Lost my phone | jbber":                                           "pypi",
		"Lost my phone on TestPyPI | jbber":                               "testpypi",
		"Lost my phone on test.pypi.org | jbber":                          "testpypi",
		"PyPI and TestPyPI | jbber":                                       "pypi",
		"PyPI, not TestPyPI | jbber":                                      "pypi",
		"TestPyPI, not PyPI | jbber":                                      "testpypi",
		"Lost my phone | https://test.pypi.org/user/jbber/":               "testpypi",
		"TestPyPI | https://pypi.org/user/jbber/":                         "pypi",
		"TestPyPI | www.pypi.org/user/jbber":                              "pypi",
		"x | Username: `http://TEST.pypi.org/user/jbber`":                 "testpypi",
		"x | https://people.example/jbber":                                "testpypi",
		"x | https://not-test.pypi.org/user/jbber":                        "pypi",
		"x | pypi.org/user/a test.pypi.org/user/b":                        "pypi",
		"x | test.pypi.org/user/b pypi.org/user/a":                        "pypi",
		"TestPyPI | https://elsewhere.example/user/jbber":                 "testpypi",
		"x | https://elsewhere.example/?to=https://test.pypi.org/user/jb": "testpypi",
	} {
		title, answer, _ := strings.Cut(line, " | ")
		q := Request{Issue: Issue{Title: title}}
		q.Form.Fields = []parser.Field{{Label: r.Requests.Account, Value: answer, Found: true}}
		if got := r.reading(q).registry.Key; got != want {
			t.Errorf("%q is about %s, want %s", line, got, want)
		}
	}
}

// TestNoAddress: a registry without a site is not the one that any address
// names.
func TestNoAddress(t *testing.T) {
	r := twoRegistries(t)
	r.Registries[1].URL, r.Registries[1].Names.ProfileURLs = "", nil
	if got := r.site("https://elsewhere.example/user/jbber"); got != noRegistry {
		t.Errorf("an address elsewhere names the registry %d, want none", got)
	}
}

// A test site is known by its preset's words and by its address, however the
// main site's name stands in them.
func TestWordsOfTestSite(t *testing.T) {
	const ours = "  pypi: {preset: pypi, mail: support@registry.example}\n"
	for _, second := range []string{"{preset: testpypi}", "{preset: pypi, url: 'https://test.pypi.org'}"} {
		src := strings.Replace(string(storyPolicy(t)), ours, ours+"  trial: "+second+"\n", 1)
		r, err := ParseRules([]byte(src), testForms(t))
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]int{
			"my test PyPI account": 1, "Lost my phone on test.pypi.org": 1, "https://test.pypi.org/account": 1, "on trial": 1,
			"on pypi.org": 0, "pypi.org or test.pypi.org": severalRegistries, "my account": noRegistry,
		} {
			if strings.Contains(text, "test PyPI") && !strings.Contains(second, "testpypi") {
				continue // these words are those of the preset testpypi
			}
			if got := r.listen("", text).registry; got != want {
				t.Errorf("%s: %q names the registry %d, want %d", second, text, got, want)
			}
		}
	}
}

// The same name on two registries is two accounts, in a plan too.
func TestPlanOfTwoRegistries(t *testing.T) {
	r, body := twoRegistries(t), storyBodies(t)["complete"]
	issue := func(id int64, title string) Issue {
		at := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
		return Issue{ID: id, Title: title, Body: body, Author: Actor{ID: id}, Open: true, CreatedAt: at, UpdatedAt: at, Labels: []string{r.Requests.Label}}
	}
	p := r.Plan([]Issue{issue(1, "PyPI"), issue(2, "TestPyPI"), issue(3, "TestPyPI")}, time.Date(2026, 12, 4, 0, 0, 0, 0, time.UTC))
	if p.Collisions != 1 || p.Duplicates != 0 {
		t.Errorf("got %d collisions and %d duplicates, want 1 and 0", p.Collisions, p.Duplicates)
	}
}

// A name that was said must be one in the registry that is said later.
func TestNameInAnotherRegistry(t *testing.T) {
	r := twoRegistries(t)
	r.Registries[1].Names.MaxLength = 4
	q := Request{}
	q.Form.Fields = []parser.Field{{Label: r.Requests.Account, Found: true}}
	q.Memory.Said = &Said{Name: "jbber", Against: shortDigest("")}
	if rd := r.reading(q); rd.account != "jbber" || len(rd.problems) != 0 {
		t.Errorf("got %q with %v, want jbber", rd.account, rd.problems)
	}
	q.Memory.SaidRegistry = &Said{Name: "testpypi", Against: shortDigest("")}
	if rd := r.reading(q); rd.account != "" || len(rd.problems) != 1 || rd.problems[0].Code != parser.NameTooLong {
		t.Errorf("got %q with %v, want a name that is too long", rd.account, rd.problems)
	}
	q.Memory.SaidRegistry.Name = "gone" // from the policy
	if rd := r.reading(q); rd.account != "jbber" || rd.registrySaid {
		t.Errorf("got %q, want jbber of the default registry", rd.account)
	}
}
