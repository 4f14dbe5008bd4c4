package github_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/policy"
)

// TestReadPayload: a payload says of an issue what the API says; a user that is
// gone is nobody, and whatever is not called a user is a bot.
func TestReadPayload(t *testing.T) {
	at := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	const issue = `"issue": {"id": 5, "number": 7, "title": "t", "body": "b", "user": null, "state": "open", "state_reason": "reopened",
		"labels": [{"name": "account-recovery"}], "assignees": [{"login": "ada"}],
		"created_at": "2026-12-03T10:00:00Z", "updated_at": "2026-12-03T10:00:00Z"}`
	for name, c := range map[string]struct {
		payload string
		want    github.Payload
	}{
		"nothing": {`{"action": "created"}`, github.Payload{}},
		"issue and comment": {
			`{"repository": {"id": 3}, ` + issue + `, "comment": {"id": 9, "body": "/done",
				"user": {"id": 1, "login": "robo", "type": "Mannequin"}, "performed_via_github_app": {"id": 4711},
				"created_at": "2026-12-03T10:00:00Z", "updated_at": "2026-12-03T10:00:00Z"}}`,
			github.Payload{
				Issue: &policy.Issue{
					Repository: 3, ID: 5, Number: 7, Title: "t", Body: "b", Open: true, Reopened: true,
					Labels: []string{"account-recovery"}, Assignees: []string{"ada"}, CreatedAt: at, UpdatedAt: at,
				},
				Comment: &bot.IssueComment{
					ID: 9, Issue: 7, Author: policy.Actor{ID: 1, Login: "robo", Bot: true}, Body: "/done", App: 4711,
					CreatedAt: at, UpdatedAt: at,
				},
			},
		},
	} {
		got, err := github.ReadPayload([]byte(c.payload))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := github.ReadPayload([]byte(`{"issue": {"id": "five"}}`)); err == nil {
		t.Error("an id that is a text was read")
	}
}
