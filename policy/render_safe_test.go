package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"PyPI Username":                     "PyPI Username",
		"ask @octocat or #12":               "ask ＠octocat or ＃12",
		"&#64;octocat":                      "&amp;＃64;octocat",
		"a <b> & `c`":                       "a &lt;b&gt; &amp; \\`c\\`",
		"**bold** _it_ | x":                 `\*\*bold\*\* \_it\_ \| x`,
		"the [Code](https://example.org/a)": "the Code",
		"see https://example.org":           `see https\://example.org`,
		"two\nlines\u202e\u200bhere":        "two lines here",
		"one two three four five six seven": "one two three four five six …",
		"GH-12 and gh-1, not GH-x":          "GH\u201112 and gh\u20111, not GH-x",
		"www.example.org":                   `www\.example.org`,
		"":                                  "",
	} {
		if diff := cmp.Diff(want, plainWords(in)); diff != "" {
			t.Errorf("plain(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestMention(t *testing.T) {
	for in, want := range map[string]string{
		"octocat":               "@octocat",
		"dependabot[bot]":       "@dependabot[bot]",
		"octo-cat":              "@octo-cat",
		"":                      "",
		"octo cat":              "",
		"octocat/team":          "",
		"@octocat":              "",
		"octocat\n/withdraw":    "",
		"octocat[admin]":        "",
		strings.Repeat("a", 40): "",
	} {
		if got := mentionOf(in); got != want {
			t.Errorf("mention(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnsafeValuesAreLeftOut(t *testing.T) {
	rules := textRules(t)
	rules.Registries[0].Mail = "a@b.org>@mallory"
	rules.Registries[0].Links.Codes = "javascript:alert(1)"
	rules.Registries[0].Links.Help = "https://example.org/) @mallory"
	x := sampleStatus(Triage, Staff)
	x.Kind, x.HasCodes, x.Account = KindOther, true, "x` @mallory"
	got, err := rules.Render(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"mallory", "javascript", "account `"} {
		if strings.Contains(got, bad) {
			t.Errorf("the text has %q:\n%s", bad, got)
		}
	}
}

// Whatever stands in the form's labels, the registry's name, the account or
// the login: the text has no foreign mention, no reference, and is no command.
func TestNoValueEscapes(t *testing.T) {
	rules := textRules(t)
	hostile := rapid.OneOf(rapid.String(), rapid.StringMatching("[@#/&<>`*_\\[\\]()\\n\\r\\t a-z0-9;:-]{0,40}"),
		rapid.SampledFrom([]string{"@octocat @mallory", "\n/withdraw", "&#64;mallory", "&commat;mallory", "-->", "```\n/done\n```", "[x](/done)", "#1"}))
	rapid.Check(t, func(r *rapid.T) {
		x := sampleStatus(rapid.SampledFrom([]State{Incomplete, Triage}).Draw(r, "state"), Requester)
		x.Registry = samplePyPI
		x.Account = hostile.Draw(r, "account")
		x.Author = hostile.Draw(r, "author")
		if x.Author == "" {
			x.Author = sampleAuthor
		}
		code := rapid.SampledFrom(problemCodes()).Draw(r, "code")
		x.Problems = []TextProblem{{
			Field: hostile.Draw(r, "field"), Code: code,
			Option: hostile.Draw(r, "option"), Points: []string{hostile.Draw(r, "point")},
		}}
		local := *rules
		local.Registries = slices.Clone(rules.Registries)
		local.Registries[0].Name = hostile.Draw(r, "registry")
		local.Registries[0].Mail = hostile.Draw(r, "mail")
		got, err := local.Render(x)
		if err != nil {
			r.Fatal(err)
		}
		for _, f := range faults(rules, x, got) {
			if containsAny(f, []string{"mentions", "refers to", "has the markup", "cannot be seen", "code block", "is a command itself"}) {
				r.Fatalf("%s:\n%s", f, got)
			}
		}
	})
}
