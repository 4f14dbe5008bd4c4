package policy

import (
	"fmt"
	"strings"
)

// The parts of a proof in words, "none" where there is nothing.

func listed(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

func stepsText(steps []Step) string {
	var all []string
	for _, s := range steps {
		text := strings.TrimSpace(string(s.Kind) + " " + s.Project)
		switch {
		case !s.Done.IsZero():
			text += " (done)"
		case s.Cannot:
			text += " (cannot)"
		}
		all = append(all, text)
	}
	return listed(all)
}

func evidenceText(evidence []Evidence) string {
	var all []string
	for _, e := range evidence {
		var by []string
		for _, a := range e.By {
			by = append(by, nameOf(a.User))
		}
		all = append(all, fmt.Sprintf("%s by %s", e.Class, strings.Join(by, " and ")))
	}
	return listed(all)
}

func approversText(approvals []Approval) string {
	var all []string
	for _, a := range approvals {
		all = append(all, nameOf(a.User))
	}
	return listed(all)
}

func noticeText(n *Notice) string {
	if n == nil {
		return "none"
	}
	text := moment(n.At)
	if n.NewAddress {
		text += " of a new address"
	}
	return text
}

func objectionsText(objections []Objection) string {
	var all []string
	for _, o := range objections {
		text := "by " + nameOf(o.By)
		if o.Mail {
			text = "by mail to " + nameOf(o.By)
		}
		if o.Closed {
			text += " (closed)"
		}
		all = append(all, text)
	}
	return listed(all)
}

func holdText(h *Hold) string {
	if h == nil {
		return "no"
	}
	text := fmt.Sprintf("%s by %s", h.Why, nameOf(h.By))
	for _, id := range h.Resumes {
		text += ", resumed by " + nameOf(id)
	}
	return text
}

func nameOf(id int64) string {
	for _, name := range []string{"ann", "hal", "ada", "eve", "sam", "pat", "bob"} {
		if whois(name).ID == id {
			return name
		}
	}
	return "nobody"
}
