package bottest

import (
	"fmt"
	"slices"
	"time"
)

// installation is the App on an account. It is gone from the list once it is removed.
type installation struct {
	id          int64
	account     *user
	created     time.Time
	suspended   time.Time // zero: not
	suspendedBy *user
}

func suspended() error { return refuse(403, "This installation has been suspended") }

// installation returns nil where there is none (any more).
func (f *Fake) installation(id int64) *installation {
	for _, in := range f.installs {
		if in.id == id {
			return in
		}
	}
	return nil
}

func (f *Fake) ensureInstallation(id int64, account *user) *installation {
	if in := f.installation(id); in != nil {
		return in
	}
	in := &installation{id: id, account: account, created: f.app.created}
	f.installs = append(f.installs, in)
	return in
}

// covered are the repositories of an installation.
func (f *Fake) covered(id int64) []*repo {
	var own []*repo
	for _, r := range f.repos {
		if r.installation == id {
			own = append(own, r)
		}
	}
	return own
}

// Install puts the App on an account: by whom, with which installation id, for which repositories, which must be the account's. Webhook:
// installation.created. An id that is taken, and a repository of another account or installation, is a *[RefusedError].
func (f *Fake) Install(login string, id int64, repos ...*Repository) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(repos) == 0 || f.installation(id) != nil {
		return refuse(422, "an installation needs an id of its own and a repository")
	}
	account := repos[0].r.owner
	for _, r := range repos {
		if r.r.installation != 0 || r.r.owner != account {
			return refuse(422, r.r.full()+" cannot be part of the installation")
		}
	}
	in := f.ensureInstallation(id, account)
	in.created = f.now()
	for _, r := range repos {
		r.r.installation = id
	}
	f.sendInstallation(in, hook{by: f.person(login), event: "installation", action: "created"}, object{"repositories": f.short(id)})
	return nil
}

// Uninstall removes an installation: its tokens are bad at once, and to the App it is a 404. Webhook: installation.deleted.
func (f *Fake) Uninstall(login string, id int64) error {
	return f.change(login, id, func(in *installation, by actor) {
		list := f.short(id)
		f.installs = slices.DeleteFunc(f.installs, func(o *installation) bool { return o == in })
		for _, r := range f.covered(id) {
			r.installation = 0
		}
		for value, t := range f.tokens {
			if t.installation == id {
				delete(f.tokens, value)
			}
		}
		f.sendInstallation(in, hook{by: by, event: "installation", action: "deleted"}, object{"repositories": list})
	})
}

// Suspend suspends an installation: it mints no token, calls by the tokens that it has are a 403, and no webhook is sent but
// installation.suspend and what follows from [Fake.Unsuspend] and [Fake.Uninstall].
// https://docs.github.com/en/rest/apps/apps#suspend-an-app-installation
func (f *Fake) Suspend(login string, id int64) error {
	return f.change(login, id, func(in *installation, by actor) {
		in.suspended, in.suspendedBy = f.now(), by.user
		f.sendInstallation(in, hook{by: by, event: "installation", action: "suspend"}, nil)
	})
}

// Unsuspend ends that. Webhook: installation.unsuspend. What happened meanwhile is not told.
func (f *Fake) Unsuspend(login string, id int64) error {
	return f.change(login, id, func(in *installation, by actor) {
		in.suspended, in.suspendedBy = time.Time{}, nil
		f.sendInstallation(in, hook{by: by, event: "installation", action: "unsuspend"}, nil)
	})
}

// Cover adds repositories to an installation. Webhook: installation_repositories.added.
func (f *Fake) Cover(login string, id int64, repos ...*Repository) error {
	return f.change(login, id, func(in *installation, by actor) {
		added := []any{}
		for _, r := range repos {
			r.r.installation = id
			added = append(added, shortRepo(r.r))
		}
		f.sendInstallation(in, hook{by: by, event: "installation_repositories", action: "added"}, object{
			"repository_selection": "selected", "repositories_added": added, "repositories_removed": []any{}, "requester": nil,
		})
	})
}

// Uncover takes repositories out of an installation. Webhook: installation_repositories.removed.
func (f *Fake) Uncover(login string, id int64, repos ...*Repository) error {
	return f.change(login, id, func(in *installation, by actor) {
		removed := []any{}
		for _, r := range repos {
			r.r.installation = 0
			removed = append(removed, shortRepo(r.r))
		}
		f.sendInstallation(in, hook{by: by, event: "installation_repositories", action: "removed"}, object{
			"repository_selection": "selected", "repositories_added": []any{}, "repositories_removed": removed, "requester": nil,
		})
	})
}

func (f *Fake) change(login string, id int64, do func(in *installation, by actor)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := f.installation(id)
	if in == nil {
		return fmt.Errorf("installation %d: %w", id, notFound())
	}
	do(in, f.person(login))
	return nil
}

// sendInstallation queues a webhook about an installation, which comes even if it is suspended or gone.
func (f *Fake) sendInstallation(in *installation, h hook, payload object) {
	all := object{"action": h.action, "sender": userJSON(h.by.user), "installation": f.installationJSON(in)}
	for key, value := range payload {
		all[key] = value
	}
	f.enqueue(Delivery{Event: h.event, Action: h.action, Installation: in.id, Payload: payloadOf(all)})
}

func (f *Fake) short(id int64) []any {
	list := []any{}
	for _, r := range f.covered(id) {
		list = append(list, shortRepo(r))
	}
	return list
}

func shortRepo(r *repo) object {
	return object{"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.name, "full_name": r.full(), "private": r.private}
}

func (f *Fake) installationJSON(in *installation) object {
	api := fmt.Sprintf("%s/app/installations/%d", apiURL, in.id)
	return object{
		"id": in.id, "account": userJSON(in.account), "repository_selection": "all", "access_tokens_url": api + "/access_tokens",
		"repositories_url": apiURL + "/installation/repositories", "html_url": fmt.Sprintf("%s/settings/installations/%d", webURL, in.id),
		"app_id": f.opts.AppID, "target_id": in.account.id, "target_type": in.account.kind, "permissions": f.opts.Permissions, "events": events(),
		"created_at": stamp(in.created), "updated_at": stamp(in.created), "single_file_name": nil, "app_slug": f.opts.Slug,
		"suspended_at": stamp(in.suspended), "suspended_by": userJSON(in.suspendedBy),
	}
}
