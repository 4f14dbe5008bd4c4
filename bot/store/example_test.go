package store_test

import (
	"context"
	"fmt"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
)

// A delivery that is stored is work that is ready; the same one again is not.
func ExampleOpen() {
	ctx, now := context.Background(), time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)
	s, err := store.Open(ctx, store.Options{Database: ":memory:", Clock: func() time.Time { return now }})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }() // it ends with the example
	delivery := bot.Delivery{
		GUID: "72d3162e-cc78-11e3-81ab-4c9367dc0958", Digest: bot.Digest("the event and its body"),
		Ref:   bot.Ref{CaseKey: bot.CaseKey{Repository: 700001, Issue: 501}, Installation: 1001, Owner: "octo-registry", Name: "support", Number: 7},
		Event: "issues", Action: "opened", ReceivedAt: now,
	}
	for range 2 {
		outcome, err := s.AddDelivery(ctx, delivery)
		fmt.Println(outcome, err)
	}
	unit, err := s.Ready(ctx, now)
	fmt.Println(unit.Case, err)
	// Output:
	// added <nil>
	// seen <nil>
	// {700001 501} <nil>
}
