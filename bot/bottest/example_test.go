package bottest_test

import (
	"fmt"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

func ExampleNew() {
	fake := bottest.New(bottest.Options{
		Clock: func() time.Time { return time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC) },
		AppID: 4711, Slug: "recoverybot", WebhookSecret: "sixteen bytes or more",
	})
	repo := fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "support"})
	n, err := repo.OpenIssue("jbber", bottest.Draft{Title: "Account recovery", Labels: []string{"account-recovery"}})
	if err != nil {
		fmt.Println(err)
	}
	if err := repo.Reopen(n, "stranger"); err != nil {
		fmt.Println(err)
	}
	if err := repo.Close(n, "jbber"); err != nil {
		fmt.Println(err)
	}
	issue, _ := repo.Issue(n)
	for _, event := range issue.Timeline {
		fmt.Println(event)
	}
	for _, hook := range fake.Pending() {
		fmt.Println("webhook", hook.Event, hook.Action)
	}
	// Output:
	// jbber opened
	// jbber labeled account-recovery
	// jbber closed completed
	// webhook issues opened
	// webhook issues labeled
	// webhook issues closed
}
