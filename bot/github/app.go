package github

import (
	"context"
	"net/http"
	"strconv"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Self returns our App's bot user: two calls at its first success, then none.
// The second call is made with the token of the installation that
// FindRepository found; if there is none, without any, which GitHub Enterprise
// Server in private mode refuses: call FindRepository first.
func (c *Client) Self(ctx context.Context) (policy.Actor, error) {
	c.mu.Lock()
	me, installation := c.self, c.installed
	c.mu.Unlock()
	if me.ID != 0 {
		return me, nil
	}
	var app struct {
		Slug string `json:"slug"`
	}
	if _, err := c.do(ctx, call{
		op: "GET app", method: http.MethodGet, scope: scope{power: asApp}, path: "app", into: &app,
	}); err != nil {
		return policy.Actor{}, err
	}
	login := app.Slug + "[bot]"
	as := scope{power: nobody}
	if installation != 0 {
		as = scope{power: lookup, installation: installation}
	}
	var u user
	k := call{op: "GET bot user", method: http.MethodGet, scope: as, path: segments("users", login), into: &u}
	if _, err := c.do(ctx, k); err != nil {
		return policy.Actor{}, err
	}
	if app.Slug == "" || u.ID == 0 || u.Type != "Bot" {
		return policy.Actor{}, broken(k.op)
	}
	me = policy.Actor{ID: u.ID, Login: login, Bot: true}
	c.mu.Lock()
	c.self = me
	c.mu.Unlock()
	return me, nil
}

// FindRepository looks a repository and our installation on it up: two calls
// and a token. It is Missing where there is no such repository or the App is
// not installed on it. Owner and Name are as GitHub spells them, State is
// active, archived or no-issues; Mark, Started, Adoption, Labels and Held are not set.
func (c *Client) FindRepository(ctx context.Context, owner, name string) (bot.Repository, error) {
	path := segments("repos", owner, name)
	var installed struct {
		ID int64 `json:"id"`
	}
	k := call{op: "GET installation", method: http.MethodGet, scope: scope{power: asApp}, into: &installed}
	if path != "" {
		k.path = path + "/installation"
	}
	if _, err := c.do(ctx, k); err != nil {
		return bot.Repository{}, err
	}
	if installed.ID == 0 {
		return bot.Repository{}, broken(k.op)
	}
	var got repository
	k = call{
		op: "GET repository", method: http.MethodGet, path: path, into: &got,
		scope: scope{power: lookup, installation: installed.ID},
	}
	if _, err := c.do(ctx, k); err != nil {
		return bot.Repository{}, err
	}
	if got.ID == 0 || got.Name == "" || got.Owner.Login == "" {
		return bot.Repository{}, broken(k.op)
	}
	c.mu.Lock()
	c.installed = installed.ID
	c.mu.Unlock()
	return got.value(installed.ID), nil
}

func (r repository) value(installation int64) bot.Repository {
	v := bot.Repository{
		ID: r.ID, Owner: r.Owner.Login, Name: r.Name, Installation: installation, Private: r.Private, State: bot.StateActive,
	}
	switch {
	case r.Archived:
		v.State = bot.StateArchived
	case r.HasIssues != nil && !*r.HasIssues:
		v.State = bot.StateNoIssues
	}
	return v
}

// LookUp asks for a repository by its id, under which GitHub knows it after a
// renaming and a transfer: two calls and a token. That it is not there, or not
// ours, is no error but its state.
func (c *Client) LookUp(ctx context.Context, r bot.Ref) (bot.Repository, error) {
	path := "repositories/" + strconv.FormatInt(r.Repository, 10)
	var installed struct {
		ID          int64   `json:"id"`
		SuspendedAt *string `json:"suspended_at"`
	}
	_, err := c.do(ctx, call{
		op: "GET installation", method: http.MethodGet, scope: scope{power: asApp}, path: path + "/installation", into: &installed,
	})
	switch {
	case bot.ClassOf(err) == bot.Missing:
		return bot.Repository{ID: r.Repository, State: bot.StateRemoved}, nil
	case err != nil:
		return bot.Repository{}, err
	case installed.ID == 0:
		return bot.Repository{}, broken("GET installation")
	case installed.SuspendedAt != nil:
		return bot.Repository{ID: r.Repository, State: bot.StateSuspended}, nil
	}
	var got repository
	k := call{
		op: "GET repository", method: http.MethodGet, path: path, into: &got,
		scope: scope{power: lookup, installation: installed.ID},
	}
	_, err = c.do(ctx, k)
	switch {
	case bot.ClassOf(err) == bot.Missing:
		return bot.Repository{ID: r.Repository, State: bot.StateRemoved}, nil
	case err != nil:
		return bot.Repository{}, err
	case got.ID != r.Repository || got.Name == "" || got.Owner.Login == "":
		return bot.Repository{}, broken(k.op)
	}
	return got.value(installed.ID), nil
}
