package bot

import (
	"hash/fnv"
	"strconv"
	"time"
)

// The times of a breaker.
const (
	breakAfter = 5 // failures in a row
	firstBreak = 5 * time.Second
	lastBreak  = 4 * time.Minute // and up to a quarter more, by the id
	probeTime  = callLimit       // a probe has ended by then
)

// breaker stops calls to somebody who does not answer. After some failures in
// a row nothing is tried for a while; then one call is, the probe, and by its
// end all are let through again, or none for a longer while. The zero value
// lets calls through.
type breaker struct {
	failures int
	opened   int       // how often in a row
	until    time.Time // nothing is tried before; zero: it is closed
	probing  bool      // nothing else is: the probe is under way
}

// wait returns how long nothing is to be tried, 0 where a call may be made.
func (s breaker) wait(now time.Time) time.Duration {
	// The clock may have gone back.
	return min(max(0, s.until.Sub(now)), lastBreak*5/4)
}

// begin is for a call that may be made. While the breaker is open, it is the
// probe.
func (s breaker) begin(now time.Time) breaker {
	if s.opened > 0 {
		s.probing, s.until = true, now.Add(probeTime)
	}
	return s
}

// failed returns the breaker after a failure, of whatever call: those that
// were under way when it opened change nothing.
func (s breaker) failed(now time.Time, id int64) breaker {
	s.failures++
	if s.opened > 0 && !s.probing && now.Before(s.until) || s.opened == 0 && s.failures < breakAfter {
		return s
	}
	s.opened, s.probing = s.opened+1, false
	s.until = now.Add(pauseOf(s.opened, id))
	return s
}

// pauseOf is how long a breaker stays open the n-th time. Those of different
// ids end at different times.
func pauseOf(n int, id int64) time.Duration {
	pause := min(firstBreak<<min(n-1, 10), lastBreak)
	h := fnv.New32a()
	_, _ = h.Write([]byte(strconv.FormatInt(id, 10) + "/" + strconv.Itoa(n))) // a hash never fails
	return pause + pause*time.Duration(h.Sum32()%256)/1024
}
