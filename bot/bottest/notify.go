package bottest

import (
	"regexp"
	"slices"
	"strings"
)

// Notification is a notification that GitHub sends to one person: by mail, and on the web.
type Notification struct {
	Login      string
	Repository string // owner/name
	Number     int
	Reason     string // GitHub's word: author, comment, mention, team_mention, assign, state_change, subscribed
}

// Notifications returns what a person was notified of since the start, oldest first.
//
// Whoever opens an issue, comments on it, closes or reopens it, is assigned or mentioned is subscribed to it; subscribers are told of comments, of
// closing and reopening, and whoever is mentioned anew, of that. Nobody is told of what they did themselves, of a reaction, of a label, of an edit
// that mentions nobody new, or of anything in a repository that they cannot see. Watching a whole repository is left out.
// https://docs.github.com/en/account-and-profile/managing-subscriptions-and-notifications-on-github/setting-up-notifications/about-notifications
func (f *Fake) Notifications(login string) []Notification {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Notification
	for _, n := range f.notified {
		if strings.EqualFold(n.Login, login) {
			all = append(all, n)
		}
	}
	return all
}

var mention = regexp.MustCompile("(?:\\A|[^\\w`/])@([A-Za-z0-9-]+)(?:/([A-Za-z0-9_-]+))?")

// mentioned are the people whom a text mentions, with the reason.
func (f *Fake) mentioned(text string) map[*user]string {
	all := map[*user]string{}
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		if m[2] == "" {
			if u := f.user(m[1]); u != nil && u.kind == "User" {
				all[u] = "mention"
			}
			continue
		}
		for _, t := range f.teams {
			if !strings.EqualFold(t.org.login, m[1]) || !strings.EqualFold(t.slug, m[2]) {
				continue
			}
			for _, u := range t.members {
				if all[u] == "" {
					all[u] = "team_mention"
				}
			}
		}
	}
	return all
}

// subscribe makes somebody a subscriber of an issue; the first reason stays.
func (is *issue) subscribe(u *user, reason string) {
	if u == nil || u.kind != "User" || slices.ContainsFunc(is.subscribers, func(s subscriber) bool { return s.user == u }) {
		return
	}
	is.subscribers = append(is.subscribers, subscriber{u, reason})
}

// said tells whoever a text mentions, unless the text before it did, and (loud) all subscribers.
func (f *Fake) said(is *issue, by actor, s saying) {
	before := f.mentioned(s.was)
	told := map[*user]string{}
	for u, reason := range f.mentioned(s.now) {
		if before[u] == "" && is.repo.rank(u) >= rankRead {
			told[u] = reason
			is.subscribe(u, reason)
		}
	}
	if s.loud {
		for _, sub := range is.subscribers {
			if told[sub.user] == "" {
				told[sub.user] = sub.reason
			}
		}
	}
	if len(told) == 0 {
		return
	}
	for _, u := range f.users { // in the order in which they came
		if told[u] != "" && u != by.user && is.repo.rank(u) >= rankRead {
			f.notified = append(f.notified, Notification{Login: u.login, Repository: is.repo.full(), Number: is.number, Reason: told[u]})
		}
	}
}

// assigned tells somebody that an issue is theirs now.
func (f *Fake) assigned(is *issue, by actor, u *user) {
	if u != by.user && is.repo.rank(u) >= rankRead {
		f.notified = append(f.notified, Notification{Login: u.login, Repository: is.repo.full(), Number: is.number, Reason: "assign"})
	}
}

// saying is a text that people read, and what it was before.
type saying struct {
	now, was string
	loud     bool
}

type subscriber struct {
	user   *user
	reason string
}
