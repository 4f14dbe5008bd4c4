package leak

import (
	"slices"
	"strings"
)

// Class is what kind of secret or personal data was found.
type Class string

// The classes. All but Email and Phone are secrets: see Class.Secret.
const (
	Token        Class = "token"         // an API token of a package registry
	GitHubToken  Class = "github-token"  // a token of GitHub
	RecoveryCode Class = "recovery-code" // codes that replace the second factor
	Seed         Class = "seed"          // the secret of an authenticator app, as an otpauth URI or after its word
	Key          Class = "key"           // a private key
	Password     Class = "password"      // a password after its word
	ResetLink    Class = "reset-link"    // a link by which a password or an address can be set
	Email        Class = "email"         // an e-mail address
	Phone        Class = "phone"         // a phone number
)

// Classes returns every class, secrets first.
func Classes() []Class {
	return []Class{Token, GitHubToken, RecoveryCode, Seed, Key, Password, ResetLink, Email, Phone}
}

// Secret reports whether who reads it can use it: it must be revoked, not
// only taken away.
func (c Class) Secret() bool { return c != Email && c != Phone }

// Confidence says how sure a find is.
type Confidence int

// The confidences. A Likely find is one that its form alone does not prove.
const (
	Likely Confidence = iota + 1
	Certain
)

// Leak is a find: which bytes of the text it takes, never what they say.
type Leak struct {
	Class      Class
	Start, End int // byte offsets in the text, End exclusive
	Confidence Confidence
}

// Options say what is no leak for a reader. The zero value leaves nothing out.
type Options struct {
	// Public are e-mail addresses that everybody may know, such as that of the
	// registry's support; upper and lower case are alike. "@example.org" stands
	// for all addresses of that host.
	Public []string
}

// Scan returns what it finds in text, in order, without overlaps; nil where
// there is nothing. Finds begin and end where a character does. Its time grows
// with the length of the text and no faster.
func Scan(text string) []Leak { return Options{}.Scan(text) }

// Scan is like the function Scan, without what o leaves out.
func (o Options) Scan(text string) []Leak {
	if text == "" {
		return nil
	}
	return o.look(text).leaks()
}

func (o Options) look(text string) *view {
	v := read(text)
	v.keys()
	v.githubTokens()
	v.tokens()
	v.links()
	v.seeds()
	v.recoveryCodes()
	v.passwords()
	v.emails(o)
	v.phones()
	return v
}

// ClassesOf returns the classes of finds, each once, in the order of Classes.
func ClassesOf(leaks []Leak) []Class {
	if len(leaks) == 0 {
		return nil
	}
	return slices.DeleteFunc(Classes(), func(c Class) bool {
		return !slices.ContainsFunc(leaks, func(l Leak) bool { return l.Class == c })
	})
}

// maskRounds is how often Mask looks again at what it wrote.
const maskRounds = 8

// Mask returns text with each secret among the finds replaced by the mark of
// its class, "[removed: token]". Finds are those of Scan(text). What would be a
// secret only in the masked text is masked, too, so that Scan finds none there.
func Mask(text string, leaks []Leak) string {
	for range maskRounds {
		masked := maskOnce(text, leaks)
		if masked == text {
			break
		}
		text, leaks = masked, Scan(masked)
	}
	return text
}

func maskOnce(text string, leaks []Leak) string {
	var b strings.Builder
	at := 0
	for _, l := range leaks {
		if !l.Class.Secret() || l.Start < at || l.End < l.Start || l.End > len(text) {
			continue
		}
		b.WriteString(text[at:l.Start])
		b.WriteString(mark(l.Class))
		at = l.End
	}
	b.WriteString(text[at:])
	return b.String()
}

func mark(c Class) string { return "[removed: " + string(c) + "]" }
