package policy

import "testing"

func TestPriorityOf(t *testing.T) {
	status := Comment{Name: "status", Text: Text{Name: TextStatus}}
	leak := Comment{Name: "status", Text: Text{Name: TextStatus, Paused: HoldLeak}}
	tests := []struct {
		effect Effect
		on     EventKind
		want   Priority
	}{
		{status, Opened, NewRequest},
		{status, Edited, NewRequest},
		{status, Seen, NewRequest},
		{status, Mailed, NewRequest},
		{status, Commanded, CommandAnswer},
		{status, Unverified, CommandAnswer},
		{status, Tick, Reminding},
		{status, Adopted, Reminding},
		{leak, Tick, LeakAdvice},
		{leak, Commanded, LeakAdvice},
		{Desk{Text: Text{Name: TextDesk, Paused: HoldLeak}}, Seen, LeakAdvice},
		{Comment{Name: "notify:8", Text: Text{Name: TextReminder}}, Tick, Reminding},
		{Labels{Add: []string{"a"}}, Opened, NewRequest},
		{Close{Reason: "not_planned"}, Tick, Reminding},
		{Close{Reason: "completed"}, Commanded, CommandAnswer},
		{React{Comment: 5, Content: "confused"}, "", CommandAnswer},
		{Comment{Name: "digest", Text: Text{Name: TextDigest}}, "", DigestNews},
	}
	for _, tt := range tests {
		if got := PriorityOf(tt.effect, tt.on); got != tt.want {
			t.Errorf("%s on %q: got %d, want %d", tt.effect, tt.on, got, tt.want)
		}
	}
	for i, p := range Priorities() {
		if int(p) != i {
			t.Errorf("priority %d is stored as %d", i, p)
		}
	}
}
