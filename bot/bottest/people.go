package bottest

import (
	"cmp"
	"fmt"
)

// Repository is where people act. Its methods take logins (a new one is a new user), apply the rights that the person has there, and queue the
// webhooks that GitHub would send. A refusal is a *[RefusedError]. Labels and reactions that are set already are no error.
type Repository struct {
	f *Fake
	r *repo
}

// Draft is an issue to open. Its labels are those that the form sets: the author needs no right for them.
type Draft struct {
	Title, Body string
	Labels      []string
	PullRequest bool // a pull request, which is an issue too
}

// ID returns the repository's numeric id.
func (r *Repository) ID() int64 { return r.r.id }

// Name returns "owner/name" as it is now.
func (r *Repository) Name() string {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	return r.r.full()
}

// Installation returns the id of the installation that covers the repository; 0: none.
func (r *Repository) Installation() int64 {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	return r.r.installation
}

// AddCollaborator gives a person a role: "read", "triage", "write", "maintain", "admin"; any other word takes it away.
func (r *Repository) AddCollaborator(login, role string) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	ranks := map[string]rank{"read": rankRead, "triage": rankTriage, "write": rankWrite, "maintain": rankWrite, "admin": rankAdmin}
	r.r.roles[r.f.ensure(login, "User").id] = ranks[role]
}

// OpenIssue opens an issue and returns its number. GitHub sends "opened", then "labeled" once for each label.
func (r *Repository) OpenIssue(login string, d Draft) (int, error) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	if err := cmp.Or(checkTitle(d.Title), checkBody("Issue", d.Body)); err != nil {
		return 0, err
	}
	by := r.f.person(login)
	if r.r.rank(by.user) < rankRead {
		return 0, notFound()
	}
	if err := r.r.shut(); err != nil {
		return 0, err
	}
	return r.f.openIssue(by, r.r, d).number, nil
}

// person is who a login stands for.
func (f *Fake) person(login string) actor { return actor{user: f.ensure(login, "User")} }

// act looks the issue up and does one thing to it as a person.
func (r *Repository) act(number int, login string, do func(by actor, is *issue) error) error {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	is := r.r.issues[number]
	if is == nil || is.deleted || is.movedTo != nil {
		return fmt.Errorf("%s#%d: %w", r.r.full(), number, notFound())
	}
	by := r.f.person(login)
	if r.r.rank(by.user) < rankRead {
		return notFound()
	}
	if is.converted {
		return converted()
	}
	if err := r.r.shut(); err != nil {
		return err
	}
	return do(by, is)
}

// patch applies what a PATCH of the issue would.
func (r *Repository) patch(number int, login string, p issuePatch) error {
	return r.act(number, login, func(by actor, is *issue) error {
		if err := p.check(by, is); err != nil {
			return err
		}
		r.f.editIssue(by, is, p)
		return nil
	})
}

// EditIssue replaces the body.
func (r *Repository) EditIssue(number int, login, body string) error {
	return r.patch(number, login, issuePatch{Body: &body})
}

// EditTitle replaces the title.
func (r *Repository) EditTitle(number int, login, title string) error {
	return r.patch(number, login, issuePatch{Title: &title})
}

// Close closes an issue as completed.
func (r *Repository) Close(number int, login string) error {
	return r.CloseAs(number, login, "completed")
}

// CloseAs closes an issue with a reason of GitHub's: completed, not_planned, duplicate.
func (r *Repository) CloseAs(number int, login, reason string) error {
	return r.act(number, login, func(by actor, is *issue) error {
		if err := checkState(by, is, "closed"); err != nil {
			return err
		}
		r.f.closeIssue(by, is, reason)
		return nil
	})
}

// Reopen opens a closed issue again. The author may only where the author closed it.
func (r *Repository) Reopen(number int, login string) error {
	return r.act(number, login, func(by actor, is *issue) error {
		if err := checkState(by, is, "open"); err != nil {
			return err
		}
		r.f.reopenIssue(by, is)
		return nil
	})
}

// Comment writes a comment and returns its id.
func (r *Repository) Comment(number int, login, body string) (int64, error) {
	var id int64
	err := r.act(number, login, func(by actor, is *issue) error {
		if err := cmp.Or(mayComment(by, is), checkComment(body)); err != nil {
			return err
		}
		id = r.f.addComment(by, is, body).id
		return nil
	})
	return id, err
}

