package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	austria "github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// Calendar says which days are workdays, and where.
type Calendar struct {
	Zone     *time.Location
	Holidays []string // countries and dates, as in the policy
	Away     []Away   // by their first day

	week [7]bool // by time.Weekday
	days *cal.BusinessCalendar
}

// Away is a time in which staff do not work: whole days of the calendar's zone.
type Away struct {
	From time.Time // the first day, at midnight UTC
	To   time.Time // the last day, likewise
}

// countries are the public holidays that a policy may name. Those that differ
// within a country are not among them, where the library has no common list.
func countries() map[string][]*cal.Holiday {
	return map[string][]*cal.Holiday{
		"at": austria.Holidays, "be": be.Holidays, "br": br.Holidays, "ca": ca.Holidays, "ch": ch.Holidays, "cz": cz.Holidays,
		"de": de.Holidays, "dk": dk.Holidays, "es": es.Holidays, "fi": fi.Holidays, "fr": fr.Holidays, "gb": gb.Holidays,
		"ie": ie.Holidays, "it": it.Holidays, "jp": jp.Holidays, "nl": nl.Holidays, "no": no.Holidays, "nz": nz.Holidays,
		"pl": pl.Holidays, "pt": pt.Holidays, "se": se.Holidays, "us": us.Holidays,
	}
}

// begin makes the workdays of what the policy said.
func (c *Calendar) begin() {
	c.days = cal.NewBusinessCalendar()
	c.days.WorkdayFunc = func(t time.Time) bool { return c.week[t.Weekday()] && !c.awayOn(dayOf(t)) }
	known := countries()
	for _, word := range c.Holidays {
		if days, ok := known[word]; ok {
			c.days.AddHoliday(days...)
			continue
		}
		if d, err := time.Parse(time.DateOnly, word); err == nil {
			c.days.AddHoliday(&cal.Holiday{Month: d.Month(), Day: d.Day(), StartYear: d.Year(), EndYear: d.Year(), Func: cal.CalcDayOfMonth})
		}
	}
}

// dayOf returns the day of t in t's own zone, as Away has it.
func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (c *Calendar) awayOn(day time.Time) bool {
	return slices.ContainsFunc(c.Away, func(a Away) bool { return !day.Before(a.From) && !day.After(a.To) })
}

// beginOf returns when a day begins in the calendar's zone.
func (c *Calendar) beginOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, c.Zone).UTC()
}

// awayUntil returns when staff are back, zero if they are not away at t.
func (c *Calendar) awayUntil(t time.Time) time.Time {
	day := dayOf(t.In(c.Zone))
	if !c.awayOn(day) {
		return time.Time{}
	}
	for c.awayOn(day) {
		day = day.AddDate(0, 0, 1)
	}
	return c.beginOf(day)
}

// nextAway returns when after t staff leave or are back, zero if never.
func (c *Calendar) nextAway(t time.Time) time.Time {
	if back := c.awayUntil(t); !back.IsZero() {
		return back
	}
	for _, a := range c.Away {
		if from := c.beginOf(a.From); from.After(t) {
			return from
		}
	}
	return time.Time{}
}

// workdays returns the moment that lies n workdays after t.
func (r *Rules) workdays(t time.Time, n int) time.Time {
	return r.Calendar.days.WorkdaysFrom(t.In(r.Calendar.Zone), n).UTC()
}

// MarshalJSON returns what the calendar says, for the policy's version.
func (c Calendar) MarshalJSON() ([]byte, error) {
	var days []string
	for i := range c.week {
		if d := time.Weekday((i + 1) % len(c.week)); c.week[d] {
			days = append(days, d.String())
		}
	}
	said := map[string]any{"zone": c.Zone.String(), "workdays": days}
	if c.Holidays != nil {
		said["holidays"] = c.Holidays
	}
	if c.Away != nil {
		said["away"] = c.Away
	}
	return json.Marshal(said)
}

func (l *loader) calendar() value {
	c := &l.rules.Calendar
	return value{
		keys: []key{
			{
				name: "timezone", def: "UTC", example: "Europe/Paris",
				about: "The zone in which workdays and schedules are counted. In a zone with summer time an hour may be skipped or come twice.",
				value: zoneValue(&c.Zone),
			},
			{
				name: "workdays", def: "[mon, tue, wed, thu, fri]", example: "[mon, tue, wed, thu]",
				about: "The days of the week on which staff work.", value: workweekValue(c),
			},
			{
				name: "holidays", example: "[us, 2026-12-24]",
				about: "Days that are no workdays: the public holidays of a country, by its code, and dates of your own. A list, or one of them alone.",
				value: holidaysValue(c),
			},
			{
				name: "away", example: "[{from: 2027-05-12, to: 2027-05-20, say: conference}]",
				about: "When staff are away, in whole days: these are no workdays, and requests that wait for staff say until when.",
				value: awaysValue(c),
			},
		},
		done: func(yamlfile.Node) { c.begin() },
	}
}

func workweekValue(c *Calendar) value {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	v := listOf(wordValue(names, func(day string) { c.week[slices.Index(names, day)] = true }))
	v.none = "at least one workday"
	v.begin = func() { c.week = [7]bool{} }
	return v
}

// holidaysValue is a country or a date, or a list of them.
func holidaysValue(c *Calendar) value {
	words := slices.Sorted(maps.Keys(countries()))
	date := dateValue(new(time.Time))
	one := func(n yamlfile.Node) {
		word := n.Scalar()
		if _, err := time.Parse(time.DateOnly, word); err != nil && !slices.Contains(words, word) {
			if n.IsObject() || n.IsList() {
				return // Scalar has said so
			}
			n.Errorf("want the code of a country or a date like 2026-12-24; countries: %s", strings.Join(words, ", "))
			return
		}
		c.Holidays = append(c.Holidays, word)
	}
	item := map[string]any{"anyOf": []any{map[string]any{"enum": words}, date.schema}}
	return value{
		says:   "country or date, or a list of them; countries: " + strings.Join(words, ", "),
		schema: map[string]any{"anyOf": []any{item, map[string]any{"type": "array", "items": item}}},
		read: func(n yamlfile.Node) {
			c.Holidays = nil
			switch {
			case n.IsList():
				n.List(func(_ int, item yamlfile.Node) { one(item) })
			case n.Exists():
				one(n)
			}
		},
	}
}

// longestAway is how many days an absence has at the most.
const longestAway = 366

func awaysValue(c *Calendar) value {
	return value{
		says:  "list of absences",
		begin: func() { c.Away = nil },
		item: func() value {
			var a Away
			var say string // for those who read the policy; nothing else shows it
			return value{
				keys: []key{
					{name: "from", required: true, example: "2027-05-12", about: "The first day.", value: dateValue(&a.From)},
					{name: "to", required: true, example: "2027-05-20", about: "The last day.", value: dateValue(&a.To)},
					{name: "say", example: "conference", about: "Why, for those who read this policy. It is not shown to anybody else.", value: textValue(&say)},
				},
				done: func(n yamlfile.Node) {
					switch {
					case a.From.IsZero() || a.To.IsZero(): // has a problem already
					case a.To.Before(a.From):
						n.Errorf("the last day comes before the first")
					case a.To.Sub(a.From) >= longestAway*24*time.Hour:
						n.Errorf("an absence has at most %d days", longestAway)
					}
					c.Away = append(c.Away, a)
				},
			}
		},
		done: func(yamlfile.Node) {
			slices.SortStableFunc(c.Away, func(a, b Away) int { return a.From.Compare(b.From) })
		},
	}
}
