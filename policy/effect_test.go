package policy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEffects(t *testing.T) {
	text := Text{
		Name: TextStatus, Author: "ann", State: Incomplete, Turn: Requester, Created: time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC),
		Problems: []TextProblem{{Field: "PyPI Username", Code: "non-ascii", Points: []string{"U+00FC"}}}, Commands: []string{"help"},
	}
	tests := []struct {
		effect     Effect
		key, say   string
		supersedes bool
	}{
		{Comment{Name: "status", Text: text}, "status", "comment status: status", true},
		{Comment{Name: "help", Text: Text{Name: TextHelp}}, "help", "comment help: help", true},
		{Comment{Name: "notify:7", Text: Text{Name: TextDenied}}, "notify:7", "comment notify:7: denied", false},
		{Comment{Name: "notify:8", Text: Text{Name: TextReminder}}, "notify:8", "comment notify:8: reminder", false},
		{Comment{Name: "notify:9", Text: Text{Name: TextExpired}}, "notify:9", "comment notify:9: expired", false},
		{Labels{Add: []string{"a b"}, Remove: []string{"c"}}, "labels", `labels +"a b" -"c"`, true},
		{React{Comment: 5, Content: "eyes"}, "react:5:eyes", "react eyes", false},
		{Close{Reason: "not_planned"}, "close", "close as not_planned", false},
		{Reopen{}, "reopen", "reopen", false},
		{Assign{Add: []string{"hal"}}, "assignees", `assign +"hal"`, false},
	}
	for _, tt := range tests {
		if got := tt.effect.Key(); got != tt.key {
			t.Errorf("%s: the key is %q, want %q", tt.say, got, tt.key)
		}
		if got := tt.effect.String(); got != tt.say {
			t.Errorf("the effect says %q, want %q", got, tt.say)
		}
		if got := Supersedes(tt.key); got != tt.supersedes {
			t.Errorf("%s: supersedes: %v, want %v", tt.say, got, tt.supersedes)
		}
		kind, args, err := EncodeEffect(tt.effect)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeEffect(kind, args)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.effect, got); diff != "" {
			t.Errorf("%s changes on its way (-want +got):\n%s", tt.say, diff)
		}
		if _, err := DecodeEffect(kind, []byte("[")); err == nil {
			t.Errorf("%s is read from no JSON", kind)
		}
	}
	if _, err := DecodeEffect("lock", []byte("{}")); err == nil {
		t.Error("an unknown kind is decoded")
	}
	if _, _, err := EncodeEffect(unknownEffect{}); err == nil {
		t.Error("an unknown effect is encoded")
	}
}

type unknownEffect struct{ Close }

// TestNoSuchYear: a time that JSON cannot hold is an error before the effect is
// stored.
func TestNoSuchYear(t *testing.T) {
	text := Text{Name: TextStatus, Created: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, _, err := EncodeEffect(Comment{Name: "status", Text: text}); err == nil {
		t.Error("the year 10000 was encoded")
	}
}
