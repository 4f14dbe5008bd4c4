package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMailHookIsServed asks for the mail hook where there is a secret for it,
// and where there is none. The webhook's secret is not good for it.
func TestMailHookIsServed(t *testing.T) {
	rules, err := demoRules()
	if err != nil {
		t.Fatal(err)
	}
	const webhookSecret, mailSecret = "the webhook's secret is this", "a secret of the mail hook alone, and long"
	for _, c := range []struct {
		name   string
		mail   [][]byte
		bearer string
		want   int
	}{
		{"off", nil, mailSecret, http.StatusNotFound},
		{"on", [][]byte{[]byte(mailSecret)}, mailSecret, http.StatusAccepted},
		{"the webhook's secret", [][]byte{[]byte(mailSecret)}, webhookSecret, http.StatusUnauthorized},
		{"being changed", [][]byte{[]byte("an old secret of the mail hook, as long"), []byte(mailSecret)}, mailSecret, http.StatusAccepted},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := newApp(t.Context(), parts{
				rules: rules, database: filepath.Join(t.TempDir(), "bot.db"), secrets: [][]byte{[]byte(webhookSecret)}, mail: c.mail,
				clock: time.Now, log: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := a.store.Close(); err != nil {
					t.Error(err)
				}
			}()
			r := httptest.NewRequest(http.MethodPost, "/hooks/mail", strings.NewReader(`{"subject":"[recovery #17]"}`))
			r.Header.Set("Authorization", "Bearer "+c.bearer)
			w := httptest.NewRecorder()
			a.handler.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, c.want)
			}
		})
	}
}
