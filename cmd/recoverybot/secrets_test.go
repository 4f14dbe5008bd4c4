package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretsAreNotPrinted: what is read from files of secrets, or stands in an address, is in no output, whatever is
// wrong with it.
func TestSecretsAreNotPrinted(t *testing.T) {
	const canary = "canary7f3a9"
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	badKey := file("bad.pem", "-----BEGIN RSA PRIVATE KEY-----\n"+canary+"\n-----END RSA PRIVATE KEY-----\n")
	key := file("key.pem", "-----BEGIN "+canary+"-----\n"+canary+"\n")
	short := file("short.txt", canary)
	long := file("long.txt", canary+canary+canary+canary)
	recovery, err := filepath.Abs("../../.github/recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	serve := []string{"serve", "--app-id", "1", "--policy", recovery, "--database", filepath.Join(dir, "bot.db"), "--github-url", "http://127.0.0.1:1"}
	for name, args := range map[string][]string{
		"a key that is none":    append(serve[:len(serve):len(serve)], "--private-key", badKey, "--webhook-secret-file", long),
		"a key of another kind": append(serve[:len(serve):len(serve)], "--private-key", key, "--webhook-secret-file", long),
		"a short secret":        append(serve[:len(serve):len(serve)], "--private-key", badKey, "--webhook-secret-file", short),
		"a short mail secret":   append(serve[:len(serve):len(serve)], "--private-key", badKey, "--webhook-secret-file", long, "--mail-secret-file", short),
		"a printed policy":      {"check", "--print", recovery},
		"a password":            {"queue", "--policy", recovery, "--database", "postgres://u:" + canary + "@127.0.0.1:1/none"},
		"a password in serve":   append(serve[:3:3], "--database", "postgres://u:"+canary+"@127.0.0.1:1/none", "--policy", recovery, "--private-key", badKey),
		"help":                  {"serve", "--help"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "recoverybot", args...)
			cmd.Env = append(os.Environ(), "RECOVERYBOT_PRIVATE_KEY="+badKey, "RECOVERYBOT_WEBHOOK_SECRET_FILE="+long)
			out, _ := cmd.CombinedOutput() // most of them are refused: that is not the question
			if len(out) == 0 {
				t.Error("nothing is printed: nothing can be learnt from it")
			}
			if strings.Contains(string(out), canary) {
				t.Errorf("it prints a secret:\n%s", out)
			}
		})
	}
}
