package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// mailHook is where a mail system tells the bot of mails.
type mailHook struct{ address, secret string }

// subjectOf is the subject of an answer to a mail about a request.
func subjectOf(number int) string { return fmt.Sprintf("Re: your account [recovery #%d]", number) }

// tell does what a mail system does: it tells the hook the subject of a mail.
func (h mailHook) tell(ctx context.Context, subject string) error {
	news, err := json.Marshal(map[string]string{"subject": subject})
	if err != nil {
		return fmt.Errorf("writing the news of a mail: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address+"/hooks/mail", strings.NewReader(string(news)))
	if err != nil {
		return fmt.Errorf("telling of a mail: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+h.secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("telling of a mail: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // only its status is read
	if res.StatusCode != http.StatusAccepted {
		return fmt.Errorf("telling of a mail: status %d", res.StatusCode)
	}
	return nil
}
