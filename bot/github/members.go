package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// crew is what GitHub told of a team, with the tags by which it says that
// nothing has changed since.
type crew struct {
	team    team
	teamTag string
	ids     []int64
	idsTag  string // "": they are more than a page, of which one tag says nothing
}

// Members reads a team and then its members, those of its child teams
// included: two calls and one more for each further hundred. GitHub is asked
// each time; where it says that nothing has changed the call is free, and what
// it told before is as fresh as what it tells now.
func (c *Client) Members(ctx context.Context, installation int64, t policy.Team) ([]int64, error) {
	k := teamCall(installation, t)
	was := c.crew(k)
	k.tag = &tag{had: was.teamTag}
	got, err := c.team(ctx, k)
	switch {
	case err == nil:
		was.team, was.teamTag = got, k.tag.now
	case !errors.Is(err, bot.ErrUnchanged):
		return nil, err
	}
	if is := was.team; is.ID == 0 || is.ID != t.ID || t.OrgID != 0 && is.Organization.ID != t.OrgID {
		return nil, &bot.Error{Op: k.op, Class: bot.Invalid, Status: http.StatusOK}
	}
	k.op, k.path, k.query = "GET team members", k.path+"/members", url.Values{"role": {"all"}}
	k.tag = &tag{had: was.idsTag}
	found, err := list[user](ctx, c, k)
	switch {
	case err == nil:
		was.ids, was.idsTag = idsOf(found), k.tag.now
	case !errors.Is(err, bot.ErrUnchanged):
		return nil, err
	}
	c.meet(teamCall(installation, t), was)
	return slices.Clone(was.ids), nil
}

func idsOf(users []user) []int64 {
	ids := make([]int64, 0, len(users))
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// crew returns what is known of the team that k reads; zero: nothing.
func (c *Client) crew(k call) crew {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.crews[k.scope.installation][k.path]
}

func (c *Client) meet(k call, now crew) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.crews[k.scope.installation] == nil {
		c.crews[k.scope.installation] = map[string]crew{}
	}
	c.crews[k.scope.installation][k.path] = now
}

func teamCall(installation int64, t policy.Team) call {
	return call{
		op: "GET team", method: http.MethodGet, scope: scope{power: members, installation: installation},
		path: segments("orgs", t.Org, "teams", t.Slug),
	}
}

func (c *Client) team(ctx context.Context, k call) (got team, err error) {
	k.into = &got
	_, err = c.do(ctx, k)
	return got, err
}
