package bottest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits are GitHub's rate limits, which hold for each installation by itself; 0: no such limit. The calls that the App makes by JWT have the
// primary limit and that of concurrent calls, apart from the installations. People have none.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
type Limits struct {
	// Primary is the number of calls in an hour, which begins with the first one. A 304 does not count.
	Primary int
	// WritesPerMinute and WritesPerHour are calls that create content: any that [Call] names a write.
	WritesPerMinute, WritesPerHour int
	// PointsPerMinute: a GET is one point, any other call five.
	PointsPerMinute int
	// Concurrent is the number of calls at one time.
	Concurrent int
	// RetryAfter is how long one who broke a secondary limit must be silent; each call meanwhile begins it anew. 0: a minute.
	RetryAfter time.Duration
}

// GitHubLimits are the limits that GitHub documents.
func GitHubLimits() Limits {
	return Limits{Primary: 5000, WritesPerMinute: 80, WritesPerHour: 500, PointsPerMinute: 900, Concurrent: 100, RetryAfter: time.Minute}
}

// Violations counts the calls that a rate limit refused, by the limit. During are those that came while the caller had to be silent.
type Violations struct {
	Primary, WritesPerMinute, WritesPerHour, Points, Concurrent, During int
}

// Total is the number of all of them.
func (v Violations) Total() int {
	return v.Primary + v.WritesPerMinute + v.WritesPerHour + v.Points + v.Concurrent + v.During
}

// Violations returns what was refused since the start. Refusals that are faults do not count.
func (f *Fake) Violations() Violations {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.violations
}

// meter is what one installation, or the App by JWT, has used.
type meter struct {
	limits Limits
	used   int
	reset  time.Time
	minute []spending // of the last minute
	points int        // of them
	writes int        // of them
	hour   []time.Time
	until  time.Time // silent until then
	active int
}

type spending struct {
	at     time.Time
	points int
	writes int
}

// meterOf finds the meter of a caller; nil where nothing is limited, or nobody knows who it is.
func (f *Fake) meterOf(header string) *meter {
	if f.opts.Limits == (Limits{}) {
		return nil
	}
	limits, id := f.opts.Limits, int64(0)
	_, value, _ := strings.Cut(header, " ")
	switch t := f.tokens[value]; {
	case t != nil:
		id = t.installation
	case strings.Count(value, ".") == 2:
		limits = Limits{Primary: limits.Primary, Concurrent: limits.Concurrent, RetryAfter: limits.RetryAfter}
	default:
		return nil
	}
	m := f.meters[id]
	if m == nil {
		m = &meter{limits: limits}
		f.meters[id] = m
	}
	return m
}

// admit counts a call, and returns the refusal where it is too much; every other one is a 429, for GitHub sends both.
func (f *Fake) admit(m *meter, c Call) *reply {
	m.active++
	now := f.opts.Clock().UTC()
	broken := m.broken(now, c, &f.violations)
	if broken == nil {
		return nil
	}
	*broken++
	fault := Fault{Status: http.StatusForbidden}
	if f.violations.Total()%2 == 0 {
		fault.Status = http.StatusTooManyRequests
	}
	if broken == &f.violations.Primary {
		fault.Reset = m.reset
	} else {
		wait := m.limits.RetryAfter
		if wait == 0 {
			wait = time.Minute
		}
		m.until = now.Add(wait)
		fault.RetryAfter = (wait + time.Second - 1).Truncate(time.Second)
	}
	rep := fault.reply()
	return &rep
}

// broken returns the count of the limit that the call breaks; nil, and the call is spent, where there is none.
func (m *meter) broken(now time.Time, c Call, v *Violations) *int {
	m.forget(now)
	m.used++
	s := spending{at: now, points: 1}
	if c.Method != http.MethodGet {
		s.points = 5
	}
	if c.Write {
		s.writes = 1
	}
	l := m.limits
	over := func(n, limit int) bool { return limit > 0 && n > limit }
	switch {
	case over(m.used, l.Primary):
		return &v.Primary
	case now.Before(m.until):
		return &v.During
	case over(m.active, l.Concurrent):
		return &v.Concurrent
	case over(m.points+s.points, l.PointsPerMinute):
		return &v.Points
	case s.writes > 0 && over(m.writes+1, l.WritesPerMinute):
		return &v.WritesPerMinute
	case s.writes > 0 && over(len(m.hour)+1, l.WritesPerHour):
		return &v.WritesPerHour
	}
	m.minute, m.points, m.writes = append(m.minute, s), m.points+s.points, m.writes+s.writes
	if s.writes > 0 {
		m.hour = append(m.hour, now)
	}
	return nil
}

// forget drops what is out of the windows.
func (m *meter) forget(now time.Time) {
	if !now.Before(m.reset) {
		m.used, m.reset = 0, now.Truncate(time.Second).Add(time.Hour)
	}
	for len(m.minute) > 0 && now.Sub(m.minute[0].at) >= time.Minute {
		m.points, m.writes, m.minute = m.points-m.minute[0].points, m.writes-m.minute[0].writes, m.minute[1:]
	}
	for len(m.hour) > 0 && now.Sub(m.hour[0]) >= time.Hour {
		m.hour = m.hour[1:]
	}
}

// leave takes note that a call has ended.
func (m *meter) leave(status int) {
	m.active--
	if status == http.StatusNotModified {
		m.used = max(m.used-1, 0)
	}
}

// rates sets the headers of the primary limit.
func (f *Fake) rates(h http.Header, m *meter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	limit, used, reset := 5000, 1, f.now().Add(time.Hour)
	if m != nil && m.limits.Primary > 0 {
		limit, used, reset = m.limits.Primary, min(m.used, m.limits.Primary), m.reset
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(limit-used))
	h.Set("X-RateLimit-Used", strconv.Itoa(used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
}
