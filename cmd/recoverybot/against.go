package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	againstDays  = 30 // how far check --against looks ahead
	againstNames = 10 // how many requests it names of each change
	againstWakes = 64 // how often it wakes one request at the most
)

// change is what a policy would do to requests: a line of the output, with a
// place for their number.
type change string

const (
	unserved change = "no longer serves the repository of %s"
	voids    change = "voids the approvals of %s"
	closes   change = "closes %s"
	readies  change = "makes %s ready"
	reminds  change = "reminds the requesters of %s"
	lates    change = "tells staff that they are late with %s"
	rouses   change = "ends the rest of %s"
	earlier  change = "wakes %s earlier"
	later    change = "wakes %s later"
)

// outlook is what a policy would change for open requests: at once, in the
// next days, and when it wakes for them next.
type outlook struct {
	rules *policy.Rules
	now   time.Time
	once  map[change][]string
	soon  map[change][]string
	wakes map[change][]string
}

// against prints what the policy would change for the open requests of a
// database. It writes nothing, and asks GitHub nothing.
func (c *checkCmd) against(ctx context.Context, e *env, rules *policy.Rules) error {
	d := databaseFlags{Database: c.Against}
	st, err := openStore(ctx, e, d)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	cases, err := st.Cases(ctx)
	if err != nil {
		return err
	}
	cases = slices.DeleteFunc(cases, func(c bot.Case) bool { return !c.Memory.State.Open() })
	now := c.At
	if now.IsZero() {
		now = e.now()
	}
	o := outlook{rules: rules, now: now.UTC(), once: map[change][]string{}, soon: map[change][]string{}, wakes: map[change][]string{}}
	several := slices.ContainsFunc(cases, func(c bot.Case) bool { return c.Ref.Repository != cases[0].Ref.Repository })
	for _, c := range cases {
		name := fmt.Sprintf("#%d", c.Ref.Number)
		if several {
			name = c.Ref.Owner + "/" + c.Ref.Name + name
		}
		o.take(c, name)
	}
	fmt.Fprintf(e.out, "Against %s, %s UTC: %s.\n", d.shown(), day(o.now), count(len(cases), "open request", "open requests"))
	o.print(e)
	return nil
}

// take looks at one request. One that wakes when it would have woken anyway is
// left out: for it nothing changes that can be known without its old policy.
func (o *outlook) take(c bot.Case, name string) {
	if !slices.ContainsFunc(o.rules.Repositories, func(r policy.Repository) bool { return r.ID == c.Ref.Repository }) {
		o.once[unserved] = append(o.once[unserved], name)
		return
	}
	if o.rules.Voids(c.Memory) {
		o.once[voids] = append(o.once[voids], name)
		return
	}
	issue := policy.Issue{
		Repository: c.Ref.Repository, ID: c.Ref.Issue, Number: c.Ref.Number, Author: policy.Actor{ID: c.AuthorID}, Public: !c.Private,
	}
	was, is := c.Memory.WakeAt, o.rules.Rewake(c.Memory, issue, o.now)
	switch {
	case is.Equal(was):
		return
	case was.IsZero() || !is.IsZero() && is.Before(was):
		o.wakes[earlier] = append(o.wakes[earlier], name)
	default:
		o.wakes[later] = append(o.wakes[later], name)
	}
	o.follow(c.Memory, issue, name)
}

// follow lets time pass for one request, and notes what comes of it.
func (o *outlook) follow(m policy.Memory, issue policy.Issue, name string) {
	due := !m.WakeAt.IsZero() && !m.WakeAt.After(o.now) // it would happen by the old policy, too
	m.WakeAt = o.rules.Rewake(m, issue, o.now)
	end, at := o.now.AddDate(0, 0, againstDays), o.now
	for range againstWakes {
		if m.WakeAt.IsZero() || m.WakeAt.After(end) {
			return
		}
		if m.WakeAt.After(at) {
			at = m.WakeAt
		}
		d := o.rules.Ahead(m, issue, at)
		when := o.soon
		if at.Equal(o.now) && !due {
			when = o.once
		}
		for _, c := range changes(m, d) {
			if !slices.Contains(when[c], name) {
				when[c] = append(when[c], name)
			}
		}
		m = d.Memory
	}
}

// changes says what a decision of time does.
func changes(before policy.Memory, d policy.Decision) []change {
	var all []change
	switch after := d.Memory.State; {
	case after.Ended():
		all = append(all, closes)
	case after == policy.Ready && before.State != policy.Ready:
		all = append(all, readies)
	}
	for _, r := range d.Reasons {
		switch r.Code {
		case "reminder":
			all = append(all, reminds)
		case "staff-late":
			all = append(all, lates)
		case "snooze-over":
			all = append(all, rouses)
		}
	}
	return all
}

func (o *outlook) print(e *env) {
	if len(o.once)+len(o.soon)+len(o.wakes) == 0 {
		fmt.Fprintln(e.out, "Nothing changes.")
		return
	}
	for _, part := range []struct {
		title string
		of    map[change][]string
	}{
		{"At once it", o.once},
		{fmt.Sprintf("In the next %d days, for requests that it wakes at another time, it", againstDays), o.soon},
		{"The next time it", o.wakes},
	} {
		if len(part.of) == 0 {
			continue
		}
		fmt.Fprintln(e.out, part.title)
		for _, c := range []change{unserved, voids, closes, readies, reminds, lates, rouses, earlier, later} {
			if names := part.of[c]; len(names) > 0 {
				fmt.Fprintf(e.out, "  "+string(c)+": %s\n", count(len(names), "request", "requests"), firstOf(names))
			}
		}
	}
}

// firstOf lists some of the names, and says how many more there are.
func firstOf(names []string) string {
	shown := strings.Join(names[:min(len(names), againstNames)], ", ")
	if more := len(names) - againstNames; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return shown
}
