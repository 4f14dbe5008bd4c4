package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shellBlock is a block of a document that TestOperatorsFirstDay runs.
var shellBlock = regexp.MustCompile("(?ms)^```sh\n.*?^```$")

// TestDocumentedCommandsAreRun: a test runs each sub-command that README.md and docs show, with each of its flags.
// That is a line of a script in cmd/recoverybot/testdata/script, where a flag may come from the environment, or the first day of
// docs/operate.md, which another test runs as it stands.
func TestDocumentedCommandsAreRun(t *testing.T) {
	shown := shownCommands(t, filepath.Join(top, "README.md"), filepath.Join(top, "docs", "*.md"))
	if len(shown) < 30 {
		t.Fatalf("%d commands are found in the documents", len(shown))
	}
	ran := ranCommands(t)
	for _, c := range shown {
		name := subCommand(c)
		for _, flag := range append([]string{""}, c.Flags...) {
			if !slices.Contains(ran, name+flag) {
				t.Errorf("%s:%d: no test runs recoverybot %s %s", filepath.Base(c.Path), c.Line, name, flag)
			}
		}
	}
}

func shownCommands(t *testing.T, patterns ...string) []Command {
	t.Helper()
	var tree Tree
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tree.Text = append(tree.Text, Text{Path: path, Data: data})
		}
	}
	return Commands(&tree)
}

// subCommand is the name of what a call runs: of two words for jobs, audit, db and shadow.
func subCommand(c Command) string {
	if len(c.Words) > 1 && slices.Contains([]string{"jobs", "audit", "db", "shadow"}, c.Words[0]) {
		return c.Words[0] + " " + c.Words[1]
	}
	return strings.Join(c.Words[:min(len(c.Words), 1)], "")
}

// ranCommands lists the sub-commands that the scripts and the first day run, alone and with each flag behind.
func ranCommands(t *testing.T) []string {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(top, "cmd", "recoverybot", "testdata", "script", "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var ran []string
	for _, script := range scripts {
		src, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		ran = append(ran, scriptCommands(string(src))...)
	}
	return append(ran, firstDayCommands(t)...)
}

func scriptCommands(src string) []string {
	src, _, _ = strings.Cut(src, "\n-- ")
	var lines, set []string
	for line := range strings.Lines(src) {
		words := strings.Fields(line)
		switch {
		case len(words) > 1 && words[0] == "env":
			set = append(set, environmentFlags(words[1:])...)
		case strings.Contains(line, "recoverybot "):
			_, call, _ := strings.Cut(line, "recoverybot ")
			lines = append(lines, "recoverybot "+strings.Trim(call, "'\n"))
		}
	}
	script := Text{Path: "script.md", Data: []byte("```\n" + strings.Join(lines, "\n") + "\n```\n")}
	return names(Commands(&Tree{Text: []Text{script}}), set)
}

// environmentFlags are the flags that RECOVERYBOT_NAME=value stands for.
func environmentFlags(words []string) []string {
	var flags []string
	for _, w := range words {
		name, _, _ := strings.Cut(w, "=")
		if name, ok := strings.CutPrefix(name, "RECOVERYBOT_"); ok {
			flags = append(flags, "--"+strings.ToLower(strings.ReplaceAll(name, "_", "-")))
		}
	}
	return flags
}

func names(commands []Command, set []string) []string {
	var all []string
	for _, c := range commands {
		for _, flag := range slices.Concat([]string{""}, c.Flags, set) {
			all = append(all, subCommand(c)+flag)
		}
	}
	return all
}

// firstDayCommands are those that TestOperatorsFirstDay runs.
func firstDayCommands(t *testing.T) []string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(top, "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, day, _ := strings.Cut(string(doc), "\n## The first day\n")
	day, _, _ = strings.Cut(day, "\n## Later\n")
	var sh strings.Builder
	for _, block := range shellBlock.FindAllString(day, -1) {
		sh.WriteString(block + "\n")
	}
	return names(Commands(&Tree{Text: []Text{{Path: "day.md", Data: []byte(sh.String())}}}), nil)
}
