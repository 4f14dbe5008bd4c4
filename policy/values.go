package policy

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/xhit/go-str2duration/v2"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// ownerName is GitHub's owner/name.
var ownerName = regexp.MustCompile(`\A([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/([A-Za-z0-9._-]{1,100})\z`)

// textual is a value that JSON has as a string of that pattern; "" for any.
func textual(says, pattern string, read func(yamlfile.Node)) value {
	schema := map[string]any{"type": "string"}
	if pattern != "" {
		schema["pattern"] = pattern
	}
	return value{says: says, schema: schema, read: read}
}

func textValue(into *string) value {
	return textual("text", "", func(n yamlfile.Node) { *into = n.Text() })
}

// filledValue is a text that must not be empty.
func filledValue(into *string) value {
	v := textual("text", "", func(n yamlfile.Node) {
		text := n.Text()
		if n.IsText() && n.Scalar() == "" {
			n.Errorf("must not be empty")
		}
		if text != "" {
			*into = text
		}
	})
	v.schema["minLength"] = 1
	return v
}

// wordValue is one of a few words.
func wordValue(allowed []string, into func(string)) value {
	return value{
		says: "one of: " + strings.Join(allowed, ", "), schema: map[string]any{"enum": allowed},
		read: func(n yamlfile.Node) {
			if word := n.OneOf(allowed...); word != "" {
				into(word)
			}
		},
	}
}

// listOf is a list of values of one shape.
func listOf(item value) value {
	return value{says: "list; each item: " + item.says, item: func() value { return item }}
}

// idValue is a numeric id of GitHub's.
func idValue(into func(int64)) value {
	return value{
		says: "numeric id", schema: map[string]any{"type": "integer", "minimum": 1},
		read: func(n yamlfile.Node) {
			id := n.Int()
			if n.IsNumber() && id <= 0 {
				n.Errorf("want a numeric id above 0; `check --github` prints ids")
			}
			into(max(id, 0))
		},
	}
}

func linkValue(into func(string)) value {
	return textual("link", `^https://[^ ()<>"]*$`, func(n yamlfile.Node) {
		url := n.Text()
		if n.Exists() && !strings.HasPrefix(url, "https://") || strings.ContainsAny(url, " ()<>\"") {
			n.Errorf("want a link that begins with https:// and has no spaces or brackets")
			return
		}
		into(url)
	})
}

// pageValue is a link, or a page of the registry's own site.
func pageValue(into func(string)) value {
	link := linkValue(into)
	return textual("link, or a path of the registry's site", `^(https://|/)[^ ()<>"]*$`, func(n yamlfile.Node) {
		if path := n.Scalar(); strings.HasPrefix(path, "/") && !strings.ContainsAny(path, " ()<>\"") {
			into(path)
			return
		}
		link.read(n)
	})
}

// labelValue is the name of a label: GitHub allows 50 characters.
func labelValue(into *string) value {
	v := textual("name of a label", `^[^,]*[^,\s][^,]*$`, func(n yamlfile.Node) {
		name := strings.TrimSpace(n.Text())
		if n.Exists() && (name == "" || len([]rune(name)) > 50 || strings.Contains(name, ",")) {
			n.Errorf("a label's name has 1 to 50 characters and no comma")
		}
		*into = name
	})
	v.schema["maxLength"] = 50
	return v
}

func dateValue(into *time.Time) value {
	return textual("date, like 2026-12-01", `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, func(n yamlfile.Node) {
		t, err := time.Parse(time.DateOnly, n.Scalar())
		if err != nil {
			n.Errorf("want a date like 2026-12-01")
		}
		*into = t
	})
}

// durationValue calls into with 0 for what is no time.
func durationValue(into func(time.Duration)) value {
	return textual("time, like 7d, 2w or 36h", `^[+]?([0-9]+([.][0-9]+)?(w|d|h|m|s|ms|us|µs|ns))+$`, func(n yamlfile.Node) {
		d, err := str2duration.ParseDuration(n.Scalar())
		if err != nil || d <= 0 || d > 3650*24*time.Hour {
			n.Errorf("want a time above 0 and up to ten years, like 7d, 2w or 36h")
			d = 0
		}
		into(d)
	})
}

func workdaysValue(into *int) value {
	return textual("number of workdays, like: 3 workdays", `^0*([1-9]|[1-9][0-9]|1[0-9][0-9]|2[0-5][0-9]|260) workdays?$`, func(n yamlfile.Node) {
		number, unit, _ := strings.Cut(n.Scalar(), " ")
		days, err := strconv.Atoi(number)
		if err != nil || days < 1 || days > 260 || unit != "workdays" && unit != "workday" {
			n.Errorf("want a number of workdays, like: 3 workdays")
			return
		}
		*into = days
	})
}

// cronValue is a cron schedule. Specs that name a zone are refused (one zone
// for all), and so are those that never come: robfig/cron answers them with a
// panic or the zero time.
func cronValue(into *cron.Schedule) value {
	return textual("cron schedule of five fields, or @every with a time", `^\s*(@.+|\S+(\s+\S+){4})\s*$`, func(n yamlfile.Node) {
		spec := n.Scalar()
		if strings.Contains(spec, "TZ=") {
			n.Errorf("a schedule names no time zone: calendar.timezone is for all")
			return
		}
		s, err := cron.ParseStandard(spec)
		if err != nil {
			n.Errorf("not a cron schedule of five fields, like */15 * * * *: %v", err)
			return
		}
		if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
			n.Errorf("this schedule never comes")
			return
		}
		*into = s
	})
}

func zoneValue(into **time.Location) value {
	return textual("time zone of the IANA list", "", func(n yamlfile.Node) {
		zone, err := time.LoadLocation(n.Text())
		if err != nil || n.Text() == "Local" {
			n.Errorf("not a time zone of the IANA list, like Europe/Paris or UTC")
			return
		}
		*into = zone
	})
}

// patternValue is a regular expression for a whole name.
func patternValue(into **regexp.Regexp) value {
	return textual("regular expression (RE2) for the whole name", "", func(n yamlfile.Node) {
		pattern := n.Text()
		if _, err := regexp.Compile(pattern); err != nil {
			n.Errorf("%v", err) // says what it is about, and where
			return
		}
		re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
		if err != nil {
			n.Errorf("this regular expression is too large: %v", err)
			return
		}
		*into = re
	})
}

// phraseValue is a word or a few, as people write them.
func phraseValue(into func(string)) value {
	return value{
		says: "word or phrase", schema: map[string]any{"type": []string{"string", "number"}},
		read: func(n yamlfile.Node) {
			w := phrase(n.Scalar())
			if w == "" {
				n.Errorf("want a word or a phrase")
				return
			}
			into(w)
		},
	}
}
