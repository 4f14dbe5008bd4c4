package github

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// attempt is a delivery as the list tells it: no payload is asked for.
type attempt struct {
	ID           int64     `json:"id"`
	GUID         string    `json:"guid"`
	At           time.Time `json:"delivered_at"`
	Event        string    `json:"event"`
	Action       string    `json:"action"`
	Status       int       `json:"status_code"`
	Installation int64     `json:"installation_id"`
	Repository   int64     `json:"repository_id"`
}

func (a attempt) value() bot.Attempt {
	return bot.Attempt{
		ID: a.ID, GUID: a.GUID, At: a.At, Event: a.Event, Action: a.Action, Status: a.Status,
		Repository: a.Repository, Installation: a.Installation,
	}
}

// FailedDeliveries lists the failed attempts since a time, newest first: one
// call for a hundred of them, of 20,000 at most. An old GitHub Enterprise
// Server lists those that were answered, too. The App asks as itself, and
// needs no permission for it.
func (c *Client) FailedDeliveries(ctx context.Context, since time.Time) ([]bot.Attempt, error) {
	k := call{
		op: "GET deliveries", method: http.MethodGet, scope: scope{power: asApp}, path: "app/hook/deliveries", patient: true,
		query: url.Values{"per_page": {"100"}, "status": {"failure"}},
	}
	var all []bot.Attempt
	for range maxPages {
		var page []attempt
		k.into = &page
		next, err := c.page(ctx, k)
		if err != nil {
			return nil, err
		}
		for _, a := range page {
			if a.ID == 0 || a.At.IsZero() {
				return nil, broken(k.op)
			}
			if a.At.Before(since) {
				return all, nil
			}
			all = append(all, a.value())
		}
		if next == "" {
			return all, nil
		}
		u, err := url.Parse(next)
		if err != nil || !c.ours(u) {
			return nil, broken(k.op)
		}
		k.path, k.query = next, nil
	}
	return all, nil // the older ones are left to the reconcile pass
}

// Redeliver asks GitHub to repeat an attempt; that it was accepted is success.
func (c *Client) Redeliver(ctx context.Context, attempt int64) error {
	_, err := c.do(ctx, call{
		op: "POST delivery attempt", method: http.MethodPost, scope: scope{power: asApp}, accepted: true,
		path: segments("app", "hook", "deliveries", strconv.FormatInt(attempt, 10), "attempts"),
	})
	return err
}
