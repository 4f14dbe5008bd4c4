package policy

import (
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/robfig/cron/v3"
	"github.com/xhit/go-str2duration/v2"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
	"github.com/recoverybot/recoverybot/parser"
)

func (l *loader) registries(n yamlfile.Node) {
	count := 0
	n.Entries(func(key string, keyNode, v yamlfile.Node) {
		count++
		if count > 1 {
			l.file.Errorf(keyNode, "a second registry %s", unsupported)
			return
		}
		l.rules.Registries[0].Key = key
		l.registry(v, &l.rules.Registries[0])
	})
	if count == 0 && n.IsObject() {
		l.file.Errorf(n, "no registry: name one, for instance {pypi: {preset: pypi}}")
	}
}

func (l *loader) registry(n yamlfile.Node, reg *Registry) {
	keys := map[string]func(yamlfile.Node){
		"preset": func(n yamlfile.Node) { n.OneOf(Presets()...) },
		"name":   func(n yamlfile.Node) { reg.Name = n.Text() },
		"url":    func(n yamlfile.Node) { reg.URL = strings.TrimSuffix(l.link(n), "/") },
		"mail":   func(n yamlfile.Node) { reg.Mail = n.Text() },
		"links": func(n yamlfile.Node) {
			n.Object(map[string]func(yamlfile.Node){
				"sign-in":  func(n yamlfile.Node) { reg.Links.SignIn = l.link(n) },
				"codes":    func(n yamlfile.Node) { reg.Links.Codes = l.link(n) },
				"password": func(n yamlfile.Node) { reg.Links.Password = l.link(n) },
				"help":     func(n yamlfile.Node) { reg.Links.Help = l.link(n) },
			})
		},
		"names": func(n yamlfile.Node) { l.names(n, &reg.Names) },
	}
	l.later(keys, "proof", "words")
	n.Object(keys)
}

func (l *loader) link(n yamlfile.Node) string {
	url := n.Text()
	if n.Exists() && !strings.HasPrefix(url, "https://") || strings.ContainsAny(url, " ()<>\"") {
		l.file.Errorf(n, "want a link that begins with https:// and has no spaces or brackets")
		return ""
	}
	return url
}

func (l *loader) names(n yamlfile.Node, rules *parser.NameRules) {
	n.Object(map[string]func(yamlfile.Node){
		"max-length": func(n yamlfile.Node) { rules.MaxLength = int(n.Int()) },
		"pattern": func(n yamlfile.Node) {
			pattern := n.Text()
			if _, err := regexp.Compile(pattern); err != nil {
				l.file.Errorf(n, "%v", err) // says what it is about, and where
				return
			}
			re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
			if err != nil {
				l.file.Errorf(n, "this regular expression is too large: %v", err)
				return
			}
			rules.Pattern = re
		},
		"profiles": func(n yamlfile.Node) {
			rules.ProfileURLs = nil
			n.List(func(_ int, n yamlfile.Node) { rules.ProfileURLs = append(rules.ProfileURLs, l.link(n)) })
		},
	})
}

func (l *loader) requests(n yamlfile.Node) {
	q := &l.rules.Requests
	var forms yamlfile.Node
	n.Object(map[string]func(yamlfile.Node){
		"label":   func(n yamlfile.Node) { q.Label = l.labelName(n) },
		"forms":   func(n yamlfile.Node) { forms = n },
		"account": func(n yamlfile.Node) { q.Account = n.Text() },
		"reason":  func(n yamlfile.Node) { q.Reason = n.Text() },
		"confirmations": func(n yamlfile.Node) {
			q.Boxes = nil
			n.Entries(func(key string, _, v yamlfile.Node) {
				q.Boxes = append(q.Boxes, Box{Label: key, Required: v.OneOf("required", "hint") == "required"})
			})
		},
	})
	if forms.Exists() {
		l.forms(forms)
	}
}

func (l *loader) forms(n yamlfile.Node) {
	q := &l.rules.Requests
	n.List(func(_ int, n yamlfile.Node) {
		l.named++
		var g Generation
		var file yamlfile.Node
		n.Object(map[string]func(yamlfile.Node){
			"file": func(n yamlfile.Node) { g.File, file = n.Text(), n },
			"from": func(n yamlfile.Node) { g.From = l.date(n) },
			"to":   func(n yamlfile.Node) { g.To = l.date(n) },
		})
		if g.File == "" {
			if n.IsObject() {
				l.file.Errorf(n, "a form needs a file: {file: FORM.yml, from: 2024-07-09}")
			}
			return
		}
		if !g.To.IsZero() && !g.From.Before(g.To) {
			l.file.Errorf(n, "the form ends before it begins")
		}
		if g.Template = l.form(file, g.File); g.Template != nil {
			q.Generations = append(q.Generations, g)
		}
	})
	slices.SortStableFunc(q.Generations, func(a, b Generation) int { return a.From.Compare(b.From) })
	for i := 1; i < len(q.Generations); i++ {
		a, b := q.Generations[i-1], q.Generations[i]
		if a.From.Equal(b.From) || a.To.After(b.From) {
			l.file.Errorf(n, "%s and %s are both in force on %s", a.File, b.File, b.From.Format(time.DateOnly))
		}
	}
}

