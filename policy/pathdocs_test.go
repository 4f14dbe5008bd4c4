package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// classMeaning says what each class of evidence is, for people.
func classMeaning() map[Class]string {
	return map[Class]string{
		Mailbox:           "An answer from the address that the registry has as the account's, and has verified.",
		MailboxUnverified: "An answer from an address on file that was never verified, or lost that. Nothing, if its domain was registered anew.",
		Linked:            "The author's numeric GitHub id is the one that the account is linked with.",
		Session:           "A recovery code, a session or the password, used at the registry; never in the issue.",
		BranchAttested:    "A branch by the author in a repository that the registry attests by the provenance of releases made before the request.",
		BranchOwner:       "That, and the author owns the repository. It counts as `branch-attested`, too.",
		BranchDeclared:    "A branch by the author in a repository that a project only declares.",
		CoOwner:           "A co-owner whom the registry lists confirms, from the registry's side.",
		BranchSeen:        "A branch is there, and nobody can tell who made it.",
		NoProject:         "There is no usable project: no evidence at all, but what makes `only-for: [no-usable-project]` true once a second person confirms it.",
	}
}

// pathChapter writes what belongs to the key paths: all but the words is that
// of the code.
func (p *keysPage) pathChapter(t *testing.T) {
	t.Helper()
	p.printf("\n### The evidence\n\n" +
		"Staff attest it with `/attest WORD`, or with its number where the account is not to be spoken of. Statements, screenshots, a like\n" +
		"nickname and papers of identity are no evidence.\n\n" +
		"| Number | Word | What | Side | Weight |\n| --- | --- | --- | --- | --- |\n")
	weights := []string{"none", "low", "medium", "high"}
	for i, c := range Classes() {
		from, w := c.worth()
		if from == "" {
			from = "none"
		}
		p.printf("| %d | `%s` | %s | %s | %s |\n", i+1, c, classMeaning()[c], from, weights[w])
	}
	p.printf("\n### What no policy can weaken\n\n"+
		"`check` refuses a path that asks for less, with its line and the reason, and the bot itself takes none at work, whatever the\n"+
		"policy says. Every choice of one word from each list of `evidence` must satisfy it.\n\n"+
		"- The evidence comes from two different sides, and at least one of it is high. Low evidence never adds up.\n"+
		"- One exception: on a path with `only-for: [no-usable-project]` the word `mailbox` alone is enough, with two approvals.\n"+
		"- Between the notice and `ready` lie at least %s; at least %s where any of the evidence is less than high, and for that exception.\n"+
		"- A new address needs at least %s, and one of security among those who approve.\n"+
		"- Two different people approve. One is enough only where the evidence is `mailbox`, `linked` or `session`, and `branch-attested`; never\n"+
		"  for a new address, a flag, a protected account or staff's own account. Each repository needs a desk then. If nobody else is in\n"+
		"  the veto group, or there is none, the path waits at least %s.\n"+
		"- More than one person is needed: a policy by which one alone may attest, approve and complete is refused.\n",
		inUnits(leastWait), inUnits(weakWait), inUnits(addressWait), inUnits(weakWait))
	p.printf("\n### The built-in paths\n\nThey hold where the policy has no `paths`. `recoverybot check --print` prints them as a policy has them, to copy and change.\n\n" +
		"| Path | Evidence | Not for | Only for | Approvals | Time since the notice |\n| --- | --- | --- | --- | --- | --- |\n")
	rules, err := Preset(plainPreset)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rules.Paths {
		path := &rules.Paths[i]
		p.printf("| `%s` | %s | %s | %s | %s | %s |\n", path.Name, spokenEvidence(path), ticked(path.NotFor), ticked(path.OnlyFor),
			strings.TrimSuffix(path.needed(), ", different people,"), inUnits(path.Wait))
	}
}

func spokenEvidence(p *Path) string {
	var lists []string
	for _, list := range p.Evidence {
		words := asWords(list)
		for i, w := range words {
			words[i] = "`" + w + "`"
		}
		last := words[len(words)-1]
		if len(words) > 1 {
			last = strings.Join(words[:len(words)-1], ", ") + " or " + last
		}
		lists = append(lists, last)
	}
	return strings.Join(lists, "; and ")
}

func ticked(traits []Trait) string {
	words := asWords(traits)
	for i, w := range words {
		words[i] = fmt.Sprintf("`%s`", w)
	}
	return strings.Join(words, ", ")
}

// TestClassMeaning: each class is told of, in a whole sentence.
func TestClassMeaning(t *testing.T) {
	for _, c := range Classes() {
		if !wholeSentence.MatchString(classMeaning()[c]) {
			t.Errorf("%s is told as %q, which is no whole sentence", c, classMeaning()[c])
		}
	}
	if got := len(classMeaning()); got != len(slices.Compact(Classes())) {
		t.Errorf("%d classes are told of", got)
	}
}
