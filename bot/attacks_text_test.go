package bot_test

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	rendering "github.com/yuin/goldmark/renderer/html"
)

var (
	codeOfPage  = regexp.MustCompile(`(?s)<(code|pre)\b.*?</(code|pre)>`)
	tagOfPage   = regexp.MustCompile(`(?s)<[^>]*>`)
	pageMention = regexp.MustCompile(`(?:\A|[^A-Za-z0-9_/.-])@([A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\])?(?:/[A-Za-z0-9_.-]+)?)`)
	pageRefers  = regexp.MustCompile(`(?i)(?:\A|[^A-Za-z0-9_&])((?:[a-z0-9_.-]+/[a-z0-9_.-]+)?#[0-9]+|gh-[0-9]+|(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?):? +(?:#|gh-|https?:)\S*)`)
	pageLink    = regexp.MustCompile(`<a href="([^"]*)"`)
	pageComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	ourMarker   = regexp.MustCompile(`\A<!-- recoverybot: [a-z0-9/: .-]+ -->\z`)
)

// linkHosts are where a text of ours may lead to, with the example policy.
func linkHosts() []string {
	return []string{"pypi.org", "test.pypi.org", "github.com", "octo-registry.example"}
}

// textFaults says what is wrong with a text of ours, as GitHub shows it:
// whom it mentions but for those who may be, what it refers to, and what it
// carries along. Entities are decoded first.
func textFaults(text string, mentions []string) []string {
	var page bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(rendering.WithUnsafe()))
	if err := md.Convert([]byte(text), &page); err != nil {
		return []string{err.Error()}
	}
	out := page.String()
	var faults []string
	bad := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, c := range pageComment.FindAllString(out, -1) {
		if !ourMarker.MatchString(c) {
			bad("has the comment %q", c)
		}
	}
	plain := pageComment.ReplaceAllString(out, "")
	for _, m := range pageLink.FindAllStringSubmatch(plain, -1) {
		if u, err := url.Parse(html.UnescapeString(m[1])); err != nil || u.Host != "" && !slices.Contains(linkHosts(), u.Host) && u.Scheme != "mailto" {
			bad("leads to %q", m[1])
		}
	}
	if strings.Contains(plain, "<img") || strings.Contains(plain, "<details") || strings.Contains(plain, "<script") {
		bad("has an image or another tag")
	}
	plain = tagOfPage.ReplaceAllString(codeOfPage.ReplaceAllString(plain, "`"), "")
	plain = html.UnescapeString(plain)
	for _, m := range pageMention.FindAllStringSubmatch(plain, -1) {
		if !slices.Contains(mentions, m[1]) {
			bad("mentions %q", m[1])
		}
	}
	for _, m := range pageRefers.FindAllStringSubmatch(plain, -1) {
		bad("refers to %q", m[1])
	}
	return faults
}

// TestTextFaults: what an attack looks for in our texts is found, were it there.
func TestTextFaults(t *testing.T) {
	for text, want := range map[string]string{
		"Hello @mallory, good morning":     `mentions "mallory"`,
		"Hello &#64;mallory":               `mentions "mallory"`,
		"Hello &commat;mallory":            `mentions "mallory"`,
		"(@octo-org/team)":                 `mentions "octo-org/team"`,
		"See #12":                          `refers to "#12"`,
		"See octo/repo#12":                 `refers to "octo/repo#12"`,
		"GH-12 it is":                      `refers to "GH-12"`,
		"fixes https://github.com/o/r":     `refers to "fixes https`,
		"![x](https://evil.example/a.png)": "has an image",
		"[x](https://evil.example/a)":      `leads to "https://evil.example/a"`,
		"https://evil.example/a":           `leads to "https://evil.example/a"`,
		"<!-- hidden -->":                  "has the comment",
		"<details>x</details>":             "has an image or another tag",
	} {
		if got := strings.Join(textFaults(text, []string{"ann"}), "; "); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	good := "Hello @ann, write `@mallory` or `/done` to a@b.example, [here](https://pypi.org/help)\n\n<!-- recoverybot: status -->"
	if got := textFaults(good, []string{"ann"}); len(got) > 0 {
		t.Errorf("a good text has faults: %q", got)
	}
}
