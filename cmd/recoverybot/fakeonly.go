package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// fakeOnly runs the built-in GitHub by the real clock until it is told to
// stop, and prints the line that runs the bot against it.
func fakeOnly(ctx context.Context, e *env, dir string) error {
	rules, err := demoRules()
	if err != nil {
		return err
	}
	secret, err := secretText()
	if err != nil {
		return err
	}
	key, pemKey, err := newKey()
	if err != nil {
		return err
	}
	w := &world{clock: &movingClock{now: e.now()}}
	w.clock.run(e.now)
	w.fake, w.repo = newFake(rules, bottest.Options{Clock: w.clock.Now, PrivateKey: key, WebhookSecret: secret})
	address, err := w.listen(ctx, w.fake)
	if err != nil {
		return err
	}
	listen, err := freePort(ctx)
	if err != nil {
		return err
	}
	w.fake.SetWebhook("http://" + listen + "/webhook")
	if err := writeFiles(dir, map[string][]byte{"key.pem": pemKey, "webhook-secret": []byte(secret + "\n")}); err != nil {
		return err
	}
	r := rules.Repositories[0]
	w.folk = &bottest.People{URL: address, Owner: r.Owner, Name: r.Name, Label: rules.Requests.Label}
	if r.Desk != nil {
		w.folk.Desk = r.Desk.String()
	}
	fmt.Fprintf(e.out, "A GitHub for trying things out is up at %s until Ctrl-C. Run the bot against it\n(from the source write go run ./cmd/recoverybot in place of recoverybot):\n\n", address)
	file := func(name string) string { return quoted(filepath.Join(dir, name)) }
	fmt.Fprintf(e.out, "recoverybot serve --listen %s --database %s --policy %s --app-id %d --private-key %s --webhook-secret-file %s --github-url %s --write-interval 50ms --writes-per-minute 0 --writes-per-hour 0 --points-per-minute 0\n",
		listen, file("recoverybot.db"), file("recovery.yml"), demoApp, file("key.pem"), file("webhook-secret"), address)
	fmt.Fprintf(e.out, "\nThen file a request:\n\n%s\n\n%s", curlLine(w.folk), readLine(w.folk))
	w.fake.Run(ctx)
	return w.close()
}

// quoted is a word for a shell.
func quoted(word string) string {
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-:=+,@%~", r))
	}
	if word != "" && strings.IndexFunc(word, special) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// writeFiles lays the example policy and the secrets into dir, for the owner
// alone.
func writeFiles(dir string, files map[string][]byte) error {
	for _, name := range []string{"recovery.yml", "ISSUE_TEMPLATE/account-recovery.yml"} {
		src, err := demoFiles.ReadFile("demo/" + name)
		if err != nil {
			return fmt.Errorf("reading the example %s: %w", name, err)
		}
		files[name] = src
	}
	if err := os.Mkdir(filepath.Join(dir, "ISSUE_TEMPLATE"), 0o700); err != nil {
		return fmt.Errorf("writing the example files: %w", err)
	}
	for name, src := range files {
		if err := os.WriteFile(filepath.Join(dir, name), src, 0o600); err != nil {
			return fmt.Errorf("writing the example files: %w", err)
		}
	}
	return nil
}

// freePort finds a port for serve. It is free when it is found; whoever takes
// it meanwhile is told so by serve.
func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return address, nil
}

// completeBody is a request in which nothing is missing.
func completeBody(account string) string {
	return strings.Join([]string{
		"### PyPI Username", "`" + account + "`", "### Reason for request", "I lost my phone.",
		"### Recovery Codes", "- [x] I never had recovery codes for this account, or I have lost them",
		"### Code of Conduct", "- [x] I agree to follow the Code of Conduct of this project",
		"### Acknowledgement", "- [x] I understand that this may take a significant amount of time",
	}, "\n\n")
}

// curlLine files a complete request as a new person.
func curlLine(p *bottest.People) string {
	issue, err := json.Marshal(map[string]any{"title": "Account recovery", "body": completeBody("your-name"), "labels": []string{p.Label}})
	if err != nil { // strings marshal
		return err.Error()
	}
	return fmt.Sprintf("curl -s -X POST %s/repos/%s/%s/issues -H 'Authorization: Bearer user:you' -d '%s'", p.URL, p.Owner, p.Name, issue)
}

// readLine reads what the bot wrote, here and at the desk, and lets staff
// answer.
func readLine(p *bottest.People) string {
	comments := fmt.Sprintf("%s/repos/%s/%s/issues/N/comments", p.URL, p.Owner, p.Name)
	return "Read what the bot wrote (put the issue's \"number\" in place of N):\n\ncurl -s " + comments +
		fmt.Sprintf("\n\nRead what staff see at their desk:\n\ncurl -s %s/repos/%s/issues -H 'Authorization: Bearer user:ada'", p.URL, p.Desk) +
		"\n\nWrite as a member of staff (hal is a helper, ada an agent):\n\ncurl -s -X POST " + comments +
		` -H 'Authorization: Bearer user:hal' -d '{"body":"/ask detail"}'` + "\n\nStop with Ctrl-C.\n"
}
