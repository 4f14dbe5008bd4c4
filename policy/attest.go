package policy

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// digestWord is what /approve names; see move.digest.
var digestWord = regexp.MustCompile(`\A[0-9a-f]{8}\z`)

// projectName is the name of a project at any registry.
var projectName = regexp.MustCompile(`\A[A-Za-z0-9._-]{1,100}\z`)

// words are the arguments of a command about proof.
type words struct {
	classes    []Class
	notified   bool
	newAddress bool
	digest     string
	project    string
}

// proofWords reads arguments: words and numbers of Classes, "notified" and
// "new-address", and one other word, which other takes or refuses. It reports
// whether it could read them all, none of them twice.
func proofWords(args []string, other func(*words, string) bool) (words, bool) {
	var w words
	for i, arg := range args {
		arg = strings.ToLower(arg)
		if slices.ContainsFunc(args[:i], func(a string) bool { return strings.ToLower(a) == arg }) {
			return w, false
		}
		switch c := classNamed(arg); {
		case c != "":
			w.classes = append(w.classes, c)
		case arg == "notified":
			w.notified = true
		case arg == "new-address":
			w.newAddress = true
		case !other(&w, args[i]):
			return w, false
		}
	}
	slices.SortFunc(w.classes, byPlace)
	return w, len(slices.Compact(slices.Clone(w.classes))) == len(w.classes)
}

// noOther is for commands that take no other word.
func noOther(*words, string) bool { return false }

// classNamed returns the class of that word, or in that place, from 1; "" if
// there is none.
func classNamed(arg string) Class {
	if n, err := strconv.Atoi(arg); err == nil && n >= 1 && n <= len(Classes()) && strconv.Itoa(n) == arg {
		return Classes()[n-1]
	}
	if slices.Contains(Classes(), Class(arg)) {
		return Class(arg)
	}
	return ""
}

func byPlace(a, b Class) int {
	return cmp.Compare(slices.Index(Classes(), a), slices.Index(Classes(), b))
}

// wantsSecond reports whether one person's word is not enough for a class:
// until something checks branches, two people look at them.
func wantsSecond(c Class) bool {
	return c == BranchAttested || c == BranchOwner || c == BranchDeclared || c == BranchSeen || c == NoProject
}

// confirmed reports whether enough people stand for e.
func (e Evidence) confirmed() bool {
	return len(e.By) > 1 || len(e.By) == 1 && !wantsSecond(e.Class)
}

func (e Evidence) by(user int64) bool {
	return slices.ContainsFunc(e.By, func(a Attest) bool { return a.User == user })
}

// evidence returns the evidence of a class, nil if there is none.
func (m *move) evidence(c Class) *Evidence {
	i := slices.IndexFunc(m.next.Evidence, func(e Evidence) bool { return e.Class == c })
	if i < 0 {
		return nil
	}
	return &m.next.Evidence[i]
}

// have returns the classes that are attested, and confirmed where they must
// be, in the order of Classes. Who owns a repository can write to it.
func (m *move) have() []Class {
	var have []Class
	for _, e := range m.next.Evidence {
		if e.confirmed() {
			have = append(have, e.Class)
		}
	}
	if slices.Contains(have, BranchOwner) && !slices.Contains(have, BranchAttested) {
		have = append(have, BranchAttested)
	}
	slices.SortFunc(have, byPlace)
	return have
}

// attested returns the classes that somebody attested, confirmed or not.
func (m *move) attested() []Class {
	var all []Class
	for _, e := range m.next.Evidence {
		all = append(all, e.Class)
	}
	return all
}

// attestable says why the event's actor cannot attest or confirm a class; ""
// if they can. Who has attested it before may say so again in an approval.
func (m *move) attestable(c Class) Refusal {
	e := m.evidence(c)
	switch {
	case e == nil && !m.rules.may(m.roles, MayAttest):
		return RefusedRole
	case e != nil && e.by(m.ev.Actor.ID) && !e.confirmed() && m.ev.Command.Name == "attest":
		return RefusedTwice
	}
	return ""
}

// attest notes the actor's word for a class.
func (m *move) attest(c Class) {
	word := Attest{User: m.ev.Actor.ID, At: m.at, Comment: m.ev.Comment, Desk: m.ev.Desk}
	switch e := m.evidence(c); {
	case e == nil:
		m.next.Evidence = append(m.next.Evidence, Evidence{Class: c, By: []Attest{word}})
		slices.SortFunc(m.next.Evidence, func(a, b Evidence) int { return byPlace(a.Class, b.Class) })
		m.because("attested", string(c))
	case !e.by(word.User):
		e.By = append(e.By, word)
		m.because("confirmed", string(c))
	}
	m.stepsDone(c)
}

// runAttest adds evidence, or confirms what somebody else attested.
func (m *move) runAttest() {
	w, ok := proofWords(m.ev.Command.Args, noOther)
	if !ok || len(w.classes) != 1 || w.notified || w.newAddress {
		m.refuse(RefusedUsage, "attest")
		return
	}
	if why := m.attestable(w.classes[0]); why != "" {
		m.refuse(why, "attest")
		return
	}
	if m.overtaken() {
		m.refuse(RefusedDigest, "attest")
		return
	}
	m.accept(string(w.classes[0]))
	m.attest(w.classes[0])
	m.proved = true
}
