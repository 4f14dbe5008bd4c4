package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// Exported is a row of the audit log with the name of its request, and all
// that its hash is made of.
type Exported struct {
	bot.AuditRow

	UID     string  // the case, by its random id; "" for a row that is about no case
	Ref     bot.Ref // the zero value where the case is not known any more
	Subject string  // keyed hash of the author's id
	Account string  // keyed hash of registry and account; "" without one
}

// Span are the rows to export.
type Span struct {
	Case  *bot.CaseKey // nil: all
	Since time.Time    // zero: from the first one
}

type exportRow struct {
	auditRow

	Repository int64  `bun:"repository"`
	Issue      int64  `bun:"issue"`
	Owner      string `bun:"owner"`
	Name       string `bun:"name"`
	Number     int    `bun:"number"`
}

// Export hands the rows of the audit log to each, oldest first, and stops at
// its first error, which it returns. A page of rows is in memory at once.
func (s *Store) Export(ctx context.Context, span Span, each func(Exported) error) error {
	return s.view(ctx, "exporting the audit log", func(tx *txn) error {
		for last := int64(0); ; {
			page, err := exportPage(ctx, tx, span, last)
			if err != nil {
				return fmt.Errorf("reading the rows after row %d: %w", last, err)
			}
			for i := range page {
				x, err := page[i].exported()
				if err != nil {
					return err
				}
				if err := each(x); err != nil {
					return err
				}
				last = x.Seq
			}
			if len(page) < pageRows {
				return nil
			}
		}
	})
}

func exportPage(ctx context.Context, tx *txn, span Span, after int64) ([]exportRow, error) {
	var page []exportRow
	q := tx.NewSelect().Model((*auditRow)(nil)).ColumnExpr("a.*").
		ColumnExpr("coalesce(c.repository, 0) AS repository, coalesce(c.issue, 0) AS issue").
		ColumnExpr("coalesce(c.owner, '') AS owner, coalesce(c.name, '') AS name, coalesce(c.number, 0) AS number").
		Join("LEFT JOIN cases AS c ON c.uid = a.case_uid").
		Where("a.seq > ?", after).Order("a.seq").Limit(pageRows)
	if span.Case != nil {
		q = q.Where("c.repository = ? AND c.issue = ?", span.Case.Repository, span.Case.Issue)
	}
	if !span.Since.IsZero() {
		q = q.Where("a.at >= ?", stamp(span.Since))
	}
	return page, q.Scan(ctx, &page)
}

func (r *exportRow) exported() (Exported, error) {
	row, err := r.tell()
	if err != nil {
		return Exported{}, err
	}
	return Exported{
		AuditRow: row, UID: r.CaseUID, Subject: r.Subject, Account: r.Account,
		Ref: bot.Ref{
			CaseKey: bot.CaseKey{Repository: r.Repository, Issue: r.Issue}, Owner: r.Owner, Name: r.Name, Number: r.Number,
		},
	}, nil
}

// tell is the row as it is shown.
func (r *auditRow) tell() (bot.AuditRow, error) {
	row := bot.AuditRow{
		Seq: r.Seq, At: moment(r.At), Actor: r.Actor, Action: r.Action, Policy: r.Policy, Prev: r.Prev, Hash: r.Hash,
	}
	if err := json.Unmarshal([]byte(r.Reasons), &row.Reasons); err != nil {
		return row, fmt.Errorf("decoding the reasons of audit row %d: %w", r.Seq, err)
	}
	return row, nil
}
