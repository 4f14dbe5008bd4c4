package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const statesFile = "../docs/states.md"

const statesIntroduction = `# The states of a request

Generated from the tables of states and commands in ` + "`policy/events.go` and `policy/commands.go` by" + `
` + "`go test ./policy -run TestStatesFile -update`" + `. Do not edit.

A request is in one state, and it is somebody's turn. Where the tables below have no row, nothing changes. A row
says which states may follow: where it names none, the state stays. A test gives the bot thousands of random
histories, and fails if a state ever follows that stands in no row.

`

// TestStatesFile compares docs/states.md with the tables as they are.
func TestStatesFile(t *testing.T) {
	p := statesPage{rules: testRules(t, storyPolicy(t))}
	p.b.WriteString(statesIntroduction)
	p.states()
	p.picture()
	p.events()
	p.commands()
	current(t, statesFile, p.b.String())
}

type statesPage struct {
	b     strings.Builder
	rules *Rules
}

func (p *statesPage) printf(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

func (p *statesPage) states() {
	p.printf("## The states\n\n| state | | whose turn at first | label |\n| --- | --- | --- | --- |\n")
	for _, s := range States() {
		kind, label := "closed", "none"
		if s.Open() {
			kind = "open"
		}
		if name := p.rules.Labels[s].Name; name != "" {
			label = "`" + name + "`"
		}
		turn := string(s.entry())
		if turn == "" {
			turn = "nobody"
		}
		p.printf("| %s | %s | %s | %s |\n", s, kind, turn, label)
	}
	p.printf("\nIn proof the label is `%s` while it is staff's turn.\n\n", p.rules.labelFor(Proof, Staff))
}

// picture draws what leads from state to state. Where something leads away from
// most open states it is drawn once.
func (p *statesPage) picture() {
	d := diagram{words: map[[2]string][]string{}}
	for _, row := range append(table(), followed()...) {
		d.add(row, eventWords(row))
	}
	for _, c := range Commands() {
		if c.Name == "undo" {
			continue // it leads back from everywhere
		}
		for _, row := range c.leads() {
			if c.Answers {
				d.add(row, theyAnswer)
			} else {
				d.add(row, "/"+c.Name)
			}
		}
	}
	p.printf("## The picture\n\nWithout `/undo`, which leads back to the state before.\n\n```mermaid\nstateDiagram-v2\n")
	p.printf("    state \"open\" as isopen {\n")
	for _, s := range openStates() {
		p.printf("        %s\n", s)
	}
	p.printf("    }\n    state \"closed\" as isclosed {\n")
	for _, s := range endedStates() {
		p.printf("        %s\n", drawn(s))
	}
	p.printf("    }\n")
	for _, e := range d.edges {
		p.printf("    %s --> %s: %s\n", e[0], e[1], strings.Join(d.words[e], ", "))
	}
	p.printf("```\n\n")
}

// drawn is a state's name in the picture, where a word of its own means
// something else.
func drawn(s State) string {
	switch s {
	case None:
		return "[*]"
	case Closed:
		return "by_hand"
	}
	return string(s)
}

// diagram collects what leads from one place of the picture to another.
type diagram struct {
	edges [][2]string
	words map[[2]string][]string
}

func (d *diagram) add(r row, words string) {
	for _, to := range r.to {
		for _, from := range places(r.in, to) {
			d.edge([2]string{from, drawn(to)}, words+butFrom(r.in, from))
		}
	}
}

func (d *diagram) edge(e [2]string, words string) {
	if !slices.Contains(d.edges, e) {
		d.edges = append(d.edges, e)
	}
	if !slices.Contains(d.words[e], words) {
		d.words[e] = append(d.words[e], words)
	}
}

// places are where an arrow to a state begins.
func places(in []State, to State) []string {
	switch {
	case to.Ended() && len(missing(in)) < 2:
		return []string{"isopen"}
	case slices.Equal(in, endedStates()):
		return []string{"isclosed"}
	}
	var from []string
	for _, s := range in {
		if s != to {
			from = append(from, drawn(s))
		}
	}
	return from
}

// butFrom names the open states from which an arrow out of the box of all of
// them does not lead.
func butFrom(in []State, from string) string {
	but := missing(in)
	if from != "isopen" || len(but) == 0 {
		return ""
	}
	return " (not from " + stateWords(but) + ")"
}

// missing are the open states that are not among in.
func missing(in []State) []State {
	return slices.DeleteFunc(openStates(), func(s State) bool { return slices.Contains(in, s) })
}

func (p *statesPage) events() {
	p.printf("## What happens\n\nOf the rows that fit the first counts.\n\n| in | what happens | by whom | becomes | besides |\n| --- | --- | --- | --- | --- |\n")
	for _, row := range table() {
		p.row(row)
	}
	p.printf("\nThe bot follows what it sees on the issue, whichever event tells of it:\n\n| in | what happens | by whom | becomes | besides |\n| --- | --- | --- | --- | --- |\n")
	for _, row := range followed() {
		p.row(row)
	}
}

func (p *statesPage) row(r row) {
	if r.on == Commanded {
		return
	}
	p.printf("| %s | %s | %s | %s | %s |\n", inWords(r.in), eventWord(r.on), byWords(r.by), becomes(r.to), r.says)
}

func (p *statesPage) commands() {
	p.printf("\n## Commands\n\nIn a state that is not listed a command is refused. [What each of them is for](staff.md).\n\n| in | command | by whom | becomes |\n| --- | --- | --- | --- |\n")
	for _, c := range Commands() {
		to := becomes(c.To)
		switch {
		case c.Answers:
			to = "in the requester's turn as after a comment of theirs"
		case c.Stays != nil:
			to += "; " + stateWords(c.Stays) + " stays"
		}
		p.printf("| %s | `%s` | %s | %s |\n", inWords(c.In), c.Usage, mayWords(c), to)
	}
}

func mayWords(c CommandInfo) string {
	switch staff := "staff who may `" + string(c.Ability) + "`"; {
	case c.Anyone:
		return "anybody"
	case c.Staff:
		return staff
	case c.Ability != "":
		return "the requester, " + staff
	case c.Name == "status":
		return "the requester, staff"
	}
	return "the requester"
}

func becomes(to []State) string {
	switch len(to) {
	case 0:
		return "stays"
	case len(States()):
		return "as before"
	}
	return stateWords(to)
}

func stateWords(states []State) string {
	names := make([]string, 0, len(states))
	for _, s := range states {
		if s == None {
			names = append(names, "no request")
		} else {
			names = append(names, string(s))
		}
	}
	return strings.Join(names, ", ")
}

func inWords(in []State) string {
	switch {
	case in == nil || len(in) == len(States()):
		return "any"
	case slices.Equal(in, openStates()):
		return "any open"
	case slices.Equal(in, endedStates()):
		return "any closed"
	}
	return stateWords(in)
}

func byWords(by who) string {
	return map[who]string{
		anybody: "", theAuthor: "the requester", theStaff: "staff", notAuthor: "somebody else", theAgents: "staff who may `complete`",
	}[by]
}

func eventWord(on EventKind) string {
	return map[EventKind]string{
		Opened: "the issue is a request", Edited: "an edit", Commented: "a comment", ClosedHand: "closing by hand",
		ReopenedHand: "reopening by hand", Labeled: "the intake label is changed", Gone: "the issue is gone",
		Erased: "the status comment is deleted", Adopted: "the operator takes it over", Unverified: "who wrote cannot be checked for an hour",
		Seen: "the bot looks again", Tick: "time passes", Mailed: "a mail comes in",
	}[on]
}

const theyAnswer = "the requester answers"

// eventWords names an event and who does it, in the picture.
func eventWords(r row) string {
	if r.by == theAuthor && (r.on == Commented || r.on == Edited) {
		return theyAnswer
	}
	if by := byWords(r.by); by != "" {
		return strings.ReplaceAll(eventWord(r.on)+" by "+by, "`", "")
	}
	return eventWord(r.on)
}
