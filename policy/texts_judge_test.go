//go:build !race

package policy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// mistakes are what the rules forbid, each in one way.
func mistakes() []string {
	return []string{
		" Ask @mallory.", " Ask &#64;hal.", " Look at #12.", " Look at octo/support#12.", "<details>", "<!-- recoverybot: status -->",
		"\n\n```\nopen", `{{"\u202e"}}`, `{{"{{"}}`, "\n/done\n", " Write /done.", " Write `/complete`.", " Write `/reopen`.",
		strings.Repeat(" word", 90), strings.Repeat(" word", 40), " For {{.Account}}.",
	}
}

// conditions are those that a whole text may ask for.
func conditions() []string {
	return []string{
		".Public", ".HasCodes", ".Late", ".FormUnknown", ".FormLacks", ".NameUnknown", ".AskName", ".Adopted", ".Account", ".Mention", ".Told",
		".Queued", ".Remind", ".Close", ".Reopen", ".Snooze", ".Away", ".Ready", ".Notified", ".Mailed", ".Forecast.Half", ".Place", ".Repeats",
		".NeedName", ".NeedEdit", ".NeedTick", ".MailSeen", ".MailThere", ".PhoneThere", ".ByOthers", ".OnlyPersonal", ".StepsOpen", ".Leaks",
		".Problems", ".Named", ".Commands", ".ForStaff", ".Desk.Takeover", ".Desk.Login", ".Team", `(eq .Kind "lost-2fa")`, `(eq .Ask "mailed")`,
		`(eq .State "asked")`, `(eq .Elsewhere "appeal")`, `(.Can "done")`, `(.Can "approve")`, `(.Offers "tokens")`, `(eq (len .Problems) 2)`,
	}
}

// mutant is a built-in text with one mistake at its end, which shows where two
// conditions are met.
func mutant(random *rand.Rand, name, text string) string {
	pick := func(of []string) string { return of[random.IntN(len(of))] }
	mistake := pick(mistakes())
	if dataType(name) != reflect.TypeFor[view]() {
		return text + strings.ReplaceAll(mistake, "{{.Account}}", "example-name")
	}
	for range random.IntN(3) {
		not := pick([]string{"%s", "(not %s)"})
		mistake = "{{if " + fmt.Sprintf(not, pick(conditions())) + "}}" + mistake + "{{end}}"
	}
	return text + mistake
}

// TestJudgeLeavesNothingOut: what is not made, or not made again, would have
// told the same. Built-in texts with one or two mistakes are judged as they are,
// and with each text made for each sample. The errors must be the same ones, and
// so must be what is found in each text.
func TestJudgeLeavesNothingOut(t *testing.T) {
	builtin, err := builtinTexts(English)
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(builtin))
	cases := make([]uint64, 0, 600)
	for i := range cap(cases) {
		cases = append(cases, uint64(i))
	}
	refused := 0
	for _, seed := range sample.Each(t, cases, sample.Sizes{Plain: 150, All: 1}) {
		random := rand.New(rand.NewPCG(seed, 1))
		var src strings.Builder
		own := trees{}
		for range 1 + random.IntN(2) {
			name := names[random.IntN(len(names))]
			if own[name] == nil {
				text := "{{define \"" + name + "\"}}" + mutant(random, name, builtin[name].Root.String()) + "{{end}}"
				src.WriteString(text + "\n")
				if err := own.parse("a.md", text); err != nil {
					t.Fatal(err)
				}
			}
		}
		refused += compareJudges(t, own, src.String())
	}
	if refused == 0 {
		t.Error("no text was refused")
	}
}

// compareJudges returns how many mistakes were found.
func compareJudges(t *testing.T, own trees, src string) int {
	t.Helper()
	rules := testRules(t, storyPolicy(t))
	rules.own = map[string]trees{English: own}
	if err := rules.learn(); err != nil {
		t.Fatalf("%v, in:\n%s", err, src)
	}
	judge := func() *ownTexts {
		o := &ownTexts{byName: rules.own, places: map[string]Error{}, types: dataTypes()}
		for name, tree := range own {
			if errs := o.check(source{name, src}, name, tree); len(errs) > 0 {
				t.Fatalf("%v, in:\n%s", errs, src)
			}
			o.places[English+"/"+name] = Error{File: name}
		}
		return o
	}
	every := judge()
	every.render(rules, rules.texts[English], func(string) bool { return true })
	got := judge().judge(rules)
	if diff := cmp.Diff(every.errs, got); diff != "" {
		t.Errorf("with each text made (-), and as it is (+):\n%s\nin:\n%s", diff, src)
	}
	return len(got)
}
