package parser

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestVisible(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "I lost my phone.\n\tReally!", "I lost my phone.\n\tReally!"},
		{"other alphabets", "Привет, я потерял телефон. 我丢了手机 ñandú", "Привет, я потерял телефон. 我丢了手机 ñandú"},
		{"turned around", "\u202egnp.exe\u202c", `\u202egnp.exe\u202c`},
		{"zero width", "jb\u200bb\u200der\ufeff", `jb\u200bb\u200der\ufeff`},
		{"tags", "hi\U000e0041\U000e007f", `hi\U000e0041\U000e007f`},
		{"fillers and spaces", "a\u3164b\u2800c\u00a0d\u3000e", `a\u3164b\u2800c\u00a0d\u3000e`},
		{"selectors", "a\ufe0f\U000e0101", `a\ufe0f\U000e0101`},
		{"Cyrillic among ASCII", "p\u0430ypal jbb\u0435r", `p\u0430ypal jbb\u0435r`},
		{"Greek among ASCII", "\u03bfcto", `\u03bfcto`},
		{"a hidden one between", "p\u200b\u0430y", `p\u200b\u0430y`},
		{"bold, wide", "\U0001d5ee ｊ \u212a \u217c", `\U0001d5ee \uff4a \u212a \u217c`},
		{"controls", "a\x1b[2Jb\rc\x00", `a\u001b[2Jb\u000dc\u0000`},
		{"no UTF-8", "a\xff\xc3b\ufffd", `a\xff\xc3b` + "\ufffd"},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Visible(tt.in); got != tt.want {
				t.Errorf("got %+q, want %+q", got, tt.want)
			}
		})
	}
}

// Any character is either shown as it is or written down: nothing hidden comes
// through.
func TestVisibleShowsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text") + string(rune(rapid.Int32Range(0, utf8.MaxRune).Draw(t, "any"))) + string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		got := Visible(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, Hidden) {
			t.Fatalf("%+q is shown as %+q", s, got)
		}
	})
}

// Every code point that Unicode calls a format, a control or an unassigned one
// is hidden, and no letter or digit of ASCII is.
func TestHidden(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if r > ' ' && r < 0x7f && Hidden(r) {
			t.Errorf("%U is hidden", r)
		}
	}
	for _, r := range "\u200b\u200e\u202e\u2066\u061c\ufeff\u00ad\u2028\u00a0\u3164\u2800\ufe0f\u034f\U000e0041\U000e0100\ue000\u0378\x1b\x7f\u0085" {
		if !Hidden(r) {
			t.Errorf("%U is not hidden", r)
		}
	}
}

func TestUnveil(t *testing.T) {
	for in, want := range map[string]string{
		"plain words\n\tstay": "plain words\n\tstay",
		"Tele\u200bgr\u0430m": "Telegram", "\U0001d5ee\uff42\u212a": "abK", "a\u00a0b\u2028c": "a b\nc", "ñ 中": "ñ 中",
	} {
		if got := Unveil(in); got != want {
			t.Errorf("%+q: got %+q, want %+q", in, got, want)
		}
	}
}
