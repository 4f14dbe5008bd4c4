package policy

import (
	"strings"
	"testing"
	"time"
)

func calendarOf(t *testing.T, yaml string) *Rules {
	t.Helper()
	return testRules(t, append(storyPolicy(t), []byte("calendar: "+yaml+"\n")...))
}

// TestCountries: the first of January is a holiday in every country that a
// policy may name, and an ordinary Tuesday in none.
func TestCountries(t *testing.T) {
	newYear := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC) // a Friday
	tuesday := time.Date(2027, 2, 2, 12, 0, 0, 0, time.UTC)
	for country := range countries() {
		days := calendarOf(t, "{holidays: "+country+"}").Calendar.days
		if days.IsWorkday(newYear) || !days.IsWorkday(tuesday) {
			t.Errorf("%s: work on %s: %t, on %s: %t; want false, true", country,
				newYear.Format(time.DateOnly), days.IsWorkday(newYear), tuesday.Format(time.DateOnly), days.IsWorkday(tuesday))
		}
	}
}

// TestWorkdaysAcross counts over holidays, absences and both ends of summer
// time: a workday later it is the same time of day.
func TestWorkdaysAcross(t *testing.T) {
	for _, c := range []struct {
		calendar, from string
		days           int
		want           string
	}{
		{"{}", "2026-12-24T10:00:00Z", 1, "2026-12-25T10:00:00Z"},
		{"{holidays: us}", "2026-12-24T10:00:00Z", 1, "2026-12-28T10:00:00Z"},
		{"{holidays: us}", "2027-07-02T10:00:00Z", 1, "2027-07-06T10:00:00Z"}, // the fourth is a Sunday: they have the Monday off
		{"{holidays: [de, 2026-12-24]}", "2026-12-23T10:00:00Z", 1, "2026-12-28T10:00:00Z"},
		{"{holidays: [2026-12-24]}", "2027-12-23T10:00:00Z", 1, "2027-12-24T10:00:00Z"}, // of that year alone
		{"{away: [{from: 2027-05-12, to: 2027-05-20}]}", "2027-05-11T10:00:00Z", 1, "2027-05-21T10:00:00Z"},
		{"{timezone: Europe/Paris}", "2027-03-26T10:00:00Z", 1, "2027-03-29T09:00:00Z"},
		{"{timezone: Europe/Paris}", "2026-10-23T10:00:00Z", 1, "2026-10-26T11:00:00Z"},
		{"{timezone: Pacific/Auckland, holidays: nz}", "2026-12-23T20:00:00Z", 1, "2026-12-28T20:00:00Z"}, // it is Thursday there: 25th Friday, 28th Monday are off
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendarOf(t, c.calendar).workdays(from, c.days).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: %d workdays after %s is %s, want %s", c.calendar, c.days, c.from, got, c.want)
		}
	}
}

// TestAwayUntil: whole days of the policy's zone, and absences that touch are
// one.
func TestAwayUntil(t *testing.T) {
	c := calendarOf(t, "{timezone: America/New_York, away: [{from: 2027-05-17, to: 2027-05-20}, {from: 2027-05-12, to: 2027-05-16}]}").Calendar
	for at, want := range map[string][2]string{
		"2027-05-12T03:59:00Z": {"", "2027-05-12T04:00:00Z"},
		"2027-05-12T04:00:00Z": {"2027-05-21T04:00:00Z", "2027-05-21T04:00:00Z"},
		"2027-05-21T03:59:00Z": {"2027-05-21T04:00:00Z", "2027-05-21T04:00:00Z"},
		"2027-05-21T04:00:00Z": {"", ""},
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{stamp(c.awayUntil(now)), stamp(c.nextAway(now))}; got != want {
			t.Errorf("at %s away until and next %q, want %q", at, got, want)
		}
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// TestCalendarVersion: what the calendar says is part of the policy's version,
// but for the words that are for its readers.
func TestCalendarVersion(t *testing.T) {
	seen := map[string]string{}
	for _, c := range []string{
		"{}", "{holidays: us}", "{holidays: gb}", "{holidays: [us, 2026-12-24]}", "{away: [{from: 2027-05-12, to: 2027-05-20}]}",
		"{away: [{from: 2027-05-12, to: 2027-05-21}]}", "{timezone: Europe/Paris}", "{workdays: [mon]}",
	} {
		v := calendarOf(t, c).Version
		if other, ok := seen[v]; ok {
			t.Errorf("%s and %s have the same version", c, other)
		}
		seen[v] = c
	}
	silent := calendarOf(t, "{away: [{from: 2027-05-12, to: 2027-05-20}]}")
	said := calendarOf(t, "{away: [{from: 2027-05-12, to: 2027-05-20, say: conference}]}")
	if silent.Version != said.Version || strings.Contains(asJSON(said), "conference") {
		t.Errorf("what is said about an absence is kept: versions %s and %s", silent.Version, said.Version)
	}
	if one, list := calendarOf(t, "{holidays: us}"), calendarOf(t, "{holidays: [us]}"); one.Version != list.Version {
		t.Error("one country and a list of one differ")
	}
}
