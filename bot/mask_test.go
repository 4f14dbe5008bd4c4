package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/parser/leak"
	"github.com/recoverybot/recoverybot/policy"
)

// leaked has the form of a PyPI token, and was never one.
const leaked = "pypi-AgEIcHlwaS5vcmcCJDExMTExMTExLTIyMjItNDMzMy04NDQ0LTU1NTU1NTU1NTU1NQACKlszLCI2NjY2NjY2Ni03Nzc3LTQ4ODgtODk5OS0wMDAwMDAwMDAwMDAiXQAABiB5hbDIuFjnf1fG1AOzFa3gTSSF1uwtCWlCVurdINtvJw"

// decided stores an effect as a decision does.
func (w *world) decided(n int, e policy.Effect) {
	w.Helper()
	r := w.rules.Repositories[0]
	c, err := w.store.FindCase(w.Context(), r.Owner, r.Name, n)
	w.must(err)
	w.must(w.store.Commit(w.Context(), bot.Result{
		Case: c, Now: w.clock.Now(), Decision: policy.Decision{Memory: c.Memory, Effects: []policy.Effect{e}},
	}))
}

// makes lets an effect be made.
func (w *world) makes(n int, e policy.Effect) {
	w.Helper()
	w.decided(n, e)
	w.settle()
}

// note is a comment as it is now, by its id; false if it is gone.
func (w *world) note(n int, id int64) (bottest.Comment, bool) {
	w.Helper()
	is, _ := w.repo.Issue(n)
	for _, c := range is.Comments {
		if c.ID == id {
			return c, true
		}
	}
	return bottest.Comment{}, false
}

// written is a comment that somebody just wrote, and that the bot knows of.
func (w *world) written(n int, who, text string) int64 {
	w.Helper()
	id, err := w.repo.Comment(n, who, text)
	w.must(err)
	w.settle()
	return id
}

// The title and the text are masked where they have a secret, and nothing else
// is touched: not even a closed issue is opened.
func TestMaskIssue(t *testing.T) {
	for name, c := range map[string]struct {
		title, body           string
		wantTitle, wantBody   string
		writes, formerVersion int
	}{
		"the text":    {"Help", "see " + leaked, "Help", "see [removed: token]", 1, 1},
		"the title":   {leaked, "see", "[removed: token]", "see", 1, 1},
		"both":        {"T " + leaked, "B " + leaked, "T [removed: token]", "B [removed: token]", 1, 1},
		"no secret":   {"Help", "ann@example.org", "Help", "ann@example.org", 0, 0},
		"nothing now": {"Help", "", "Help", "", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			n := w.triage()
			w.must(w.repo.EditTitle(n, "ann", c.title))
			w.must(w.repo.EditIssue(n, "ann", c.body))
			w.must(w.repo.Close(n, "max"))
			w.settle()
			was, _ := w.repo.Issue(n)
			calls := w.spent(func() { w.makes(n, policy.Mask{}) })
			got, _ := w.repo.Issue(n)
			if got.Title != c.wantTitle || got.Body != c.wantBody || got.State != "closed" {
				t.Errorf("got %q, %q, %s; want %q, %q, closed", got.Title, got.Body, got.State, c.wantTitle, c.wantBody)
			}
			if more := len(got.Revisions) - len(was.Revisions); more != c.formerVersion || len(calls) != 1+c.writes {
				t.Errorf("%d former versions more, and %d calls; want %d, and a read and %d writes", more, len(calls), c.formerVersion, c.writes)
			}
			if more := w.hook.Counts()["own"]; c.writes > 0 && more == 0 {
				t.Error("our own edit came back, and was not known as ours")
			}
		})
	}
}

func TestMaskComment(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	secret := w.written(n, "mallory", "see "+leaked+", @ann")
	w.makes(n, policy.Mask{Comment: secret})
	got, _ := w.note(n, secret)
	if got.Body != "see [removed: token], @ann" || got.Author != "mallory" {
		t.Errorf("got %q by %s", got.Body, got.Author)
	}
	if len(got.Revisions) != 1 || !strings.Contains(got.Revisions[0], leaked) {
		t.Errorf("the old version is still visible, but not here: %q", got.Revisions)
	}
	if calls := w.spent(func() { w.makes(n, policy.Mask{Comment: secret}) }); len(calls) != 1 {
		t.Errorf("masked once more by %v, want one look", calls)
	}
	long := w.written(n, "ann", "password: hunter2hunter2\n"+strings.Repeat("ä", policy.MaxBody-len("password: hunter2hunter2\n")))
	w.makes(n, policy.Mask{Comment: long})
	if got, _ := w.note(n, long); utf8.RuneCountInString(got.Body) > policy.MaxBody || strings.Contains(got.Body, "hunter2") {
		t.Errorf("got %d characters, %.60q", utf8.RuneCountInString(got.Body), got.Body)
	}
}

