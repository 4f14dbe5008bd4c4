package parser_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// TestParseCommand gives comments and the words of the command in them, "-" for none.
func TestParseCommand(t *testing.T) {
	tests := []struct{ name, comment, want string }{
		{"plain", "/help", "help"},
		{"arguments", "/username jbber", "username jbber"},
		{"more spaces", "/approve   mailbox  abc   ", "approve mailbox abc"},
		{"punctuation in arguments", "/username `jb.b-e_r`", "username `jb.b-e_r`"},
		{"text below is for people", "/ask\nWhich account is it?\n> a quote", "ask"},
		{"blank lines above", "\n  \r\n\r\n/done\r\n", "done"},
		{"CRLF", "/done\r\nthanks\r\n", "done"},
		{"a phone's capital", "/Help", "help"},
		{"dash and digit", "/a-1 2", "a-1 2"},
		{"longest", "/x " + strings.Repeat("a", 253), "x " + strings.Repeat("a", 253)},
		{"empty", "", "-"},
		{"only blank", "\n \n", "-"},
		{"slash", "/", "-"},
		{"two slashes", "//help", "-"},
		{"space behind the slash", "/ help", "-"},
		{"path", "/usr/bin", "-"},
		{"path with a word behind", "/usr/bin/env python", "-"},
		{"digit first", "/1up", "-"},
		{"underscore", "/a_b", "-"},
		{"punctuation", "/done!", "-"},
		{"in a sentence", "please /help", "-"},
		{"not the first line", "Hello\n/approve", "-"},
		{"indented", " /help", "-"},
		{"indented code", "    /help", "-"},
		{"quote", "> /approve", "-"},
		{"code", "`/approve`", "-"},
		{"fence", "```\n/approve\n```", "-"},
		{"list", "- /approve", "-"},
		{"HTML comment", "<!--\n/approve\n-->", "-"},
		{"details", "<details>\n\n/approve\n\n</details>", "-"},
		{"link text", "[/approve](https://example.com)", "-"},
		{"bold", "**/approve**", "-"},
		{"tab", "/username\tjbber", "-"},
		{"tab on the line above", "\t\n/help", "-"},
		{"byte order mark", "\ufeff/help", "-"},
		{"zero-width space before", "\u200b/help", "-"},
		{"zero-width space inside", "/he\u200blp", "-"},
		{"zero-width space on the line above", "\u200b\n/help", "-"},
		{"right-to-left override", "/help \u202eevil", "-"},
		{"no-break space", "/username\u00a0jbber", "-"},
		{"letter outside ASCII", "/h\u0435lp", "-"},
		{"full-width slash", "\uff0fhelp", "-"},
		{"control character", "/help \x00", "-"},
		{"too long", "/x " + strings.Repeat("a", 254), "-"},
		{"too many arguments", "/x" + strings.Repeat(" a", 17), "-"},
		{"mail header above", "From: bot\n\n/approve", "-"},
		{"mail reply", "/done\n\nOn Mon, 3 Dec 2026 at 10:12, bot <b@example.com> wrote:\n\n> text", "-"},
		{"mail reply, marks quoted", "/done\n\n> On Mon, 3 Dec 2026, bot wrote:", "-"},
		{"mail reply in German", "/done\n\nAm 03.12.2026 um 10:12 schrieb bot:\n> text", "-"},
		{"mail reply in French", "/done\n\nLe lun. 3 d\u00e9c. 2026, bot a \u00e9crit\u00a0:\n", "-"},
		{"mail reply in Chinese", "/done\n\n2026\u5e7412\u67083\u65e5 bot \u5199\u9053\uff1a\n", "-"},
		{"Outlook", "/done\n\n-----Original Message-----\nhello", "-"},
		{"Outlook's line", "/done\n\n________________________________\nhello", "-"},
		{"mail header below", "/done\n\n**From:** bot\n", "-"},
		{"GitHub's mail foot", "/done\n\n\u2014\nReply to this email directly, view it on GitHub", "-"},
		{"a colon is no mail", "/ask\nThis is what we need:\n- a name\nThe book am schrieb: no", "ask"},
		{"a short line is no mail", "/ask\n___\nhello", "ask"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, words(parser.ParseCommand(test.comment))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func words(c parser.Command, ok bool) string {
	if !ok {
		return "-"
	}
	return strings.Join(append([]string{c.Name}, c.Args...), " ")
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{"/help", "/username jbber\n", "\r\n/a b c", "\ufeff/x", "> /x", "/x\nOn y wrote:", "/usr/bin"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		c, ok := parser.ParseCommand(comment)
		if !ok {
			if diff := cmp.Diff(parser.Command{}, c); diff != "" {
				t.Errorf("a refused comment gives a command (-want +got):\n%s", diff)
			}
			return
		}
		if got, again := parser.ParseCommand(words(c, true)); again {
			t.Errorf("without the slash %q is a command: %v", words(c, true), got)
		}
		if diff := cmp.Diff(words(c, true), words(parser.ParseCommand("/"+words(c, true)))); diff != "" {
			t.Errorf("written anew it differs (-want +got):\n%s", diff)
		}
		for _, before := range []string{"> ", " ", "\t", "`", "- ", "<!--", "<details>", "\ufeff", "\u200b", "Hello\n", "> quote\n"} {
			if got, ok := parser.ParseCommand(before + comment); ok && strings.TrimLeft(comment, " \r\n") == comment {
				t.Errorf("%q before the command runs %v", before, got)
			}
		}
		if got, ok := parser.ParseCommand("> " + comment); ok {
			t.Errorf("quoted it runs %v", got)
		}
	})
}
