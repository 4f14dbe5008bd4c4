package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDigestDue: a schedule is that of the calendar's zone, what was missed is
// told once, and not when it is old.
func TestDigestDue(t *testing.T) {
	src := strings.Replace(string(storyPolicy(t)), "clocks:\n", "calendar: {timezone: Europe/Paris}\nclocks:\n  digest: \"SPEC\"\n", 1)
	at := func(text string) time.Time {
		when, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, test := range []struct{ name, spec, last, now, want string }{
		{"not yet", "0 9 * * *", "2026-12-18 08:00", "2026-12-19 07:59", ""},
		{"in Paris", "0 9 * * *", "2026-12-18 08:00", "2026-12-19 08:00", "2026-12-19 08:00"},
		{"in Paris in summer", "0 9 * * *", "2026-07-01 07:00", "2026-07-02 07:30", "2026-07-02 07:00"},
		{"the same again", "0 9 * * *", "2026-12-19 08:00", "2026-12-19 08:00", ""},
		{"several missed", "0 9 * * *", "2026-12-01 08:00", "2026-12-19 20:00", "2026-12-19 08:00"},
		{"a moment before a day", "0 9 * * fri", "2026-12-11 08:00", "2026-12-19 07:59", "2026-12-18 08:00"},
		{"a day old", "0 9 * * fri", "2026-12-11 08:00", "2026-12-19 08:00", ""},
		{"twice a day", "0 9,17 * * *", "2026-12-18 08:00", "2026-12-18 16:30", "2026-12-18 16:00"},
		{"every two days", "@every 48h", "2026-12-14 10:11", "2026-12-18 12:00", "2026-12-18 10:11"},
	} {
		r := testRules(t, []byte(strings.Replace(src, "SPEC", test.spec, 1)))
		var want time.Time
		if test.want != "" {
			want = at(test.want)
		}
		if got := r.DigestDue(at(test.last), at(test.now)); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", test.name, got, want)
		}
	}
	never := testRules(t, storyPolicy(t))
	if got := never.DigestDue(at("2026-12-01 08:00"), at("2026-12-19 08:00")); !got.IsZero() || never.DigestSchedule() != nil {
		t.Errorf("without a schedule one is due: %v", got)
	}
}

func TestTellDigest(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	at := time.Date(2026, 12, 18, 9, 0, 0, 0, time.FixedZone("", 3600))
	if got := r.TellDigest(DigestNumbers{Since: at}, at); got != nil {
		t.Errorf("there is nothing to say, and it says %v", got)
	}
	var got []string
	for _, e := range r.TellDigest(DigestNumbers{Them: 1}, at) {
		if !AtDesk(e) {
			t.Errorf("%s is not at the desk", e)
		}
		got = append(got, e.String())
	}
	want := []string{"desk: open", "comment digest:2026-12-18T08:00:00Z: digest"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the effects (-want +got):\n%s", diff)
	}
	if got := r.RenderTitle(Text{Name: TextDigest}); got != "Recovery digest" {
		t.Errorf("the title is %q", got)
	}
}
