package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Effect is a change to make on GitHub. Making it twice is making it once.
// The types are closed: Comment, Desk, Labels, React, Close, Reopen, Assign and
// Mask.
type Effect interface {
	// Key names what the effect is about. Of two effects with the same
	// key, an older one that was never begun is superseded if Supersedes
	// says so.
	Key() string
	// String describes the effect for logs, without any text.
	String() string
}

// Comment writes one of our comments: Name "status" and "help" are living
// comments, edited in place; a name that begins with "notify:" is posted once.
//
// Desk says that it stands at the desk, on the issue that the Desk effect
// writes, and not where the requester reads it.
type Comment struct {
	Name string `json:"name"`
	Text Text   `json:"text"`
	Desk bool   `json:"desk,omitempty"`
}

// Desk writes the request's own issue at the desk: its title and text, edited
// in place, and whether it is open.
type Desk struct {
	Text Text `json:"text"`
	Open bool `json:"open"`
}

// Labels adds and removes labels by name.
type Labels struct {
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// React puts a reaction ("eyes", "+1", "confused") on a comment.
type React struct {
	Comment int64  `json:"comment"`
	Content string `json:"content"`
	Desk    bool   `json:"desk,omitempty"` // the comment stands at the desk
}

// Close closes the issue with GitHub's reason: "completed", "not_planned" or
// "duplicate".
type Close struct {
	Reason string `json:"reason"`
}

// Reopen opens the issue again.
type Reopen struct{}

// Assign changes who is assigned, by login.
type Assign struct {
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// Mask takes secrets out of what a person wrote. The text is read, searched and
// written when it is made: none of it is stored.
type Mask struct {
	Comment int64 `json:"comment,omitempty"` // comment id; 0: the title and body
	Repost  bool  `json:"repost,omitempty"`  // post the masked text anew and delete the comment, so that no revision keeps it
	Others  bool  `json:"others,omitempty"`  // somebody else than the requester wrote it: an offer of theirs is never posted anew

	Language string `json:"language,omitempty"` // that of the request, in which the post tells of it; "": the default
}

// Key returns "mask:" with the comment's id.
func (e Mask) Key() string { return fmt.Sprintf("mask:%d", e.Comment) }

// String says what is masked.
func (e Mask) String() string {
	if e.Comment == 0 {
		return "mask the issue"
	}
	return "mask a comment"
}

// Key returns the comment's name.
func (e Comment) Key() string { return e.Name }

// Key returns "desk".
func (e Desk) Key() string { return "desk" }

// Key returns "labels".
func (e Labels) Key() string { return "labels" }

// Key returns "react:" with the comment's id and the reaction.
func (e React) Key() string { return fmt.Sprintf("react:%d:%s", e.Comment, e.Content) }

// Key returns "close".
func (e Close) Key() string { return "close" }

// Key returns "reopen".
func (e Reopen) Key() string { return "reopen" }

// Key returns "assignees".
func (e Assign) Key() string { return "assignees" }

// String names the comment and its text.
func (e Comment) String() string { return fmt.Sprintf("comment %s: %s", e.Name, e.Text.Name) }

// String says whether the issue at the desk is to be open.
func (e Desk) String() string {
	if e.Open {
		return "desk: open"
	}
	return "desk: closed"
}

// String lists the labels.
func (e Labels) String() string { return "labels" + signed("+", e.Add) + signed("-", e.Remove) }

// String names the reaction.
func (e React) String() string { return "react " + e.Content }

// String names GitHub's reason.
func (e Close) String() string { return "close as " + e.Reason }

// String returns "reopen".
func (e Reopen) String() string { return "reopen" }

// String lists the logins.
func (e Assign) String() string { return "assign" + signed("+", e.Add) + signed("-", e.Remove) }

func signed(sign string, names []string) string {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, " %s%q", sign, n)
	}
	return b.String()
}

// Supersedes reports whether a new effect with this key makes an older one
// with the same key, that was never begun, needless. Only what describes a
// whole does: a notification or a reaction that was decided is made, and so is
// each change of assignees, which tells only a part. The issue at the desk
// must be there before what is posted on it, so each of its texts keeps its
// place.
func Supersedes(key string) bool {
	return key == "status" || key == "help" || key == "labels"
}

// AtDesk reports whether an effect is made at the desk, where the requester
// reads nothing.
func AtDesk(e Effect) bool {
	switch e := e.(type) {
	case Desk:
		return true
	case Comment:
		return e.Desk
	case React:
		return e.Desk
	}
	return false
}

// EncodeEffect returns the kind and the arguments of e, to be stored.
func EncodeEffect(e Effect) (kind string, args []byte, err error) {
	switch e.(type) {
	case Comment:
		kind = "comment"
	case Desk:
		kind = "desk"
	case Labels:
		kind = "labels"
	case React:
		kind = "react"
	case Close:
		kind = "close"
	case Reopen:
		kind = "reopen"
	case Assign:
		kind = "assign"
	case Mask:
		kind = "mask"
	default:
		return "", nil, fmt.Errorf("encoding an effect: unknown type %T", e)
	}
	args, err = json.Marshal(e)
	if err != nil {
		return "", nil, fmt.Errorf("encoding a %s effect: %w", kind, err)
	}
	return kind, args, nil
}

// DecodeEffect is the inverse of EncodeEffect.
func DecodeEffect(kind string, args []byte) (Effect, error) {
	switch kind {
	case "comment":
		return decode[Comment](kind, args)
	case "desk":
		return decode[Desk](kind, args)
	case "labels":
		return decode[Labels](kind, args)
	case "react":
		return decode[React](kind, args)
	case "close":
		return decode[Close](kind, args)
	case "reopen":
		return decode[Reopen](kind, args)
	case "assign":
		return decode[Assign](kind, args)
	case "mask":
		return decode[Mask](kind, args)
	}
	return nil, fmt.Errorf("decoding an effect: unknown kind %q", kind)
}

func decode[E Effect](kind string, args []byte) (Effect, error) {
	var e E
	if err := json.Unmarshal(args, &e); err != nil {
		return nil, fmt.Errorf("decoding a %s effect: %w", kind, err)
	}
	return e, nil
}
