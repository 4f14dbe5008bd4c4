package bottest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func routes() []route {
	const repo = "/repos/{owner}/{repo}"
	const one = repo + "/issues/{number}"
	const note = repo + "/issues/comments/{comment}"
	return []route{
		{"GET", "/app", "app", "jwt", getApp},
		{"GET", "/app/installations", "installations", "jwt", listInstallations},
		{"POST", "/app/installations/{installation}/access_tokens", "token", "jwt", postToken},
		{"GET", "/app/installations/{installation}", "one installation", "jwt", getInstallationByID},
		{"GET", "/app/hook/deliveries", "deliveries", "jwt", listDeliveries},
		{"GET", "/app/hook/deliveries/{delivery}", "delivery", "jwt", getDelivery},
		{"POST", "/app/hook/deliveries/{delivery}/attempts", "redeliver", "jwt", postAttempt},
		{"GET", "/installation/repositories", "installation repositories", "metadata:read", listCovered},
		{"GET", repo + "/installation", "installation", "jwt", getInstallation},
		{"GET", repo, "repository", "metadata:read", getRepo},
		{"GET", "/users/{login}", "user", "", getUser},
		{"GET", "/orgs/{org}", "organization", "", getOrg},
		{"GET", "/orgs/{org}/teams/{slug}", "team", "members:read", getTeam},
		{"GET", "/orgs/{org}/teams/{slug}/members", "team members", "members:read", listMembers},
		{"GET", repo + "/issues", "GET issues", "issues:read", listIssues},
		{"POST", repo + "/issues", "POST issue", "issues:write", postIssue},
		{"GET", repo + "/issues/comments", "GET repository comments", "issues:read", listRepoComments},
		{"GET", note, "GET comment", "issues:read", getComment},
		{"PATCH", note, "PATCH comment", "issues:write", patchComment},
		{"DELETE", note, "DELETE comment", "issues:write", deleteComment},
		{"GET", note + "/reactions", "GET reactions", "issues:read", listReactions},
		{"POST", note + "/reactions", "POST reaction", "issues:write", postReaction},
		{"GET", one, "GET issue", "issues:read", getIssue},
		{"PATCH", one, "PATCH issue", "issues:write", patchIssue},
		{"GET", one + "/comments", "GET comments", "issues:read", listComments},
		{"POST", one + "/comments", "POST comment", "issues:write", postComment},
		{"GET", one + "/labels", "GET issue labels", "issues:read", listIssueLabels},
		{"POST", one + "/labels", "POST issue labels", "issues:write", postIssueLabels},
		{"DELETE", one + "/labels/{name}", "DELETE issue label", "issues:write", deleteIssueLabel},
		{"GET", one + "/reactions", "GET reactions", "issues:read", listReactions},
		{"POST", one + "/reactions", "POST reaction", "issues:write", postReaction},
		{"POST", one + "/assignees", "POST assignees", "issues:write", postAssignees},
		{"DELETE", one + "/assignees", "DELETE assignees", "issues:write", deleteAssignees},
		{"PUT", one + "/lock", "PUT lock", "issues:write", putLock},
		{"DELETE", one + "/lock", "DELETE lock", "issues:write", deleteLock},
		{"GET", repo + "/labels", "GET labels", "issues:read", listLabels},
		{"POST", repo + "/labels", "POST label", "issues:write", postLabel},
		{"GET", repo + "/labels/{name}", "GET label", "issues:read", getLabel},
	}
}

func getApp(f *Fake, _ *request) reply { return ok(f.appJSON()) }

func listInstallations(f *Fake, q *request) reply {
	list := []any{}
	for _, in := range f.installs {
		list = append(list, f.installationJSON(in))
	}
	return paged(q, list)
}

func getInstallation(f *Fake, q *request) reply { return f.oneInstallation(q.repo.installation) }

func getInstallationByID(f *Fake, q *request) reply {
	id, _ := strconv.ParseInt(q.vars["installation"], 10, 64)
	return f.oneInstallation(id)
}

func (f *Fake) oneInstallation(id int64) reply {
	in := f.installation(id)
	if in == nil {
		return refused(notFound())
	}
	return ok(f.installationJSON(in))
}

func listCovered(f *Fake, q *request) reply {
	if q.by.app != "token" {
		return refused(refuse(http.StatusForbidden, "Resource not accessible by integration"))
	}
	list := []any{}
	for _, r := range f.covered(q.by.token.installation) {
		if q.by.token.covers(r) {
			list = append(list, repoJSON(r))
		}
	}
	rep := paged(q, list)
	rep.body = object{"total_count": len(list), "repositories": rep.body}
	return rep
}

func postToken(f *Fake, q *request) reply {
	var ask tokenRequest
	if err := q.decode(&ask); err != nil {
		return refused(err)
	}
	id, err := strconv.ParseInt(q.vars["installation"], 10, 64)
	if err != nil {
		return refused(notFound())
	}
	t, err := f.mint(id, ask)
	if err != nil {
		return refused(err)
	}
	body := object{
		"token": t.value, "expires_at": t.expires.Format(time.RFC3339), "permissions": t.permissions, "repository_selection": "all",
	}
	if t.repos != nil {
		list := []any{}
		for _, r := range f.repos {
			if slices.Contains(t.repos, r.id) {
				list = append(list, repoJSON(r))
			}
		}
		body["repository_selection"], body["repositories"] = "selected", list
	}
	return reply{status: http.StatusCreated, body: body}
}

func getRepo(_ *Fake, q *request) reply {
	role := rankRead
	if q.by.app == "" {
		role = q.repo.rank(q.by.user)
	}
	return ok(repoFullJSON(q.repo, role))
}

func getUser(f *Fake, q *request) reply {
	u := f.user(q.vars["login"])
	if u == nil {
		return refused(notFound())
	}
	return ok(profileJSON(u))
}

func getOrg(f *Fake, q *request) reply {
	u := f.user(q.vars["org"])
	if u == nil || u.kind != "Organization" {
		return refused(notFound())
	}
	return ok(orgFullJSON(u))
}

// findTeam hides a team from callers outside its organisation: installations elsewhere, people in none of its teams, nobody.
func (f *Fake) findTeam(q *request) *team {
	for _, t := range f.teams {
		if strings.EqualFold(t.org.login, q.vars["org"]) && strings.EqualFold(t.slug, q.vars["slug"]) && f.sees(q.by, t) {
			return t
		}
	}
	return nil
}

func (f *Fake) sees(by actor, t *team) bool {
	if by.app == "" {
		return slices.ContainsFunc(f.teams, func(o *team) bool { return o.org == t.org && slices.Contains(o.members, by.user) })
	}
	return slices.ContainsFunc(f.repos, func(r *repo) bool { return r.installation == by.token.installation && r.owner == t.org })
}

func getTeam(f *Fake, q *request) reply {
	t := f.findTeam(q)
	if t == nil {
		return refused(notFound())
	}
	return ok(teamJSON(t))
}

func listMembers(f *Fake, q *request) reply {
	t := f.findTeam(q)
	if t == nil {
		return refused(notFound())
	}
	return paged(q, usersJSON(t.members))
}
