package bottest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
)

// client is the library that the bot uses, as the App's installation. The library signs by the wall clock, so tokens are judged by it here.
func client(t *testing.T) (*github.Client, *bottest.Fake, *bottest.Repository) {
	t.Helper()
	c := &clock{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	fake := bottest.New(bottest.Options{Clock: c.Now, AuthClock: time.Now, AppID: appID, Slug: "recoverybot", PrivateKey: key()})
	fake.AddTeam(bottest.Team{Org: "pypi", Slug: "support-admins", ID: 4410021, Members: []string{"agent", "other", "third"}})
	repo := fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "support"})
	server := httptest.NewServer(contract.Handler(t, fake))
	t.Cleanup(server.Close)
	transport := ghinstallation.NewFromAppsTransport(ghinstallation.NewAppsTransportFromPrivateKey(http.DefaultTransport, appID, key()), repo.Installation())
	transport.BaseURL = server.URL
	gh := github.NewClient(&http.Client{Transport: transport})
	base, err := url.Parse(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	gh.BaseURL = base
	return gh, fake, repo
}

func TestGoGithubDecodes(t *testing.T) {
	gh, _, repo := client(t)
	ctx := t.Context()
	n, err := repo.OpenIssue("author", bottest.Draft{Title: "Help", Body: form, Labels: []string{"account-recovery"}})
	if err != nil {
		t.Fatal(err)
	}
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	is, _, err := gh.Issues.Get(ctx, "pypi", "support", n)
	must("get", err)
	if is.GetTitle() != "Help" || is.GetUser().GetLogin() != "author" || is.GetCreatedAt().Year() != 2030 || is.Labels[0].GetName() != "account-recovery" {
		t.Errorf("issue %v", is)
	}
	list, _, err := gh.Issues.ListByRepo(ctx, "pypi", "support", &github.IssueListByRepoOptions{State: "all", Since: is.GetUpdatedAt().Time})
	must("list", err)
	note, _, err := gh.Issues.CreateComment(ctx, "pypi", "support", n, &github.IssueComment{Body: github.String("hello")})
	must("comment", err)
	_, _, err = gh.Issues.EditComment(ctx, "pypi", "support", note.GetID(), &github.IssueComment{Body: github.String("hello!")})
	must("edit", err)
	notes, _, err := gh.Issues.ListComments(ctx, "pypi", "support", n, nil)
	must("list comments", err)
	labels, _, err := gh.Issues.AddLabelsToIssue(ctx, "pypi", "support", n, []string{"recovery: triage"})
	must("label", err)
	_, err = gh.Issues.RemoveLabelForIssue(ctx, "pypi", "support", n, "recovery: triage")
	must("unlabel", err)
	_, err = gh.Issues.RemoveLabelForIssue(ctx, "pypi", "support", n, "recovery: triage")
	var refused *github.ErrorResponse
	if !errors.As(err, &refused) || refused.Response.StatusCode != http.StatusNotFound {
		t.Errorf("taking a label off twice: %v, want a 404", err)
	}
	_, _, err = gh.Reactions.CreateIssueCommentReaction(ctx, "pypi", "support", note.GetID(), "eyes")
	must("react", err)
	_, _, err = gh.Issues.AddAssignees(ctx, "pypi", "support", n, []string{"agent"})
	must("assign", err)
	closed, _, err := gh.Issues.Edit(ctx, "pypi", "support", n, &github.IssueRequest{State: github.String("closed"), StateReason: github.String("not_planned")})
	must("close", err)
	if got := []int{len(list), len(notes), len(labels)}; !cmp.Equal(got, []int{1, 1, 2}) {
		t.Errorf("issues, comments, labels: %v, want 1 1 2", got)
	}
	if closed.GetState() != "closed" || closed.GetClosedBy().GetType() != "Bot" || closed.GetStateReason() != "not_planned" {
		t.Errorf("closed: %v", closed)
	}
}

func TestGoGithubPagesAndErrors(t *testing.T) {
	gh, _, _ := client(t)
	var logins []string
	opts := &github.TeamListTeamMembersOptions{ListOptions: github.ListOptions{PerPage: 2}}
	for {
		members, res, err := gh.Teams.ListTeamMembersBySlug(t.Context(), "pypi", "support-admins", opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range members {
			logins = append(logins, m.GetLogin())
		}
		if res.NextPage == 0 {
			break
		}
		opts.Page = res.NextPage
	}
	if diff := cmp.Diff([]string{"agent", "other", "third"}, logins); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	team, _, err := gh.Teams.GetTeamBySlug(t.Context(), "pypi", "support-admins")
	if err != nil || team.GetID() != 4410021 || team.GetOrganization().GetLogin() != "pypi" {
		t.Errorf("team %v, %v", team, err)
	}
	if _, res, err := gh.Issues.Get(t.Context(), "pypi", "support", 99); err == nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("a missing issue: %v", err)
	}
}

// The faults are those that the library takes for what they mean.
func TestGoGithubKnowsTheLimits(t *testing.T) {
	gh, fake, repo := client(t)
	n, err := repo.OpenIssue("author", bottest.Draft{Title: "Help"})
	if err != nil {
		t.Fatal(err)
	}
	get := func(fault bottest.Fault) error {
		fake.Fail(fault)
		_, _, err := gh.Issues.Get(t.Context(), "pypi", "support", n)
		return err
	}
	reset := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	var plain *github.ErrorResponse
	if err := get(bottest.Fault{On: "GET issue", Status: 403}); !errors.As(err, &plain) || plain.Message != "Resource not accessible by integration" {
		t.Errorf("403: %v, want a missing permission", err)
	}
	if err := get(bottest.Fault{On: "GET issue", Kind: bottest.FaultCutBefore, Times: 2}); err == nil || errors.As(err, &plain) && plain.Response == nil {
		t.Errorf("a cut connection: %v, want a network error", err)
	}
	fake.ClearFaults()
	var primary *github.RateLimitError
	if err := get(bottest.Fault{On: "GET issue", Status: 403, Reset: reset}); !errors.As(err, &primary) || !primary.Rate.Reset.Equal(github.Timestamp{Time: reset}) {
		t.Errorf("403 with a reset: %v, want a rate limit until %v", err, reset)
	}
}

func TestGoGithubKnowsTheSecondaryLimit(t *testing.T) {
	gh, fake, _ := client(t)
	fake.Fail(bottest.Fault{On: "GET issues", Status: 403, RetryAfter: time.Minute})
	_, _, err := gh.Issues.ListByRepo(t.Context(), "pypi", "support", nil)
	var secondary *github.AbuseRateLimitError
	if !errors.As(err, &secondary) || secondary.GetRetryAfter() != time.Minute {
		t.Errorf("403 with Retry-After: %v, want a secondary rate limit", err)
	}
}

// Many people and the App at once: the race detector is the judge, and nothing is lost.
func TestManyAtOnce(t *testing.T) {
	gh, _, repo := client(t)
	n, err := repo.OpenIssue("author", bottest.Draft{Title: "Help"})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := repo.Comment(n, fmt.Sprintf("p%d", i), "x"); err != nil {
				t.Error(err)
			}
			if _, _, err := gh.Issues.Get(t.Context(), "pypi", "support", n); err != nil {
				t.Error(err)
			}
			repo.Issues()
		})
	}
	all.Wait()
	if is, _ := repo.Issue(n); len(is.Comments) != 8 {
		t.Errorf("%d comments, want 8", len(is.Comments))
	}
}
