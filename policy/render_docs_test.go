package policy

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var updateTexts = flag.Bool("update", false, "write docs/texts.md anew")

const textsIntroduction = `# All public texts in %s

Generated from the templates in ` + "`policy/texts/%s`" + ` by ` + "`go test ./policy -run TestTexts -update`" + `. Do not edit.

Every name, date and answer here is an example. A text has at most 200 words without its last line,
and its heading or first sentence says who must act. The last chapter counts the words of each text.
`

// textsPage collects the document.
type textsPage struct {
	b        strings.Builder
	language string
	rules    *Rules
	t        *testing.T
	shown    map[string]bool // "state kind", "problem code" and so on: what has a section
}

func (p *textsPage) chapter(title, about string) { fmt.Fprintf(&p.b, "\n## %s\n\n%s\n", title, about) }

// text adds a section. Rows name what it shows, for the check that no row is
// missing.
func (p *textsPage) text(title string, x Text, rows ...string) {
	x.Language = p.language
	got, err := p.rules.Render(x)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, r := range rows {
		p.shown[r] = true
	}
	quoted := "> " + strings.ReplaceAll(got, "\n", "\n> ")
	fmt.Fprintf(&p.b, "\n### %s\n\n%s\n", title, strings.ReplaceAll(quoted, "> \n", ">\n"))
}

func sampleStatus(state State, turn Turn) Text {
	x := sampleText(samplePyPI)
	x.Name, x.State, x.Turn = TextStatus, state, turn
	switch {
	case state.Ended():
		x.Reopen = x.Created.AddDate(0, 0, 90)
	case turn != Requester:
		x.Remind, x.Close = time.Time{}, time.Time{}
	default:
		x.Queued = time.Time{}
	}
	switch state {
	case Proof:
		x.Steps = sampleSteps(x)
	case Waiting, Ready:
		x.Notified, x.Ready = x.Created, x.Created.AddDate(0, 0, 7)
	case Duplicate:
		x.Repeats = sampleRepeats
	case Elsewhere:
		x.Redirect = "name-transfer"
	default:
	}
	if state == Elsewhere || state == Duplicate {
		x.Reopen = time.Time{}
	}
	if state == Incomplete {
		x.Problems = []TextProblem{sampleProblem("empty")}
	}
	if turn == Requester && (state == Triage || state == Review || state == Asked) {
		x.Told = sampleComment
	}
	return x
}

func sampleNotice(name TextName, state State, turn Turn) Text {
	x := sampleStatus(state, turn)
	x.Name = name
	return x
}

func (p *textsPage) states() {
	p.chapter("The status comment, by state",
		"One comment for each request. It is edited in place and tells nobody. Advice depends on the kind of the request: see below.")
	for _, s := range States() {
		for _, turn := range turns(s) {
			title := "State: " + string(s)
			if turn != Nobody {
				title += ", turn: " + string(turn)
			}
			p.text(title, sampleStatus(s, turn), fmt.Sprintf("state %s %s", s, turn))
		}
	}
	for _, s := range []State{Completed, Denied, Withdrawn, Expired} {
		x := sampleStatus(s, Nobody)
		x.Reopen = time.Time{}
		p.text("State: "+string(s)+", too late to open it again", x)
	}
}

func (p *textsPage) kinds() {
	p.chapter("Advice, by kind", "The same advice stands in every state in which the requester can use it.")
	for _, s := range []State{Triage, Incomplete} {
		for _, k := range Kinds() {
			x := sampleStatus(s, turns(s)[0])
			if s == Triage {
				x = sampleStatus(s, Staff)
			}
			x.Kind = k
			p.text(fmt.Sprintf("Kind: %s, in %s", k, s), x, fmt.Sprintf("kind %s %s", s, k))
		}
	}
}

func (p *textsPage) problems() {
	p.chapter("What is wrong with an answer", "The status in the state incomplete, for each problem that we can find.")
	for _, code := range append(fieldProblems(), nameProblems()...) {
		x := sampleStatus(Incomplete, Requester)
		x.Problems = []TextProblem{sampleProblem(code)}
		p.text("Problem: "+code, x, "problem "+code)
	}
	x := sampleStatus(Incomplete, Requester)
	x.Problems = nil
	for _, field := range []string{sampleAccountField, "Reason for request", "Code of Conduct", "Acknowledgement"} {
		x.Problems = append(x.Problems, TextProblem{Field: field, Code: "missing"})
	}
	p.text("Nothing is answered", x)
}

