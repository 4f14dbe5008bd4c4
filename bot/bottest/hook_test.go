package bottest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// listed are the attempts that the App sees, newest first, as "event.action CODE" with a star for a redelivery.
func (w *world) listed(query string) []string {
	w.t.Helper()
	all := []string{}
	for _, d := range w.as(w.app()).call(200, "GET /app/hook/deliveries"+query, "").list() {
		line := fmt.Sprintf("%v.%v %v", d["event"], d["action"], d["status_code"])
		if d["redelivery"] == true {
			line += "*"
		}
		all = append(all, line)
	}
	return all
}

func TestFailedDeliveriesAreListed(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	w.fake.SetFate(bottest.FateDrop.Always)
	w.open()
	w.deliver(0)
	w.fake.SetFate(bottest.FateFail.Always)
	w.open()
	w.deliver(1)
	w.fake.SetFate(nil)
	r.status = http.StatusBadGateway
	w.check(w.repo.Close(1, "author"))
	w.deliver(1)
	r.status = http.StatusAccepted
	w.check(w.repo.Close(2, "author"))
	w.deliver(1)

	if diff := cmp.Diff([]string{"issues.closed 202", "issues.closed 502", "issues.opened 0"}, w.listed("")); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"issues.closed 502", "issues.opened 0"}, w.listed("?status=failure")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"issues.closed 202"}, w.listed("?status=success")); diff != "" {
		t.Errorf("successes (-want +got):\n%s", diff)
	}
	first := w.as(w.app()).call(200, "GET /app/hook/deliveries", "").list()[2]
	if first["installation_id"] != float64(1001) || first["repository_id"] != float64(w.repo.ID()) {
		t.Errorf("the delivery is of installation %v, repository %v", first["installation_id"], first["repository_id"])
	}
	w.clock.pass(3 * 24 * time.Hour)
	if got := w.listed(""); len(got) != 0 {
		t.Errorf("after three days: %v", got)
	}
	w.as(w.app()).call(404, fmt.Sprintf("POST /app/hook/deliveries/%.0f/attempts", first["id"]), "")
}

func TestRedelivery(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	w.fake.SetFate(bottest.FateFail.Always)
	w.open()
	w.deliver(1)
	failed := w.as(w.app()).call(200, "GET /app/hook/deliveries?status=failure", "").list()[0]
	path := fmt.Sprintf("/app/hook/deliveries/%.0f", failed["id"])
	w.as(w.app()).call(202, "POST "+path+"/attempts", "")
	w.deliver(1)
	w.fake.SetFate(nil)
	w.as(w.app()).call(202, "POST "+path+"/attempts", "")
	w.deliver(1)
	if diff := cmp.Diff([]string{"issues.opened 202*", "issues.opened 0*", "issues.opened 0"}, w.listed("")); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	got := r.all()
	if len(got) != 1 || got[0].header.Get("X-GitHub-Delivery") != failed["guid"] {
		t.Errorf("%d webhooks came, the GUID is %v", len(got), failed["guid"])
	}
	one := w.as(w.app()).call(200, "GET "+path, "").object()
	payload := one["request"].(map[string]any)["payload"].(map[string]any)
	if one["guid"] != failed["guid"] || payload["action"] != "opened" {
		t.Errorf("one delivery: %v", one)
	}
	w.as(w.app()).call(404, "GET /app/hook/deliveries/1", "")
	w.as(w.app()).call(404, "POST /app/hook/deliveries/1/attempts", "")
	w.as(w.token("")).call(401, "GET /app/hook/deliveries", "")
}

func TestPagesOfDeliveries(t *testing.T) {
	w := newWorld(t)
	w.listen()
	for range 5 {
		w.open()
	}
	w.deliver(5)
	next := regexp.MustCompile(`<(.*)>; rel="next"`)
	path, sizes := "/app/hook/deliveries?per_page=2", []int{}
	for {
		a := w.as(w.app()).call(200, "GET "+path, "")
		sizes = append(sizes, len(a.list()))
		m := next.FindStringSubmatch(a.header.Get("Link"))
		if m == nil {
			break
		}
		path = m[1][len(w.url):]
	}
	if diff := cmp.Diff([]int{2, 2, 1}, sizes); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	w.as(w.app()).call(400, "GET /app/hook/deliveries?cursor=x", "")
}

// An attempt that somebody else made is listed like the fake's own.
func TestRecordedAttempts(t *testing.T) {
	w := newWorld(t)
	w.listen()
	w.open()
	var taken bottest.Delivery
	w.fake.Rearrange(func(queue []bottest.Delivery) []bottest.Delivery {
		taken = queue[0]
		return nil
	})
	taken.Status, taken.Failed = http.StatusBadGateway, true
	w.fake.Record(taken)
	if diff := cmp.Diff([]string{"issues.opened 502"}, w.listed("?status=failure")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if !w.fake.Redeliver(taken.GUID) {
		t.Error("what was recorded cannot be sent again")
	}
}