// A comment that is posted anew is gone with all its versions; what stands for
// it pings nobody, commands nothing, and is not posted again.
func TestMaskReposts(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	id := w.written(n, "ann", "/withdraw later, @max fixes #1\n```\n"+leaked)
	w.makes(n, policy.Mask{Comment: id, Repost: true})
	is, _ := w.repo.Issue(n)
	last := is.Comments[len(is.Comments)-1]
	want := "`ann` wrote this on 3 December 2026, 10:13 UTC. There was a secret in it, so we took the secret out and deleted the first version.\n\n" +
		"````\n/withdraw later, ＠max fixes ＃1\n```\n[removed: token]\n````\n\n" + fmt.Sprintf("<!-- recoverybot: mask:%d -->", id)
	if diff := cmp.Diff(want, last.Body); diff != "" || !last.ByApp {
		t.Errorf("by us: %v (-want +got)\n%s", last.ByApp, diff)
	}
	if _, there := w.note(n, id); there || strings.Contains(fmt.Sprint(is), leaked) {
		t.Error("the secret can still be read")
	}
	w.makes(n, policy.Mask{Comment: id, Repost: true})
	w.soon()
	if now, _ := w.repo.Issue(n); len(now.Comments) != len(is.Comments) {
		t.Errorf("decided once more, and there are %d comments, want %d", len(now.Comments), len(is.Comments))
	}
	// A secret that its author took out by an edit is in the history, still.
	id = w.written(n, "ann", "see "+leaked)
	w.later(time.Minute)
	w.must(w.repo.EditComment(id, "ann", "see nothing"))
	w.settle()
	w.makes(n, policy.Mask{Comment: id, Repost: true})
	is, _ = w.repo.Issue(n)
	if last := is.Comments[len(is.Comments)-1]; !strings.Contains(last.Body, "\nsee nothing\n") || strings.Contains(fmt.Sprint(is), leaked) {
		t.Errorf("got %q", last.Body)
	}
	// One without a secret, that never had another text, stays.
	id = w.written(n, "ann", "all is fine")
	w.makes(n, policy.Mask{Comment: id, Repost: true})
	if _, there := w.note(n, id); !there {
		t.Error("a comment without a secret was deleted")
	}
}

// A comment of a bot, and what is gone, are left alone; a read that comes too
// early is made again.
func TestMaskLeavesAlone(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	is, _ := w.repo.Issue(n)
	ours := is.Comments[0]
	for _, e := range []policy.Mask{{Comment: ours.ID}, {Comment: ours.ID, Repost: true}} {
		w.makes(n, e)
		if got, _ := w.note(n, ours.ID); got.Body != ours.Body {
			t.Errorf("%+v: our own comment is %q now", e, got.Body)
		}
	}
	id := w.written(n, "ann", "see "+leaked)
	w.must(w.repo.DeleteComment(id, "ann"))
	w.settle()
	calls := w.spent(func() { w.makes(n, policy.Mask{Comment: id}); w.soon() })
	if len(calls) != 4 { // two looks, and then one at the repository itself
		t.Errorf("a comment that is gone took %v", calls)
	}
	r := w.rules.Repositories[0]
	c, err := w.store.FindCase(t.Context(), r.Owner, r.Name, n)
	if err != nil || len(c.Pending) > 0 {
		t.Errorf("%v, %v is still to be made", err, c.Pending)
	}
}

// Killed before or after any call, the secret is gone in the end, and what
// stands for it stands there once, and was posted once.
func TestMaskCrash(t *testing.T) {
	for name, repost := range map[string]bool{"in place": false, "posted anew": true} {
		for _, s := range []side{before, after} {
			t.Run(fmt.Sprintf("%s, %s a call", name, s), func(t *testing.T) {
				t.Parallel()
				k := &killer{}
				w := newWorld(t, setup{killer: k})
				n := w.triage()
				for at := 1; ; at++ {
					if at > 100 {
						t.Fatal("each time there are more calls")
					}
					id := w.written(n, "mallory", fmt.Sprintf("number %d: %s", at, leaked))
					w.decided(n, policy.Mask{Comment: id, Repost: repost})
					mark := w.fake.Mark()
					k.arm(at, s)
					w.settle()
					w.soon()
					calls := len(k.arm(0, before))
					if posts := w.fake.CountSince(mark, "POST comment"); posts > 1 { // a second one notifies again, even where it is deleted
						t.Fatalf("killed %s call %d: the masked text was posted %d times, want once at most", s, at, posts)
					}
					is, _ := w.repo.Issue(n)
					if got := masks(is, at); got != 1 {
						t.Fatalf("killed %s call %d: the masked text stands there %d times, want once\n%v", s, at, got, is.Comments)
					}
					if calls < at {
						break
					}
				}
			})
		}
	}
}

// masks counts the comments with the masked text of that number; 99 if the
// secret is there.
func masks(is bottest.Issue, number int) int {
	n := 0
	for _, c := range is.Comments {
		if strings.Contains(c.Body, leaked) {
			return 99
		}
		if strings.Contains(c.Body, fmt.Sprintf("number %d: [removed: token]", number)) {
			n++
		}
	}
	return n
}

// Said on every side, the finds are sorted, each once.
func TestLeaksOf(t *testing.T) {
	got := bot.Leaks(leak.Options{Public: []string{"help@registry.example"}},
		bot.Said{Text: "see " + leaked + " " + leaked, In: policy.InTitle}, bot.Said{Text: "ann@example.org " + leaked, In: policy.InBody},
		bot.Said{Text: leaked, In: policy.InHistory}, bot.Said{Text: leaked, In: policy.InHistory}, bot.Said{}, bot.Said{Text: "I asked Help@registry.example", In: policy.InTitle},
		bot.Said{Text: leaked, In: policy.InComment, Comment: 7})
	want := []policy.Leaked{
		{Class: leak.Email, In: policy.InBody},
		{Class: leak.Token, In: policy.InBody},
		{Class: leak.Token, In: policy.InHistory},
		{Class: leak.Token, In: policy.InTitle},
		{Class: leak.Token, In: policy.InComment, Comment: 7},
	}
	if diff := cmp.Diff(want, got); diff != "" || !bot.Secret(got) || bot.Secret(want[:1]) {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
