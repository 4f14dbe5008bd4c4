package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
	"github.com/recoverybot/recoverybot/parser/leak"
)

// Masking says what becomes of a text in which somebody wrote a secret.
type Masking string

// The ways. An edit leaves the old version visible, so only Repost takes the
// secret from everybody's sight.
const (
	KeepText   Masking = "keep"   // nothing: whoever can change it is told how
	MaskText   Masking = "mask"   // the secret is taken out by an edit
	RepostText Masking = "repost" // of comments: the text without it is posted anew, and the comment deleted
)

// LeakRules says what secrets and personal data in a text bring about. Each
// class stands in one of Hold and Advise, in the order of leak.Classes.
type LeakRules struct {
	Hold     []leak.Class // the request is paused; every secret is among them
	Advise   []leak.Class // the status says so, and the request is marked
	Comments Masking
	Body     Masking // KeepText or MaskText
}

// leaks is the key of the same name.
func (l *loader) leaks() value {
	to := &l.rules.Leaks
	words := func(into *string, allowed ...Masking) value {
		return wordValue(asWords(allowed), func(w string) { *into = w })
	}
	comments, body := (*string)(&to.Comments), (*string)(&to.Body)
	return value{
		keys: []key{
			{
				name: "hold", def: "[" + strings.Join(asWords(secrets()), ", ") + "]",
				example: "[" + strings.Join(asWords(append(secrets(), leak.Email)), ", ") + "]",
				about: "What pauses a request when its author writes it: security looks, and whoever reads the page is told what to revoke. " +
					"Secrets cannot be left out: who reads one can use it.",
				value: classesValue(&to.Hold),
			},
			{
				name: "advise", def: "[email, phone]", example: "[phone]",
				about: "What is only mentioned in the status, and marked for staff. Each class stands in one of the two lists.",
				value: classesValue(&to.Advise),
			},
			{
				name: "comments", def: string(KeepText), example: string(RepostText),
				about: "What the bot does with a comment that has a secret in it. `keep`: nothing. `mask`: it takes the secret out; the old version stays visible to " +
					"those who look for it. `repost`: it posts the text without the secret anew, under its own name, and deletes the comment. " +
					"Comments of staff, and those that count as proof or approval, are never touched.",
				value: words(comments, KeepText, MaskText, RepostText),
			},
			{
				name: "body", def: string(KeepText), example: string(MaskText),
				about: "What the bot does with the issue's own title and text. `keep`: nothing. `mask`: it takes the secret out; the old version stays visible.",
				value: words(body, KeepText, MaskText),
			},
		},
		done: l.lawfulLeaks,
	}
}

// secrets are the classes that every policy holds for.
func secrets() []leak.Class {
	return slices.DeleteFunc(leak.Classes(), func(c leak.Class) bool { return !c.Secret() })
}

func classesValue(into *[]leak.Class) value {
	v := listOf(wordValue(asWords(leak.Classes()), func(w string) { *into = append(*into, leak.Class(w)) }))
	v.begin = func() { *into = nil }
	return v
}

// lawfulLeaks refuses lists that leave a class out, or have it twice. A secret
// that does not hold is refused, as a path is that is too weak: else the person
// who has it goes on, with a request that was to protect the account.
func (l *loader) lawfulLeaks(n yamlfile.Node) {
	to := &l.rules.Leaks
	hold, advise := firstOf(at(n, "hold"), n), firstOf(at(n, "advise"), n)
	for _, c := range leak.Classes() {
		holds, advises := count(to.Hold, c), count(to.Advise, c)
		switch {
		case !n.Exists():
		case holds == 0 && c.Secret():
			hold.Errorf("%q is a secret, and who reads it can use it: it must stand in hold", c)
		case holds+advises == 0:
			advise.Errorf("%q stands neither in hold nor in advise: put it into one of them", c)
		case holds > 0 && advises > 0:
			advise.Errorf("%q stands both in hold and in advise: take it out of one of them", c)
		case holds+advises > 1:
			firstOf(at(n, "advise"), at(n, "hold")).Errorf("%q stands there twice", c)
		}
	}
	for _, list := range []*[]leak.Class{&to.Hold, &to.Advise} {
		slices.SortFunc(*list, byClass)
	}
}

func count(all []leak.Class, c leak.Class) int {
	n := 0
	for _, is := range all {
		if is == c {
			n++
		}
	}
	return n
}

// byClass orders classes as leak.Classes does.
func byClass(a, b leak.Class) int {
	all := leak.Classes()
	return cmp.Compare(slices.Index(all, a), slices.Index(all, b))
}
