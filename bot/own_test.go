package bot_test

import (
	"bytes"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// TestOwnEventsAThousandTimes: what GitHub tells of the bot's own writes, sent
// back a thousand times under new GUIDs, makes it write nothing.
func TestOwnEventsAThousandTimes(t *testing.T) {
	w := newWorld(t, setup{})
	_, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "Account recovery", Body: body("ann", ""), Labels: []string{w.rules.Requests.Label}})
	w.must(err)
	w.settle()
	var own []bottest.Delivery
	for _, d := range w.fake.Deliveries() {
		if bytes.Contains(d.Payload, []byte(`"login":"recoverybot[bot]"`)) {
			own = append(own, d)
		}
	}
	if len(own) == 0 {
		t.Fatal("GitHub tells nothing of what the bot wrote")
	}
	mark := w.fake.Mark()
	for i := range 1000 {
		w.fake.Replay(own[i%len(own)].GUID)
	}
	w.settle()
	for _, c := range w.fake.CallsSince(mark) {
		if c.ByApp && c.Write {
			t.Errorf("%s %s: the bot answers itself", c.Kind, c.Path)
		}
	}
}
