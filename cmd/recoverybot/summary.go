package main

import (
	"fmt"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// staffView is what staff read of a request beside its timeline: the summary
// that its issue at the desk has.
type staffView struct {
	Summary *policy.Summary `json:"summary,omitempty"`
	Unknown string          `json:"unknown,omitempty"` // why there is no summary
	Other   string          `json:"other,omitempty"`   // version of the policy that was read, where it is not the one that decided last
}

// view makes the summary from the database and the policy, without a network.
// A policy that cannot be read hides no timeline.
func (c *explainCmd) view(e *env, found bot.Case, others []policy.Other) staffView {
	if found.Memory.State == policy.None {
		return staffView{}
	}
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return staffView{Unknown: fmt.Sprintf("unknown: the policy %s cannot be read (recoverybot check %s)", c.Policy, quoted(c.Policy))}
	}
	ref := found.Ref
	q := policy.Request{
		Issue: policy.Issue{
			Repository: ref.Repository, ID: ref.Issue, Number: ref.Number,
			Author: policy.Actor{ID: found.AuthorID}, Public: !found.Private,
		},
		Memory: found.Memory,
		Facts:  policy.Facts{Secret: found.Secret, Unseen: true, Others: others},
	}
	v := staffView{Summary: rules.Summary(q, e.now()).Desk}
	if rules.Version != found.Memory.Policy {
		v.Other = rules.Version
	}
	return v
}

// printSummary prints what staff need to act.
func (x explained) printSummary(line func(name, value string)) {
	m := x.Memory
	if x.Other != "" {
		line("", fmt.Sprintf("the policy file is version %s, and the digest by it", x.Other))
	}
	line("evidence", evidenceLine(m.Evidence))
	if m.State.Open() {
		line("numbers", classNumbers())
	}
	for _, a := range m.Approvals {
		line("approved", fmt.Sprintf("by user %d on %s", a.User, day(a.At)))
	}
	if m.Notice != nil {
		line("notified", fmt.Sprintf("by user %d on %s", m.Notice.User, day(m.Notice.At)))
	}
	if m.Hold != nil {
		line("on hold", fmt.Sprintf("%s, by user %d on %s", m.Hold.Why, m.Hold.By, day(m.Hold.At)))
	}
	if x.Summary == nil {
		line("digest", x.Unknown)
		return
	}
	s := x.Summary
	line("author", fmt.Sprintf("user %d", s.AuthorID))
	if s.Denials > 0 {
		line("denied", fmt.Sprintf("before: %d", s.Denials))
	}
	for _, r := range s.Related {
		line("related", relatedLine(r))
	}
	if s.Objections > 0 {
		line("objected", fmt.Sprint(s.Objections))
	}
	line("path", s.Path)
	line("lacks", strings.Join(s.Lacks, ", "))
	line("digest", s.Digest)
	for _, command := range s.Next {
		line("write", command)
	}
}

// relatedLine is another request, ended or not, as staff read of it.
func relatedLine(r policy.Related) string {
	what := r.Issue + ", " + string(r.State)
	if !r.Ended.IsZero() {
		what += " since " + day(r.Ended)
	}
	switch {
	case !r.SameAccount:
		return what + ": the same author, another account"
	case r.SameAuthor:
		what += ": the same account and author"
	default:
		what += ": the same account, another author"
	}
	if r.Older {
		what += ", older"
	}
	return what
}

// evidenceLine lists what is attested, each with its number for /attest N.
func evidenceLine(all []policy.Evidence) string {
	var parts []string
	for i, c := range policy.Classes() {
		for _, e := range all {
			if e.Class != c {
				continue
			}
			by := make([]string, 0, len(e.By))
			for _, a := range e.By {
				by = append(by, fmt.Sprintf("user %d", a.User))
			}
			parts = append(parts, fmt.Sprintf("%d %s (%s)", i+1, c, strings.Join(by, ", ")))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, "; ")
}

// classNumbers lists the words of evidence with their numbers.
func classNumbers() string {
	words := make([]string, 0, len(policy.Classes()))
	for i, c := range policy.Classes() {
		words = append(words, fmt.Sprintf("%d %s", i+1, c))
	}
	return strings.Join(words, ", ")
}
