package github

import (
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for s, want := range map[string]Address{
		"":                                 {"https://api.github.com", "https://github.com"},
		"https://api.github.com":           {"https://api.github.com", "https://github.com"},
		"https://api.github.com/":          {"https://api.github.com", "https://github.com"},
		"https://github.com":               {"https://api.github.com", "https://github.com"},
		"https://www.GitHub.com/":          {"https://api.github.com", "https://github.com"},
		"https://git.example":              {"https://git.example/api/v3", "https://git.example"},
		"https://Git.Example//":            {"https://git.example/api/v3", "https://git.example"},
		"https://git.example/api/v3":       {"https://git.example/api/v3", "https://git.example"},
		"https://git.example:8443/api/v3/": {"https://git.example:8443/api/v3", "https://git.example:8443"},
		"https://10.1.2.3":                 {"https://10.1.2.3/api/v3", "https://10.1.2.3"},
		"https://octo.ghe.com":             {"https://api.octo.ghe.com", "https://octo.ghe.com"},
		"https://api.octo.ghe.com/":        {"https://api.octo.ghe.com", "https://octo.ghe.com"},
		"https://octo.ghe.com/api/v3":      {"https://api.octo.ghe.com", "https://octo.ghe.com"},
		"https://notghe.com":               {"https://notghe.com/api/v3", "https://notghe.com"},
		"http://127.0.0.1:99":              {"http://127.0.0.1:99", "http://127.0.0.1:99"},
		"http://[::1]:99/":                 {"http://[::1]:99", "http://[::1]:99"},
		"https://localhost:99/api/v3/":     {"https://localhost:99/api/v3", "https://localhost:99"},
	} {
		got, err := ParseAddress(s)
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", s, got, err, want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for s, want := range map[string]string{
		"http://git.example":              "tokens go over https",
		"http://10.1.2.3/api/v3":          "tokens go over https",
		"git.example":                     "must be like https://HOST/api/v3",
		"ftp://git.example":               `begins with "ftp"`,
		"https://u:canary@git.example":    "without user",
		"https://git.example/?q=canary":   "without user, query and fragment",
		"https://u:canary@%zz":            "is not a URL",
		"https://git.example/octo/help":   "has the path /octo/help: write https://git.example, or https://git.example/api/v3",
		"https://git.example/api/graphql": "has the path /api/graphql",
		"https://github.com/octo":         "has the path /octo: write https://github.com",
	} {
		got, err := ParseAddress(s)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: got %+v, %v; want %q", s, got, err, want)
		}
	}
}