func (p *textsPage) questions() {
	p.chapter("Questions of staff", "The status in the state asked, for each code of `/ask`.")
	for _, ask := range append(Asks(), AskMailed, "") {
		x := sampleStatus(Asked, Requester)
		x.Ask = ask
		if ask == AskMailed {
			x.Mailed = x.Created
		}
		title := string(ask)
		if ask == "" {
			title = "in their own words"
		}
		p.text("Question: "+title, x, "ask "+string(ask))
	}
	x := sampleStatus(Asked, Requester)
	x.Ask, x.Registries = AskRegistry, sampleRegistries()
	p.text("Question: registry, where the policy has several", x, "ask of several registries")
}

func (p *textsPage) marks() {
	p.chapter("Marks", "What a status says besides its state.")
	x := sampleStatus(Triage, Staff)
	x.Late = true
	p.text("Staff are late", x, "late")
	for i, row := range []string{"snoozed", "away", "late", "forecast"} {
		if x = sampleStatus(Triage, Staff); row != "late" {
			paceChanges()[i](&x)
			p.text("What is said of time: "+row, x, row)
		}
	}
	x = sampleStatus(Triage, Staff)
	x.HasCodes = true
	p.text("The box about recovery codes is not ticked", x, "has codes")
	for _, f := range []Flag{FlagFormUnknown, FlagFormIncomplete, FlagNameUnknown, FlagAdopted} {
		x = sampleStatus(Triage, Staff)
		x.Account, x.Flags = "", []Flag{f}
		p.text("Mark: "+string(f), x, "flag "+string(f))
	}
	x = sampleStatus(Triage, Staff)
	x.Public = false
	p.text("In a private repository", x, "private")
	x.Registry = plainPackages
	p.text("For a registry without mail and links", x, "another registry")
	x = sampleStatus(Triage, Staff)
	x.Kind, x.Registries = KindTestRegistry, sampleRegistries()
	p.text("Kind test-registry, where the policy has several registries", x, "several registries")
}

func (p *textsPage) notices() {
	p.chapter("Notifications", "Comments that are posted once, because somebody must hear it.")
	x := sampleNotice(TextIncomplete, Incomplete, Requester)
	x.Problems = []TextProblem{sampleProblem("email"), sampleProblem("empty")}
	p.text("Answers are missing", x, "text incomplete")
	p.text("Reminder", sampleNotice(TextReminder, Asked, Requester), "text reminder")
	p.text("Reminder of proof", sampleNotice(TextReminder, Proof, Requester), "reminder of proof")
	x = sampleNotice(TextAsked, Asked, Requester)
	x.Ask = AskMailLost
	p.text("Asked from the desk", x, "text asked")
	x.Ask, x.Mailed = AskMailed, x.Created
	p.text("Asked by mail", x)
	p.leaks()
	p.text("Proof is asked for", sampleNotice(TextProof, Proof, Requester), "text proof")
	p.text("Redirected", sampleNotice(TextRedirected, Elsewhere, Nobody), "text redirected")
	p.text("Duplicate", sampleNotice(TextDuplicate, Duplicate, Nobody), "text duplicate")
	p.text("Expired", sampleNotice(TextExpired, Expired, Nobody), "text expired")
	p.text("Completed", sampleNotice(TextCompleted, Completed, Nobody), "text completed")
	p.text("Denied, for every reason", sampleNotice(TextDenied, Denied, Nobody), "text denied")
	p.text("A command whose author could not be checked", sampleNotice(TextUnchecked, Triage, Staff), "text unchecked")
	p.text("Somebody else offers to recover the account", sampleNotice(TextWarning, Triage, Staff), "text warning")
	x = sampleNotice(TextSuggestion, Triage, Staff)
	x.Suggestion = "solved"
	p.text("No such command", x, "text suggestion")
	for _, author := range []string{sampleAuthor, ""} {
		x = sampleNotice(TextHelp, Triage, Staff)
		x.Author = author
		x.Registries = sampleRegistries()
		x.Commands = helped(x)
		p.text("Help, for "+readerName(author), x, "text help")
	}
}

func readerName(author string) string {
	if author == "" {
		return "staff"
	}
	return "the requester"
}

