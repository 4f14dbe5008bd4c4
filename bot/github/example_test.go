package github_test

import (
	"fmt"
	"time"

	"github.com/recoverybot/recoverybot/bot/github"
)

// New calls nobody. It says at once what cannot work.
func ExampleNew() {
	clock := func() time.Time { return time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC) }
	for _, o := range []github.Options{
		{Clock: clock},
		{Clock: clock, AppID: 12345, BaseURL: "http://github.example/api/v3"},
		{Clock: clock, AppID: 12345, PrivateKey: []byte("not a key")},
	} {
		_, err := github.New(o)
		fmt.Println(err)
	}
	// Output:
	// the App's id is missing
	// the URL of GitHub's API is http://github.example: tokens go over https, or to this machine alone
	// the App's private key is not an RSA key in PEM form (a file that begins with -----BEGIN RSA PRIVATE KEY-----)
}
