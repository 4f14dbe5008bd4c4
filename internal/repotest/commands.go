package repotest

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// Command is one call of the program that a document shows to its readers.
type Command struct {
	Path  string
	Line  int
	Words []string // sub-command and its arguments, without flags
	Flags []string // such as "--form", without values
}

// Commands returns the calls of recoverybot in the fenced code blocks of t's Markdown files, in order.
// A line may start with a prompt or with variables, and go on after a backslash.
func Commands(t *Tree) []Command {
	var list []Command
	for _, text := range t.Text {
		if path.Ext(text.Path) != ".md" {
			continue
		}
		for _, line := range fencedLines(text.Data) {
			for _, part := range shellSeparatorRE.Split(line.text, -1) {
				if c, ok := parseCommand(part); ok {
					c.Path, c.Line = text.Path, line.number
					list = append(list, c)
				}
			}
		}
	}
	return list
}

var (
	fenceRE          = regexp.MustCompile("^ *(```+|~~~+)")
	variableRE       = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*=`)
	shellSeparatorRE = regexp.MustCompile(`\s(?:\||&&|;)\s|;\s`)
)

// fencedLine is a line of a code block, joined with those that continue it.
type fencedLine struct {
	number int
	text   string
}

// documentLine is a line of a document. Fences are none.
type documentLine struct {
	number int
	text   string
	block  int // which code block it is in, from 1; 0 outside
}

func documentLines(data []byte) []documentLine {
	var (
		list      []documentLine
		fence     string // what closes the block; "" outside
		n, blocks int
	)
	for raw := range bytes.Lines(data) {
		n++
		line := documentLine{number: n, text: strings.TrimRight(string(raw), "\r\n")}
		mark := fenceRE.FindStringSubmatch(line.text)
		switch {
		case fence == "" && mark != nil:
			fence = mark[1]
			blocks++
			continue
		case fence != "" && mark != nil && strings.HasPrefix(mark[1], fence):
			fence = ""
			continue
		case fence != "":
			line.block = blocks
		}
		list = append(list, line)
	}
	return list
}

func fencedLines(data []byte) []fencedLine {
	var list []fencedLine
	joined := 0 // the block whose last line ends in a backslash
	for _, line := range documentLines(data) {
		if line.block == 0 {
			continue
		}
		text, more := strings.CutSuffix(line.text, `\`)
		if joined == line.block {
			list[len(list)-1].text += " " + text
		} else {
			list = append(list, fencedLine{line.number, text})
		}
		joined = 0
		if more {
			joined = line.block
		}
	}
	return list
}

// parseCommand reads one call of the program, by "go run ./cmd/recoverybot" or by its name.
func parseCommand(text string) (Command, bool) {
	text, _, _ = strings.Cut(text, " #")
	words := strings.Fields(strings.NewReplacer("[", " ", "]", " ", "…", " ").Replace(text))
	for len(words) > 0 && (words[0] == "$" || words[0] == "sudo" || variableRE.MatchString(words[0])) {
		words = words[1:]
	}
	words, ok := cutProgram(words)
	if !ok {
		return Command{}, false
	}
	var c Command
	for _, w := range words {
		switch flag, _, _ := strings.Cut(w, "="); {
		case w == "-" || w == "--":
		case strings.HasPrefix(flag, "-"):
			c.Flags = append(c.Flags, flag)
		default:
			c.Words = append(c.Words, w)
		}
	}
	return c, len(c.Words)+len(c.Flags) > 0
}

// cutProgram takes the program off the front of words, and reports whether it is ours.
func cutProgram(words []string) ([]string, bool) {
	switch {
	case len(words) >= 3 && words[0] == "go" && words[1] == "run" && path.Clean(words[2]) == "cmd/recoverybot":
		return words[3:], true
	case len(words) >= 1 && path.Base(words[0]) == "recoverybot":
		return words[1:], true
	}
	return nil, false
}

// Help returns what the program prints for these words followed by --help.
type Help func(words ...string) (string, error)

// CheckCommands finds the commands whose sub-command or flag is not in the program's help. The error is
// that of help.
func CheckCommands(commands []Command, help Help) ([]Finding, error) {
	var out []Finding
	for _, c := range commands {
		found, err := checkCommand(c, help)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func checkCommand(c Command, help Help) ([]Finding, error) {
	text, err := help()
	if err != nil {
		return nil, err
	}
	name := "recoverybot"
	if len(c.Words) > 0 {
		if !lists(text, c.Words[0]) {
			return []Finding{{c.Path, c.Line, c.Words[0], "recoverybot has no command " + c.Words[0]}}, nil
		}
		name += " " + c.Words[0]
		if text, err = commandHelp(text, c.Words, help); err != nil {
			return nil, err
		}
	}
	var out []Finding
	for _, flag := range c.Flags {
		if !hasFlag(text, flag) {
			out = append(out, Finding{c.Path, c.Line, flag, name + " has no flag " + flag})
		}
	}
	return out, nil
}

// commandHelp returns the help of the sub-command words[0], and of the one below it if top lists one.
func commandHelp(top string, words []string, help Help) (string, error) {
	text, err := help(words[0])
	if err != nil || len(words) < 2 || !lists(top, words[0]+" "+words[1]) {
		return text, err
	}
	below, err := help(words[0], words[1])
	return text + below, err
}

// lists reports whether the help text has a line that starts with the command, indented.
func lists(text, command string) bool {
	return regexp.MustCompile(`(?m)^\s+` + regexp.QuoteMeta(command) + `(?:\s|$)`).MatchString(text)
}

// hasFlag reports whether the help text shows the flag; "--[no-]x" shows both --x and --no-x.
func hasFlag(text, flag string) bool {
	both := "--[no-]" + strings.TrimPrefix(strings.TrimPrefix(flag, "--"), "no-")
	pattern := `(?m)(?:^|[\s,([|])(?:` + regexp.QuoteMeta(flag) + `|` + regexp.QuoteMeta(both) + `)(?:[^a-z0-9-]|$)`
	return regexp.MustCompile(pattern).MatchString(text)
}
