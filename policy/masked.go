package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// How long GitHub lets a comment or an issue's text be, and a title, in
// characters: code points, as the answer to what is too long says.
const (
	MaxBody  = 65536
	MaxTitle = 256
)

const (
	markerRoom = 200 // for the hidden key that marks a comment as ours
	maxTicks   = 15  // of a run: what marks a block of code must be longer
)

// allRemoved stands for a text in which something looks like a secret whatever
// is taken out.
const allRemoved = "[removed]"

// WithoutSecrets returns a text with each secret in it replaced by the mark of
// its class, at most so many characters long, and whether there was any. What
// it returns then has none; one that has none is returned as it is.
func WithoutSecrets(text string, most int) (string, bool) {
	found := leak.Scan(text)
	if !anySecret(found) {
		return text, false
	}
	masked := cut(leak.Mask(text, found), most)
	if anySecret(leak.Scan(masked)) {
		masked = allRemoved
	}
	return masked, true
}

func anySecret(found []leak.Leak) bool {
	return slices.ContainsFunc(found, func(l leak.Leak) bool { return l.Class.Secret() })
}

// cut returns the first characters of a text that is too long.
func cut(text string, most int) string {
	n := 0
	for i := range text {
		if n++; n > most {
			runes := []rune(text[:i])
			return string(runes[:most-1]) + "…"
		}
	}
	return text
}

// Masked is a comment of a person that is posted anew without its secrets.
type Masked struct {
	Login   string // of its author, as GitHub gave it
	Written time.Time
	Text    string // what the author wrote, secrets and all

	Language string // to tell of it; "", or one that is not offered: the default
}

// maskedView is what the words before a comment see that is posted anew.
type maskedView struct {
	Login   string
	Written string
}

// RenderMasked returns the comment to post in the place of m, as Markdown for
// GitHub: whose it was, in m.Language, and its text without secrets.
// That stands in a block of code from which nothing gets out: it is no markup,
// mentions and refers to nobody, and is no command; what cannot be seen in it is
// shown by its number. It fails only for rules that are not finished.
func (r *Rules) RenderMasked(m Masked) (string, error) {
	set := r.speaks(m.Language)
	if set == nil {
		return "", errors.New("rendering a masked comment: no texts")
	}
	intro, err := introduce(m, set)
	if set.plain != nil && (err != nil || len(r.unsafe(Text{}, intro)) > 0) {
		intro, err = introduce(m, set.plain)
	}
	if err != nil {
		return "", fmt.Errorf("rendering a masked comment: %w", err)
	}
	text, _ := WithoutSecrets(m.Text, MaxBody)
	text, _ = WithoutSecrets(inert(text), MaxBody)
	fence := strings.Repeat("`", max(3, longestTicks(text)+1))
	text = cut(text, MaxBody-markerRoom-len(intro)-2*len(fence))
	return intro + "\n\n" + fence + "\n" + text + "\n" + fence, nil
}

func introduce(m Masked, set *textSet) (string, error) {
	s := speaker{set: set}
	text := s.say("masked", maskedView{Login: ifShaped(loginShape, m.Login), Written: s.date("moment", m.Written)})
	return tidyText(text), s.err
}

// ticks are what ends a block of code, where there are enough of them.
var ticks = regexp.MustCompile("`+")

func longestTicks(text string) int {
	most := 0
	for _, run := range ticks.FindAllString(text, -1) {
		most = max(most, len(run))
	}
	return most
}

// inert returns a text for a block of code. There nothing is a mention or a
// reference; should it be copied out of it, @ and # are their wide forms, as in
// all that we print of others.
func inert(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = ticks.ReplaceAllStringFunc(strings.ToValidUTF8(text, "\ufffd"), func(run string) string {
		if len(run) > maxTicks {
			return run[:maxTicks] + "…"
		}
		return run
	})
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '@':
			r = '＠'
		case r == '#':
			r = '＃'
		case r != '\t' && (hides(r) || r == '\u200c' || r == '\u200d' || r == '\u2028' || r == '\u2029'):
			fmt.Fprintf(&b, "[U+%04X]", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
