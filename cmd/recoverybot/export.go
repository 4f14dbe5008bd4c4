package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/policy"
)

type exportCmd struct {
	Author int64  `arg:"" name:"author-id" help:"The person's numeric GitHub id: gh api users/LOGIN --jq .id" placeholder:"ID"`
	Output string `env:"-" help:"Write into a new file that nobody else can read, not to standard output." placeholder:"FILE"`
	pseudonymFlags
	databaseFlags
}

// Help is the long part of --help.
func (exportCmd) Help() string {
	return `Prints everything that the bot keeps about one person as JSON: to answer somebody who asks for their data. Other people do not stand in it by their ids. It changes nothing. Exit status 1 also where there are pseudonyms and no key to look through them: then it is not all.

  recoverybot export 1234567 --output person.json --pseudonym-key-file pseudonym.key`
}

// exported is what the bot keeps about a person.
type exported struct {
	User          int64              `json:"user"`
	At            time.Time          `json:"at"`
	Requests      []exportedRequest  `json:"requests"`
	Pseudonymised []exportedRequest  `json:"pseudonymised"`
	Mentions      []exportedMention  `json:"in_requests_of_others"`
	Deliveries    []exportedDelivery `json:"deliveries_in_requests_of_others"`
	LogRows       int64              `json:"rows_of_the_audit_log_with_this_id"`
	NotSearched   int64              `json:"pseudonymised_requests_not_searched,omitempty"`
}

type exportedRequest struct {
	Request    string             `json:"request,omitempty"`
	State      string             `json:"state"`
	Kind       policy.Kind        `json:"kind,omitempty"`
	Marks      []policy.Kind      `json:"marks,omitempty"`
	Flags      []policy.Flag      `json:"flags,omitempty"`
	Language   string             `json:"language,omitempty"`
	Registry   string             `json:"registry,omitempty"`
	Account    string             `json:"account,omitempty"`
	Said       string             `json:"account_by_command,omitempty"`
	NotTicked  []string           `json:"not_ticked,omitempty"`
	Since      time.Time          `json:"since,omitzero"`
	Queued     time.Time          `json:"queued,omitzero"`
	Ended      time.Time          `json:"ended,omitzero"`
	Reopened   int                `json:"reopened,omitempty"`
	Denials    int                `json:"denials,omitempty"`
	Evidence   []policy.Class     `json:"evidence,omitempty"`
	Commands   []exportedCommand  `json:"commands,omitempty"`
	Deliveries []exportedDelivery `json:"deliveries,omitempty"`
	Timeline   []exportedStep     `json:"timeline,omitempty"`
}

type exportedCommand struct {
	Comment int64     `json:"comment"`
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
}

type exportedDelivery struct {
	Event  string    `json:"event"`
	Action string    `json:"action"`
	Object int64     `json:"object"`
	At     time.Time `json:"at"`
}

type exportedStep struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Action  string    `json:"action"`
	Reasons []string  `json:"reasons,omitempty"`
}

type exportedMention struct {
	Request string    `json:"request"`
	What    string    `json:"what"`
	At      time.Time `json:"at,omitzero"`
	Comment int64     `json:"comment,omitempty"`
}

// Run prints what is kept about a person.
func (c *exportCmd) Run(ctx context.Context, e *env) error {
	if c.Author <= 0 {
		return usageError{text: "the id of a person is a number above 0"}
	}
	st, err := personStore(ctx, e, c.databaseFlags, c.pseudonymFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	h, err := st.Holdings(ctx, c.Author)
	if err != nil {
		return err
	}
	x, partial := newExported(c.Author, e.now(), h), c.unsearched(h)
	if partial != nil {
		x.NotSearched = h.Hidden
	}
	if c.Output == "" {
		return cmp.Or(printJSON(e.out, x), partial)
	}
	var text bytes.Buffer
	if err := printJSON(&text, x); err != nil {
		return err
	}
	return cmp.Or(c.write(text.Bytes()), partial)
}

func (c *exportCmd) write(text []byte) error {
	f, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%w\nIt was left alone. Name a new file", err)
	}
	if err != nil {
		return fmt.Errorf("making the file of the export: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

func newExported(user int64, now time.Time, h store.Holdings) exported {
	x := exported{
		User: user, At: now.UTC(), LogRows: h.LogRows, Deliveries: exportedDeliveries(h.Elsewhere),
		Requests: []exportedRequest{}, Pseudonymised: []exportedRequest{}, Mentions: []exportedMention{},
	}
	for _, r := range h.Requests {
		x.Requests = append(x.Requests, newExportedRequest(user, r))
	}
	for _, m := range h.Pseudonymised {
		x.Pseudonymised = append(x.Pseudonymised, factsOf(m))
	}
	for _, m := range h.Mentions {
		x.Mentions = append(x.Mentions, exportedMention{Request: requestOf(m.Request), What: m.What, At: m.At, Comment: m.Comment})
	}
	return x
}

// factsOf is what a memory says of the request, and of nobody else.
func factsOf(m policy.Memory) exportedRequest {
	r := exportedRequest{
		State: string(m.State), Kind: m.Kind, Marks: m.Marks, Flags: m.Flags, Language: m.Language,
		Registry: m.Registry, Account: m.Account, NotTicked: m.Boxes, Since: m.Since, Queued: m.Queued, Ended: m.Ended,
		Reopened: m.Reopened, Denials: m.Denials,
	}
	if m.State == policy.None {
		r.State = "no request"
	}
	if m.Said != nil {
		r.Said = m.Said.Name
	}
	for _, e := range m.Evidence {
		r.Evidence = append(r.Evidence, e.Class)
	}
	return r
}

func newExportedRequest(user int64, h store.Held) exportedRequest {
	r := factsOf(h.Memory)
	r.Request, r.Deliveries = requestOf(h.Ref), exportedDeliveries(h.Deliveries)
	for _, c := range h.Commands {
		r.Commands = append(r.Commands, exportedCommand(c))
	}
	for _, row := range h.Timeline {
		r.Timeline = append(r.Timeline, newExportedStep(user, row))
	}
	return r
}

// newExportedStep tells what happened, and of other people only what they are.
func newExportedStep(user int64, row bot.AuditRow) exportedStep {
	s := exportedStep{At: row.At, Action: row.Action, By: "staff"}
	switch {
	case row.Actor == user:
		s.By = "this person"
	case row.Actor == 0:
		s.By = "the bot"
	case row.Actor < 0:
		s.By = "somebody else"
	}
	for _, r := range row.Reasons {
		s.Reasons = append(s.Reasons, r.Code)
	}
	return s
}

func exportedDeliveries(all []store.Arrived) []exportedDelivery {
	list := []exportedDelivery{}
	for _, a := range all {
		list = append(list, exportedDelivery{Event: a.Event, Action: a.Action, Object: a.Object, At: a.At})
	}
	return list
}
