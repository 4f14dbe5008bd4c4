package webhook

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/parser/leak"
	"github.com/recoverybot/recoverybot/policy"
)

// token has the form of a PyPI token, and was never one.
const token = "pypi-AgEIcHlwaS5vcmcCJDExMTExMTExLTIyMjItNDMzMy04NDQ0LTU1NTU1NTU1NTU1NQACKlszLCI2NjY2NjY2Ni03Nzc3LTQ4ODgtODk5OS0wMDAwMDAwMDAwMDAiXQAABiB5hbDIuFjnf1fG1AOzFa3gTSSF1uwtCWlCVurdINtvJw"

// written is a word of testdata/events.txt as a text.
func written(value string) string {
	return strings.NewReplacer("_", " ", "TOKEN", token, "OTHER", token[:40]+"x"+token[41:], "MAIL", "ann@example.org").Replace(value)
}

// Both sides of an edit are searched, the title, and what was deleted; each
// find is told once, by class and place.
func TestLeaks(t *testing.T) {
	tell := func(in policy.Place, comment int64) policy.Leaked {
		return policy.Leaked{Class: leak.Token, In: in, Comment: comment}
	}
	fresh := func(in policy.Place, comment int64) policy.Leaked {
		l := tell(in, comment)
		l.Novelty = policy.Fresh
		return l
	}
	for said, want := range map[string][]policy.Leaked{
		"issues.opened":                                          nil,
		"issues.opened title=T_TOKEN":                            {tell(policy.InTitle, 0)},
		"issues.opened body=B_TOKEN_TOKEN":                       {tell(policy.InBody, 0)},
		"issues.opened title=T_TOKEN body=TOKEN":                 {tell(policy.InBody, 0), tell(policy.InTitle, 0)},
		"issues.edited was=B_TOKEN":                              {tell(policy.InHistory, 0)},
		"issues.edited was-title=T_TOKEN":                        {tell(policy.InHistory, 0)},
		"issues.edited was-title=TOKEN was=TOKEN body=B":         {tell(policy.InHistory, 0)},
		"issues.edited was=TOKEN body=TOKEN":                     {tell(policy.InBody, 0), tell(policy.InHistory, 0)},
		"issues.closed body=TOKEN":                               {tell(policy.InBody, 0)},
		"issues.labeled label=recovery body=TOKEN":               {tell(policy.InBody, 0)},
		"issues.deleted body=TOKEN":                              {tell(policy.InBody, 0)},
		"issue_comment.created":                                  nil,
		"issue_comment.created text=TOKEN":                       {tell(policy.InComment, 55)},
		"issue_comment.created text=/status_TOKEN":               {tell(policy.InComment, 55)},
		"issue_comment.created text=TOKEN sender=bob by=bob":     {tell(policy.InComment, 55)},
		"issue_comment.created body=TOKEN":                       nil, // the opening told it
		"issue_comment.edited text=TOKEN":                        {tell(policy.InComment, 55)},
		"issue_comment.edited was=TOKEN":                         {tell(policy.InHistory, 55)},
		"issue_comment.edited was=TOKEN text=TOKEN sender=bob":   {tell(policy.InComment, 55), tell(policy.InHistory, 55)},
		"issue_comment.edited was=TOKEN sender=robot":            {tell(policy.InHistory, 55)},
		"issue_comment.edited was=TOKEN sender=bob by=us":        nil, // our own text
		"issue_comment.deleted text=TOKEN":                       {tell(policy.InHistory, 55)},
		"issue_comment.created text=/status_TOKEN repository=9":  {tell(policy.InComment, 55)},
		"issues.edited body=TOKEN was=TOKEN repository=9":        nil,
		"issue_comment.deleted text=TOKEN sender=bob by=us":      nil,
		"issue_comment.edited was-title=TOKEN text=fine":         nil, // a comment has no title
		"issue_comment.created was=TOKEN text=fine author=robot": {tell(policy.InHistory, 55)},
		"issue_comment.edited was=fine text=TOKEN":               {fresh(policy.InComment, 55)},
		"issue_comment.edited was=OTHER text=TOKEN":              {fresh(policy.InComment, 55), tell(policy.InHistory, 55)},
		"issue_comment.edited was=OTHER text=TOKEN sender=robot": {fresh(policy.InComment, 55), tell(policy.InHistory, 55)},
		"issues.edited was=OTHER body=TOKEN":                     {fresh(policy.InBody, 0), tell(policy.InHistory, 0)},
		"issues.edited was-title=fine body=TOKEN":                {tell(policy.InBody, 0)}, // the text is as it was
	} {
		d, ok := deliver(t, said)
		if diff := cmp.Diff(want, d.Leaks); diff != "" || !ok {
			t.Errorf("%s: stored %v (-want +got)\n%s", said, ok, diff)
		}
	}
}