func (r *Repository) actComment(id int64, login string, do func(by actor, c *comment) error) error {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	c := r.r.comment(id)
	if c == nil {
		return fmt.Errorf("comment %d of %s: %w", id, r.r.full(), notFound())
	}
	if err := r.r.shut(); err != nil {
		return err
	}
	return do(r.f.person(login), c)
}

// EditComment replaces a comment's text: the author may, and who can write to the repository.
func (r *Repository) EditComment(id int64, login, body string) error {
	return r.actComment(id, login, func(by actor, c *comment) error {
		if err := cmp.Or(by.needAuthorOr(c.user, r.r, rankWrite), checkComment(body)); err != nil {
			return err
		}
		r.f.editComment(by, c, body)
		return nil
	})
}

// DeleteComment deletes a comment.
func (r *Repository) DeleteComment(id int64, login string) error {
	return r.actComment(id, login, func(by actor, c *comment) error {
		if err := by.needAuthorOr(c.user, r.r, rankWrite); err != nil {
			return err
		}
		r.f.deleteComment(by, c)
		return nil
	})
}

// React adds a reaction to a comment. GitHub sends no webhook for it.
func (r *Repository) React(id int64, login, content string) error {
	return r.actComment(id, login, func(by actor, c *comment) error {
		r.f.react(by, &c.reactions, content)
		return nil
	})
}

// triaged runs do for those who may sort issues: triage and above.
func (r *Repository) triaged(number int, login string, do func(by actor, is *issue) error) error {
	return r.act(number, login, func(by actor, is *issue) error {
		if err := needRank(by, r.r, rankTriage); err != nil {
			return err
		}
		return do(by, is)
	})
}

// Label sets a label, which is created where the repository doesn't know it.
func (r *Repository) Label(number int, login, name string) error {
	return r.triaged(number, login, func(by actor, is *issue) error {
		r.f.addLabel(by, is, name)
		return nil
	})
}

// Unlabel takes a label off; one that is not set is a 404.
func (r *Repository) Unlabel(number int, login, name string) error {
	return r.triaged(number, login, func(by actor, is *issue) error { return r.f.removeLabel(by, is, name) })
}

// Assign assigns somebody; who can't be assigned is skipped in silence.
func (r *Repository) Assign(number int, login, assignee string) error {
	return r.triaged(number, login, func(by actor, is *issue) error {
		r.f.assign(by, is, []string{assignee})
		return nil
	})
}

// Unassign takes somebody off.
func (r *Repository) Unassign(number int, login, assignee string) error {
	return r.triaged(number, login, func(by actor, is *issue) error {
		r.f.unassign(by, is, []string{assignee})
		return nil
	})
}

// Lock stops comments by people who can't write to the repository.
func (r *Repository) Lock(number int, login string) error { return r.setLock(number, login, "locked") }

// Unlock takes the lock back.
func (r *Repository) Unlock(number int, login string) error {
	return r.setLock(number, login, "unlocked")
}

func (r *Repository) setLock(number int, login, action string) error {
	return r.act(number, login, func(by actor, is *issue) error {
		if err := needRank(by, r.r, rankWrite); err != nil {
			return err
		}
		r.f.setLock(by, is, action)
		return nil
	})
}

// DeleteIssue deletes an issue: its address answers 410 from then on. Only admins may.
func (r *Repository) DeleteIssue(number int, login string) error {
	return r.act(number, login, func(by actor, is *issue) error {
		if err := needRank(by, r.r, rankAdmin); err != nil {
			return err
		}
		r.f.deleteIssue(by, is)
		return nil
	})
}

// Transfer moves an issue to another repository of the same fake and returns its number there. The old address answers 301.
func (r *Repository) Transfer(number int, login string, to *Repository) (int, error) {
	moved := 0
	err := r.act(number, login, func(by actor, is *issue) error {
		if err := cmp.Or(needRank(by, r.r, rankWrite), needRank(by, to.r, rankWrite)); err != nil {
			return err
		}
		moved = r.f.transfer(by, is, to.r).number
		return nil
	})
	return moved, err
}
