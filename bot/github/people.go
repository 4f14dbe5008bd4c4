package github

import (
	"context"
	"net/http"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// FindUser looks a person up by login, so that an operator can write down the
// id: one call. It is Missing where nobody has the login, and Invalid where it
// is that of an organisation or an app.
func (c *Client) FindUser(ctx context.Context, installation int64, login string) (policy.Actor, error) {
	var u user
	k := call{
		op: "GET user", method: http.MethodGet, scope: scope{power: lookup, installation: installation},
		path: segments("users", login), into: &u,
	}
	if _, err := c.do(ctx, k); err != nil {
		return policy.Actor{}, err
	}
	if u.ID == 0 || !strings.EqualFold(u.Login, login) {
		return policy.Actor{}, broken(k.op)
	}
	if u.Type != "User" {
		return policy.Actor{}, &bot.Error{Op: k.op, Class: bot.Invalid, Status: http.StatusOK}
	}
	return policy.Actor{ID: u.ID, Login: u.Login}, nil
}
