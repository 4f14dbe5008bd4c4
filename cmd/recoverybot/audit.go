package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/policy"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the whole audit log, and say whether anybody changed it."`
	Export auditExportCmd `cmd:"" help:"Print the audit log: who did what, when, on what evidence, under which policy."`
}

type auditVerifyCmd struct {
	Head string `env:"-" help:"A head that was noted before: the log must still hold it." placeholder:"SEQ:HASH"`
	databaseFlags
}

// Help is the long part of --help.
func (auditVerifyCmd) Help() string {
	return `Each row of the log is hashed with the row before it. A row that was changed, taken out or moved is named by its number; then the exit status is 1.

Who can write the database can also cut the log at its end, or write all of it anew, and nothing in the file tells. So note the head that is printed somewhere else (a ticket, a mail, paper), and give it next time:

  recoverybot audit verify --head 812:5f2c…`
}

var (
	notedHead = regexp.MustCompile(`\A(\d{1,18}):([0-9a-f]{64})\z`)
	dateOnly  = regexp.MustCompile(`\A\d{4}-\d{2}-\d{2}\z`)
)

// noted is the head that the flag gives, nil without one.
func (c *auditVerifyCmd) noted() (*store.Head, error) {
	if c.Head == "" {
		return nil, nil //nolint:nilnil // no head was noted, and that is no mistake
	}
	m := notedHead.FindStringSubmatch(c.Head)
	if m == nil {
		return nil, usageError{text: fmt.Sprintf("--head %q is no head: write it as verify printed it, SEQ:HASH", c.Head)}
	}
	seq, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return nil, usageError{text: fmt.Sprintf("--head %q is no head: the number is too large", c.Head)}
	}
	return &store.Head{Seq: seq, Hash: m[2]}, nil
}

// Run verifies the log; errQuiet if it is broken.
func (c *auditVerifyCmd) Run(ctx context.Context, e *env) error {
	noted, err := c.noted()
	if err != nil {
		return err
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	found, err := st.Verify(ctx, noted)
	if err != nil {
		return err
	}
	if found.Good() {
		fmt.Fprintf(e.out, "The audit log is as it was written: %s.\n", count(int(found.Rows), "row", "rows"))
		if found.Rows > 0 {
			fmt.Fprintf(e.out, "head %d:%s\n", found.Last.Seq, found.Last.Hash)
		}
		return nil
	}
	fmt.Fprintf(e.out, "THE AUDIT LOG IS BROKEN. %s good, from the first on.\n", count(int(found.Rows), "row is", "rows are"))
	if found.Broken != 0 {
		fmt.Fprintf(e.out, "row %d: ", found.Broken)
	}
	fmt.Fprintln(e.out, found.What)
	fmt.Fprintln(e.out, "Stop the bot, keep a copy of the database, and read \"The audit log\" in docs/operate.md.")
	return errQuiet
}

type auditExportCmd struct {
	Case  string `env:"-" help:"Only the rows of one request: owner/repo#N, or just N where one repository is served." placeholder:"REQUEST"`
	Since string `env:"-" help:"Only rows from this day (2026-12-01) or moment (2026-12-01T09:00:00Z) on, UTC." placeholder:"DATE"`
	Text  bool   `env:"-" help:"Print text to read instead of JSON. With --case only."`
	databaseFlags
}

// Help is the long part of --help.
func (auditExportCmd) Help() string {
	return `One JSON object in each line, one line for each row, oldest first. Staff appear by their numeric GitHub id. Everybody else is a number below 0, the same within a request, and accounts and names are keyed hashes: who may read the database can tell who that is as long as the request is kept, and nobody after that.

  recoverybot audit export --since 2026-12-01 > december.jsonl
  recoverybot audit export --case pypi/support#12 --text

