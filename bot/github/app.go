package github

import (
	"context"
	"net/http"

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
// "active" or "archived"; Mark, Started, Adoption, Labels and Held are not set.
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
	state := "active"
	if got.Archived {
		state = "archived"
	}
	return bot.Repository{
		ID: got.ID, Owner: got.Owner.Login, Name: got.Name,
		Installation: installed.ID, Private: got.Private, State: state,
	}, nil
}
