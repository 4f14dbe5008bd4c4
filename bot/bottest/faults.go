package bottest

import (
	"net/http"
	"path"
	"strconv"
	"time"
)

// FaultKind says how a call goes wrong.
type FaultKind int

// The kinds of faults.
const (
	// FaultStatus answers Status (500 where it is 0) instead of doing the call. With Reset it is the primary rate limit, with RetryAfter alone
	// the secondary one; a 403 with neither is a missing permission.
	FaultStatus FaultKind = iota
	// FaultAfter does the call, and answers as FaultStatus: a write that happened although the caller sees an error.
	FaultAfter
	// FaultHang does nothing and answers nothing until the caller goes away, or Hang is over and the connection is cut.
	FaultHang
	// FaultCut does the call and closes the connection without an answer. Go's client repeats a GET by itself then, but no write.
	FaultCut
	// FaultCutBefore closes the connection without doing the call.
	FaultCutBefore
	// FaultStale serves a GET of an issue from a replica that lags: as it was at its last older updated_at, else before its last
	// change, else (the issue is new) 404. It spoils only the kind "GET issue".
	FaultStale
	// FaultRedirect answers 301 to Location.
	FaultRedirect
)

// Fault makes calls of the App go wrong; people's calls are never hit. All conditions that are set must fit.
type Fault struct {
	Kind FaultKind

	On     string          // a kind of [Call], as "POST comment"
	Method string          // an HTTP method
	Path   string          // a pattern of package path, as "/repos/*/*/issues/*/comments"
	Match  func(Call) bool // anything else; called with the fake's lock held, so it must not call the fake

	Skip  int // so many fitting calls go well first, whatever faults were added later
	Times int // then so many go wrong; 0 means one

	Status     int
	RetryAfter time.Duration // 0: no Retry-After header
	Reset      time.Time     // not zero: x-ratelimit-remaining 0 and x-ratelimit-reset
	Location   string
	Hang       time.Duration // 0: without end
}

// Fail adds a fault. Where several fit a call, the one added first is spent first.
func (f *Fake) Fail(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fault.Times = max(fault.Times, 1)
	f.faults = append(f.faults, &fault)
}

// ClearFaults takes back all faults, and returns how many failures had not happened yet.
func (f *Fake) ClearFaults() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	left := 0
	for _, fault := range f.faults {
		left += fault.Times
	}
	f.faults = nil
	return left
}

// takeFault returns a copy of the first fault that is due for the call.
func (f *Fake) takeFault(c Call) *Fault {
	if !c.ByApp {
		return nil
	}
	for _, fault := range f.faults {
		if fault.Times == 0 || !fault.fits(c) {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			return nil
		}
		fault.Times--
		taken := *fault
		return &taken
	}
	return nil
}

func (fault *Fault) fits(c Call) bool {
	if fault.On != "" && fault.On != c.Kind || fault.Method != "" && fault.Method != c.Method {
		return false
	}
	if fault.Path != "" {
		if ok, err := path.Match(fault.Path, c.Path); err != nil || !ok {
			return false
		}
	}
	return fault.Match == nil || fault.Match(c)
}

// faulty answers where the fault comes before the call; false means that the call is to be done.
func (f *Fake) faulty(q *request, fault *Fault) (reply, bool) {
	if fault == nil {
		return reply{}, false
	}
	switch fault.Kind {
	case FaultStatus:
		return fault.reply(), true
	case FaultHang:
		if fault.Hang == 0 {
			<-q.http.Context().Done()
		}
		pause(q.http.Context(), fault.Hang)
		panic(http.ErrAbortHandler)
	case FaultCutBefore:
		panic(http.ErrAbortHandler)
	case FaultRedirect:
		return reply{
			status: http.StatusMovedPermanently, header: map[string]string{"Location": fault.Location},
			body: object{"message": "Moved Permanently", "url": fault.Location, "documentation_url": docs},
		}, true
	case FaultAfter, FaultCut, FaultStale:
	}
	return reply{}, false
}

func (fault *Fault) reply() reply {
	status := fault.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	message, about := fault.message(status)
	rep := refused(&RefusedError{Status: status, Message: message})
	rep.body.(object)["documentation_url"] = docs + about
	rep.header = map[string]string{}
	if fault.RetryAfter > 0 {
		rep.header["Retry-After"] = strconv.Itoa(int(fault.RetryAfter / time.Second))
	}
	if !fault.Reset.IsZero() {
		rep.header["X-RateLimit-Remaining"] = "0"
		rep.header["X-RateLimit-Reset"] = strconv.FormatInt(fault.Reset.Unix(), 10)
	}
	return rep
}

// message is GitHub's text, and the end of its documentation address, by which clients know the secondary rate limit.
func (fault *Fault) message(status int) (text, about string) {
	switch {
	case !fault.Reset.IsZero():
		return "API rate limit exceeded for installation.", "/overview/rate-limits-for-the-rest-api"
	case fault.RetryAfter > 0, status == http.StatusTooManyRequests:
		return "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
			"/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
	case status == http.StatusForbidden:
		return "Resource not accessible by integration", ""
	case status == http.StatusUnauthorized:
		return "Bad credentials", ""
	case status == http.StatusNotFound:
		return "Not Found", ""
	}
	return "Server Error", ""
}

// stale serves a GET of an issue from the past.
func (f *Fake) stale(q *request) reply {
	past := q.issue.older
	if past == nil {
		past = q.issue.before
	}
	if past == nil {
		return refused(notFound())
	}
	return reply{status: http.StatusOK, body: f.issueJSON(past)}
}