Export does not check the log: run "recoverybot audit verify" before.`
}

// auditLine is a row as export prints it. Request is empty for a row that is
// about no request.
type auditLine struct {
	Seq     int64           `json:"seq"`
	At      string          `json:"at"`
	Request string          `json:"request,omitempty"`
	Case    string          `json:"case,omitempty"`
	Actor   int64           `json:"actor"`
	Action  string          `json:"action"`
	Reasons []policy.Reason `json:"reasons"`
	Policy  string          `json:"policy,omitempty"`
	Subject string          `json:"subject,omitempty"`
	Account string          `json:"account,omitempty"`
	Prev    string          `json:"prev"`
	Hash    string          `json:"hash"`
}

func newAuditLine(x store.Exported) auditLine {
	l := auditLine{
		Seq: x.Seq, At: x.At.Format(time.RFC3339Nano), Case: x.UID, Actor: x.Actor, Action: x.Action, Reasons: x.Reasons,
		Policy: x.Policy, Subject: x.Subject, Account: x.Account, Prev: x.Prev, Hash: x.Hash,
	}
	if x.Ref.Number != 0 {
		l.Request = requestOf(x.Ref)
	}
	return l
}

func requestOf(r bot.Ref) string { return fmt.Sprintf("%s/%s#%d", r.Owner, r.Name, r.Number) }

// exportSpan is what the flags ask for. The case is to be found yet.
type exportSpan struct {
	store.Span

	request request
}

func (c *auditExportCmd) span() (exportSpan, error) {
	if c.Text && c.Case == "" {
		return exportSpan{}, usageError{text: "--text needs --case: it is for reading about one request"}
	}
	var span exportSpan
	var err error
	if span.Since, err = since(c.Since); err == nil && c.Case != "" {
		span.request, err = parseRequest(c.Case)
	}
	return span, err
}

// Run prints the rows.
func (c *auditExportCmd) Run(ctx context.Context, e *env) error {
	span, err := c.span()
	if err != nil {
		return err
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	if c.Case != "" {
		found, err := span.request.find(ctx, st, c.shown())
		if err != nil {
			return err
		}
		span.Case = &found.Ref.CaseKey
		if c.Text {
			fmt.Fprintln(e.out, requestOf(found.Ref))
		}
	}
	lines := json.NewEncoder(e.out)
	lines.SetEscapeHTML(false)
	return st.Export(ctx, span.Span, func(x store.Exported) error {
		if c.Text {
			printRow(e, newAuditLine(x))
			return nil
		}
		if err := lines.Encode(newAuditLine(x)); err != nil {
			return fmt.Errorf("printing row %d: %w", x.Seq, err)
		}
		return nil
	})
}

// since reads a day or a moment; zero for "".
func since(s string) (time.Time, error) {
	layout := time.RFC3339
	switch {
	case s == "":
		return time.Time{}, nil
	case dateOnly.MatchString(s):
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return t, usageError{text: fmt.Sprintf("--since %q is no date: write 2026-12-01, or 2026-12-01T09:00:00Z", s)}
	}
	return t, nil
}

// actorName is who did something, as people read it.
func actorName(id int64) string {
	switch {
	case id == 0:
		return "the bot"
	case id < 0:
		return "not staff"
	}
	return fmt.Sprintf("user %d", id)
}

func printRow(e *env, l auditLine) {
	actor := actorName(l.Actor)
	fmt.Fprintf(e.out, "\n%d  %s  %s  %s\n", l.Seq, l.At, actor, l.Action)
	for _, r := range l.Reasons {
		fmt.Fprintf(e.out, "    %s: %s\n", r, meaning(r.Code))
	}
	if l.Policy != "" {
		fmt.Fprintf(e.out, "    policy %s\n", l.Policy)
	}
	fmt.Fprintf(e.out, "    hash %s\n", l.Hash)
}

// request is the name of a request as somebody wrote it. Owner and repository
// may be missing.
type request struct {
	text        string
	owner, name string
	number      int
}

func parseRequest(text string) (request, error) {
	m := requestName.FindStringSubmatch(text)
	if m == nil {
		return request{}, usageError{text: fmt.Sprintf("%q is not the name of a request: write owner/repo#N, or N", text)}
	}
	number, err := strconv.Atoi(m[3])
	if err != nil {
		return request{}, usageError{text: fmt.Sprintf("%q is not the name of a request: the number is too large", text)}
	}
	return request{text: text, owner: m[1], name: m[2], number: number}, nil
}

// find finds the case in the store of a database. Its error says how to name
// it.
func (r request) find(ctx context.Context, st *store.Store, database string) (bot.Case, error) {
	found, err := st.FindCase(ctx, r.owner, r.name, r.number)
	if errors.Is(err, bot.ErrNotFound) {
		return found, fmt.Errorf("the bot knows no request %s in %s: the issue is no request, was forgotten after its time or by erase, or is older than the start and was not taken over (recoverybot adopt --help)", r.text, database)
	}
	if errors.Is(err, bot.ErrSeveral) {
		return found, usageError{text: fmt.Sprintf("several repositories have a request %s: write owner/repo#%d", r.text, r.number)}
	}
	return found, err
}
