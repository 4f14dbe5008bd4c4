package store

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

type auditRow struct {
	bun.BaseModel `bun:"table:audit,alias:a"`

	Seq     int64  `bun:"seq,pk"`
	At      int64  `bun:"at"`
	CaseUID string `bun:"case_uid"`
	Actor   int64  `bun:"actor"`
	Action  string `bun:"action"`
	Reasons string `bun:"reasons"`
	Policy  string `bun:"policy"`
	Subject string `bun:"subject"` // keyed hash of the author's id
	Account string `bun:"account"` // keyed hash of registry and account, "" without one
	Prev    string `bun:"prev"`
	Hash    string `bun:"hash"`
}

// seal returns the hash of the row: SHA-256 over the hash before it and over
// the row as a JSON array, whose form is the same for ever.
func (r *auditRow) seal() (string, error) {
	text, err := json.Marshal([]any{
		r.Seq, r.At, r.CaseUID, r.Actor, r.Action, r.Reasons, r.Policy, r.Subject, r.Account,
	})
	if err != nil {
		return "", fmt.Errorf("encoding an audit row: %w", err)
	}
	h := sha256.New()
	h.Write([]byte(r.Prev))
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// step is a decision, with the case before and after it.
type step struct {
	before, after *caseRow
	result        bot.Result
}

// tells reports whether anything happened that the log should tell.
func (t step) tells() bool {
	return t.before.Memory != t.after.Memory || len(t.result.Decision.Effects) > 0 || t.result.Command != 0
}

// addAudit appends the row of a step.
func addAudit(ctx context.Context, tx *txn, t step) error {
	if !t.tells() {
		return nil
	}
	row, err := t.row()
	if err != nil {
		return err
	}
	return addAuditRow(ctx, tx, *row)
}

// addAuditRow appends a row: its number and hashes are given here. The update
// of the head takes the lock of the whole log.
func addAuditRow(ctx context.Context, tx *txn, row auditRow) error {
	err := tx.NewRaw(`UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash`).
		Scan(ctx, &row.Seq, &row.Prev)
	if err != nil {
		return fmt.Errorf("locking the audit log: %w", err)
	}
	if row.Hash, err = row.seal(); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(&row).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("inserting the audit row: %w", err)
	}
	if _, err := tx.NewRaw(`UPDATE audit_head SET hash = ? WHERE id = 1`, row.Hash).Exec(ctx); err != nil {
		return fmt.Errorf("updating the head of the audit log: %w", err)
	}
	return nil
}

func (t step) row() (*auditRow, error) {
	old, err := t.before.recall()
	if err != nil {
		return nil, err
	}
	m, secret := t.result.Case.Memory, t.after.Secret
	reasons, err := json.Marshal(append(mask(t.result.Decision.Reasons, secret, names(old, m)), resting(discreet(old, secret, t.after.AuthorID), discreet(m, secret, t.after.AuthorID))...))
	if err != nil {
		return nil, fmt.Errorf("encoding the reasons: %w", err)
	}
	row := &auditRow{
		At: stamp(t.result.Now), CaseUID: t.after.UID, Actor: t.actor(),
		Action:  fmt.Sprintf("%s: %s -> %s", cmp.Or(t.result.Event.Kind, "left out"), word(old.State), word(m.State)),
		Reasons: string(reasons), Policy: m.Policy,
		Subject: keyed(secret, "author", strconv.FormatInt(t.after.AuthorID, 10)),
	}
	row.Account = hiddenAccount(secret, m)
	return row, nil
}

// hiddenAccount is the keyed hash of the account that is asked for, "" without
// one.
func hiddenAccount(secret []byte, m policy.Memory) string {
	if m.Account == "" {
		return ""
	}
	return keyed(secret, "account", m.Registry, m.Account)
}

func word(s policy.State) string {
	if s == policy.None {
		return "none"
	}
	return string(s)
}

// names are the account names that may stand in reasons.
func names(memories ...policy.Memory) []string {
	var all []string
	for _, m := range memories {
		all = append(all, m.Account)
		if m.Said != nil {
			all = append(all, m.Said.Name)
		}
	}
	return all
}

// plain are the codes whose arguments are ids and words of closed sets alone:
// an account that is called like one of them hides nothing.
func plain(code string) bool {
	return slices.Contains([]string{
		"alert", "approvals-void", "attested", "confirmed", "evidence-void", "paused", "proof-void", "ready", "waiting",
	}, code)
}

// mask replaces personal arguments by keyed hashes: erasing the key erases
// what they say.
func mask(reasons []policy.Reason, secret []byte, personal []string) []policy.Reason {
	masked := make([]policy.Reason, len(reasons))
	for i, r := range reasons {
		if masked[i].Code = r.Code; plain(r.Code) {
			masked[i].Args = r.Args
			continue
		}
		for _, arg := range r.Args {
			for _, p := range personal {
				if p != "" && strings.EqualFold(arg, p) {
					arg = "hmac:" + keyed(secret, "name", strings.ToLower(p))
				}
			}
			masked[i].Args = append(masked[i].Args, arg)
		}
	}
	return masked
}

// keyed is the HMAC-SHA-256 of the parts, none of which has a NUL.
func keyed(secret []byte, parts ...string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h.Sum(nil))
}

// Timeline returns no rows for a case that is not known. Account names in
// reasons are keyed hashes; people who are not staff, and whom the case does not
// know, are hidden by numbers below 0.
func (s *Store) Timeline(ctx context.Context, key bot.CaseKey) ([]bot.AuditRow, error) {
	var rows []auditRow
	var c caseRow
	err := s.view(ctx, "reading a timeline", func(tx *txn) error {
		err := byKey(key)(tx.NewSelect().Model(&c)).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.NewSelect().Model(&rows).Where("a.case_uid = ?", c.UID).Order("a.seq").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	timeline := make([]bot.AuditRow, len(rows))
	for i := range rows {
		if timeline[i], err = rows[i].tell(); err != nil {
			return nil, err
		}
	}
	return timeline, reveal(timeline, &c)
}

// chosen is the audit row of the operator's choice about the old requests of a
// repository. It is about no case; who the operator was, nobody can know here.
func chosen(r bot.Repository, a policy.Adoption, now time.Time) (auditRow, error) {
	text, err := json.Marshal([]policy.Reason{{Code: "chosen-by-operator", Args: []string{
		strconv.FormatInt(r.ID, 10), a.Choice, strconv.Itoa(a.PerDay),
	}}})
	if err != nil {
		return auditRow{}, fmt.Errorf("encoding the reasons: %w", err)
	}
	return auditRow{
		At:      stamp(now),
		Action:  fmt.Sprintf("chosen: %s -> %s", cmp.Or(r.Adoption.Choice, "none"), a.Choice),
		Reasons: string(text),
	}, nil
}
