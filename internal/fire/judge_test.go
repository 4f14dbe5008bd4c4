package main

import "testing"

// TestJudge: each bound that is broken is told, and none that is not.
func TestJudge(t *testing.T) {
	a := attack{name: "a", answers: []string{"401"}, rows: 1, writes: 2}
	good := result{answers: answers{"401": 3}, peak: 10, rows: 1, writes: 2}
	if broken := good.judge(a, 10); len(broken) != 0 {
		t.Errorf("within all bounds: %v", broken)
	}
	bad := result{answers: answers{"401": 3, "202": 1}, peak: 11, rows: 2, writes: 3}
	if broken := bad.judge(a, 10); len(broken) != 4 {
		t.Errorf("got %v, want four", broken)
	}
	if got, want := bad.answers.String(), "202 (1), 401 (3)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := bad.answers.total(); got != 4 {
		t.Errorf("%d answers, want 4", got)
	}
}
