package github

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
)

// TestNewKey: once GitHub does not take the old key any more, a client with it is told that its rights are gone, which lets everything wait, and
// one with the new key goes on.
func TestNewKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	fake := bottest.New(bottest.Options{Clock: testNow, AuthClock: time.Now, AppID: 9, Slug: "recovery", PrivateKey: key})
	fake.AddRepository(bottest.RepositoryOptions{Owner: "octo", Name: "help", ID: 7})
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	fresh := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	for name, c := range map[string]struct {
		key  []byte
		want bot.Class
	}{
		"old": {testKey(), bot.Forbidden},
		"new": {fresh, ""},
	} {
		client, err := New(Options{BaseURL: server.URL, AppID: 9, PrivateKey: c.key, Repositories: []int64{7}, Version: "test", Clock: testNow})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = client.FindRepository(t.Context(), "octo", "help"); bot.ClassOf(err) != c.want {
			t.Errorf("with the %s key: %v, want class %q", name, err, c.want)
		}
	}
}
