package policy_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// exampleRules are those of the example policy, and of more lines of it.
func exampleRules(more ...string) *policy.Rules {
	src, err := os.ReadFile("../.github/recovery.yml")
	if err != nil {
		panic(err)
	}
	rules, err := policy.ParseRules([]byte(string(src)+strings.Join(more, "\n")), os.DirFS("../.github"))
	if err != nil {
		panic(err)
	}
	return rules
}

// Ann files a complete request. What follows is data: nothing was written yet.
func ExampleRules_Decide() {
	rules, now := exampleRules(), firstDay()
	ann := policy.Actor{ID: annID, Login: "ann"}
	request := policy.Request{Issue: policy.Issue{
		Repository: 700001, ID: 501, Number: 7, Title: "Account recovery", Body: completeBody,
		Author: ann, Open: true, Labels: []string{"account-recovery"}, CreatedAt: now, UpdatedAt: now, Public: true,
	}}
	request.Form = rules.Form(request.Issue)
	decision := rules.Decide(request, policy.Event{Kind: policy.Opened, Actor: ann}, now)
	fmt.Println(decision.Memory.State, decision.Memory.Turn, decision.Memory.Account, decision.Memory.Kind)
	for _, e := range decision.Effects {
		fmt.Println(e)
	}
	for _, r := range decision.Reasons {
		fmt.Println("because", r)
	}
	// Output:
	// triage staff ann lost-2fa
	// comment status: status
	// labels +"recovery: triage"
	// desk: open
	// because request(triage)
}

// A comment of the requester needs no fact; a command of anybody else needs
// to know who is in the teams.
func ExampleRules_Needs() {
	rules := exampleRules()
	request := policy.Request{Issue: policy.Issue{Author: policy.Actor{ID: 11}}}
	fmt.Println(rules.Needs(request, policy.Event{Kind: policy.Commented, Actor: policy.Actor{ID: 11}}).Teams)
	fmt.Println(rules.Needs(request, policy.Event{Kind: policy.Commanded, Actor: policy.Actor{ID: 12}}).Teams)
	// Output:
	// []
	// [octo-registry/support-helpers octo-registry/support-agents]
}

// A text is a name and values. Nothing that a user typed can get into it.
func ExampleRules_Render() {
	text, err := exampleRules().Render(policy.Text{
		Name: policy.TextDenied, State: policy.Denied, Author: "ann", Account: "ann-builds",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	first, _, _ := strings.Cut(text, ":")
	fmt.Println(first)
	// Output: Hello @ann, nobody has to act
}

// A takeover report comes first, then who has waited longest; what waits for
// requesters comes last.
func ExampleQueue() {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 10, 0, 0, 0, time.UTC) }
	requests := []policy.Memory{
		{Account: "asked", State: policy.Asked, Turn: policy.Requester, Since: day(1)},
		{Account: "newer", State: policy.Triage, Turn: policy.Staff, Queued: day(3)},
		{Account: "older", State: policy.Review, Turn: policy.Staff, Queued: day(2)},
		{Account: "stolen", State: policy.Triage, Turn: policy.Staff, Queued: day(4), Kind: policy.KindCompromised, GoesTo: policy.Security},
	}
	for _, i := range policy.Queue(requests) {
		fmt.Println(requests[i].Account)
	}
	// Output:
	// stolen
	// older
	// newer
	// asked
}

// The rules of a registry, without a policy of one's own.
func ExamplePreset() {
	rules, err := policy.Preset("pypi")
	if err != nil {
		fmt.Println(err)
		return
	}
	name, _ := rules.CheckName("", "https://pypi.org/user/jbber/")
	fmt.Println(rules.Registries[0].Name, name)
	_, problem := rules.CheckName("", "jbber@example.org")
	fmt.Println(problem.Code)
	// Output:
	// PyPI jbber
	// email
}
