package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
	"github.com/recoverybot/recoverybot/policy"
)

type previewCmd struct {
	Policy  string `env:"-" help:"The policy, with its own texts. Without it: the built-in texts, for --preset." placeholder:"FILE"`
	Preset  string `default:"pypi" env:"-" enum:"${presets}" help:"Without a policy: the registry that the texts are for: ${presets}. Default: ${default}" placeholder:"NAME"`
	State   string `env:"-" help:"Only status comments in this state." placeholder:"STATE"`
	Kind    string `env:"-" help:"Only status comments about this kind of request." placeholder:"KIND"`
	Lang    string `env:"-" help:"The language, like es. Default: the policy's first." placeholder:"CODE"`
	Private bool   `env:"-" help:"As on a private repository: no text says that everybody can read the page."`
	All     bool   `env:"-" help:"All texts: every kind, problem and question, the notices and the answers to commands."`
}

// Help is the long part of --help.
func (previewCmd) Help() string {
	return `Prints texts as the requester would see them, with sample names and dates. Without flags: the status comment in each state, as on a public repository; the bot itself looks whether the repository is public. Nothing is sent anywhere.

  recoverybot preview --state incomplete
  recoverybot preview --kind lost-2fa --lang es
  recoverybot preview --preset rubygems --state completed
  recoverybot preview --preset plain --private
  recoverybot preview --policy recovery.yml --all`
}

// Run prints the texts that were asked for.
func (c *previewCmd) Run(e *env) error {
	rules, languages, err := c.rules()
	if err != nil {
		return err
	}
	if err := c.check(languages); err != nil {
		return err
	}
	n := 0
	for _, x := range rules.Examples(e.now()) {
		if !c.wants(x) {
			continue
		}
		x.Text.Language, x.Text.Public = c.Lang, !c.Private
		text, err := rules.Render(x.Text)
		if err != nil {
			return fmt.Errorf("rendering an example: %w", err)
		}
		if n > 0 {
			fmt.Fprintln(e.out)
		}
		n++
		fmt.Fprintf(e.out, "===== %s =====\n\n%s\n", x.Title, text)
	}
	if n == 0 {
		return usageError{text: fmt.Sprintf("no text is about --state %s and --kind %s: an ended request says nothing of its kind", c.State, c.Kind)}
	}
	return nil
}

// rules returns the policy's rules and the languages to choose from.
func (c *previewCmd) rules() (*policy.Rules, []string, error) {
	if c.Policy != "" {
		rules, err := readPolicy(c.Policy)
		if err != nil {
			return nil, nil, err
		}
		return rules, rules.Languages, nil
	}
	rules, err := policy.Preset(c.Preset, policy.BuiltinLanguages()...)
	if err != nil {
		return nil, nil, err
	}
	if reg := &rules.Registries[0]; reg.URL == "" {
		reg.Name = "EXAMPLE" // else it is in English in every language
	}
	return rules, rules.Languages, nil
}

// check refuses a value that no text has, and names those that there are.
func (c *previewCmd) check(languages []string) error {
	var states, kinds []string
	for _, s := range policy.States() {
		states = append(states, string(s))
	}
	for _, k := range policy.Kinds() {
		kinds = append(kinds, string(k))
	}
	for _, f := range []struct {
		name, value string
		allowed     []string
	}{{"--state", c.State, states}, {"--kind", c.Kind, kinds}, {"--lang", c.Lang, languages}} {
		if f.value == "" || slices.Contains(f.allowed, f.value) {
			continue
		}
		guess := ""
		if near := yamlfile.Closest(f.value, f.allowed); near != "" {
			guess = fmt.Sprintf("did you mean %q? ", near)
		}
		return usageError{text: fmt.Sprintf("%s %q: %sallowed: %s", f.name, f.value, guess, strings.Join(f.allowed, ", "))}
	}
	return nil
}

// wants reports whether to print x. Without flags it is the status of each
// state, which is plain.
func (c *previewCmd) wants(x policy.Example) bool {
	switch {
	case c.State != "" && string(x.State) != c.State, c.Kind != "" && (x.State == "" || string(x.Kind) != c.Kind):
		return false
	case c.All || c.Kind != "":
		return true
	}
	return x.Plain
}
