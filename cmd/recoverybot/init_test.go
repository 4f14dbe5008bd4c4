package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

// TestInitPresets: what init writes for each preset is a policy that check
// accepts, and a complete answer to its form is a complete request.
func TestInitPresets(t *testing.T) {
	for _, preset := range policy.Presets() {
		t.Run(preset, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "recovery.yml")
			for _, args := range [][]string{{"init", "--preset", preset, "--out", out}, {"check", out}} {
				if got := run(t.Context(), args, testEnv()); got != exitOK {
					t.Fatalf("%q ends with %d", args, got)
				}
			}
			rules, err := readPolicy(out)
			if err != nil {
				t.Fatal(err)
			}
			if got := rules.Registries[0]; got.Preset != preset || got.Key != preset {
				t.Errorf("the registry is %q with the preset %q", got.Key, got.Preset)
			}
			for _, w := range rules.Warnings() {
				if strings.Contains(w, "confirmations") {
					t.Errorf("the form does not fit the policy: %s", w)
				}
			}
			if n := len(rules.Unpinned()); n != 2 {
				t.Errorf("%d names without ids, want 2", n)
			}
			src, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(src), "\n"); n > 30 {
				t.Errorf("the policy has %d lines", n)
			}
			complete(t, rules)
		})
	}
}

// complete answers every question of the form.
func complete(t *testing.T, rules *policy.Rules) {
	t.Helper()
	form := rules.Requests.Generations[0].Template
	if len(form.Fields) != 2+len(rules.Requests.Boxes) {
		t.Errorf("the form has %d questions, the policy names %d", len(form.Fields), 2+len(rules.Requests.Boxes))
	}
	var blocks []string
	for _, q := range form.Fields {
		answer := "octo-cat"
		if q.Type == parser.Checkboxes {
			answer = "- [x] " + q.Options[0].Label
		}
		blocks = append(blocks, "### "+q.Label+"\n\n"+answer)
	}
	parsed := parser.Parse(form, strings.Join(blocks, "\n\n"))
	if v := rules.Judge(&parsed); !v.Complete || v.Account != "octo-cat" {
		t.Errorf("a complete request is read as %+v", v)
	}
}
