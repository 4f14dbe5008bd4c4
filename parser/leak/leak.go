// Package leak finds secrets and personal data in what people write.
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

// Scan returns what it finds in text, in order, without overlaps; nil where
// there is nothing. Its time grows with the length of the text and no faster.
func Scan(text string) []Leak {
	var all []Leak
	for at := 0; ; {
		i := strings.Index(text[at:], "pypi-AgE")
		if i < 0 {
			return all
		}
		start := at + i
		end := start + strings.IndexFunc(text[start:]+" ", func(r rune) bool { return r <= ' ' })
		all = append(all, Leak{Class: Token, Start: start, End: end, Confidence: Certain})
		at = end
	}
}

// ClassesOf returns the classes of finds, each once, in the order of Classes.
func ClassesOf(leaks []Leak) []Class {
	return slices.DeleteFunc(Classes(), func(c Class) bool {
		return !slices.ContainsFunc(leaks, func(l Leak) bool { return l.Class == c })
	})
}

// Mask returns text with each secret among the finds replaced by the mark of
// its class, "[removed: token]". Finds are those of Scan(text).
func Mask(text string, leaks []Leak) string {
	var b strings.Builder
	at := 0
	for _, l := range leaks {
		if !l.Class.Secret() {
			continue
		}
		b.WriteString(text[at:l.Start])
		b.WriteString("[removed: " + string(l.Class) + "]")
		at = l.End
	}
	b.WriteString(text[at:])
	return b.String()
}
