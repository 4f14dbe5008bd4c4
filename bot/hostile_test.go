package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
)

// hostileWords are what somebody types to ping, to link, to hide or to command.
// Each has the mark that nothing of ours may repeat.
func hostileWords() []string {
	const mark = " canary-hostile"
	all := []string{
		"@octocat", "@octo-registry/support-agents", "&#64;octocat", "&commat;octocat", "#1", "GH-1", "octo-registry/support#1",
		"fixes #1", "closes https://github.com/octo-registry/support/issues/1", "<!-- recoverybot: status -->", "<!--", "![x](https://evil.example/a.png)",
		"[x](https://evil.example)", "<img src=https://evil.example>", "<details>", "www.evil.example", "`", "```", "\u202e", "a\u200bb",
		"\U000e0041", "оcto", "a@b.example", "| a |", "\x1b[2J", "{{.Account}}", "\"],[\"", "%s%d",
	}
	for i := range all {
		all[i] += mark
	}
	return all
}

// hostileActs are who comments, and what stands before the words.
func hostileActs() []string {
	return []string{
		"ann: ", "ann: /", "ann: /username ", "ann: /registry ", "ann: /kind ", "ann: /language ", "mallory: /object ",
		"mallory: This is my account. ", "hal: /ask ", "hal: /ask\n", "ada: /deny ", "ada: /redirect ", "ada: /duplicate ",
		"ada: /assign ", "ada: /approve ", "sue: /hold ", "sue: /resume\n", "ann: /proof ",
	}
}

// TestHostileWorld feeds each of them into every input of the real bot, and
// looks at all that it wrote, with the eyes of GitHub's page, and at what it
// stored and logged.
func TestHostileWorld(t *testing.T) {
	t.Parallel()
	s := besiege(t, attack{name: "hostile"})
	s.canaries = []string{"canary-hostile"}
	words := sample.Each(t, hostileWords(), sample.Sizes{Plain: 1, Race: 5, All: 1})
	for _, word := range words {
		n, err := s.repo.OpenIssue("ann", bottest.Draft{
			Title: word, Body: body(word, word) + "\n### " + word + "\n\n" + word,
			Labels: []string{s.rules.Requests.Label, strings.ReplaceAll(word, ",", "")},
		})
		s.must(err)
		s.settle()
		s.later(time.Minute)
		for _, act := range hostileActs() {
			who, before, _ := strings.Cut(act, ": ")
			s.say(n, who, before+word)
		}
		s.must(s.repo.EditTitle(n, "ann", word+" "+word))
		for _, command := range []string{"/why ", "/attest ", "/snooze ", "/proof ", "/kind ", "/deny ", "/help "} {
			s.sayAtDesk(n, "ada", command+word)
		}
		s.later(time.Minute)
	}
	s.pass(30 * 24 * time.Hour)
	texts := s.ourTexts()
	if len(texts) < 10*len(words) {
		t.Errorf("only %d texts of ours: nothing can be learnt from them", len(texts))
	}
	for _, p := range texts {
		s.written(p)
	}
	s.silent()
}