// form reads an issue form, and checks that it asks what the policy expects.
func (l *loader) form(n yamlfile.Node, name string) *parser.Template {
	src, err := fs.ReadFile(l.files, name)
	if err != nil {
		l.file.Errorf(n, "the form %q cannot be read: it is looked for beside the policy, by a path without ..", name)
		return nil
	}
	t, err := parser.ParseTemplate(src)
	if err != nil {
		l.errs = append(l.errs, Problems(name, err)...)
		return nil
	}
	if !slices.ContainsFunc(t.Fields, func(q parser.Question) bool { return q.Label == l.rules.Requests.Account }) {
		l.file.Errorf(n, "the form has no question %q (requests.account)", l.rules.Requests.Account)
	}
	return l.fit(t)
}

func (l *loader) date(n yamlfile.Node) time.Time {
	t, err := time.Parse(time.DateOnly, n.Scalar())
	if err != nil {
		l.file.Errorf(n, "want a date like 2026-12-01")
	}
	return t
}

func (l *loader) duration(n yamlfile.Node) time.Duration {
	d, err := str2duration.ParseDuration(n.Scalar())
	if err != nil || d <= 0 || d > 3650*24*time.Hour {
		l.file.Errorf(n, "want a time above 0 and up to ten years, like 7d, 2w or 36h")
		return time.Hour
	}
	return d
}

func (l *loader) clocks(n yamlfile.Node) {
	keys := map[string]func(yamlfile.Node){
		"sweep":     l.sweep,
		"requester": l.requesterClock,
		"staff": func(n yamlfile.Node) {
			keys := map[string]func(yamlfile.Node){"target": l.target}
			l.later(keys, "escalate")
			n.Object(keys)
		},
	}
	l.later(keys, "security", "digest")
	n.Object(keys)
}

func (l *loader) requesterClock(n yamlfile.Node) {
	c := &l.rules.Clocks
	n.Object(map[string]func(yamlfile.Node){
		"remind": func(n yamlfile.Node) {
			c.Remind = nil
			n.List(func(_ int, n yamlfile.Node) { c.Remind = append(c.Remind, l.duration(n)) })
			if !slices.IsSorted(c.Remind) || len(slices.Compact(slices.Clone(c.Remind))) != len(c.Remind) {
				l.file.Errorf(n, "the reminders must come in rising order")
			}
		},
		"close":  func(n yamlfile.Node) { c.Close = l.duration(n) },
		"empty":  func(n yamlfile.Node) { c.Empty = l.duration(n) },
		"reopen": func(n yamlfile.Node) { c.Reopen = l.duration(n) },
	})
	if len(c.Remind) == 0 {
		l.file.Errorf(n, "at least one reminder: nobody is closed without a warning")
		return
	}
	if c.Close < c.Remind[len(c.Remind)-1]+fairWarning {
		l.file.Errorf(n, "close must come at least 7d after the last reminder")
	}
	if c.Empty < 2*fairWarning {
		l.file.Errorf(n, "empty must be at least 14d: one reminder after half of it, and a week to answer")
	}
}

func (l *loader) target(n yamlfile.Node) {
	number, unit, _ := strings.Cut(n.Scalar(), " ")
	days, err := strconv.Atoi(number)
	if err != nil || days < 1 || days > 260 || unit != "workdays" && unit != "workday" {
		l.file.Errorf(n, "want a number of workdays, like: 3 workdays")
		return
	}
	l.rules.Clocks.Target = days
}

// sweep reads a cron schedule. Specs that name a zone are refused (one zone
// for all), and so are those that never come: robfig/cron answers them with a
// panic or the zero time.
func (l *loader) sweep(n yamlfile.Node) {
	spec := n.Scalar()
	if strings.Contains(spec, "TZ=") {
		l.file.Errorf(n, "a schedule names no time zone: calendar.timezone is for all")
		return
	}
	s, err := cron.ParseStandard(spec)
	if err != nil {
		l.file.Errorf(n, "not a cron schedule of five fields, like */15 * * * *: %v", err)
		return
	}
	if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		l.file.Errorf(n, "this schedule never comes")
		return
	}
	l.rules.Clocks.Sweep = s
}

func (l *loader) calendar(n yamlfile.Node) {
	c := &l.rules.Calendar
	keys := map[string]func(yamlfile.Node){
		"timezone": func(n yamlfile.Node) {
			zone, err := time.LoadLocation(n.Text())
			if err != nil || n.Text() == "Local" {
				l.file.Errorf(n, "not a time zone of the IANA list, like Europe/Paris or UTC")
				return
			}
			c.Zone = zone
		},
		"workdays": func(n yamlfile.Node) { l.workdays(n, c) },
	}
	l.later(keys, "holidays", "away")
	n.Object(keys)
}

func (l *loader) workdays(n yamlfile.Node, c *Calendar) {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	c.days = cal.NewBusinessCalendar()
	for d := range names {
		c.days.SetWorkday(time.Weekday(d), false)
	}
	some := false
	n.List(func(_ int, n yamlfile.Node) {
		if d := slices.Index(names, n.OneOf(names...)); d >= 0 {
			c.days.SetWorkday(time.Weekday(d), true)
			some = true
		}
	})
	if n.IsList() && !some {
		l.file.Errorf(n, "at least one workday")
	}
}

func (l *loader) start(n yamlfile.Node) {
	s := &l.rules.Start
	keys := map[string]func(yamlfile.Node){
		"from": func(n yamlfile.Node) { s.From = l.date(n) },
		"old-requests": func(n yamlfile.Node) {
			a, err := ParseAdoption(strings.Fields(n.Scalar()))
			if err != nil {
				l.file.Errorf(n, "%v", err)
			}
			s.Old = a
		},
	}
	l.later(keys, "labels")
	n.Object(keys)
}

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
