package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// shellBlocks are the blocks of a document that a reader pastes into a shell.
var shellBlocks = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestOperatorsFirstDay runs the first day of docs/operate.md as it stands there, against the built-in GitHub: each
// block that is marked as sh, in order, in one folder. The test is the operator's hands: it has the key from
// GitHub.
func TestOperatorsFirstDay(t *testing.T) {
	for _, name := range []string{"sh", "openssl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("NOT TESTED: the first day of docs/operate.md needs %s, which this machine does not have", name)
		}
	}
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, day, begins := strings.Cut(string(doc), "\n## The first day\n")
	day, _, ends := strings.Cut(day, "\n## Later\n")
	blocks := shellBlocks.FindAllStringSubmatch(day, -1)
	if !begins || !ends || len(blocks) < 5 {
		t.Fatalf("docs/operate.md has no first day any more, or %d commands in it", len(blocks))
	}
	o := newOperator(t)
	for _, block := range blocks {
		o.do(block[1])
	}
	if o.serve == nil {
		t.Fatal("the first day starts no bot")
	}
	o.serve.stop(syscall.SIGTERM)
}

// operator sits in a folder of their own and does what the document says.
type operator struct {
	t     *testing.T
	key   []byte
	fake  map[string]string // the environment that leads to the built-in GitHub
	serve *process
}

func newOperator(t *testing.T) *operator {
	t.Helper()
	rules, err := demoRules()
	if err != nil {
		t.Fatal(err)
	}
	key, pemKey, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	age := time.Hour
	f, repo := newFake(rules, bottest.Options{Clock: func() time.Time { return time.Now().Add(-age) }, PrivateKey: key})
	for _, login := range []string{"old-ann", "old-bob"} {
		draft := bottest.Draft{Title: "Account recovery", Body: completeBody(login), Labels: []string{rules.Requests.Label}}
		if _, err := repo.OpenIssue(login, draft); err != nil {
			t.Fatal(err)
		}
	}
	age = 0 // the requests are old, and the bot is new
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	t.Chdir(t.TempDir())
	return &operator{t: t, key: pemKey, fake: map[string]string{
		"RECOVERYBOT_APP_ID": fmt.Sprint(demoApp), "RECOVERYBOT_GITHUB_URL": s.URL, "RECOVERYBOT_LISTEN": "127.0.0.1:0",
	}}
}

// do runs a block, and keeps what it exports.
func (o *operator) do(block string) {
	o.t.Helper()
	for line := range strings.Lines(block) {
		if name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "="); ok && strings.HasPrefix(line, "export ") {
			o.t.Setenv(name, value)
		}
	}
	for name, value := range o.fake {
		o.t.Setenv(name, value)
	}
	if strings.Contains(block, "chmod 600 keys/app.pem") {
		if err := os.WriteFile(filepath.Join("keys", "app.pem"), o.key, 0o644); err != nil {
			o.t.Fatal(err)
		}
	}
	switch {
	case strings.TrimSpace(block) == "recoverybot serve":
		o.serve = launch(o.t, "serve")
		o.serve.line("octo-registry/support has open requests that are older than the bot.")
		o.serve.line("recoverybot: ready")
	case strings.HasPrefix(block, "export "):
	default:
		out, err := exec.Command("sh", "-eu", "-c", block).CombinedOutput()
		o.t.Logf("%s%s", block, out)
		if err != nil {
			o.t.Errorf("docs/operate.md says %q: %v\n%s", block, err, out)
		}
	}
}
