package github

import (
	"encoding/json"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Payload is what a webhook tells of an issue: what the API would have
// answered then.
type Payload struct {
	Issue   *policy.Issue     // nil: it is about no issue
	Comment *bot.IssueComment // nil: it is about no comment
}

// ReadPayload reads the issue and the comment of a webhook's payload. They have
// the shape of the API's answers, but for who closed an issue;
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment
// The error is that of encoding/json: it may hold what people wrote.
func ReadPayload(raw []byte) (Payload, error) {
	var said struct {
		Repository struct {
			ID int64 `json:"id"`
		} `json:"repository"`
		Issue   *issue   `json:"issue"`
		Comment *comment `json:"comment"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return Payload{}, err //nolint:wrapcheck // callers look for the place in it
	}
	var p Payload
	if said.Issue != nil {
		i := said.Issue.value(said.Repository.ID)
		p.Issue = &i
	}
	if said.Comment != nil {
		c := said.Comment.value()
		if p.Issue != nil {
			c.Issue = p.Issue.Number
		}
		p.Comment = &c
	}
	return p, nil
}
