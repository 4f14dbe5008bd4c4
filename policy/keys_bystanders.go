package policy

import (
	"slices"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// others are the keys about those whom a request does not concern.
func (l *loader) others() []key {
	return []key{
		{
			name:  "bystanders",
			about: "What people write on requests that are not theirs. It never changes a request.",
			value: l.bystanders(),
		},
		{
			name: "ignored", example: "{users: [7654321]}",
			about: "Accounts that never count, though GitHub has them for people: machine users, as of a bounty service. " +
				"What GitHub itself calls a bot never counts anyway.",
			value: l.ignored(),
		},
	}
}

func (l *loader) bystanders() value {
	words := listOf(phraseValue(func(w string) { l.rules.Bystanders.Offers = append(l.rules.Bystanders.Offers, w) }))
	return value{keys: []key{{
		name:  "offers",
		about: "Offers to recover the account, by somebody else. Once for each request the requester is warned, and staff are told.",
		value: value{keys: []key{{
			name: "words", origin: "the built-in phrases; yours are added to them", example: "[magic recovery team]",
			about: "Words and phrases by which people offer that. Case, accents and punctuation do not matter, " +
				"and after `not` or `never` they do not count. Links and handles of messengers always do.",
			value: words,
		}}},
	}}}
}

// ignored is a group without a team: accounts of people are named one by one.
func (l *loader) ignored() value {
	g := &l.rules.Ignored
	return value{
		keys: []key{{
			name: "users", example: "[7654321]",
			about: "By their numeric GitHub ids, or by their logins until `recoverybot pin` has written the ids. Their comments, edits of comments, " +
				"commands, objections and approvals never count, and an issue that they file has nobody who can answer.",
			value: listOf(l.user(g)),
		}},
		done: func(n yamlfile.Node) {
			for _, role := range []Role{Helpers, Agents, Security} {
				for _, id := range l.rules.People[role].Users {
					if slices.Contains(g.Users, id) {
						n.Errorf("the user %d is of the %s: staff cannot be ignored", id, role)
					}
				}
			}
		},
	}
}
