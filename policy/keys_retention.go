package policy

import (
	"fmt"
	"time"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// Retention says for how long what is known of people is kept.
type Retention struct {
	Cases      time.Duration // after the end of a request, and never shorter than Clocks.Reopen
	Deliveries time.Duration // after a delivery or an effect was done
}

// The shortest times. GitHub delivers again for three days what failed, and a
// delivery that was forgotten before would be news; a requester who comes back
// within a week finds their request.
const (
	leastCases      = 7 * 24 * time.Hour
	leastDeliveries = 4 * 24 * time.Hour
)

func (l *loader) retention() value {
	r := &l.rules.Retention
	return value{keys: []key{
		{
			name: "cases", def: "90d", example: "30d",
			about: "How long after its end a request is kept as it is: at least 7d, and never shorter than `clocks.requester.reopen`. " +
				"Then its author, its account, its number and all ids in it are forgotten.",
			value: keptFor(leastCases, &r.Cases),
		},
		{
			name: "deliveries", def: "30d", example: "7d",
			about: "How long it is kept which webhooks came in and what was written to GitHub, after it was done: at least 4d, for GitHub delivers again for three days.",
			value: keptFor(leastDeliveries, &r.Deliveries),
		},
	}}
}

// keptFor is a time that is not below a least one.
func keptFor(least time.Duration, into *time.Duration) value {
	v := durationValue(func(d time.Duration) { *into = d })
	read := v.read
	v.read = func(n yamlfile.Node) {
		*into = 0
		if read(n); *into > 0 && *into < least {
			n.Errorf("want a time of at least %s", fmt.Sprintf("%dd", int(least/(24*time.Hour))))
		}
	}
	return v
}
