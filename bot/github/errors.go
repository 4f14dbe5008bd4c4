package github

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"

	"github.com/recoverybot/recoverybot/bot"
)

const (
	// GitHub: "if there is no Retry-After, wait for at least one minute".
	unsaidWait = time.Minute
	// A rate limit's window is an hour: whoever asks for more is not believed.
	maxWait = time.Hour
)

// failure maps an answer with an error to a bot.Error, and leaves everything
// behind that GitHub wrote.
func (c *Client) failure(op string, a answer) *bot.Error {
	if mint, ok := errors.AsType[*ghinstallation.HTTPError](a.err); ok && mint.Response != nil {
		return c.mintFailure(mint.Response)
	}
	if a.status() != 0 {
		return c.judge(op, a.resp.Response, a.err)
	}
	return &bot.Error{Op: op, Class: silentClass(a.err), Cause: cause(a.err)}
}

// cause tells why there was no answer, where that is the operator's to mend.
func cause(err error) string {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	dial, _ := errors.AsType[*net.OpError](err)
	switch {
	case untrusted:
		return "its certificate is not trusted"
	case errors.Is(err, errAddress):
		return errAddress.Error()
	case errors.Is(err, errProxy):
		return errProxy.Error()
	case dial != nil && dial.Op == "proxyconnect":
		return "the proxy does not answer"
	}
	return ""
}

// mintFailure maps a token that was refused. A 404 (the installation is gone)
// and a 422 (the repository is not ours any more) are Forbidden: as answers
// to the call they would say that an issue or a label is not there.
func (c *Client) mintFailure(resp *http.Response) *bot.Error {
	err := gh.CheckResponse(resp)
	_ = resp.Body.Close()
	e := c.judge("POST access token", resp, err)
	if e.Class != bot.Transient && e.Class != bot.Broken {
		e.Class = bot.Forbidden
	}
	return e
}

// judge maps a status. err tells a secondary rate limit that has no header,
// and what went wrong after a success.
func (c *Client) judge(op string, resp *http.Response, err error) *bot.Error {
	e := &bot.Error{Op: op, Status: resp.StatusCode}
	wait, limit := c.wait(resp.Header)
	if limit == "" && secondary(err) {
		wait, limit = unsaidWait, bot.LimitUnsaid
	}
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests && limit == "":
		e.Class, e.RetryAfter, e.Limit = bot.Transient, unsaidWait, bot.LimitUnsaid
	case s == http.StatusTooManyRequests, s == http.StatusForbidden && limit != "":
		e.Class, e.RetryAfter, e.Limit = bot.Transient, wait, limit
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		e.Class = bot.Forbidden
	case s >= 500, s == http.StatusRequestTimeout:
		e.Class, e.RetryAfter = bot.Transient, retryAfter(resp.Header, c.clock())
	case s == http.StatusNotFound:
		e.Class = bot.Missing
	case s == http.StatusGone, isRedirect(s):
		e.Class = bot.GoneAway
	case s >= 400:
		e.Class = bot.Invalid
	case s == http.StatusAccepted, s < 200, s >= 300:
		e.Class = bot.Broken
	default:
		e.Class = silentClass(err)
	}
	return e
}

// secondary reports whether the body of an answer names a secondary rate limit.
func secondary(err error) bool {
	if _, ok := errors.AsType[*gh.AbuseRateLimitError](err); ok {
		return true
	}
	e, ok := errors.AsType[*gh.ErrorResponse](err)
	return ok && strings.Contains(strings.ToLower(e.Message), "secondary rate limit")
}

// wait returns how long a rate limit lasts, and which one the headers tell, ""
// for none.
func (c *Client) wait(h http.Header) (time.Duration, bot.Limit) {
	if h.Get("Retry-After") != "" {
		return max(retryAfter(h, c.clock()), time.Second), bot.LimitSecondary
	}
	if h.Get("X-Ratelimit-Remaining") != "0" {
		return 0, ""
	}
	reset := resetOf(h)
	if reset.IsZero() {
		return unsaidWait, bot.LimitUnsaid
	}
	return min(max(reset.Sub(c.clock()), time.Second), maxWait), bot.LimitPrimary
}

// resetOf is when GitHub counts anew, the zero time if it does not say.
func resetOf(h http.Header) time.Time {
	reset, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(reset, 0)
}

// retryAfter reads seconds or a date; 0 where there is neither.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := h.Get("Retry-After")
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(maxWait/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(now), 0), maxWait)
	}
	return unsaidWait
}

// silentClass judges an error that no status explains: a network's error is
// Transient, an answer that can't be read is Broken.
func silentClass(err error) bot.Class {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mistyped := errors.AsType[*json.UnmarshalTypeError](err)
	_, date := errors.AsType[*time.ParseError](err)
	if syntax || mistyped || date || errors.Is(err, errTooLarge) || errors.Is(err, errElsewhere) {
		return bot.Broken
	}
	return bot.Transient
}

// exists reports whether a 422 says that the thing is there already.
func exists(err error) bool {
	e, ok := errors.AsType[*gh.ErrorResponse](err)
	return ok && slices.ContainsFunc(e.Errors, func(x gh.Error) bool { return x.Code == "already_exists" })
}

// unlessMissing returns nil for a 404: what should go is gone.
func unlessMissing(err error) error {
	if bot.ClassOf(err) == bot.Missing {
		return nil
	}
	return err
}
