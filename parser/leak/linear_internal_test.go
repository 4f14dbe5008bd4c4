package leak

import (
	"strings"
	"testing"
	"time"
)

const kilobytes = 64 << 10

// hostile are the texts that make a careless reader slow: what each class looks for, over and over.
func hostile() map[string]string {
	pieces := map[string]string{
		"plain prose": "I lost my phone and with it the app, so I can no longer log in to my account. Please help me. ",
		"one letter":  "a", "digits": "0123456789", "spaces": " ", "lines": "\n", "hex": "0123456789abcdef", "hex words": "a1b2c3d4e5f60718 ",
		"groups": "a1b2 ", "groups with hyphens": "a1b2-", "base32": "JBSWY3DPEHPK3PXP", "base32 words": "JBSW Y3DP ", "base64": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
		"at": "@", "a at": "a@", "addresses": "a@b.co ", "dots": "a.", "at words": "a at ", "at dot": "a at b dot ", "brackets": "a (at) ", "dotted": "a@b (dot) ",
		"password": "password ", "password:": "password: ", "password:x": "password:", "pwd=": "pwd=", "password for": "password for a a a a ", "password is": "password is ",
		"password quoted": "password: \"", "password minus": "password - ", "secrets": "password: hunter2 ", "labels": "password: aaaa bbbb cccc dddd\n", "mot de": "mot de ",
		"http": "http", "https://": "https://", "https://a": "https://a:", "links": "https://a/reset?token=", "one link": "/reset", "params": "&token=a", "credentials": "://a:b",
		"pypi-": "pypi-", "pypi- ": "pypi- ", "pypi-AgE": "pypi-AgE", "tokens": "pypi-AgEIcHlwaS5vcmcCJDk4ZmQ1abcdEFGH0123456789zzyyxx ", "npm_": "npm_", "npm_ 1a": "npm_1a2B3c4D ",
		"ghp_": "ghp_", "ghp": "gh", "cio": "cio1A2b ", "token": "token: ", "tokens of words": "token: abcdefghijklmnopqrstuvwxyz1 ", "otpauth": "otpauth://", "otpauth s": "otpauth://secret=",
		"secret key": "secret key ", "secret key A": "secret key AAAA BBBB ", "seeds": "secret key ABCDEFGHIJKLMNO2 ", "recovery code": "recovery code ",
		"codes near": "recovery code a1b2c3d4e5f60718 ", "begin": "-----BEGIN PRIVATE KEY-----", "begin lines": "-----BEGIN PRIVATE KEY-----\n", "begin base64": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w\n",
		"begin only": "begin ", "end": "-----END ", "putty": "PuTTY-User-Key-File-2: \n", "age": "AGE-SECRET-KEY-1", "headers": "a: b\n",
		"plus": "+", "phones": "+49 30 1234567 ", "plus digits": "+1", "phone": "phone ", "phone 1": "phone 1-", "numbers": "1-",
		"percent": "%41", "percent signs": "%", "entities": "&#x41;", "ampersands": "&", "amp": "&amp;", "backslashes": "\\", "backslash star": "\\*", "tags": "<wbr>", "lesser": "<",
		"marks": "[removed: token]", "mark starts": "[removed: ", "zero width": "\u200b", "accents": "e\u0301", "umlauts": "ü", "Chinese": "密码是", "full-width": "ａ", "Korean": "비밀번호 ",
		"emoji": "😀", "mathematical": "𝐩", "broken": "\xff", "broken three": "\xe3", "quotes": "\"", "backticks": "`", "stars": "*", "underscores": "_", "hyphens": "-", "colons": ":", "equals": "=",
		"Cyrillic": "пароль ", "ligature": "ﷺ", "apart": "aB1 \n", "wrapped": "pypi-AgE\naB1cD2\n", "wrapped long": "aB1cD2eF3gH4iJ5kL6mN7oP8\n", "wide at": "密a@", "colon at": ":a@",
	}
	out := map[string]string{}
	for name, piece := range pieces {
		out[name] = strings.Repeat(piece, kilobytes/len(piece)+1)[:kilobytes]
	}
	// One trigger, then what it looks through.
	for name, piece := range map[string]string{"key, then base64": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", "key, then one line": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "key, then headers": "a: b\n"} {
		out[name] = ("-----BEGIN PRIVATE KEY-----\n" + strings.Repeat(piece, kilobytes/len(piece)+1))[:kilobytes]
	}
	out["token, then pieces"] = ("pypi-AgE\n" + strings.Repeat("aB1cD2eF3gH4iJ5kL6mN7oP8\n", kilobytes/25+1))[:kilobytes]
	return out
}

// stepsPerByte is how many bytes detectors look at for each byte of a text, at most. What costs time in a detector
// goes through run and makeup, which count.
const stepsPerByte = 80

// TestLinear: a text of twice the length takes at most twice the steps and a bit, and no text takes many.
func TestLinear(t *testing.T) {
	for name, text := range hostile() {
		half, whole := stepsOf(text[:len(text)/2]), stepsOf(text)
		if whole > stepsPerByte*len(text) {
			t.Errorf("%s: %d steps for each byte", name, whole/len(text))
		}
		if float64(whole) > 2.2*float64(half)+maxRun {
			t.Errorf("%s: %d steps, and %d for half of it", name, whole, half)
		}
	}
}

func stepsOf(text string) int {
	v := Options{}.look(text)
	return v.steps
}

// BenchmarkHostile prints how much longer each text takes than plain prose of the same size.
//
//	go test -run - -bench Hostile ./parser/leak
func BenchmarkHostile(b *testing.B) {
	texts := hostile()
	plain := fastest(texts["plain prose"])
	b.Logf("plain prose: %v", plain)
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			best := fastest(text)
			for b.Loop() {
				Scan(text)
			}
			b.ReportMetric(float64(best)/float64(plain), "x-prose")
		})
	}
}

func fastest(text string) time.Duration {
	best := time.Hour
	for range 7 {
		start := time.Now()
		Scan(text)
		best = min(best, time.Since(start))
	}
	return best
}
