package policy

import (
	"regexp"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// removedMark is what leak.Mask writes in the place of a secret.
var removedMark = regexp.MustCompile(`\[removed: [a-z-]+\]`)

// leakless is an answer without its secrets and personal data.
type leakless struct {
	rest  string   // a space stands for each of them, and for each mark
	leaks []string // what they said: e-mail addresses in lower case
	marks int      // how many were taken out already
}

// lessLeaks takes secrets and personal data out of the answer to a question,
// which is read with it: some are secrets only after their word.
func lessLeaks(question, answer string) leakless {
	head := "### " + question + "\n\n"
	var l leakless
	var b strings.Builder
	at := 0
	for _, f := range leak.Scan(head + answer) {
		start, end := f.Start-len(head), f.End-len(head)
		if start < at {
			continue // a question is the operator's
		}
		said := answer[start:end]
		if f.Class == leak.Email {
			said = strings.ToLower(said)
		}
		l.leaks = append(l.leaks, said)
		b.WriteString(answer[at:start] + " ")
		at = end
	}
	b.WriteString(answer[at:])
	l.marks = len(removedMark.FindAllStringIndex(b.String(), -1))
	l.rest = removedMark.ReplaceAllString(b.String(), " ")
	return l
}

// eachOnce remembers what read returned: to look for leaks is most of the work
// of a decision, and each answer is asked for twice.
func eachOnce(read func(question, answer string) leakless) func(question, answer string) leakless {
	known := map[[2]string]leakless{}
	return func(question, answer string) leakless {
		l, ok := known[[2]string{question, answer}]
		if !ok {
			l = read(question, answer)
			known[[2]string{question, answer}] = l
		}
		return l
	}
}

// restWords returns the words of an answer without what leaked, and without the
// brackets and marks that stood around it.
func restWords(l leakless) []string {
	words := strings.Fields(l.rest)
	for i, w := range words {
		words[i] = strings.Trim(w, "()[]{}<>.,:;\"'`")
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// follows reports whether a says what before said, or that without some of what
// had leaked: it is gone, or a mark stands in its place. Where something else
// stands there now, it is another answer.
func (a *Answers) follows(before *Answers) bool {
	if a.Full == before.Full {
		return true
	}
	gone, marks := len(before.Leaks)-len(a.Leaks), a.Marks-before.Marks
	return a.Masked == before.Masked && within(a.Leaks, before.Leaks) && marks <= gone && (gone > 0 || marks < 0)
}
