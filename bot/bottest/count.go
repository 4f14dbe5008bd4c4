package bottest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Acts counts what people did to requests: their commands, and each closing and reopening by hand. What they wrote in prose is none. A comment that is
// deleted by now counts if it is not known to be prose.
func Acts(people []string, issues ...Issue) int {
	n := 0
	for _, is := range issues {
		for _, ev := range is.Timeline {
			if !slices.Contains(people, ev.Actor) {
				continue
			}
			switch ev.Kind {
			case "closed", "reopened":
				n++
			case "commented":
				i := slices.IndexFunc(is.Comments, func(c Comment) bool { return c.ID == ev.Comment })
				if i < 0 || strings.HasPrefix(is.Comments[i].Body, "/") {
					n++
				}
			}
		}
	}
	return n
}

// NotifiedOf counts what a person was notified of an issue.
func (f *Fake) NotifiedOf(login string, is Issue) int {
	n := 0
	for _, note := range f.Notifications(login) {
		if note.Repository == is.Repository && note.Number == is.Number {
			n++
		}
	}
	return n
}

var (
	digestAsked   = regexp.MustCompile(`\$DIGEST(?:\(([a-z][a-z0-9-]*)\))?`)
	digestShown   = regexp.MustCompile("\\*\\*DIGEST:\\*\\* `([0-9a-f]{8})`")
	digestWritten = regexp.MustCompile(`\A(/approve .*)\b[0-9a-f]{8}\b`)
)

// errNoDigest means that an issue at the desk shows no digest.
var errNoDigest = errors.New("the issue at the desk shows no digest")

// filled puts the digest that people read at the desk into what they write.
func (p *People) filled(ctx context.Context, number int, s StoryStep) (StoryStep, error) {
	m := digestAsked.FindStringSubmatch(s.Text)
	if m == nil {
		return s, nil
	}
	reader := s.Who
	if m[1] != "" {
		reader = m[1]
	}
	is, err := p.DeskIssue(ctx, number, reader)
	if err != nil {
		return s, fmt.Errorf("%q: reading the digest as %s: %w", s.Line, reader, err)
	}
	shown := digestShown.FindStringSubmatch(is.Body)
	if shown == nil {
		return s, fmt.Errorf("%q: %w", s.Line, errNoDigest)
	}
	s.Text = strings.Replace(s.Text, m[0], shown[1], 1)
	return s, nil
}

// redo amends or erases a person's newest comment.
func (p *People) redo(ctx context.Context, number int, s StoryStep) error {
	is, err := p.read(ctx, number, s.Who)
	if err != nil {
		return err
	}
	for _, c := range slices.Backward(is.Comments) {
		if c.Author != s.Who {
			continue
		}
		path := fmt.Sprintf("/issues/comments/%d", c.ID)
		if s.Do == "erases" {
			return p.do(ctx, deed{s.Who, http.MethodDelete, path, nil}, nil)
		}
		return p.do(ctx, deed{s.Who, http.MethodPatch, path, object{"body": s.Text}}, nil)
	}
	return fmt.Errorf("%q: %s has written no comment", s.Line, s.Who)
}
