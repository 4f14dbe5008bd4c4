package policy

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

func (l *loader) clocks() value {
	c := &l.rules.Clocks
	return value{
		keys: []key{
			{
				name: "sweep", def: `"@every 15m"`, example: `"*/15 * * * *"`,
				about: "How often the bot looks whether something is due: minute, hour, day, month, weekday (0 is Sunday).",
				value: cronValue(&c.Sweep),
			},
			{name: "requester", about: "The requester's times. All but `reopen` count from the start of the requester's turn.", value: requesterValue(c)},
			{name: "staff", about: "The staff's times.", value: targetValue(&c.Staff, key{
				def: "3 workdays", example: "5 workdays",
				about: "After this many workdays (1 to 260) without an answer of staff a request is shown as late.",
			})},
			{name: "security", about: "The times of security: for what is on hold, and for what goes to them.", value: securityValue(&c.Security)},
			{
				name: "digest", example: `"0 9 * * mon-fri"`,
				about: "When the desk gets a digest of all requests: a schedule in the calendar's zone. Left out: never.",
				value: cronValue(&c.Digest),
			},
		},
	}
}

// targetValue are the times of one of us; target is what differs in its key.
func targetValue(t *Target, target key) value {
	target.name, target.value = "target", workdaysValue(&t.Workdays)
	return value{keys: []key{target, {
		name: "escalate", example: "helpers",
		about: "Which role is told when a request is late, and again when twice and three times the target have passed. Left out: the alert mentions nobody.",
		value: wordValue([]string{string(Helpers), string(Agents), string(Security)}, func(role string) { t.Escalate = Role(role) }),
	}}}
}

// securityValue are the times of security. Where they are late somebody else
// must hear of it.
func securityValue(t *Target) value {
	v := targetValue(t, key{
		def: "1 workday", example: "2 workdays",
		about: "After this many workdays (1 to 260) without an act of security a request is shown as late. " +
			"After twice as many the bot's log has an error for you.",
	})
	v.keys[1].def = string(Agents)
	v.keys[1].about = "Which role is told when such a request is late, and again when twice and three times the target have passed."
	return v
}

func requesterValue(c *Clocks) value {
	after := func(into *time.Duration) value { return durationValue(func(d time.Duration) { *into = d }) }
	remind := listOf(durationValue(func(d time.Duration) { c.Remind = append(c.Remind, d) }))
	remind.begin = func() { c.Remind = nil }
	remind.none = "at least one reminder: nobody is closed without a warning"
	remind.done = func(n yamlfile.Node) {
		right := slices.DeleteFunc(slices.Clone(c.Remind), func(d time.Duration) bool { return d == 0 })
		if !slices.IsSorted(right) || len(slices.Compact(slices.Clone(right))) != len(right) {
			n.Errorf("the reminders must come in rising order")
		}
	}
	return value{
		keys: []key{
			{
				name: "remind", def: "[7d, 21d, 45d]", example: "[14d, 30d]",
				about: "When the requester is reminded, in rising order. At least once.", value: remind,
			},
			{
				name: "close", def: "60d", example: "90d",
				about: "When a request without an answer is closed: at least 7d after the last reminder.", value: after(&c.Close),
			},
			{
				name: "empty", def: "14d", example: "21d",
				about: "The same where nothing at all was answered: at least 14d, with one reminder after half of it.", value: after(&c.Empty),
			},
			{
				name: "reopen", def: "90d", example: "180d",
				about: "How long after the end the requester may open it again with `/reopen`.", value: after(&c.Reopen),
			},
		},
		done: func(n yamlfile.Node) { fairClock(n, c) },
	}
}

// fairClock checks that nobody is closed without a warning in time. A time of
// 0 has a problem already.
func fairClock(n yamlfile.Node, c *Clocks) {
	if len(c.Remind) > 0 && c.Close > 0 && c.Close < c.Remind[len(c.Remind)-1]+fairWarning {
		n.Errorf("close must come at least 7d after the last reminder")
	}
	if c.Empty > 0 && c.Empty < 2*fairWarning {
		n.Errorf("empty must be at least 14d: one reminder after half of it, and a week to answer")
	}
}

func (l *loader) start() value {
	s := &l.rules.Start
	return value{
		keys: []key{
			{
				name: "from", example: "2026-12-01",
				about: "Issues that were opened before this day are left alone until they are adopted. Left out: the day of the first run.",
				value: dateValue(&s.From),
			},
			{
				name: "old-requests", example: "oldest 5",
				about: "What becomes of open requests from before: `new` leaves them alone, `all` takes them over, `oldest N` takes over N a day. " +
					"Left out: if there are any, the bot writes nothing until you choose with `recoverybot adopt`.",
				value: textual("`new`, `all` or `oldest N`", `^\s*(new|all|oldest\s+[+]?0*[1-9][0-9]*)\s*$`, func(n yamlfile.Node) {
					a, err := ParseAdoption(strings.Fields(n.Scalar()))
					if err != nil {
						n.Errorf("%v", err)
					}
					s.Old = a
				}),
			},
		},
		later: []string{"labels"},
	}
}

// errAdoption says what start.old-requests and adopt take.
var errAdoption = errors.New(`want "new", "all", or "oldest" with a number a day, like "oldest 5"`)

// ParseAdoption reads the choice about old requests: "new", "all", or
// "oldest" and a number a day.
func ParseAdoption(words []string) (Adoption, error) {
	if len(words) == 1 && (words[0] == "new" || words[0] == "all") {
		return Adoption{Choice: words[0]}, nil
	}
	if len(words) == 2 && words[0] == "oldest" {
		if n, err := strconv.Atoi(words[1]); err == nil && n > 0 {
			return Adoption{Choice: "oldest", PerDay: n}, nil
		}
	}
	return Adoption{}, errAdoption
}
