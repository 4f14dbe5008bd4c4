package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// advice is how texts speak of what accounts may have. That nobody should
// write codes and tokens on the page is a warning, and is said of all.
func advice() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		Offer2FA:        regexp.MustCompile(`(?i)2fa|the app\b`),
		OfferCodes:      regexp.MustCompile(`(?i)recovery.codes?|use a code`),
		OfferTokens:     regexp.MustCompile(`(?i)\btokens\b`),
		OfferPublishers: regexp.MustCompile(`(?i)trusted publishers?`),
	}
}

// An empty target, and one that is no page of a registry, an address of it or
// a comment on the same page.
var (
	emptyLink  = regexp.MustCompile(`\]\(\s*\)|\[\s*\]\(|<>`)
	writeNever = regexp.MustCompile(`Do not write [a-z, -]*codes or tokens here\.`)
)

// foreignFaults returns what is wrong with a text for a registry that is not PyPI.
func foreignFaults(t Text, text string, reg Registry) []string {
	var out []string
	lower := strings.ToLower(text)
	for _, word := range []string{"pypi", ".pypirc", "python", "twine", "upload program"} {
		if strings.Contains(lower, word) {
			out = append(out, fmt.Sprintf("says %q", word))
		}
	}
	if !t.Public && strings.Contains(lower, "everybody") {
		out = append(out, "says that everybody can read a private page")
	}
	if emptyLink.MatchString(text) {
		out = append(out, "has an empty link")
	}
	said := strings.ReplaceAll(writeNever.ReplaceAllString(text, ""), "**Recovery Codes**", "") // a question of the operator's
	for _, offer := range Offers() {
		if found := advice()[offer].FindString(said); found != "" && !slices.Contains(reg.Offers, offer) {
			out = append(out, fmt.Sprintf("says %q, which %s does not offer", found, reg.Name))
		}
	}
	return out
}

// TestTextsOfOtherRegistries renders every text for registries that are not
// PyPI, where accounts have everything, nothing, and some of it.
func TestTextsOfOtherRegistries(t *testing.T) {
	for preset, sets := range map[string][][]string{
		"rubygems": {Offers(), {Offer2FA, OfferCodes, OfferTokens}, {Offer2FA, OfferTokens, OfferPublishers}},
		"plain":    {nil, {OfferCodes, OfferPublishers}},
	} {
		for _, offers := range sets {
			t.Run(fmt.Sprint(preset, offers), func(t *testing.T) {
				t.Parallel()
				r, err := Preset(preset)
				if err != nil {
					t.Fatal(err)
				}
				r.Registries[0].Offers = offers
				everyTextOf(t, r, preset == "plain")
			})
		}
	}
}

// everyTextOf checks the texts of r's registry; a private one is never told
// that the page is public.
func everyTextOf(t *testing.T, r *Rules, private bool) {
	t.Helper()
	seen := map[string]bool{}
	some, failed := sampled(t), 0
	check := func(x Text) {
		if !some.take(x) || x.Public && private {
			return
		}
		for i, p := range x.Problems {
			if p.Field == sampleAccountField {
				x.Problems = slices.Clone(x.Problems)
				x.Problems[i].Field = r.Requests.Account
			}
		}
		text, err := r.Render(x)
		if err != nil {
			t.Fatalf("Render(%+v): %v", x, err)
		}
		if seen[text] {
			return
		}
		seen[text] = true
		found := append(foreignFaults(x, text, r.Registries[0]), sentenceFaults(sentencesOf(withoutTargets(text)))...)
		if len(found) > 0 {
			if failed++; failed <= 5 {
				t.Errorf("%s\n- %s", text, strings.Join(found, "\n- "))
			}
		}
	}
	key := r.Registries[0].Key
	everyStatus(key, check)
	everyNotice(key, check)
	if len(seen) < 100 {
		t.Errorf("only %d of %d texts are different", len(seen), some.count)
	}
}

// TestForeignFaultsAreFound shows that each of the checks can fail.
func TestForeignFaultsAreFound(t *testing.T) {
	reg := Registry{Name: "Plain"}
	for text, want := range map[string]string{
		"You find it in each e-mail from PyPI.":     `says "pypi"`,
		"It stands in the file `.pypirc`.":          `says ".pypirc"`,
		"The settings file of your upload program.": "upload program",
		"**Everybody can read this page.**":         "private page",
		"[How to use it]().":                        "empty link",
		"Set up 2FA again.":                         `says "2FA"`,
		"An old phone may still have the app.":      `says "the app"`,
		"Search for recovery codes.":                `says "recovery codes"`,
		"A file with `recovery-codes` in its name.": `says "recovery-codes"`,
		"Delete all tokens.":                        `says "tokens"`,
		"Look at the trusted publishers.":           `says "trusted publishers"`,
	} {
		if got := strings.Join(foreignFaults(Text{}, text, reg), "; "); !strings.Contains(got, want) {
			t.Errorf("faults of %q: got %q, want one with %q", text, got, want)
		}
	}
	for _, good := range []string{"Do not write passwords, codes or tokens here.", "[Sign in](https://registry.example/login)."} {
		if got := foreignFaults(Text{}, good, reg); len(got) > 0 {
			t.Errorf("a good text %q has faults: %q", good, got)
		}
	}
	// A registry that offers everything is told of all of it.
	if got := foreignFaults(Text{}, "Set up 2FA, save the recovery codes, look at tokens and trusted publishers.", Registry{Offers: Offers()}); len(got) > 0 {
		t.Errorf("what is offered may be said: %q", got)
	}
}
