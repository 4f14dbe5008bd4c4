package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSlips: what a tired operator writes on the first day is answered by what
// was being done, why it was not, and what to do next; 2 says that the call was
// wrong, 1 that something failed.
func TestSlips(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	policy, key, secret, none := filepath.Join(dir, "recovery.yml"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "secret"), filepath.Join(dir, "none")
	_, pem := appKey()
	for path, text := range map[string]string{key: string(pem), secret: "0123456789abcdef0123456789abcdef", filepath.Join(dir, "form.yml"): ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, _, errs := run1(t.Context(), "init", "--preset", "plain", "--repo", "octo/support", "--agents", "1,2", "--out", policy); status != exitOK {
		t.Fatal(errs)
	}
	src, err := os.ReadFile(policy)
	if err == nil {
		err = os.WriteFile(policy, bytes.Replace(src, []byte("{name:"), []byte("{id: 1, name:"), 1), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	serve := func(more ...string) []string {
		return append([]string{"serve", "--policy", policy, "--app-id", "1", "--private-key", key, "--webhook-secret-file", secret}, more...)
	}
	const folder, nothing = "\nIt is a folder. Name the file in it\n", "\nNothing is there. A path begins in the folder where you are, or at /\n"
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"init", "--preset", "plain", "--out", dir}, exitUsage, dir + " is a folder: name the file in it, like " + policy},
		{[]string{"check", dir}, exitFailed, folder},
		{[]string{"preview", "--policy", dir}, exitFailed, folder},
		{[]string{"pin", policy, "--app-id", "1", "--private-key", dir}, exitFailed, "is not a file: name the file itself"},
		{[]string{"pin", policy, "--app-id", "1", "--private-key", key, "--github-url", "http://127.0.0.1:1"}, exitFailed, "GitHub did not answer: is --github-url right"},
		{[]string{"pin", policy, "--app-id", "1", "--private-key", key, "--ca-file", dir}, exitFailed, folder},
		{[]string{"pin", policy, "--app-id", "1", "--private-key", key, "--ca-file", none}, exitFailed, nothing},
		{serve("--github-url", "http://example.org"), exitUsage, "--github-url: "},
		{serve("--webhook-secret-file", none), exitFailed, "Make one: openssl rand -hex 32 > " + none + ", and chmod 600 it. Paste it into the App's settings"},
		{serve("--mail-secret-file", none), exitFailed, "Paste it into your mail system, too"},
		{serve("--database", dir), exitFailed, "It is a folder. Name the file in it with --database FILE"},
		{serve("--listen", "8080"), exitUsage, `--listen "8080" is no address: write HOST:PORT, like 127.0.0.1:8080`},
		{serve("--poll", "soon"), exitUsage, `"soon": write a time like 30s, 5m or 24h`},
		{[]string{"check", "--at", "yesterday", policy}, exitUsage, `"yesterday": write a moment like 2026-12-03T10:00:00Z`},
		{[]string{"digest", "--since", "week"}, exitUsage, "--since week is no time: write 7d, or 12h"},
		{[]string{"render", none}, exitFailed, nothing},
		{[]string{"db", "check", "--database", dir}, exitFailed, "open " + dir + ": is a directory\nIt is a folder."},
		{[]string{"db", "restore", dir, "--database", filepath.Join(dir, "new.db")}, exitFailed, "open " + dir + ": is a directory\nIt is a folder."},
		{[]string{"db", "backup", "postgres://bot:geheim@127.0.0.1:1/bot", "--database", none}, exitUsage, "FILE: a backup is a file."},
		{[]string{"db", "restore", "host=db password=geheim", "--database", none}, exitUsage, "A file that is called so is ./FILE"},
		{[]string{"help", "jump"}, exitUsage, `there is no command "jump"`},
	} {
		status, out, errs := run1(t.Context(), c.args...)
		if status != c.status || !strings.Contains(errs, c.want) || out != "" || strings.Contains(errs, "geheim") {
			t.Errorf("%s: got %d, want %d and %q\n%s%s", strings.Join(c.args, " "), status, c.status, c.want, out, errs)
		}
	}
	for _, args := range [][]string{{"help"}, {"help", "db", "copy"}, {"help", "serve"}} {
		if status, out, errs := run1(t.Context(), args...); status != exitOK || !strings.HasPrefix(out, "Usage: recoverybot") || errs != "" {
			t.Errorf("%v: got %d\n%s%s", args, status, out, errs)
		}
	}
}
