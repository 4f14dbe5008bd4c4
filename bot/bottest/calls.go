package bottest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Call is one API request that the fake received.
type Call struct {
	Seq          int // 1, 2, 3, … over the life of the fake
	Method, Path string
	// Kind names the call: "token", "app", "installations", "one installation", "deliveries", "delivery", "redeliver",
	// "installation repositories", "installation" (of a repository), "repository" (by name or by id), "team", "team members", "user",
	// "organization", "GET issues", "GET issue", "POST issue", "PATCH issue", "GET comments" (of an issue), "GET repository comments",
	// "GET comment", "POST comment", "PATCH comment", "DELETE comment", "GET labels" (of the repository), "GET label", "POST label",
	// "GET issue labels", "POST issue labels", "DELETE issue label", "GET reactions", "POST reaction", "POST assignees", "DELETE assignees",
	// "PUT lock", "DELETE lock"; "unknown" for any other path.
	Kind   string
	Status int  // 0: no answer was sent (yet)
	Write  bool // it is meant to change something on GitHub; minting a token is no write
	ByApp  bool // by JWT or installation token, not by a person
}

// Calls returns every request since the start or the last [Fake.ResetCalls], oldest first; none with [Options.Lean].
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// ResetCalls forgets the calls so far, and the tally. Seq goes on counting.
func (f *Fake) ResetCalls() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.tally = nil, map[string]int{}
}

// Tally counts the App's calls since the start or the last [Fake.ResetCalls] by their kind, as [Call] names it. Those that were answered with
// 304 are counted apart, as "KIND 304". A call counts when it has ended, whatever came of it.
func (f *Fake) Tally() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.tally)
}

// Mark is the Seq of the newest call, for [Fake.CallsSince].
func (f *Fake) Mark() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.callCount
}

// CallsSince returns the calls after mark, oldest first.
func (f *Fake) CallsSince(mark int) []Call {
	return slices.DeleteFunc(f.Calls(), func(c Call) bool { return c.Seq <= mark })
}

// CountSince counts the App's calls after mark of the given kinds, or all of them where no kind is given.
func (f *Fake) CountSince(mark int, kinds ...string) int {
	n := 0
	for _, c := range f.CallsSince(mark) {
		if c.ByApp && (len(kinds) == 0 || slices.Contains(kinds, c.Kind)) {
			n++
		}
	}
	return n
}

// passage is one call on its way through the fake.
type passage struct {
	call  Call
	fault *Fault
	delay time.Duration
	meter *meter // nil: the call is not limited
	over  *reply // the refusal of a rate limit
	ended bool
}

// begin records the call, and takes what is due for it: a refusal by a rate limit, a fault, a delay.
func (f *Fake) begin(q *request) *passage {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.callCount++
	header := q.http.Header.Get("Authorization")
	p := &passage{call: Call{
		Seq: f.callCount, Method: q.http.Method, Path: q.path, Kind: "unknown",
		ByApp: header != "" && !strings.Contains(header, " user:"),
	}}
	if rt, ok := f.match(q); ok {
		q.route = rt
		p.call.Kind = rt.kind
		p.call.Write = p.call.Method != http.MethodGet && rt.need != "jwt"
	}
	if !f.opts.Lean {
		f.calls = append(f.calls, p.call)
	}
	if !p.call.ByApp {
		return p
	}
	p.delay = f.latency
	if p.meter = f.meterOf(header); p.meter != nil {
		p.over = f.admit(p.meter, p.call)
	}
	if p.over == nil {
		p.fault = f.takeFault(p.call)
		f.disturb(q, p)
	}
	return p
}

// end fills in the status that is sent; only the first one counts, and 0 is none.
func (f *Fake) end(p *passage, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.ended {
		return
	}
	p.ended = true
	if len(f.calls) > 0 {
		if i := p.call.Seq - f.calls[0].Seq; i >= 0 && i < len(f.calls) {
			f.calls[i].Status = status
		}
	}
	if !p.call.ByApp {
		return
	}
	kind := p.call.Kind
	if status == http.StatusNotModified {
		kind += " 304"
	}
	f.tally[kind]++
	if p.meter != nil {
		p.meter.leave(status)
	}
}
