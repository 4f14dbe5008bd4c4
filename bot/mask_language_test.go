package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// What is posted anew without its secret tells so in the language of the
// request, whoever wrote it.
func TestMaskSpeaksTheRequestsLanguage(t *testing.T) {
	for language, want := range map[string]string{"": "` wrote this on ", "es": "` escribió esto el "} {
		w := newWorld(t, setup{policy: examplePolicy(t) + "\nlanguages: [en, es]\nleaks: {comments: repost}\n"})
		n := w.triage()
		if language != "" {
			w.say(n, "ann", "/language "+language)
		}
		for _, who := range []string{"ann", "mallory"} {
			id := w.written(n, who, "see "+leaked)
			w.soon()
			is, _ := w.repo.Issue(n)
			i := slices.IndexFunc(is.Comments, func(c bottest.Comment) bool { return strings.Contains(c.Body, fmt.Sprintf("mask:%d ", id)) })
			if i < 0 || !strings.HasPrefix(is.Comments[i].Body, "`"+who+want) {
				t.Errorf("in %q, for %s: got comment %d of %v", language, who, i, is.Comments)
			}
		}
	}
}
