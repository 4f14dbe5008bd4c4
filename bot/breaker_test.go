package bot

import (
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC) }

// Failures one after the other: nothing is tried for longer and longer.
func TestBreaker(t *testing.T) {
	var s breaker
	now := noon()
	for i := range breakAfter - 1 {
		if s = s.failed(now, 7); s.wait(now) != 0 {
			t.Fatalf("after %d failures nothing is tried for %v", i+1, s.wait(now))
		}
	}
	last := time.Duration(0)
	for n := range 12 {
		s = s.failed(now, 7)
		wait := s.wait(now)
		low := min(firstBreak<<n, lastBreak)
		if wait < low || wait > low*5/4 || wait < last*3/4 || wait > 5*time.Minute {
			t.Errorf("opened %d times: nothing is tried for %v, want %v and up to a quarter more", n+1, wait, low)
		}
		if late := s.failed(now.Add(time.Second), 7); late.wait(now) != wait {
			t.Errorf("a call that was under way changes the wait from %v to %v", wait, late.wait(now))
		}
		if wait := s.wait(now.Add(-24 * time.Hour)); wait > 5*time.Minute {
			t.Errorf("after the clock went back nothing is tried for %v", wait)
		}
		now, last = now.Add(wait), wait
		if s.wait(now) != 0 {
			t.Errorf("the probe waits %v more", s.wait(now))
		}
		s = s.begin(now)
		if got := s.wait(now); got != probeTime {
			t.Errorf("beside the probe others wait %v, want %v", got, probeTime)
		}
		now = now.Add(time.Second)
	}
}

// A probe that never came to its end, for its process was told to stop, lets
// another one follow.
func TestBreakerLosesProbe(t *testing.T) {
	var s breaker
	now := noon()
	for range breakAfter {
		s = s.failed(now, 7)
	}
	now = now.Add(s.wait(now))
	s = s.begin(now)
	now = now.Add(probeTime)
	if s.wait(now) != 0 {
		t.Errorf("the next probe waits %v", s.wait(now))
	}
}

// Installations do not come back all at the same time.
func TestBreakerJitter(t *testing.T) {
	ends := map[time.Duration]int{}
	for id := range int64(100) {
		ends[pauseOf(10, id)]++
	}
	for end, n := range ends {
		if n > 10 {
			t.Errorf("%d of 100 installations are tried again after %v", n, end)
		}
	}
}
