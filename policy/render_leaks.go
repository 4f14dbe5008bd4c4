package policy

import (
	"slices"
	"strconv"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// leakView is a kind of secret that stands on the page.
type leakView struct {
	Class leak.Class
	Name  string // in words
}

// findView is what staff see of a find.
type findView struct {
	Name    string // what it is, in words
	Place   string // where, in words
	Comment string // the address of the comment, for code alone; "" for the issue itself
	Secret  bool
	Other   bool // somebody else than the requester wrote it
	Bot     bool // another bot did
}

// placesOf are the places that the summary tells of.
func placesOf() []Place { return []Place{InTitle, InBody, InComment, InHistory, InDesk} }

// setLeaks tells what stands on the page and should not.
func (v *view) setLeaks(t Text, s *speaker) {
	for _, c := range t.Leaks {
		if slices.Contains(leak.Classes(), c) {
			v.Leaks = append(v.Leaks, leakView{Class: c, Name: s.leakName(c)})
		}
	}
	v.ByOthers = t.ByOthers
	v.OnlyPersonal = len(v.Leaks) > 0 && !slices.ContainsFunc(v.Leaks, func(l leakView) bool { return l.Class.Secret() })
	v.MailThere, v.PhoneThere = slices.Contains(t.Personal, leak.Email), slices.Contains(t.Personal, leak.Phone)
}

func (s *speaker) leakName(c leak.Class) string { return s.say("secret-"+string(c), wordView{}) }

// finds lists what is on the page for staff, with what a comment's address is.
func (s *speaker) finds(all []Find, page string) []findView {
	var views []findView
	for _, f := range all {
		if !slices.Contains(leak.Classes(), f.Class) || !slices.Contains(placesOf(), f.In) {
			continue
		}
		v := findView{
			Name: s.leakName(f.Class), Place: s.say("place-"+string(f.In), wordView{}),
			Secret: f.Class.Secret(), Other: f.By == ByOther && f.In != InDesk, Bot: f.By == ByBot,
		}
		if f.Comment > 0 && f.In != InDesk && page != "" {
			v.Comment = page + "#issuecomment-" + strconv.FormatInt(f.Comment, 10)
		}
		views = append(views, v)
	}
	return views
}
