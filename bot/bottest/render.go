package bottest

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// object is a JSON object; its keys are sorted when it is written.
type object map[string]any

const (
	apiURL = "https://api.github.com"
	webURL = "https://github.com"
)

func nodeID(kind string, id int64) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%03d:%s%d", len(kind), kind, id))
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// userJSON is GitHub's simple user; null for nobody.
func userJSON(u *user) any {
	if u == nil {
		return nil
	}
	api, web := apiURL+"/users/"+url.PathEscape(u.login), webURL+"/"+url.PathEscape(u.login)
	if u.kind == "Bot" {
		web = webURL + "/apps/" + strings.TrimSuffix(u.login, "[bot]")
	}
	return object{
		"login": u.login, "id": u.id, "node_id": nodeID("User", u.id), "type": u.kind, "site_admin": false,
		"avatar_url": fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", u.id), "gravatar_id": "",
		"url": api, "html_url": web, "followers_url": api + "/followers", "following_url": api + "/following{/other_user}",
		"gists_url": api + "/gists{/gist_id}", "starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions",
		"organizations_url": api + "/orgs", "repos_url": api + "/repos", "events_url": api + "/events{/privacy}",
		"received_events_url": api + "/received_events",
	}
}

func usersJSON(users []*user) []any {
	list := []any{}
	for _, u := range users {
		list = append(list, userJSON(u))
	}
	return list
}

// profileJSON is GitHub's public user.
func profileJSON(u *user) object {
	o := userJSON(u).(object)
	for _, key := range []string{"name", "company", "blog", "location", "email", "hireable", "bio"} {
		o[key] = nil
	}
	for _, key := range []string{"public_repos", "public_gists", "followers", "following"} {
		o[key] = 0
	}
	o["user_view_type"] = "public"
	o["created_at"], o["updated_at"] = stamp(u.created), stamp(u.created)
	return o
}

// orgJSON is the short form of an organisation, as webhooks carry it.
func orgJSON(u *user) object {
	api := apiURL + "/orgs/" + u.login
	return object{
		"login": u.login, "id": u.id, "node_id": nodeID("Organization", u.id), "url": api, "repos_url": api + "/repos",
		"events_url": api + "/events", "hooks_url": api + "/hooks", "issues_url": api + "/issues", "members_url": api + "/members{/member}",
		"public_members_url": api + "/public_members{/member}", "description": nil,
		"avatar_url": fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", u.id),
	}
}

func orgFullJSON(u *user) object {
	o := orgJSON(u)
	for _, key := range []string{"public_repos", "public_gists", "followers", "following"} {
		o[key] = 0
	}
	o["has_organization_projects"], o["has_repository_projects"] = false, false
	o["html_url"], o["type"], o["archived_at"] = webURL+"/"+u.login, "Organization", nil
	o["created_at"], o["updated_at"] = stamp(u.created), stamp(u.created)
	return o
}

func teamJSON(t *team) object {
	api := fmt.Sprintf("%s/organizations/%d/team/%d", apiURL, t.org.id, t.id)
	return object{
		"id": t.id, "node_id": nodeID("Team", t.id), "url": api, "html_url": webURL + "/orgs/" + t.org.login + "/teams/" + t.slug,
		"name": t.slug, "slug": t.slug, "description": nil, "privacy": "closed", "notification_setting": "notifications_enabled",
		"permission": "pull", "members_url": api + "/members{/member}", "repositories_url": api + "/repos", "parent": nil,
		"members_count": len(t.members), "repos_count": 0, "created_at": stamp(t.created), "updated_at": stamp(t.created),
		"organization": orgFullJSON(t.org), "type": "organization", "organization_id": t.org.id,
	}
}

func labelJSON(r *repo, l *label) object {
	return object{
		"id": l.id, "node_id": nodeID("Label", l.id), "url": repoURL(r) + "/labels/" + url.PathEscape(l.name),
		"name": l.name, "color": l.color, "default": false, "description": orNull(l.description),
	}
}

func labelsJSON(r *repo, labels []*label) []any {
	list := []any{}
	for _, l := range labels {
		list = append(list, labelJSON(r, l))
	}
	return list
}

func repoURL(r *repo) string { return apiURL + "/repos/" + r.full() }

func issueURL(is *issue) string { return fmt.Sprintf("%s/issues/%d", repoURL(is.repo), is.number) }

func issueWeb(is *issue) string {
	kind := "issues"
	if is.pull {
		kind = "pull"
	}
	return fmt.Sprintf("%s/%s/%s/%d", webURL, is.repo.full(), kind, is.number)
}

// repoJSON is a repository as webhooks carry it.
func repoJSON(r *repo) object {
	api, web := repoURL(r), webURL+"/"+r.full()
	o := object{
		"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.name, "full_name": r.full(), "private": r.private,
		"owner": userJSON(r.owner), "html_url": web, "description": nil, "fork": false, "url": api, "homepage": nil, "language": nil,
		"license": nil, "mirror_url": nil, "size": 0, "default_branch": "main", "topics": []any{}, "visibility": r.visibility(),
		"custom_properties": object{}, "svn_url": web, "clone_url": web + ".git",
		"git_url": "git://github.com/" + r.full() + ".git", "ssh_url": "git@github.com:" + r.full() + ".git",
		"created_at": stamp(r.created), "updated_at": stamp(r.created), "pushed_at": stamp(r.created),
	}
	for key, path := range repoPaths() {
		o[key] = api + path
	}
	for _, key := range []string{"has_projects", "has_downloads", "has_wiki"} {
		o[key] = true
	}
	for _, key := range []string{"has_pages", "disabled", "is_template", "web_commit_signoff_required"} {
		o[key] = false
	}
	o["has_issues"], o["archived"] = !r.noIssues, r.archived
	for _, key := range []string{"forks", "forks_count", "stargazers_count", "watchers", "watchers_count"} {
		o[key] = 0
	}
	o["open_issues"], o["open_issues_count"] = r.open, r.open
	return o
}

