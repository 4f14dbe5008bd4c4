package policy

import "slices"

// Would is what a decision would have done: a rule that it followed, or one
// effect of it. It has nothing that a user typed, and nobody's name.
type Would struct {
	Kind WouldKind
	Name string // of the rule: its reason code; of the effect: see WouldKind
}

// WouldKind is the kind of a Would.
type WouldKind string

// The kinds, with what their names are.
const (
	WouldRule   WouldKind = "rule"         // the reason code
	WouldStatus WouldKind = "status"       // empty
	WouldNotify WouldKind = "notification" // the text's name
	WouldLabel  WouldKind = "label"        // the label with + or - before it
	WouldClose  WouldKind = "close"        // GitHub's reason
	WouldReopen WouldKind = "reopen"       // empty
	WouldReact  WouldKind = "react"        // the reaction
	WouldMask   WouldKind = "mask"         // "issue" or "comment"
	WouldAssign WouldKind = "assign"       // empty
	WouldDesk   WouldKind = "desk"         // "issue", the text's name, or the reaction
)

// WouldKinds returns all kinds, in the order in which they are told.
func WouldKinds() []WouldKind {
	return []WouldKind{
		WouldRule, WouldStatus, WouldNotify, WouldLabel, WouldClose, WouldReopen,
		WouldReact, WouldMask, WouldAssign, WouldDesk,
	}
}

// Would tells what the decision would do, each thing once, in its order.
func (d Decision) Would() []Would {
	var all []Would
	add := func(k WouldKind, name string) {
		if w := (Would{k, name}); !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	for _, r := range d.Reasons {
		add(WouldRule, r.Code)
	}
	for _, e := range d.Effects {
		for _, w := range wouldOf(e) {
			add(w.Kind, w.Name)
		}
	}
	return all
}

func wouldOf(e Effect) []Would {
	if AtDesk(e) {
		return []Would{{WouldDesk, atDeskName(e)}}
	}
	switch e := e.(type) {
	case Comment:
		if e.Name == "status" {
			return []Would{{WouldStatus, ""}}
		}
		return []Would{{WouldNotify, string(e.Text.Name)}}
	case Labels:
		var all []Would
		for _, n := range e.Add {
			all = append(all, Would{WouldLabel, "+" + n})
		}
		for _, n := range e.Remove {
			all = append(all, Would{WouldLabel, "-" + n})
		}
		return all
	case React:
		return []Would{{WouldReact, e.Content}}
	case Close:
		return []Would{{WouldClose, e.Reason}}
	case Reopen:
		return []Would{{WouldReopen, ""}}
	case Assign:
		return []Would{{WouldAssign, ""}}
	case Mask:
		if e.Comment == 0 {
			return []Would{{WouldMask, "issue"}}
		}
		return []Would{{WouldMask, "comment"}}
	}
	return nil
}

func atDeskName(e Effect) string {
	switch e := e.(type) {
	case Comment:
		return string(e.Text.Name)
	case React:
		return e.Content
	}
	return "issue"
}
