package repotest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// top is the top of the repository, seen from this package's folder, where go test runs.
const top = "../.."

// exceptions returns what is allowed although a rule forbids it. Long functions are tables and main's
// wiring, nothing else.
func exceptions() []Exception {
	return nil
}

func loadTop(t *testing.T) *Tree {
	t.Helper()
	tree, err := Load(os.DirFS(top))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestRepository applies each rule to this repository.
func TestRepository(t *testing.T) {
	for _, f := range Run(loadTop(t), Rules(), exceptions()) {
		t.Error(f)
	}
}

// TestShape prints the figures that TestRepository limits, and fails on a tree without code.
func TestShape(t *testing.T) {
	s := Measure(loadTop(t))
	t.Logf("\n%s", s)
	if len(s.Funcs) == 0 || len(s.Files) == 0 || len(s.TestFiles) == 0 {
		t.Error("no code found: is this the top of the repository?")
	}
}

// TestDocumentedCommands asks the program itself whether the commands in README.md and the other documents
// exist.
func TestDocumentedCommands(t *testing.T) {
	tree := loadTop(t)
	commands := Commands(tree)
	if _, ok := tree.find("README.md"); ok && len(commands) == 0 {
		t.Error("README.md shows no command of recoverybot")
	}
	if len(commands) == 0 {
		return
	}
	found, err := CheckCommands(commands, programHelp(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

// programHelp builds the program once and returns its help texts, each asked for once.
func programHelp(t *testing.T) Help {
	t.Helper()
	program := filepath.Join(t.TempDir(), "recoverybot")
	build := exec.Command("go", "build", "-o", program, "./cmd/recoverybot")
	build.Dir = top
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program whose commands the documents show: %v\n%s", err, out)
	}
	texts := map[string]string{}
	return func(words ...string) (string, error) {
		key := strings.Join(words, " ")
		if text, ok := texts[key]; ok {
			return text, nil
		}
		out, err := exec.Command(program, append(words, "--help")...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("recoverybot %s --help: %w\n%s", key, err, out)
		}
		texts[key] = string(out)
		return texts[key], nil
	}
}
