package bottest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrNoDesk means that a request has no issue at the desk that a person can see.
var ErrNoDesk = errors.New("there is no issue at the desk")

// atDesk are the same people in the repository of the desk.
func (p *People) atDesk() (*People, error) {
	owner, name, ok := strings.Cut(p.Desk, "/")
	if !ok {
		return nil, ErrNoDesk
	}
	return &People{URL: p.URL, Owner: owner, Name: name, Client: p.Client}, nil
}

// deskNumber is the number of the newest issue at the desk whose title names the request, as who sees the desk.
func (p *People) deskNumber(ctx context.Context, number int, who string) (int, error) {
	var found []struct {
		Number int    `json:"number"`
		Title  string `json:"title"`
	}
	if err := p.do(ctx, deed{who, http.MethodGet, "/issues?state=all&per_page=100", nil}, &found); err != nil {
		return 0, err
	}
	for _, is := range found {
		if strings.Contains(is.Title+" ", fmt.Sprintf("#%d: ", number)) {
			return is.Number, nil
		}
	}
	return 0, ErrNoDesk
}

// actAtDesk does a step on the request's issue at the desk.
func (p *People) actAtDesk(ctx context.Context, number int, s StoryStep) error {
	desk, err := p.atDesk()
	if err != nil {
		return err
	}
	there, err := desk.deskNumber(ctx, number, s.Who)
	if err != nil {
		return fmt.Errorf("%q: %w", s.Line, err)
	}
	s.Desk = false
	_, err = desk.Act(ctx, there, s)
	return err
}

// DeskIssue reads the request's issue at the desk with its comments and their reactions, as one of those who can see it. ErrNoDesk if there is none.
func (p *People) DeskIssue(ctx context.Context, number int, who string) (Issue, error) {
	desk, err := p.atDesk()
	if err != nil {
		return Issue{}, err
	}
	there, err := desk.deskNumber(ctx, number, who)
	if err != nil {
		return Issue{}, err
	}
	return desk.read(ctx, there, who)
}
