package policy

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/parser"
)

// typed stands in every text that people type here. No account may be called so, and nothing that the bot keeps or writes
// may have it.
const typed = "zq7~typed"

// hostileTexts are what people type to reach somebody, to link something, to hide something, or to be taken for a command.
func hostileTexts() []string {
	return []string{
		"@octocat", "@octo-registry/agents", "&#64;octocat", "&commat;octocat", "&amp;#64;octocat", "＠octocat", "@\u200boctocat",
		"#1", "GH-1", "octo-registry/support#1", "https://github.com/octo-registry/support/issues/1", "fixes #1", "Closes GH-1",
		"resolves octo-registry/support#1", "closes: https://github.com/o/r/issues/2", "&num;1", "&#35;1", "<!-- recoverybot: status -->",
		"<!--", "-->", "![x](https://evil.example/a.png)", "[x](https://evil.example)", "<img src=x>", "<a href='https://evil.example'>x</a>",
		"[x]: https://evil.example", "www.evil.example", "https://evil.example/?a=@octocat", "javascript:alert(1)", "<details><summary>",
		"<script>", "</code>", "`", "``", "```", "~~~", "\u202e", "\u2066x\u2069", "\u200b", "\u00ad", "\U000e0041", "\ufeff", "\u2028/withdraw",
		"\n/complete outside", "\r/withdraw", "\n\n### PyPI Username\n\nocto-admin", "| a |\n|---|", "$\\href{x}{y}$", "\x1b[2J", "\x00",
		"0ct0-admin", "оcto-admin", "a@b.example", "A·B", "%00", "{{.Account}}", "{{template \"status\"}}", "${IFS}", "'; DROP TABLE cases; --",
	}
}

// hostileText draws one or more of them, with the mark of what was typed.
func hostileText(r *rapid.T) string {
	parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(hostileTexts()), rapid.String(),
		rapid.StringMatching("[@#/&<>`*_\\[\\]()!\\n\\r\\t a-z0-9;:.-]{0,30}")), 1, 3).Draw(r, "text")
	glue := rapid.SampledFrom([]string{"", " ", "\n", "`"}).Draw(r, "glue")
	return strings.Join(append(parts, typed), glue)
}

var (
	codeSpan      = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	ownLink       = regexp.MustCompile(`!?\[[^\]]*\]\(([^)]*)\)`)
	pageLink      = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>)"]*`)
	pageMention   = regexp.MustCompile(`(?:\A|[^A-Za-z0-9_.+/-])@([A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\])?(?:/[A-Za-z0-9_.-]+)?)`)
	pageReference = regexp.MustCompile(`(?i)(?:\A|[^A-Za-z0-9_&/])(?:[a-z0-9_.-]+/[a-z0-9_.-]+)?#[0-9]+|\bgh-[0-9]+|\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?):?\s+(?:#|gh-|https?:)`)
	pageTag       = regexp.MustCompile(`(?i)<(/?[a-z][a-z0-9]*)`)
	unseen        = regexp.MustCompile(`[\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}\x{00ad}\x{e0000}-\x{e007f}\x00-\x08\x0b-\x1f]`)
)

