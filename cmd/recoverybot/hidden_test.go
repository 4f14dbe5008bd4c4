package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

// hiddenRunes are characters of every kind that a text hides, or hides by.
func hiddenRunes() []string {
	return []string{
		"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c", "\u180e",
		"\U000e0041", "\U000e007f", "\ufe0f", "\U000e0100", "\u034f", "\u3164", "\uffa0", "\u115f", "\u2800", "\u00a0", "\u2003", "\u3000",
		"\u2028", "\u2029", "\ue000", "\U000f0000", "\u0378", "\x1b", "\x00", "\x7f", "\u0085", "\ufff9", "\u206a", "\U0001d173",
	}
}

// Whatever hidden characters somebody typed, where, none comes out of `parse` as
// it is: neither for people nor in JSON, which says the same all the same.
func TestParseShowsHidden(t *testing.T) {
	rules, err := policy.Preset("pypi")
	if err != nil {
		t.Fatal(err)
	}
	template, err := parser.ParseTemplate([]byte(`name: f
description: d
body:
  - {type: input, id: name, attributes: {label: PyPI Username}}
  - {type: textarea, id: reason, attributes: {label: Reason for request}}
  - {type: dropdown, id: site, attributes: {label: Site, options: [one, two]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom(append(hiddenRunes(), "a", "pay", " ", "\n", "é", "я", "\u0430", "漢")), 1, 20)
		answer := func(name string) string { return strings.Join(text.Draw(t, name), "") }
		body := "### PyPI Username\n\n" + answer("name") + "\n\n### Reason for request\n\n" + answer("reason") + "\n\n### Site\n\n" + answer("site")
		p := judge(rules, template, body)
		var people, machine bytes.Buffer
		p.print(&people)
		if err := printJSON(&machine, p); err != nil {
			t.Fatal(err)
		}
		for _, out := range []string{people.String(), machine.String()} {
			if i := strings.IndexFunc(out, parser.Hidden); i >= 0 {
				t.Fatalf("a hidden character at %d of\n%+q", i, out)
			}
		}
		var plain bytes.Buffer
		if err := json.NewEncoder(&plain).Encode(p); err != nil {
			t.Fatal(err)
		}
		var want, got any
		if json.Unmarshal(plain.Bytes(), &want) != nil || json.Unmarshal(machine.Bytes(), &got) != nil || !cmp.Equal(want, got) {
			t.Fatalf("the JSON says something else:\n%s\n%s", machine.String(), plain.String())
		}
	})
}
