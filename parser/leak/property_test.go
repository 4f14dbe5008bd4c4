package leak_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// machine draws n characters of an alphabet, as a machine does: evenly.
func machine(t *rapid.T, n int, alphabet string) string {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	hexes  = "0123456789abcdef"
	digits = "0123456789"
	lowers = "abcdefghijklmnopqrstuvwxyz"
	uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// drawSecret draws a secret, and what stands around it.
func drawSecret(t *rapid.T) (secret, before, after string) {
	alnum := lowers + uppers + digits
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return "pypi-AgEIcHlwaS5vcmc" + machine(t, 120, alnum+"-_"), "", ""
	case 1:
		return "ghp_" + machine(t, 36, alnum), "", ""
	case 2:
		return "npm_" + machine(t, 36, alnum), "", ""
	case 3:
		return "rubygems_" + machine(t, 48, hexes), "", ""
	case 4:
		return machine(t, 15, hexes) + "a\n" + machine(t, 15, hexes) + "7", "\n", "\n"
	case 5:
		return "otpauth://totp/PyPI:x?secret=" + machine(t, 32, uppers+"234567"), "", ""
	case 6:
		return machine(t, 32, uppers+"234567"), "secret key: ", ""
	case 7:
		body := base64.StdEncoding.EncodeToString([]byte(machine(t, 180, alnum)))
		return "-----BEGIN PRIVATE KEY-----\n" + body[:64] + "\n" + body[64:128] + "\n" + body[128:] + "\n-----END PRIVATE KEY-----", "\n", "\n"
	case 8:
		return machine(t, 6, lowers) + machine(t, 6, digits), "my password is ", ""
	default:
		return "https://pypi.org/account/reset-password/?token=" + machine(t, 60, alnum), "", ""
	}
}

// prose are words and signs that people write around secrets.
func prose() []string {
	return []string{
		"hello", "my", "account", "é", "密码", "token", "is", "password", ":", ".", "\n", "`", "**", "(", ")", "\n\n- ", "> ", "https://pypi.org/", "recovery", "code",
		"\u200b", "8d3f1c0", "sha256:", "ann@example.org", "+49 30 1234567", "[removed: token]", "a1b2", "100%", "&amp;", "\\",
	}
}

func drawProse(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(prose()), 0, 12).Draw(t, label), " ")
}

// TestMaskLeavesNothing: of a secret in any text, no six bytes are left.
func TestMaskLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret, before, after := drawSecret(t)
		text := drawProse(t, "before") + " " + before + secret + after + " " + drawProse(t, "after")
		masked := leak.Mask(text, leak.Scan(text))
		for _, class := range leak.Classes() {
			masked = strings.ReplaceAll(masked, "[removed: "+string(class)+"]", "")
		}
		for i := 0; i+6 <= len(secret); i++ {
			piece := secret[i : i+6]
			if strings.Contains(masked, piece) && !strings.Contains(drawnAround(text, secret), piece) {
				t.Fatalf("%q is left of %q in %q", piece, secret, masked)
			}
		}
	})
}

func drawnAround(text, secret string) string { return strings.Replace(text, secret, "", 1) }

// TestMaskIsAnEnd: a masked text has no secret, and masking it again changes nothing.
func TestMaskIsAnEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for range rapid.IntRange(1, 3).Draw(t, "secrets") {
			secret, before, after := drawSecret(t)
			text += drawProse(t, "prose") + before + secret + after
		}
		masked := leak.Mask(text, leak.Scan(text))
		again := leak.Scan(masked)
		for _, l := range again {
			if l.Class.Secret() {
				t.Errorf("%v in %q", l, masked)
			}
		}
		if diff := cmp.Diff(masked, leak.Mask(masked, again)); diff != "" {
			t.Error(diff)
		}
	})
}

// well fails unless finds are in order, in range, on the bounds of characters and apart.
func well(t testing.TB, text string, leaks []leak.Leak) {
	t.Helper()
	at := 0
	for _, l := range leaks {
		if l.Start < at || l.End <= l.Start || l.End > len(text) {
			t.Fatalf("%v after %d in a text of %d bytes", l, at, len(text))
		}
		if !utf8.RuneStart(text[l.Start]) || l.End < len(text) && !utf8.RuneStart(text[l.End]) {
			t.Fatalf("%v cuts a character", l)
		}
		if l.Confidence != leak.Likely && l.Confidence != leak.Certain {
			t.Fatalf("%v: confidence", l)
		}
		at = l.End
	}
}

func FuzzScan(f *testing.F) {
	for _, class := range leak.Classes() {
		for _, s := range specimens(f, fmt.Sprintf("testdata/%s.txtar", class)) {
			f.Add(s.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		leaks := leak.Scan(text)
		well(t, text, leaks)
		if diff := cmp.Diff(leaks, leak.Scan(text)); diff != "" {
			t.Error(diff)
		}
		masked := leak.Mask(text, leaks)
		for _, l := range leak.Scan(masked) {
			if l.Class.Secret() {
				t.Errorf("%v is left in %q", l, masked)
			}
		}
	})
}

// TestOptions: the registry's own addresses are no leaks.
func TestOptions(t *testing.T) {
	text := "Write to Support@pypi.org, admin@python.org or ann@example.org."
	o := leak.Options{Public: []string{"support@PyPI.org", "@python.org"}}
	got := o.Scan(text)
	want := []leak.Leak{{Class: leak.Email, Start: 47, End: 62, Confidence: leak.Certain}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(leak.Scan(text)); n != 3 {
		t.Errorf("without options: %d addresses, want 3", n)
	}
}

// Where nothing is written nothing is found, and nothing of no find.
func TestNothing(t *testing.T) {
	if found, classes := leak.Scan(""), leak.ClassesOf(nil); found != nil || classes != nil {
		t.Errorf("found %v, of classes %v", found, classes)
	}
}

func TestClassesOf(t *testing.T) {
	got := leak.ClassesOf([]leak.Leak{{Class: leak.Email}, {Class: leak.Token}, {Class: leak.Email}})
	if diff := cmp.Diff([]leak.Class{leak.Token, leak.Email}, got); diff != "" {
		t.Error(diff)
	}
	if got := leak.ClassesOf(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// TestMaskOfOtherFinds: finds of another text do not break anything.
func TestMaskOfOtherFinds(t *testing.T) {
	got := leak.Mask("hello", []leak.Leak{{Class: leak.Token, Start: 3, End: 9}, {Class: leak.Token, Start: 1, End: 2}, {Class: leak.Token}, {Class: leak.Email, End: 2}})
	if want := "h[removed: token]llo"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLongValue: a find ends where a character does, also where the longest value ends.
func TestLongValue(t *testing.T) {
	for _, text := range []string{"password: a1" + strings.Repeat("é密", 200), strings.Repeat("ж", 40) + "a@example.org"} {
		leaks := leak.Scan(text)
		well(t, text, leaks)
	}
	if leaks := leak.Scan("password: a1" + strings.Repeat("密", 200)); len(leaks) != 1 {
		t.Errorf("got %v", leaks)
	}
}