func (r *repo) visibility() string {
	if r.private {
		return "private"
	}
	return "public"
}

func repoPaths() map[string]string {
	return map[string]string{
		"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
		"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
		"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
		"contributors_url": "/contributors", "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
		"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
		"hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
		"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
		"merges_url": "/merges", "milestones_url": "/milestones{/number}",
		"notifications_url": "/notifications{?since,all,participating}", "pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}",
		"stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}", "subscribers_url": "/subscribers",
		"subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams", "trees_url": "/git/trees{/sha}",
	}
}

// repoFullJSON is what GET /repos/{owner}/{repo} answers.
func repoFullJSON(r *repo, role rank) object {
	o := repoJSON(r)
	o["subscribers_count"], o["network_count"], o["has_discussions"] = 0, 0, false
	o["permissions"] = object{
		"admin": role >= rankAdmin, "maintain": role >= rankAdmin, "push": role >= rankWrite, "triage": role >= rankTriage, "pull": true,
	}
	return o
}

// hookIssue is an issue as webhooks carry it; REST adds a few keys.
func hookIssue(is *issue) object {
	api := issueURL(is)
	var first any
	if len(is.assignees) > 0 {
		first = userJSON(is.assignees[0])
	}
	o := object{
		"id": is.id, "node_id": nodeID("Issue", is.id), "number": is.number, "title": is.title, "body": orNull(is.body), "state": is.state,
		"url": api, "repository_url": repoURL(is.repo), "labels_url": api + "/labels{/name}", "comments_url": api + "/comments",
		"events_url": api + "/events", "html_url": issueWeb(is), "user": userJSON(is.user), "labels": labelsJSON(is.repo, is.labels),
		"assignee": first, "assignees": usersJSON(is.assignees), "milestone": nil, "locked": is.locked, "active_lock_reason": nil,
		"comments": len(is.comments), "created_at": stamp(is.created), "updated_at": stamp(is.updated), "closed_at": stamp(is.closed),
		"author_association": association(is.repo, is.user), "performed_via_github_app": nil, "reactions": rollup(api, is.reactions),
	}
	if is.pull {
		pull := strings.Replace(api, "/issues/", "/pulls/", 1)
		o["pull_request"] = object{"url": pull, "html_url": issueWeb(is), "diff_url": issueWeb(is) + ".diff", "patch_url": issueWeb(is) + ".patch"}
	}
	return o
}

func (f *Fake) issueJSON(is *issue) object {
	o := hookIssue(is)
	o["state_reason"], o["closed_by"], o["timeline_url"] = orNull(is.reason), userJSON(is.closedBy), issueURL(is)+"/timeline"
	if is.byApp {
		o["performed_via_github_app"] = f.appJSON()
	}
	return o
}

// hookComment is a comment, the same in webhooks and in REST.
func (f *Fake) hookComment(c *comment) object {
	api := fmt.Sprintf("%s/issues/comments/%d", repoURL(c.issue.repo), c.id)
	o := object{
		"id": c.id, "node_id": nodeID("IssueComment", c.id), "url": api, "issue_url": issueURL(c.issue),
		"html_url": fmt.Sprintf("%s#issuecomment-%d", issueWeb(c.issue), c.id), "user": userJSON(c.user), "body": c.body,
		"created_at": stamp(c.created), "updated_at": stamp(c.updated), "author_association": association(c.issue.repo, c.user),
		"performed_via_github_app": nil, "reactions": rollup(api, c.reactions),
	}
	if c.byApp {
		o["performed_via_github_app"] = f.appJSON()
	}
	return o
}

// association is public knowledge only: members of an organisation are private by default, so team members look like strangers.
func association(r *repo, u *user) string {
	if u == r.owner {
		return "OWNER"
	}
	if r.roles[u.id] > rankRead {
		return "COLLABORATOR"
	}
	return "NONE"
}

func contents() []string {
	return []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}
}

func rollup(api string, list []reaction) object {
	o := object{"url": api + "/reactions", "total_count": len(list)}
	for _, content := range contents() {
		n := 0
		for _, r := range list {
			if r.content == content {
				n++
			}
		}
		o[content] = n
	}
	return o
}

func reactionJSON(r reaction) object {
	return object{"id": r.id, "node_id": nodeID("Reaction", r.id), "user": userJSON(r.user), "content": r.content, "created_at": stamp(r.at)}
}

func (f *Fake) appJSON() object {
	var owner any
	if len(f.repos) > 0 {
		owner = userJSON(f.repos[0].owner)
	} else {
		owner = userJSON(f.app)
	}
	return object{
		"id": f.opts.AppID, "slug": f.opts.Slug, "node_id": nodeID("Integration", f.opts.AppID), "owner": owner, "name": f.opts.Slug,
		"description": nil, "external_url": webURL + "/apps/" + f.opts.Slug, "html_url": webURL + "/apps/" + f.opts.Slug,
		"created_at": stamp(f.app.created), "updated_at": stamp(f.app.created), "permissions": f.opts.Permissions, "events": events(),
	}
}

func events() []string {
	return []string{"issues", "issue_comment", "membership", "team", "organization", "repository"}
}
