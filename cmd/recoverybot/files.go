package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

// readPolicy reads a policy with its forms. Its error has every problem, each
// with file, line and column.
func readPolicy(path string) (*policy.Rules, error) {
	src, err := os.ReadFile(path) //nolint:gosec // the operator's word
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w\nName the right file (--policy FILE; for check: recoverybot check FILE). To begin one: recoverybot init --help", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	rules, err := policy.ParseRules(src, os.DirFS(filepath.Dir(path)))
	if errs, ok := errors.AsType[policy.Errors](err); ok {
		return nil, policyError{path: path, errs: errs}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the policy %s: %w", path, err)
	}
	return rules, nil
}

// readPinned reads a policy for a command that acts: one that names people or
// repositories without their ids is refused, with the list.
func readPinned(path string) (*policy.Rules, error) {
	rules, err := readPolicy(path)
	if err != nil {
		return nil, err
	}
	missing := rules.Unpinned()
	if len(missing) == 0 {
		return rules, nil
	}
	lines := make([]string, 0, len(missing))
	for _, u := range missing {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: the %s has no id", path, u.Line, u.Column, u))
	}
	return nil, fmt.Errorf("the policy %s has %s, and a name alone can be taken by somebody else:\n%s\nWrite the ids with: recoverybot pin %s --app-id N --private-key FILE",
		path, count(len(missing), "name without an id", "names without an id"), strings.Join(lines, "\n"), quoted(path))
}

// policyError prints a policy's problems under its file's name.
type policyError struct {
	path string
	errs policy.Errors
}

func (e policyError) Error() string {
	plural := "problems"
	if len(e.errs) == 1 {
		plural = "problem"
	}
	return fmt.Sprintf("the policy %s has %d %s:\n%s", e.path, len(e.errs), plural, e.errs.Show(e.path))
}

// readSecrets reads the webhook's secrets, one a line: two while one is being
// changed for the other. The file must be as private as the key: with the
// secret anybody could write deliveries in GitHub's name.
func readSecrets(path string) ([][]byte, error) {
	src, err := github.ReadPrivate(path, "the webhook secret")
	if err != nil {
		return nil, orMake(err, path, "the App's settings (Webhook secret)")
	}
	return secretFile{path: path, name: "the webhook secret", of: "the App's webhook", least: webhook.MinSecret}.secrets(src)
}

// readMailSecrets reads the secrets of the mail hook likewise; none for "".
func readMailSecrets(path string) ([][]byte, error) {
	if path == "" {
		return nil, nil
	}
	src, err := github.ReadPrivate(path, "the secret of the mail hook")
	if err != nil {
		return nil, orMake(err, path, "your mail system")
	}
	return secretFile{path: path, name: "the mail secret", of: "the mail hook", least: webhook.MinMailSecret}.secrets(src)
}

// orMake says how to make a secret that is not there, and where else it goes.
func orMake(err error, path, where string) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%w\nMake one: openssl rand -hex 32 > %s, and chmod 600 it. Paste it into %s, too", err, quoted(path), where)
}

// secretFile is a file with one or two secrets of something.
type secretFile struct {
	path, name, of string
	least          int // bytes that each has
}

func (f secretFile) secrets(src []byte) ([][]byte, error) {
	var secrets [][]byte
	for line := range bytes.Lines(src) {
		if s := bytes.TrimSpace(line); len(s) > 0 {
			secrets = append(secrets, s)
		}
	}
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%s file %s is empty: write the secret of %s into it, %d bytes at least", f.name, f.path, f.of, f.least)
	}
	if len(secrets) > 2 {
		return nil, fmt.Errorf("%s file %s has %d lines: one secret, or two while you change it", f.name, f.path, len(secrets))
	}
	for i, s := range secrets {
		if len(s) < f.least {
			return nil, fmt.Errorf("%s in line %d of %s has %d bytes: it needs %d at least, made by a random generator", f.name, i+1, f.path, len(s), f.least)
		}
	}
	return secrets, nil
}

// readInput reads a file, or standard input for "-". What is longer than any
// issue is refused.
func readInput(e *env, path string) (string, error) {
	const limit = 1 << 20
	in := e.in
	if path != "-" {
		f, err := os.Open(path) //nolint:gosec // the operator's word
		if err != nil {
			return "", fmt.Errorf("reading the issue body: %w", err)
		}
		defer func() { _ = f.Close() }() // only read
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return "", fmt.Errorf("reading the issue body: %w", err)
	}
	if len(b) > limit {
		return "", fmt.Errorf("the issue body is longer than %d bytes; GitHub allows 65536 characters", limit)
	}
	return string(b), nil
}
