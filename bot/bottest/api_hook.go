package bottest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	// keptFor is how long GitHub lists an attempt.
	// https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
	keptFor      = 3 * 24 * time.Hour
	firstAttempt = 160_000_000_000 // ids are beyond 32 bits, as GitHub's
)

// listDeliveries answers the attempts of the last three days, newest first, page by page by a cursor.
func listDeliveries(f *Fake, q *request) reply {
	query := q.http.URL.Query()
	size := min(max(number(query.Get("per_page"), 30), 1), 100)
	from, err := cursor(query.Get("cursor"))
	if err != nil {
		return refused(err)
	}
	list := []any{}
	rep := reply{status: http.StatusOK, header: map[string]string{}}
	now, status := f.now(), query.Get("status")
	for _, d := range slices.Backward(f.deliveries) {
		if !d.kept(now) {
			break
		}
		if from != 0 && d.ID > from || !d.is(status) {
			continue
		}
		if len(list) == size {
			rep.header["Link"] = "<" + q.cursorURL(query, d.ID) + `>; rel="next"`
			break
		}
		list = append(list, d.json())
	}
	rep.body = list
	return rep
}

// cursor reads the id of the first attempt of a page; 0: the newest.
func cursor(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return 0, refuse(http.StatusBadRequest, "Invalid cursor")
	}
	return id, nil
}

func (q *request) cursorURL(query url.Values, id int64) string {
	query.Set("cursor", strconv.FormatInt(id, 10))
	return q.origin() + q.path + "?" + query.Encode()
}

func (d Delivery) kept(now time.Time) bool { return now.Sub(d.SentAt) < keptFor }

// is tells whether the attempt has this status; "" is any.
func (d Delivery) is(status string) bool {
	return status == "" || status == "failure" == d.Failed
}

func (d Delivery) json() object {
	orNil := func(id int64) any {
		if id == 0 {
			return nil
		}
		return id
	}
	return object{
		"id": d.ID, "guid": d.GUID, "delivered_at": stamp(d.SentAt), "redelivery": d.Redelivery, "duration": 0.05, "status": d.text(),
		"status_code": d.Status, "event": d.Event, "action": orNull(d.Action), "installation_id": orNil(d.Installation),
		"repository_id": orNil(d.Repository), "throttled_at": nil,
	}
}

func (d Delivery) text() string {
	switch {
	case d.Status == 0:
		return "failed to connect to host"
	case d.Failed:
		return "Invalid HTTP Response: " + strconv.Itoa(d.Status)
	}
	return "OK"
}

// delivery is the attempt that the path names, while GitHub keeps it.
func (f *Fake) delivery(q *request) (Delivery, bool) {
	id, _ := strconv.ParseInt(q.vars["delivery"], 10, 64)
	i, found := slices.BinarySearchFunc(f.deliveries, id, func(d Delivery, id int64) int { return int(d.ID - id) })
	if !found || !f.deliveries[i].kept(f.now()) || f.deliveries[i].Payload == nil {
		return Delivery{}, false
	}
	return f.deliveries[i], true
}

func getDelivery(f *Fake, q *request) reply {
	d, found := f.delivery(q)
	if !found {
		return refused(notFound())
	}
	headers := object{}
	for key, values := range f.Headers(d) {
		headers[key] = values[0]
	}
	o := d.json()
	o["url"] = f.webhookURL
	o["request"] = object{"headers": headers, "payload": json.RawMessage(d.Payload)}
	o["response"] = object{"headers": object{}, "payload": nil}
	return ok(o)
}

// postAttempt sends the same webhook with the same GUID once more, as a new attempt.
func postAttempt(f *Fake, q *request) reply {
	d, found := f.delivery(q)
	if !found {
		return refused(notFound())
	}
	d.Redelivery = true
	f.enqueue(d)
	return reply{status: http.StatusAccepted, body: object{}}
}
