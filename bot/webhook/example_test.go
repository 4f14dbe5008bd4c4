package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/webhook"
)

type noStore struct{}

func (noStore) AddDelivery(context.Context, bot.Delivery) (bot.Outcome, error) {
	return bot.Added, nil
}

// GitHub's published example of a signature is authentic, and not JSON.
func Example() {
	h, err := webhook.New(webhook.Options{
		Secrets:      [][]byte{[]byte("It's a Secret to Everybody")},
		Intake:       noStore{},
		Repositories: func(int64) (webhook.Repository, bool) { return webhook.Repository{}, false },
		Self:         func() int64 { return 0 },
		Clock:        time.Now,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := webhook.NewMux(h, func(context.Context) error { return nil })

	r := httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader("Hello, World!"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
	r.Header.Set("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output: 400 refused: no-json
}
