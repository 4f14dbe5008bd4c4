package policy

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// said is a line of testdata/offers.txt.
type said struct {
	line  int
	text  string
	offer bool
}

func offersSaid(t testing.TB) []said {
	t.Helper()
	src, err := os.ReadFile("testdata/offers.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []said
	for i, line := range strings.Split(string(src), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		text, what, ok := strings.Cut(line, " -> ")
		if !ok || what != "offer" && what != "nothing" {
			t.Fatalf("offers.txt:%d: want TEXT -> offer, or TEXT -> nothing", i+1)
		}
		all = append(all, said{i + 1, strings.ReplaceAll(text, `\n`, "\n"), what == "offer"})
	}
	return all
}

// testdata/offers.txt has what bystanders write. Upper case and more spaces
// change nothing.
func TestOffers(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	offers := 0
	for _, s := range offersSaid(t) {
		if s.offer {
			offers++
		}
		for _, text := range []string{s.text, strings.ToUpper(s.text), "Hello!\n\n" + s.text + "\n\nBye"} {
			if got := r.Offers(text); got != s.offer {
				t.Errorf("offers.txt:%d: %q: an offer: %v, want %v", s.line, text, got, s.offer)
			}
		}
	}
	if offers < 25 {
		t.Errorf("%d offers, want 25 at least", offers)
	}
}

// A policy's own phrases count beside the built-in ones.
func TestOffersOfPolicy(t *testing.T) {
	r := testRules(t, append(storyPolicy(t), "bystanders: {offers: {words: [Magic  Óskar]}}\n"...))
	for text, want := range map[string]bool{
		"ask magic oskar": true, "never ask magic oskar": false, "magic. oskar": false, "I am a recovery expert": true, "hello": false,
	} {
		if got := r.Offers(text); got != want {
			t.Errorf("%q: an offer: %v, want %v", text, got, want)
		}
	}
}

// Any text is read, and characters that nobody sees hide no offer.
func TestOffersHidden(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	hidden := []string{"\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\U000e0041", "\ufe0f", "\u034f", "\u3164"}
	rapid.Check(t, func(t *rapid.T) {
		_ = r.Offers(rapid.String().Draw(t, "text"))
		text := []rune("I can recover your account")
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		with := string(text[:at]) + rapid.SampledFrom(hidden).Draw(t, "hidden") + string(text[at:])
		if !r.Offers(with) {
			t.Fatalf("%+q is no offer", with)
		}
	})
}

// The receiver reads each comment.
func BenchmarkOffers(b *testing.B) {
	r := testRules(b, storyPolicy(b))
	for _, piece := range []string{"word ", "telegram ", "i can recover ", "\u202e", "漢字", "𝗜", "ﷺ"} {
		text := strings.Repeat(piece, 64<<10/len(piece))
		b.Run(strings.TrimSpace(piece), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				_ = r.Offers(text)
			}
		})
	}
}
