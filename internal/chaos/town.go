package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

const (
	appID       = 4711
	slug        = "recoverybot"
	intakeLabel = "account-recovery"
	secret      = "the secret of a webhook that nobody else has"
)

//go:embed world
var worldFiles embed.FS

// town is GitHub with its people, on a port of this machine, and the files that serve needs.
type town struct {
	dir    string
	url    string
	fake   *bottest.Fake
	repos  map[string]*bottest.Repository
	server *http.Server
}

// newTown builds the town of a plan in a folder. Close it after use.
func newTown(ctx context.Context, p plan, dir string) (*town, error) {
	// A key that anybody can make again is enough for a GitHub that lives as long as this run.
	key, err := rsa.GenerateKey(rand.NewChaCha8([32]byte{}), 2048)
	if err != nil {
		return nil, fmt.Errorf("making a private key: %w", err)
	}
	t := &town{dir: dir, repos: map[string]*bottest.Repository{}}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	files := map[string][]byte{"key.pem": pem.EncodeToMemory(block), "secret": []byte(secret)}
	if files["recovery.yml"], err = rules(p); err != nil {
		return nil, err
	}
	const form = "ISSUE_TEMPLATE/account-recovery.yml"
	if files[form], err = fs.ReadFile(worldFiles, "world/"+form); err != nil {
		return nil, fmt.Errorf("reading the form: %w", err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("making a folder: %w", err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, fmt.Errorf("writing what serve reads: %w", err)
		}
	}
	t.people(p, key)
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening as GitHub: %w", err)
	}
	t.url = "http://" + l.Addr().String()
	t.server = &http.Server{Handler: t.fake, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = t.server.Serve(l) }() // it ends with close
	return t, nil
}

func (t *town) close() { _ = t.server.Close() }

// rules is the policy with the repositories of a plan.
func rules(p plan) ([]byte, error) {
	text, err := fs.ReadFile(worldFiles, "world/recovery.yml")
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	var lines []string
	for i := range p.repositories {
		lines = append(lines, fmt.Sprintf("- {id: %d, name: %s}", repositoryID(i), repositoryName(i)))
	}
	return []byte(strings.Replace(string(text), "# REPOSITORIES", strings.Join(lines, "\n  "), 1)), nil
}

func repositoryID(i int) int64 { return 700001 + int64(i) }

// people moves in: staff, strangers, and the author of each issue, with the same ids in each run.
// Each repository has an installation of its own: writes of one wait for no other.
func (t *town) people(p plan, key *rsa.PrivateKey) {
	f := bottest.New(bottest.Options{
		Clock: time.Now, AppID: appID, Slug: slug, PrivateKey: key, WebhookSecret: secret, Seed: fmt.Sprint(p.seed), Lean: true,
	})
	t.fake = f
	f.AddOrganization("octo-registry", 4001)
	for login, id := range map[string]int64{"ada": 1001, "hal": 1002, "sue": 1009, "mallory": 1011, "oscar": 1012} {
		f.AddUser(login, id)
	}
	for i := range p.issues {
		f.AddUser(fmt.Sprintf("user-%d", i+1), 2_000_001+int64(i))
	}
	f.AddTeam(bottest.Team{Org: "octo-registry", Slug: "support-agents", ID: 5001, Members: []string{"ada"}})
	f.AddTeam(bottest.Team{Org: "octo-registry", Slug: "support-helpers", ID: 5002, Members: []string{"hal"}})
	for i := range p.repositories {
		r := f.AddRepository(bottest.RepositoryOptions{
			Owner: "octo-registry", Name: strings.TrimPrefix(repositoryName(i), "octo-registry/"), ID: repositoryID(i),
			Installation: 1001 + int64(i), Labels: []string{intakeLabel},
		})
		for _, login := range []string{"ada", "hal", "sue"} {
			r.AddCollaborator(login, "triage")
		}
		t.repos[repositoryName(i)] = r
	}
}

// look is the picture of an issue now.
func (t *town) look(at place) string {
	is, ok := t.repos[at.Repository].Issue(at.Number)
	if !ok {
		return "there is no such issue\n"
	}
	return picture(is)
}
