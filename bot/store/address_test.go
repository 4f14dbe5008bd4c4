package store

import (
	"errors"
	"strings"
	"testing"
)

// TestCheckName: what is no address of ours is neither taken for a file nor
// repeated, for there may be a password in it.
func TestCheckName(t *testing.T) {
	for name, good := range map[string]bool{
		"recoverybot.db":                     true,
		"/var/lib/a=b/user=ann.db":           true,
		"./host=db dbname=recovery":          true,
		"./postgres:bot":                     true,
		"backup-2026-12-03T10:00.db":         true,
		"v1=2.db":                            true,
		`C:\bot\recoverybot.db`:              true,
		"C:/bot/recoverybot.db":              true,
		":memory:":                           true,
		"postgres.db":                        true,
		"postgres://bot@db/recovery":         true,
		"postgresql://bot:geheim@a:1,b:2/x":  true,
		"postgres://bot:geh#eim@db/recovery": true,
		"postgres:///recovery?user=a%40b":    true,

		"": false,
		"host=db dbname=recovery user=bot password=geheim": false,
		" password = geheim":                         false,
		"POSTGRES://bot:geheim@db/recovery":          false,
		" postgres://bot:geheim@db/recovery":         false,
		`"postgres://bot:geheim@db/recovery"`:        false,
		"postgres:/bot:geheim@db/recovery":           false,
		"postgres:bot:geheim@db":                     false,
		"mysql://bot:geheim@db/recovery":             false,
		"file:///var/lib/recoverybot.db":             false,
		"bot:geheim@db/recovery":                     false,
		"postgres://bot:12/geheim@db/recovery":       false,
		"postgres://bot:p@geheim@db/recovery":        false,
		"postgres://bot:p@db/recovery?user=geheim@a": false,
	} {
		err := CheckName(name)
		if (err == nil) != good || err != nil && !errors.Is(err, ErrAddress) {
			t.Errorf("%q: got %v, want it to be good: %v", name, err, good)
		}
		shown := Redacted(name)
		if err != nil {
			shown += err.Error()
			_, opened := Open(t.Context(), Options{Database: name, Clock: noon})
			if !errors.Is(opened, ErrAddress) {
				t.Errorf("%q: opening it: %v, want %v", name, opened, ErrAddress)
			} else {
				shown += opened.Error()
			}
		}
		if strings.Contains(shown, "geh") {
			t.Errorf("%q is shown as %s", name, shown)
		}
	}
}

// TestRedacted: a password is shown nowhere, however the address has it.
func TestRedacted(t *testing.T) {
	for address, want := range map[string]string{
		"recoverybot.db":                                       "recoverybot.db",
		"postgres://bot:geheim@db/recovery":                    "postgres://bot:xxxxx@db/recovery",
		"postgres://bot@db/recovery?password=geheim&sslmode=a": "postgres://bot@db/recovery?password=xxxxx&sslmode=a",
		"postgres://bot@db/recovery?Password=geheim":           "postgres://bot@db/recovery?Password=xxxxx",
		"postgres://bot@db/recovery?sslpassword=geheim":        "postgres://bot@db/recovery?sslpassword=xxxxx",
		"postgres://bot:geheim@a:1,b:2/recovery":               "postgres://bot:xxxxx@a:1,b:2/recovery",
		"postgres://bot:12?geheim@db/recovery":                 "postgres://…",
		"postgres://bot:12#geheim@db/recovery":                 "postgres://…",
		"host=db password=geheim":                              "…",
	} {
		if got := Redacted(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

// TestBadSetting: what the driver refuses is told without the address, but for
// a file that it names.
func TestBadSetting(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://bot:geheim@127.0.0.1:port/recovery":                              "not like postgres://USER",
		"postgres://bot:%zzgeheim@127.0.0.1/recovery":                                "not like postgres://USER",
		"postgres://bot:geheim@127.0.0.1/recovery?sslmode=some":                      "a setting after its ? is wrong",
		"postgres://bot:geheim@127.0.0.1/recovery?sslmode=verify-ca&sslrootcert=./a": "reading a file that the address names: open ./a: no such file",
	} {
		_, err := Open(t.Context(), Options{Database: address, Clock: noon})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: got %v, want %q in it", address, err, want)
		}
	}
	if _, err := Attach(t.Context(), Options{Database: "host=db password=geheim", Clock: noon}); !errors.Is(err, ErrAddress) {
		t.Errorf("got %v, want %v", err, ErrAddress)
	}
}
