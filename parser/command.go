package parser

import "strings"

// Limits on a command line, in bytes, and on its number of arguments.
const (
	maxCommandLine = 256
	maxArgs        = 16
)

// Command is an order to the bot, as `/name args` in a comment.
type Command struct {
	// Name is in lower case, without the slash: [a-z][a-z0-9-]*.
	Name string
	// Args are the words behind the name as typed: printable ASCII, at most 16; nil if there are none.
	Args []string
}

// ParseCommand reads the command of a comment. The grammar:
//
//	comment = { blank line } , line , { any other line } ;
//	line    = "/" , name , { " " , { " " } , word } , { " " } ;   (at column 0, at most 256 bytes)
//	name    = letter , { letter | digit | "-" } ;                  (ASCII; upper case is folded)
//	word    = one or more of "!" to "~" ;
//
// A blank line has only spaces. Lines end by LF, CRLF or CR. As only the first line counts, and only at column 0,
// nothing in a quote, in code, in HTML or behind a greeting ever runs; as it is ASCII, no tab, byte order mark,
// zero-width or bidirectional character is ever part of it, or stands before it.
//
// A comment that came by mail and carries the mail that it answers runs nothing, even if its first line is a command:
// what is the answer and what is quoted can't be told apart for all mail programs. It is taken for such if any line
// looks like the head of a quoted mail ("On … wrote:" in several languages, "From: …", "-----Original Message-----"),
// or like the foot of GitHub's own mails ("Reply to this email directly").
func ParseCommand(comment string) (Command, bool) {
	lines := splitLines(comment)
	for len(lines) > 1 && strings.Trim(lines[0], " ") == "" {
		lines = lines[1:]
	}
	command, ok := parseCommandLine(lines[0])
	if !ok {
		return Command{}, false
	}
	for _, line := range lines[1:] {
		if isMailMark(line) {
			return Command{}, false
		}
	}
	return command, true
}

func parseCommandLine(line string) (Command, bool) {
	rest, ok := strings.CutPrefix(line, "/")
	if !ok || len(line) > maxCommandLine || !isPrintableASCII(line) {
		return Command{}, false
	}
	name, args, _ := strings.Cut(rest, " ")
	name = strings.ToLower(name)
	words := strings.Fields(args)
	if !isCommandName(name) || len(words) > maxArgs {
		return Command{}, false
	}
	if len(words) == 0 {
		words = nil
	}
	return Command{Name: name, Args: words}, true
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isCommandName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if letter := 'a' <= c && c <= 'z'; !letter && (i == 0 || (c < '0' || c > '9') && c != '-') {
			return false
		}
	}
	return name != ""
}

// mailStarts begin a line of a mail's head or foot, in lower case.
func mailStarts() []string {
	return []string{
		"from:", "sent:", "von:", "gesendet:", "de :", "de:", "envoyé :", "enviado:", "enviado el:", "发件人",
		"begin forwarded message", "reply to this email directly", "you are receiving this because",
		"message id: <", "sent from my ",
	}
}

// mailEnds end the line that introduces a quoted mail, in lower case and without the colon.
func mailEnds() []string {
	return []string{"wrote", "schrieb", "a écrit", "escribió", "escreveu", "ha scritto", "schreef", "написал", "写道"}
}

// mailParts stand anywhere in a line of a mail's head or foot, in lower case.
func mailParts() []string {
	return []string{"original message--", "forwarded message--", "reply to this email directly", "view it on github"}
}

func isMailMark(line string) bool {
	text := strings.ToLower(strings.Trim(line, " \t>*_|"))
	if text == "" {
		return len(line) >= 20 && strings.Trim(line, "_") == ""
	}
	for _, start := range mailStarts() {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	for _, part := range mailParts() {
		if strings.Contains(text, part) {
			return true
		}
	}
	body, ok := strings.CutSuffix(text, ":")
	if !ok {
		body, ok = strings.CutSuffix(text, "：")
	}
	for _, end := range mailEnds() {
		if ok && strings.HasSuffix(strings.TrimRight(body, " \u00a0"), end) {
			return true
		}
	}
	// German and Dutch put the name behind the verb.
	return ok && strings.HasPrefix(text, "am ") && strings.Contains(text, " schrieb ") ||
		ok && strings.HasPrefix(text, "op ") && strings.Contains(text, " schreef ")
}
