package bottest

import (
	"net/http"
	"slices"
	"strings"
)

// Call is one API request that the fake received.
type Call struct {
	Seq          int // 1, 2, 3, … over the life of the fake
	Method, Path string
	// Kind names the call: "token", "app", "installations", "one installation", "deliveries", "delivery", "redeliver",
	// "installation repositories", "installation" (of a repository), "repository" (by name or by id), "team", "team members", "user", "organization",
	// "GET issues", "GET issue", "POST issue", "PATCH issue", "GET comments" (of an issue), "GET repository comments", "GET comment",
	// "POST comment", "PATCH comment", "DELETE comment", "GET labels" (of the repository), "GET label", "POST label", "GET issue labels",
	// "POST issue labels", "DELETE issue label", "GET reactions", "POST reaction", "POST assignees", "DELETE assignees", "PUT lock",
	// "DELETE lock"; "unknown" for any other path.
	Kind   string
	Status int  // 0: no answer was sent (yet)
	Write  bool // it is meant to change something on GitHub; minting a token is no write
	ByApp  bool // by JWT or installation token, not by a person
}

// Calls returns every request since the start or the last [Fake.ResetCalls], oldest first.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// ResetCalls forgets the calls so far. Seq goes on counting.
func (f *Fake) ResetCalls() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = nil
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

// begin records the call and takes the fault that is due for it, if any.
func (f *Fake) begin(q *request) (int, *Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.callCount++
	header := q.http.Header.Get("Authorization")
	c := Call{
		Seq: f.callCount, Method: q.http.Method, Path: q.path, Kind: "unknown",
		ByApp: header != "" && !strings.Contains(header, " user:"),
	}
	if rt, ok := f.match(q); ok {
		c.Kind = rt.kind
		c.Write = c.Method != http.MethodGet && rt.need != "jwt"
	}
	f.calls = append(f.calls, c)
	return c.Seq, f.takeFault(c)
}

// end fills in the status that was sent.
func (f *Fake) end(seq, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.calls) - 1; i >= 0; i-- {
		if f.calls[i].Seq == seq {
			f.calls[i].Status = status
			return
		}
	}
}
