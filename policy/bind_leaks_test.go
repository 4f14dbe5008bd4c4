package policy

import (
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/parser/leak"
)

const otherToken = "pypi-AgEIcHlwaS5vcmcCJGZmZmZmZjA1LWZkNjktNDlhZi1iNmE0LTFkMmE3MzJhYzRhYgACKlszLCJkOGU5"

// TestMaskingVoidsNothing (security requirements 5 and 12): an answer without
// some of what had leaked, or with a mark in its place, is the answer that was
// approved. Another secret or address, another word, and a mark that nothing
// made room for, are another answer.
func TestMaskingVoidsNothing(t *testing.T) {
	masked := func(text string) string { return leak.Mask(text, leak.Scan(text)) }
	text := "My phone is gone. Token: " + secretToken + ", write to ann@mail.example please."
	for _, c := range []struct {
		name, before, after string
		want                bool
	}{
		{"the same", text, text, true},
		{"another layout", text, strings.ReplaceAll(text, " ", "\n"), true},
		{"the bot's masking", text, masked(text), true},
		{"the token is gone", text, strings.Replace(text, secretToken, "", 1), true},
		{"the address is gone", text, strings.Replace(text, "ann@mail.example", "", 1), true},
		{"both are gone", text, strings.NewReplacer(secretToken, "", "ann@mail.example", "").Replace(text), true},
		{"the mark is gone", masked(text), strings.Replace(masked(text), "[removed: token]", "", 1), true},
		{"another token", text, strings.Replace(text, secretToken, otherToken, 1), false},
		{"another address", text, strings.Replace(text, "ann@mail.example", "eve@mail.example", 1), false},
		{"a token more", text, text + " " + otherToken, false},
		{"a token in the place of a mark", masked(text), text, false},
		{"an address comes back", strings.Replace(text, "ann@mail.example", "", 1), text, false},
		{"another word", text, strings.Replace(text, "phone", "laptop", 1), false},
		{"another word with the masking", text, strings.Replace(masked(text), "phone", "laptop", 1), false},
		{"a mark more", text, text + " [removed: token]", false},
		{"a token is gone and two marks are there", text, strings.Replace(text, secretToken, "[removed: token] [removed: key]", 1), false},
		{"marks alone", "My phone is gone.", "My phone is gone. [removed: token]", false},
	} {
		before, after := answersTo(c.before), answersTo(c.after)
		if got := after.follows(before); got != c.want {
			t.Errorf("%s: follows is %v, want %v\nbefore: %+v\nafter:  %+v", c.name, got, c.want, before, after)
		}
	}
}

func answersTo(value string) *Answers {
	return answersOf(&parser.Form{Fields: []parser.Field{{Label: "Reason for request", Value: value}}}, []byte("the key of the case"))
}

// Of too many addresses none may disappear unnoticed.
func TestTooManyLeaksAreNoLeaks(t *testing.T) {
	many := strings.Repeat("a@b.example ", leakLimit+1)
	before, after := answersTo("x "+many), answersTo("x "+many[len("a@b.example "):])
	if before.Leaks != nil || after.follows(before) {
		t.Errorf("one of %d addresses disappears unnoticed: %+v", leakLimit+1, before)
	}
}
