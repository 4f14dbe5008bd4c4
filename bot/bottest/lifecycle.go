package bottest

import (
	"slices"
	"strings"
)

// admin runs do for those who may administer the repository, while it exists.
func (r *Repository) admin(login string, do func(by actor) error) error {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	by := r.f.person(login)
	if r.r.gone {
		return notFound()
	}
	if err := needRank(by, r.r, rankAdmin); err != nil {
		return err
	}
	return do(by)
}

// tell queues the webhook "repository" with that action.
func (r *Repository) tell(by actor, action string) {
	r.f.send(hook{r.r, by, "repository", action}, object{})
}

// Rename gives the repository a new name, without the owner. The old address answers 301.
func (r *Repository) Rename(login, name string) error {
	return r.admin(login, func(by actor) error {
		if strings.ContainsAny(name, "/ ") || name == "" {
			return invalid(FieldError{"Repository", "name", "invalid", ""})
		}
		old := r.r.name
		r.r.oldNames = append(r.r.oldNames, r.r.full())
		r.r.name = name
		r.f.send(hook{r.r, by, "repository", "renamed"}, object{"changes": object{"repository": object{"name": object{"from": old}}}})
		return nil
	})
}

// TransferTo gives the repository to another account, where an installation covers it from then on; 0 where the App is not there. The old
// address answers 301. Who transferred it stays an admin. GitHub tells only the receiving account's installation, by repository.transferred;
// the old one hears nothing. https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository
func (r *Repository) TransferTo(login, owner string, installation int64) error {
	return r.admin(login, func(by actor) error {
		from := r.r.owner
		r.r.oldNames = append(r.r.oldNames, r.r.full())
		r.r.owner, r.r.installation = r.f.ensure(owner, "Organization"), installation
		r.r.roles[by.user.id] = rankAdmin
		if installation != 0 {
			r.f.ensureInstallation(installation, r.r.owner)
		}
		key, was := "user", userJSON(from)
		if from.kind == "Organization" {
			key, was = "organization", orgJSON(from)
		}
		r.f.send(hook{r.r, by, "repository", "transferred"}, object{"changes": object{"owner": object{"from": object{key: was}}}})
		return nil
	})
}

// Archive makes the repository read-only: every write is a 403. Webhook: repository.archived.
func (r *Repository) Archive(login string) error {
	return r.admin(login, func(by actor) error {
		r.r.archived = true
		r.tell(by, "archived")
		return nil
	})
}

// Unarchive ends that. Webhook: repository.unarchived.
func (r *Repository) Unarchive(login string) error {
	return r.admin(login, func(by actor) error {
		r.r.archived = false
		r.tell(by, "unarchived")
		return nil
	})
}

// DisableIssues switches the repository's issues off: every address of issues is a 410 until [Repository.EnableIssues]. GitHub sends no webhook
// for either: repository.edited is for topics, default branch, description and homepage alone.
func (r *Repository) DisableIssues(login string) error {
	return r.admin(login, func(actor) error { r.r.noIssues = true; return nil })
}

// EnableIssues switches them on again. They are as they were.
func (r *Repository) EnableIssues(login string) error {
	return r.admin(login, func(actor) error { r.r.noIssues = false; return nil })
}

// Privatize hides the repository from everybody without a role in it. Webhook: repository.privatized.
func (r *Repository) Privatize(login string) error {
	return r.admin(login, func(by actor) error {
		r.r.private = true
		r.tell(by, "privatized")
		return nil
	})
}

// Publicize shows it to everybody. Webhook: repository.publicized.
func (r *Repository) Publicize(login string) error {
	return r.admin(login, func(by actor) error {
		r.r.private = false
		r.tell(by, "publicized")
		return nil
	})
}

// Delete deletes the repository: its addresses, the old ones too, are a 404. Webhook: repository.deleted.
func (r *Repository) Delete(login string) error {
	return r.admin(login, func(by actor) error {
		r.tell(by, "deleted")
		r.r.gone = true
		r.f.repos = slices.DeleteFunc(r.f.repos, func(o *repo) bool { return o == r.r })
		return nil
	})
}

// ConvertToDiscussion turns an issue into a discussion. The issue stays: it is closed and locked, nothing in the API says why, and writing to it
// is a 403. No webhook for it is documented, and none is sent: who does not read the issue again does not hear of it. (Before December 2021
// GitHub deleted such issues: [Repository.DeleteIssue].) https://github.com/dessant/lock-threads/issues/24,
// https://github.com/github/docs/issues/20908
func (r *Repository) ConvertToDiscussion(number int, login string) error {
	return r.act(number, login, func(by actor, is *issue) error {
		if err := needRank(by, r.r, rankTriage); err != nil {
			return err
		}
		r.f.touch(is)
		if is.state == "open" {
			r.r.open--
		}
		is.converted, is.locked, is.state, is.reason, is.closedBy, is.closed = true, true, "closed", "", by.user, r.f.now()
		r.f.note(is, by, Event{Kind: "converted_to_discussion"})
		return nil
	})
}
