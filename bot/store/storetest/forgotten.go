package storetest

import (
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// forgottenTests are about what is forgotten, and other requests and the shadow.
func forgottenTests() map[string]func(*world) {
	return map[string]func(*world){
		"a request that was forgotten is no other":       hidesForgotten,
		"an objection goes with its request":             forgetsObjections,
		"a request in shadow is not over":                keepsShadow,
		"what came in shadow is kept for its end":        keepsForRun,
		"an issue that is no request, seen in shadow":    forgetsShadowStrangers,
		"after the shadow the account is that of before": restoresAccount,
	}
}

func hidesForgotten(w *world) {
	w.ended(501, policy.Denied, minute(10))
	w.same("before", issues(w.others(505, author, "canary-account")), []int64{501})
	now := minute(10).Add(90 * day)
	w.same("forgotten", w.forget(now).Cases, 1)
	for _, by := range []int64{author, 77, 0} {
		w.same("others", w.others(505, by, "canary-account").List, []policy.Other(nil))
		w.same("of no account", w.others(505, by, "").List, []policy.Other(nil))
	}
	d := commented(501, 7001, 0)
	d.ObjectUpdatedAt, d.ReceivedAt, d.AuthorID, d.SenderID = now.Add(time.Hour), now.Add(time.Hour), author, author
	w.add(bot.Added, d)
	r := decide(w.begin(501, d.ReceivedAt), names("canary-account")) // the issue is a request again
	r.Others, r.Now = w.others(501, author, "canary-account"), d.ReceivedAt
	w.same("it finds", r.Others.List, []policy.Other(nil))
	w.must(w.Commit(w.ctx, r))
	w.same("and is found", issues(w.others(505, 77, "canary-account")), []int64{501})
}

func forgetsObjections(w *world) {
	m := names("a")
	m.Objections = []policy.Objection{{By: 7}}
	w.asks(501, 1, m)
	count := func(want int) {
		w.Helper()
		n, err := w.Objections(w.ctx, 7, key(999))
		w.must(err)
		w.same("objections", n, want)
	}
	count(1)
	w.end(501, policy.Denied, minute(10))
	w.forget(minute(10).Add(90 * day))
	count(0)
}

// keepsShadow ends in shadow a request that is open, and one that began there.
func keepsShadow(w *world) {
	w.triage(501)
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, commented(501, 7001, 1), opened(502))
	over := policy.Memory{State: policy.Denied, Ended: minute(3)}
	for _, issue := range []int64{501, 502} {
		w.must(w.Commit(w.ctx, decide(w.begin(issue, minute(3)), over)))
	}
	w.same("a year later", w.forget(minute(3).Add(365*day)).Cases, 0)
	w.mode(bot.ModeRun, 10)
	w.same("the request", w.find(501).Memory.State, policy.Triage)
	if work := w.begin(502, minute(11)); work.Delivery == nil || work.Delivery.Action != "adopt" {
		w.Errorf("got %+v, want that it is adopted", work.Delivery)
	}
}

// keepsForRun lets the time of deliveries pass in shadow.
func keepsForRun(w *world) {
	w.triage(501)
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, commented(501, 7001, 1), opened(502), commented(501, 7002, 2))
	for _, issue := range []int64{501, 501, 502} {
		w.must(w.Commit(w.ctx, decide(w.begin(issue, minute(3)), policy.Memory{State: policy.Review})))
	}
	done := w.forget(minute(3).Add(31 * day))
	w.same("deliveries", done.Deliveries, 2) // how 501 began, and all of 502, which is adopted anew
	w.mode(bot.ModeRun, 10)
	for _, guid := range []string{"comment-7001", "comment-7002"} {
		work := w.begin(501, minute(11))
		if work.Delivery == nil || work.Delivery.GUID != guid {
			w.Fatalf("got %+v, want the delivery %s", work.Delivery, guid)
		}
		w.must(w.Commit(w.ctx, decide(work, policy.Memory{State: policy.Review})))
	}
	w.same("then they are old", w.forget(minute(11).Add(60*day)).Deliveries, 2)
}

func forgetsShadowStrangers(w *world) {
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(2)), policy.Memory{})))
	w.same("issues", w.forget(start().Add(90*day)).Strangers, 1)
	w.same("again", w.forget(start().Add(91*day)), bot.Forgot{})
}

func restoresAccount(w *world) {
	w.asks(501, 1, names("before"))
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, commented(501, 7001, 1))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(3)), names("meanwhile"))))
	w.same("in shadow", issues(w.others(505, 2, "meanwhile")), []int64{501})
	w.mode(bot.ModeRun, 10)
	w.same("after it", issues(w.others(505, 2, "meanwhile")), []int64(nil))
	w.same("as before", issues(w.others(505, 2, "before")), []int64{501})
}
