package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// stepView is a step of proof. It is open where it is neither done nor
// impossible.
type stepView struct {
	Kind    StepKind
	Project string // for code alone
	Mail    string // the address that our e-mail comes from
	Since   string // when it was asked for
	Done    string // when it was seen; "" while it is not
	Cannot  bool   // the requester wrote that they cannot do it
}

// forecastView is how long staff took of late.
type forecastView struct {
	Half string // "" where it is as long as Most
	Most string // nine of ten; "" where too little is known
}

// spanView is a length of time: Days, or else Hours.
type spanView struct{ Days, Hours int }

// placeWord is a place that fits better: a word that /redirect takes.
type placeWord string

const otherPlace placeWord = "other"

func placeWords() []placeWord {
	return []placeWord{"name-transfer", "appeal", "bug", "deletion", "self-service", otherPlace}
}

// span writes d in whole hours, from a day on in whole days, rounded up.
func (s *speaker) span(d time.Duration) string {
	hours := int((d + time.Hour - 1) / time.Hour)
	switch {
	case d <= 0:
		return ""
	case hours < 24:
		return s.say("span", spanView{Hours: hours})
	}
	return s.say("span", spanView{Days: (hours + 23) / 24})
}

func (s *speaker) forecast(f Forecast) forecastView {
	v := forecastView{Half: s.span(f.P50), Most: s.span(f.P90)}
	if v.Most == "" || v.Half == v.Most {
		v.Half = ""
	}
	return v
}

// setProof tells what the requester was asked to show, and what time does.
func (v *view) setProof(t Text, s *speaker) {
	for _, step := range t.Steps {
		if step.Kind != StepMail && step.Kind != StepBranch {
			continue
		}
		v.Steps = append(v.Steps, stepView{
			Kind: step.Kind, Project: ifShaped(accountShape, step.Project), Mail: v.Mail, Cannot: step.Cannot,
			Since: s.date("day", step.Since), Done: s.date("moment", step.Done),
		})
		v.StepsOpen = v.StepsOpen || step.Done.IsZero() && !step.Cannot
	}
	v.Mailed = s.date("day", t.Mailed)
	v.Ready = s.date("moment", t.Ready)
	v.Notified = s.date("day", t.Notified)
	v.Snooze = s.date("day", t.Snooze)
	v.Away = s.date("day", t.Away)
	if t.Turn == Staff { // of a hold nobody can tell how long it takes
		v.Forecast = s.forecast(t.Forecast)
	}
	v.Repeats, v.Earlier = repeated(t), earlier(t)
}

// repeated returns the number of the request that this one repeats, as GitHub
// links it, where the text may link it.
func repeated(t Text) string {
	if t.Repeats <= 0 || t.State != Duplicate || t.Name != TextStatus && t.Name != TextDuplicate {
		return ""
	}
	return "#" + strconv.Itoa(t.Repeats)
}

// setPlace tells where the requester is sent. A word that this version does not
// know is like any other place.
func (v *view) setPlace(t Text, r *Rules) {
	v.Elsewhere = otherPlace
	if word := placeWord(t.Redirect); slices.Contains(placeWords(), word) {
		v.Elsewhere = word
	}
	if t.State != Elsewhere {
		return
	}
	place := strings.TrimPrefix(r.Redirects[string(v.Elsewhere)], "mailto:")
	v.Place, v.PlaceMail = ifShaped(linkShape, place), ifShaped(mailShape, place)
}
