package github

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
)

// TestDeliveriesOfTheFake lists what failed and asks for it, as the App.
func TestDeliveriesOfTheFake(t *testing.T) {
	w := newWorld(t)
	w.fake.SetWebhook("http://127.0.0.1:1/webhook")
	w.fake.SetFate(bottest.FateFail.Always)
	if _, err := w.fake.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := w.fake.Deliveries()
	got, err := w.client.FailedDeliveries(t.Context(), testNow().Add(-time.Hour))
	if err != nil || len(got) != len(sent) || len(got) == 0 {
		t.Fatalf("%d failed, %v; want %d", len(got), err, len(sent))
	}
	last := sent[len(sent)-1]
	want := bot.Attempt{
		ID: last.ID, GUID: last.GUID, At: last.SentAt, Event: last.Event, Action: last.Action,
		Repository: 7, Installation: w.ref.Installation,
	}
	if d := cmp.Diff(want, got[0]); d != "" {
		t.Errorf("the newest (-want +got):\n%s", d)
	}
	if none, err := w.client.FailedDeliveries(t.Context(), testNow().Add(time.Hour)); err != nil || len(none) > 0 {
		t.Errorf("in the future: %v, %v", none, err)
	}
	if err := w.client.Redeliver(t.Context(), last.ID); err != nil {
		t.Errorf("asking for a delivery: %v", err)
	}
	if err := w.client.Redeliver(t.Context(), 1); bot.ClassOf(err) != bot.Missing {
		t.Errorf("asking for one that GitHub has forgotten: %v, want %s", err, bot.Missing)
	}
	if n := w.fake.CountSince(0, "delivery"); n > 0 {
		t.Errorf("%d payloads were read", n)
	}
}

// TestDeliveriesByPage reads on until an attempt is too old, and no further.
func TestDeliveriesByPage(t *testing.T) {
	s := newServer(t)
	pages := 0
	s.on("GET /app/hook/deliveries", func(w http.ResponseWriter, r *http.Request) {
		pages++
		page := `[{"id":3,"guid":"c","delivered_at":"2026-12-01T11:00:00Z","status_code":500},{"id":2,"guid":"b","delivered_at":"2026-12-01T10:00:00Z","status_code":0}]`
		if r.URL.Query().Get("cursor") != "" {
			page = `[{"id":1,"guid":"a","delivered_at":"2026-12-01T09:00:00Z","status_code":500,"repository_id":null}]`
		}
		w.Header().Set("Link", "<http://"+r.Host+`/app/hook/deliveries?cursor=next>; rel="next"`)
		_, _ = w.Write([]byte(page))
	})
	at := func(hour int) time.Time { return time.Date(2026, 12, 1, hour, 0, 0, 0, time.UTC) }
	for since, want := range map[time.Time]struct{ attempts, pages int }{
		at(11): {1, 1}, at(10): {2, 2}, at(9).Add(time.Second): {2, 2},
	} {
		pages = 0
		got, err := s.client().FailedDeliveries(t.Context(), since)
		if err != nil || len(got) != want.attempts || pages != want.pages {
			t.Errorf("since %v: %d attempts of %d pages, %v; want %+v", since, len(got), pages, err, want)
		}
	}
}

// TestDeliveriesElsewhere follows no link to another host, and believes no
// attempt without an id.
func TestDeliveriesElsewhere(t *testing.T) {
	s := newServer(t)
	s.on("GET /app/hook/deliveries", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<http://other.example/app/hook/deliveries?cursor=1>; rel="next"`)
		_, _ = w.Write([]byte(`[]`))
	})
	if _, err := s.client().FailedDeliveries(t.Context(), time.Time{}); bot.ClassOf(err) != bot.Broken {
		t.Errorf("a link elsewhere: %v, want %s", err, bot.Broken)
	}
	s.answer("GET /app/hook/deliveries", 200, `[{"guid":"x"}]`)
	if _, err := s.client().FailedDeliveries(t.Context(), time.Time{}); bot.ClassOf(err) != bot.Broken {
		t.Errorf("an attempt without an id: %v, want %s", err, bot.Broken)
	}
	s.answer("POST /app/hook/deliveries/5/attempts", 500, `{}`)
	if err := s.client().Redeliver(t.Context(), 5); bot.ClassOf(err) != bot.Transient {
		t.Errorf("asked while GitHub is down: %v, want %s", err, bot.Transient)
	}
}