func (p *textsPage) refusals() {
	p.chapter("Commands that were not carried out", "Staff are not mentioned.")
	for _, r := range Refusals() {
		x := sampleNotice(TextRefused, Triage, Requester)
		x.Refusal, x.Command = r, "username"
		switch r {
		case RefusedName:
			x.Problems = []TextProblem{sampleProblem("email")}
		case RefusedReopen:
			x = sampleNotice(TextRefused, Expired, Nobody)
		case RefusedClosed:
			x = sampleNotice(TextRefused, Closed, Nobody)
		case RefusedTongue:
			x.Command = "language"
		case RefusedKept:
			x.Command = "kind"
		case RefusedDigest:
			x.Author, x.Command = "", "approve"
		case RefusedGate, RefusedPublic, RefusedTwice, RefusedHolder, RefusedUndo, RefusedOther, RefusedEvidence:
			x.Author = ""
		}
		x.Refusal = r
		p.text(fmt.Sprintf("Refusal: %s, to %s", r, readerName(x.Author)), x, "refusal "+string(r))
	}
	for _, command := range []string{"registry", "kind"} {
		x := sampleNotice(TextRefused, Triage, Requester)
		x.Refusal, x.Command, x.Registries = RefusedUsage, command, sampleRegistries()
		p.text("Refusal: usage of /"+command, x, "usage "+command)
	}
	for _, r := range []Refusal{RefusedRole, RefusedUsage, RefusedDigest} {
		x := sampleNotice(TextRefused, Triage, Staff)
		x.Refusal, x.Command, x.Author = r, "deny", ""
		if r == RefusedDigest {
			x.Command = "attest"
		}
		p.text(fmt.Sprintf("Refusal: %s, to staff", r), x)
	}
}

// counts shows that every state has a text for every kind, and every kind one
// for every problem.
func (p *textsPage) counts() {
	p.chapter("Words of each text", "Without the last line. First the status by kind, state and turn (r: requester, s: staff or security, c: nobody, a time runs).")
	var head, rule strings.Builder
	for _, s := range States() {
		for _, turn := range turns(s) {
			fmt.Fprintf(&head, " %s |", strings.TrimSpace(fmt.Sprintf("%s %.1s", s, turn)))
			rule.WriteString(" ---: |")
		}
	}
	fmt.Fprintf(&p.b, "\n| kind |%s\n| --- |%s\n", head.String(), rule.String())
	for _, k := range Kinds() {
		fmt.Fprintf(&p.b, "| %s |", k)
		for _, s := range States() {
			for _, turn := range turns(s) {
				x := sampleStatus(s, turn)
				x.Kind = k
				p.count(x)
			}
		}
		p.b.WriteString("\n")
	}
	codes := append(fieldProblems(), nameProblems()...)
	fmt.Fprintf(&p.b, "\nThen the status in the state incomplete, by kind and problem.\n\n| kind | %s |\n| --- |%s\n",
		strings.Join(codes, " | "), strings.Repeat(" ---: |", len(codes)))
	for _, k := range Kinds() {
		fmt.Fprintf(&p.b, "| %s |", k)
		for _, code := range codes {
			x := sampleStatus(Incomplete, Requester)
			x.Kind, x.Problems = k, []TextProblem{sampleProblem(code)}
			p.count(x)
		}
		p.b.WriteString("\n")
	}
}

func (p *textsPage) count(x Text) {
	x.Language = p.language
	text, err := p.rules.Render(x)
	if err != nil {
		p.t.Fatal(err)
	}
	body, _, _ := strings.Cut(withoutTargets(text), "<sub>")
	fmt.Fprintf(&p.b, " %d |", len(wordsOf(body)))
}

// TestTexts compares docs/texts.md and its translations with the texts as they
// are.
func TestTexts(t *testing.T) {
	for language, name := range map[string]string{English: "English", "es": "Spanish"} {
		file := "../docs/texts.md"
		if language != English {
			file = "../docs/texts." + language + ".md"
		}
		t.Run(language, func(t *testing.T) {
			p := &textsPage{language: language, rules: deskRules(t, language), t: t, shown: map[string]bool{}}
			fmt.Fprintf(&p.b, textsIntroduction, name, language)
			p.compare(file)
		})
	}
}

func (p *textsPage) compare(file string) {
	for _, chapter := range []func(){p.states, p.proof, p.places, p.kinds, p.problems, p.questions, p.marks, p.notices, p.refusals, p.desk, p.counts} {
		chapter()
	}
	for _, row := range wantRows(p.t) {
		if !p.shown[row] {
			p.t.Errorf("%s has no section for %q", file, row)
		}
	}
	if *updateTexts {
		if err := os.WriteFile(file, []byte(p.b.String()), 0o600); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), p.b.String()); diff != "" {
		p.t.Errorf("%s is out of date, run this test with -update (-want +got):\n%s", file, diff)
	}
}