// deliver sends a line of testdata/events.txt, and returns what is stored.
func deliver(t *testing.T, said string) (bot.Delivery, bool) {
	t.Helper()
	words := strings.Fields(said)
	event, action, _ := strings.Cut(words[0], ".")
	p := usual()
	p["action"] = action
	if event == commentEvent {
		p = withComment(p)
	}
	for _, w := range words[1:] {
		change(t, p, w)
	}
	var log bytes.Buffer
	h, in := newHandler(t, func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, line := send(h, request(event, encode(t, p)))
	if all := line + log.String() + fmt.Sprint(in.got); strings.Contains(all, token[:20]) {
		t.Errorf("%s: the secret is kept: %s", said, all)
	}
	if len(in.got) == 0 {
		return bot.Delivery{}, false
	}
	return in.got[0], true
}

// A comment that somebody deleted, or another bot edited, is stored as what a
// pass would find: its author, and nothing that a rule could take for an act.
func TestOnlyLeaks(t *testing.T) {
	for _, said := range []string{"issue_comment.deleted text=/withdraw_TOKEN sender=bob", "issue_comment.edited text=/withdraw was=TOKEN sender=robot"} {
		d, ok := deliver(t, said)
		want := bot.Delivery{
			GUID: d.GUID, Digest: d.Digest, Event: "reconcile", Action: "comment", Private: true, Ref: d.Ref,
			AuthorID: 1, ObjectID: 55, ObjectUpdatedAt: testNow(), SenderID: 1, ReceivedAt: testNow(),
			Leaks: []policy.Leaked{{Class: leak.Token, In: policy.InHistory, Comment: 55}},
		}
		if diff := cmp.Diff(want, d); diff != "" || !ok {
			t.Errorf("%s: stored %v (-want +got)\n%s", said, ok, diff)
		}
	}
}

// However much is posted, a delivery holds each class and place once.
func TestLeaksAreBounded(t *testing.T) {
	many := strings.Repeat(token+" ann@example.org\n", 500)
	p := usual()
	p["action"], p["changes"] = "edited", object{"title": object{"from": many}, "body": object{"from": many}}
	p["issue"].(object)["title"], p["issue"].(object)["body"] = many, many
	h, in := newHandler(t)
	if _, line := send(h, request(issuesEvent, encode(t, p))); line != "added" {
		t.Fatal(line)
	}
	got := in.got[0].Leaks
	if most := 3 * len(leak.Classes()); len(got) == 0 || len(got) > most {
		t.Errorf("%d finds, want at most %d", len(got), most)
	}
	for i, l := range got {
		if slices.Contains(got[:i], l) {
			t.Errorf("%v is told twice", l)
		}
	}
}

// FuzzLeaks: whatever is written where, the places that are told are those of
// the event, and no text is in what is stored.
func FuzzLeaks(f *testing.F) {
	f.Add("issues", "edited", "see "+token, "")
	f.Add("issue_comment", "deleted", "/status\n"+token, token)
	f.Add("issue_comment", "edited", "\xff\u202e"+token, "0123456789abcdef fedcba9876543210")
	f.Fuzz(func(t *testing.T, event, action, now, was string) {
		p := withComment(usual())
		p["action"], p["label"], p["changes"] = action, object{"name": "recovery"}, object{"body": object{"from": was}}
		p["issue"].(object)["body"], p["comment"].(object)["body"] = now, now
		h, in := newHandler(t)
		send(h, request(event, encode(t, p)))
		for _, d := range in.got {
			for _, l := range d.Leaks {
				places := map[policy.Place]int64{policy.InTitle: 0, policy.InBody: 0, policy.InHistory: 0}
				if event == commentEvent {
					places = map[policy.Place]int64{policy.InComment: 55, policy.InHistory: 55}
				}
				if at, ok := places[l.In]; !ok || at != l.Comment || !slices.Contains(leak.Classes(), l.Class) {
					t.Errorf("%s.%s: found %+v", event, action, l)
				}
			}
		}
	})
}

// What the search costs is to be seen beside what everything else does.
func BenchmarkLeaks(b *testing.B) {
	const prose = "Hello, I lost my phone with the authenticator app and can't log in any more. My projects are listed at https://pypi.org/user/ann/.\n"
	for name, text := range map[string]string{"short": "/status", "prose 3 KiB": strings.Repeat(prose, 24), "64 KiB": strings.Repeat(prose, 500)} {
		b.Run(name, func(b *testing.B) {
			p := withComment(usual())
			p["action"], p["changes"] = "edited", object{"body": object{"from": text}}
			p["comment"].(object)["body"] = text
			p["padding"] = strings.Repeat(`{"url":"https://api.github.com/repos/octo/help"}`, 250)
			raw := encode(b, p)
			h, in := newHandler(b)
			r := request(commentEvent, raw)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
				if status, line := send(h, r); status != 202 {
					b.Fatal(line)
				}
				in.got = in.got[:0]
			}
		})
	}
}