// pageFaults says what of a text GitHub would make more of than a text: without asking the rules that the bot itself has.
func pageFaults(text string, mentions []string) []string {
	var faults []string
	bad := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if strings.Contains(text, typed) {
		bad("repeats what was typed")
	}
	if c, ok := parser.ParseCommand(text); ok {
		bad("is the command %q", c.Name)
	}
	if s := unseen.FindString(text); s != "" {
		bad("has %q, which nobody sees", s)
	}
	if strings.Contains(text, "<!--") || strings.Contains(text, "![") {
		bad("has a comment or an image")
	}
	prose := codeSpan.ReplaceAllString(text, "")
	for _, m := range pageTag.FindAllStringSubmatch(prose, -1) {
		if !slices.Contains([]string{"sub", "/sub", "br"}, m[1]) {
			bad("has the tag %q", m[0])
		}
	}
	prose = html.UnescapeString(prose) // once, as GitHub does: what is still an entity then is shown as one
	for _, link := range append(pageLink.FindAllString(prose, -1), targetsOf(prose)...) {
		if u, err := url.Parse(link); err != nil || u.Host != "" && !slices.Contains(homes(), u.Host) || u.Host == "" && !strings.HasPrefix(link, "#issuecomment-") {
			bad("leads to %q", link)
		}
	}
	for _, m := range pageMention.FindAllStringSubmatch(prose, -1) {
		if !slices.Contains(mentions, m[1]) {
			bad("mentions %q", m[1])
		}
	}
	if s := pageReference.FindString(ownLink.ReplaceAllString(prose, "")); s != "" {
		bad("refers to %q", s)
	}
	return faults
}

func targetsOf(prose string) []string {
	var all []string
	for _, m := range ownLink.FindAllStringSubmatch(prose, -1) {
		all = append(all, m[1])
	}
	return all
}

// homes are the hosts of the links of the tests' policy.
func homes() []string { return []string{"pypi.org", "test.pypi.org"} }

// siege is a request whose people type what is hostile.
type siege struct {
	*rapid.T
	w       *world
	mention []string
}

// judge looks at all that a decision prints, posts or keeps.
func (s *siege) judge(d Decision, what string) {
	s.look(d.Reasons, what+": a reason")
	s.look(d.Memory, what+": the memory")
	for _, e := range d.Effects {
		s.look(e, what+": "+e.String())
		switch e := e.(type) {
		case Comment:
			s.text(e.Text, e.Key(), s.readers(e))
		case Desk:
			s.text(e.Text, e.Key(), s.readers(e))
			s.faultless(s.w.rules.RenderTitle(e.Text), "the title", nil)
		}
	}
	q, _ := s.w.request(Event{Kind: Tick})
	s.text(s.w.rules.Summary(q, s.w.now), "the summary", nil)
}

// readers are whom an effect may mention: at the desk the teams of staff, elsewhere the author.
func (s *siege) readers(e Effect) []string {
	if !AtDesk(e) {
		return s.mention
	}
	return []string{"octo-registry/agents", "octo-registry/helpers", "octo-registry/security", "eve"}
}

func (s *siege) text(t Text, what string, mentions []string) {
	got, err := s.w.rules.Render(t)
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	s.faultless(got, what, mentions)
}

func (s *siege) faultless(text, what string, mentions []string) {
	faults := pageFaults(text, mentions)
	if strings.HasPrefix(what, "the title") { // nothing in a title is a link
		faults = slices.DeleteFunc(faults, func(f string) bool { return strings.HasPrefix(f, "refers to") })
	}
	if len(faults) > 0 {
		s.Fatalf("%s %s:\n%s", what, strings.Join(faults, ", "), text)
	}
}

// look checks that a value has nothing of what was typed.
func (s *siege) look(v any, what string) {
	b, err := json.Marshal(v)
	if err != nil {
		s.Fatal(err)
	}
	if strings.Contains(string(b), typed) || strings.Contains(fmt.Sprint(v), typed) {
		s.Fatalf("%s keeps what was typed: %s", what, b)
	}
}

