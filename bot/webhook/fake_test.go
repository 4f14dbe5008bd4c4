package webhook_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/webhook"
)

// What people do in the fake arrives, signed and in GitHub's shape.
func TestWebhooksOfTheFake(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	const secret = "a webhook secret of some length"
	fake := bottest.New(bottest.Options{Clock: func() time.Time { return now }, AppID: 9, Slug: "recovery", WebhookSecret: secret})
	repo := fake.AddRepository(bottest.RepositoryOptions{Owner: "octo", Name: "help", ID: 7, Labels: []string{"recovery", "bug"}})
	var in stored
	h, err := webhook.New(webhook.Options{
		Secrets: [][]byte{[]byte(secret)}, Intake: &in,
		Repositories: func(id int64) (webhook.Repository, bool) {
			return webhook.Repository{Installation: repo.Installation(), IntakeLabel: "recovery"}, id == 7
		},
		Self: fake.BotID, Clock: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	fake.SetWebhook(server.URL)

	n, err := repo.OpenIssue("ann", bottest.Draft{Title: "T", Body: "B", Labels: []string{"recovery"}})
	if err != nil {
		t.Fatal(err)
	}
	note, err := repo.Comment(n, "ann", "/status")
	if err != nil {
		t.Fatal(err)
	}
	repo.AddCollaborator("bob", "maintain")
	for _, err := range []error{
		repo.EditIssue(n, "ann", "B2"), repo.Label(n, "bob", "bug"), repo.Unlabel(n, "bob", "recovery"),
		repo.DeleteComment(note, "ann"), repo.Close(n, "ann"), repo.Reopen(n, "ann"), repo.Rename("octo", "new"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fake.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range in {
		got = append(got, d.Event+" "+d.Action)
		if d.Ref.Repository != 7 || d.Ref.Installation != repo.Installation() || d.Ref.Number != n || d.SenderID == 0 || d.AuthorID == 0 {
			t.Errorf("delivery %+v", d)
		}
	}
	want := []string{"issues opened", "issue_comment created", "issues edited", "issues unlabeled", "issues closed", "issues reopened"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("stored (-want +got):\n%s", d)
	}
	counts := h.Counts()
	for r, want := range map[webhook.Reason]int64{
		webhook.LabelAtOpening: 1, webhook.Label: 1, webhook.OthersComment: 1, webhook.RepositoryChanged: 1, webhook.BadPayload: 0, webhook.BadSignature: 0,
	} {
		if counts[r] != want {
			t.Errorf("%s: %d, want %d", r, counts[r], want)
		}
	}
}
