package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

// The whole bot in one process: a GitHub that is built in, a webhook, a store,
// and a loop that is stepped by hand. Ann files a request and leaves
// everything empty.
func ExampleBot_Step() {
	ctx, now := context.Background(), time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	rules := expect(policy.ParseRules(expect(os.ReadFile("../.github/recovery.yml")), os.DirFS("../.github")))
	served := rules.Repositories[0]

	fake := bottest.New(bottest.Options{
		Clock: clock, AuthClock: time.Now, AppID: appID, Slug: "recoverybot", PrivateKey: appKey(), WebhookSecret: secret,
	})
	repo := fake.AddRepository(bottest.RepositoryOptions{Owner: served.Owner, Name: served.Name, ID: served.ID})
	fake.AddRepository(bottest.RepositoryOptions{Owner: served.Desk.Owner, Name: served.Desk.Name, ID: served.Desk.ID, Private: true})
	api := httptest.NewServer(fake)
	defer api.Close()

	st := expect(store.Open(ctx, store.Options{Database: ":memory:", Clock: clock}))
	defer func() { _ = st.Close() }() // it ends with the example
	b := bot.New(bot.Options{
		Rules: rules, Store: st, Clock: clock, Log: slog.New(slog.DiscardHandler),
		GitHub: expect(github.New(github.Options{BaseURL: api.URL, AppID: appID, PrivateKey: pemKey(), Clock: clock})),
	})
	hook := httptest.NewServer(expect(webhook.New(webhook.Options{
		Secrets: [][]byte{[]byte(secret)}, Intake: st, Clock: clock, Self: func() int64 { return b.Self().ID },
		Repositories: func(id int64) (webhook.Repository, bool) { return webhook.Repository{}, id == served.ID },
	})))
	defer hook.Close()
	fake.SetWebhook(hook.URL)
	if err := b.Start(ctx); err != nil {
		fmt.Println(err)
	}

	number := expect(repo.OpenIssue("ann", bottest.Draft{Title: "Help", Labels: []string{"account-recovery"}}))
	expect(fake.Deliver(ctx))
	for expect(b.Step(ctx)) { // one step decides, the others write
		continue
	}
	issue, _ := repo.Issue(number)
	for _, event := range issue.Timeline {
		fmt.Println(event)
	}
	// Output:
	// ann opened
	// ann labeled account-recovery
	// recoverybot[bot] commented
	// recoverybot[bot] labeled recovery: incomplete
}

// expect ends the test where there is an error.
func expect[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