// act lets one thing happen, as the draw wants it.
func (s *siege) act(bodies map[string]string) {
	who := whois(rapid.SampledFrom([]string{"ann", "ann", "hal", "ada", "eve", "sam", "robo"}).Draw(s.T, "who"))
	if who.ID == annID {
		who = s.w.issue.Author
	}
	name := rapid.SampledFrom(Commands()).Draw(s.T, "command").Name
	text := hostileText(s.T)
	var ev Event
	switch rapid.IntRange(0, 7).Draw(s.T, "act") {
	case 0:
		ev = s.w.edits(who, s.body(bodies))
	case 1:
		ev = s.w.says(who, text)
	case 2:
		ev = s.w.says(who, "/"+strings.ReplaceAll(text, "\n", " "))
	case 3:
		s.w.now = s.w.now.Add(time.Duration(rapid.IntRange(1, 70).Draw(s.T, "days")) * 24 * time.Hour)
		ev = Event{Kind: Tick}
	case 4:
		s.w.issue.Title = text
		ev = s.w.labels(who, text, true)
	case 5:
		ev = s.w.saysAtDesk(who, "/"+name+" "+strings.ReplaceAll(text, "\n", " "))
	default:
		ev = s.w.says(who, "/"+name+" "+strings.ReplaceAll(text, "\n", " "))
	}
	if ev.Desk && !s.w.atDesk {
		return
	}
	s.w.now = s.w.now.Add(time.Minute)
	s.judge(s.w.hand(ev), fmt.Sprint(ev.Kind))
}

// body is a form with something hostile in one of its answers, around them, or in their place.
func (s *siege) body(bodies map[string]string) string {
	text, complete := hostileText(s.T), bodies["complete"]
	lines := strings.Split(complete, "\n")
	at := rapid.IntRange(0, len(lines)-1).Draw(s.T, "line")
	switch rapid.IntRange(0, 3).Draw(s.T, "body") {
	case 0:
		return text
	case 1:
		lines[at] = text
	case 2:
		lines[at] += " " + text
	default:
		lines = slices.Insert(lines, at, text)
	}
	return strings.Join(lines, "\n")
}

// TestHostileText: whatever people type, wherever they can, nothing that is posted, printed or kept has it, reaches anybody
// but the author and staff, links to what it should not, hides anything, or is a command.
func TestHostileText(t *testing.T) {
	rules, bodies := rulesAtDesk(t), storyBodies(t)
	rapid.Check(t, func(r *rapid.T) {
		rules := named(rules, r)
		s := &siege{T: r, w: newWorld(rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))}
		author := whois("ann")
		author.Login = rapid.SampledFrom([]string{"ann", "a-b", "x1", "ghost", "Ann-O"}).Draw(r, "login")
		s.mention = []string{author.Login}
		s.w.open(author, s.body(bodies), rules.Requests.Label, hostileText(r))
		s.w.issue.Title = hostileText(r)
		s.judge(s.w.hand(s.w.touch(author, Opened)), "opened")
		for range rapid.IntRange(1, 6).Draw(r, "acts") {
			s.act(bodies)
		}
	})
}

// named is a policy whose operator, too, has chosen strange words for what is shown.
func named(rules *Rules, r *rapid.T) *Rules {
	local := *rules
	local.Registries = slices.Clone(rules.Registries)
	words := strings.ReplaceAll(hostileText(r), typed, "")
	switch rapid.IntRange(0, 5).Draw(r, "policy") {
	case 0:
		local.Registries[0].Name = words
	case 1:
		local.Registries[0].Mail = words
	case 2:
		local.Registries[0].Links.Codes, local.Registries[0].Links.Help = "javascript:"+words, "https://pypi.org/) "+words
	}
	return &local
}

// TestPageFaults shows that each check can fail.
func TestPageFaults(t *testing.T) {
	for text, want := range map[string]string{
		"Hello @octocat.": `mentions "octocat"`, "&#64;octocat": `mentions "octocat"`, "see #1": "refers to", "fixes https://x": "refers to",
		"o/r#3": "refers to", "x <!-- y": "comment", "![a](b)": "image", "[a](https://evil.example)": "leads to", "www.evil.example": "leads to",
		"<details>": "tag", "a\u202eb": "nobody sees", "/withdraw": "is the command", typed: "repeats",
	} {
		if got := strings.Join(pageFaults(text, []string{"ann"}), ", "); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := pageFaults("Hello @ann. `@octocat` [codes](https://pypi.org/help/#x) <sub>a@b.example</sub>", []string{"ann"}); len(got) > 0 {
		t.Errorf("a good text: %q", got)
	}
}
