package bot_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestReconcileGoesOn forbids the first repository: the others are read.
func TestReconcileGoesOn(t *testing.T) {
	s := &oddStore{}
	b := oddBot(t, s, &oddGitHub{forbid: 700001})
	rules := *b.Rules
	rules.Repositories = append(rules.Repositories[:1:1], policy.Repository{ID: 700002, Owner: "o", Name: "m"})
	b.Rules = &rules
	err := b.Reconcile(t.Context())
	if err == nil || len(s.repaired) != 1 || s.repaired[0] != 700002 {
		t.Errorf("got error %v, and reconciled %v; want an error, and 700002", err, s.repaired)
	}
}
