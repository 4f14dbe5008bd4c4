package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
)

// desks finds the desks of cases, and reads each repository once.
type desks struct {
	db    bun.IDB
	known map[int64]bot.Repository
}

func newDesks(db bun.IDB) desks { return desks{db: db, known: map[int64]bot.Repository{}} }

func (d desks) repository(ctx context.Context, id int64) (bot.Repository, error) {
	if r, ok := d.known[id]; ok || id == 0 {
		return r, nil
	}
	r, err := loadRepository(ctx, d.db, id)
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		return r, fmt.Errorf("reading a desk: %w", err)
	}
	d.known[id] = r
	return r, nil
}

// of returns the issue of a case at the desk that its repository has now, and
// whether everybody can read that desk. An issue at a desk that it had before
// is none.
func (d desks) of(ctx context.Context, c *caseRow) (at bot.Ref, public bool, err error) {
	id, err := d.seat(ctx, c)
	if err != nil || id == 0 {
		return bot.Ref{}, false, err
	}
	desk, err := d.repository(ctx, id)
	if err != nil || desk.ID == 0 {
		return bot.Ref{}, false, err
	}
	at = bot.Ref{
		CaseKey: bot.CaseKey{Repository: desk.ID}, Installation: desk.Installation, Owner: desk.Owner, Name: desk.Name,
	}
	if c.DeskRepository == desk.ID {
		at.Issue, at.Number = c.DeskIssue, c.DeskNumber
	}
	return at, !desk.Private, nil
}

// seat returns the repository that is the desk of a case, 0 where there is
// none. A digest's is the repository itself, as long as it is a desk.
func (d desks) seat(ctx context.Context, c *caseRow) (int64, error) {
	if c.Issue != digestIssue {
		served, err := d.repository(ctx, c.Repository)
		return served.Desk, err
	}
	serves, err := d.db.NewSelect().Table("repository").Where("desk = ?", c.Repository).Exists(ctx)
	if err != nil || !serves {
		return 0, err
	}
	return c.Repository, nil
}

// keepDesk remembers what was written at the desk: the issue, or a comment.
func keepDesk(ctx context.Context, tx *txn, row *outboxRow, m bot.Made) error {
	if m.Desk.Issue == 0 {
		return keepComment(ctx, tx, row, m)
	}
	reposts := 0
	if m.Reposted {
		reposts = 1
	}
	_, err := tx.NewUpdate().Table("cases").
		Set("desk_reposts = CASE WHEN desk_repository = ? THEN desk_reposts + ? ELSE 0 END", m.Desk.Repository, reposts).
		Set("desk_repository = ?, desk_issue = ?, desk_number = ?", m.Desk.Repository, m.Desk.Issue, m.Desk.Number).
		Where("id = ?", row.CaseID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing the issue at the desk: %w", err)
	}
	return nil
}

// moveDesk lets what is open for a desk follow it to its installation, where
// somebody drains it. The repository's lock is held: no decision adds to it.
func (s *Store) moveDesk(ctx context.Context, tx *txn, r bot.Repository) error {
	astray := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("desk AND done_at = 0 AND installation <> ?", r.Installation).
			Where("case_id IN (SELECT c.id FROM cases AS c JOIN repository AS s ON s.id = c.repository WHERE s.desk = ? OR s.id = ? AND c.issue = ?)",
				r.ID, r.ID, digestIssue)
	}
	var ids []int64
	err := tx.NewSelect().Table("outbox").Distinct().Column("installation").ApplyQueryBuilder(astray).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("reading the effects at the desk: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	if err := lockInstallations(ctx, tx, append(ids, r.Installation)); err != nil {
		return err
	}
	res, err := tx.NewUpdate().Table("outbox").Set("installation = ?", r.Installation).ApplyQueryBuilder(astray).Exec(ctx)
	if err != nil {
		return fmt.Errorf("moving effects at the desk to another installation: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.wake(ctx, tx, drainArgs{Installation: r.Installation})
}

// wakeDrains wakes every installation that a case has open effects for: the
// desk's may be another.
func (s *Store) wakeDrains(ctx context.Context, tx *txn, caseID int64) error {
	var ids []int64
	err := tx.NewSelect().Table("outbox").Distinct().Column("installation").
		Where("case_id = ? AND done_at = 0", caseID).Order("installation").Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("reading the installations of a case: %w", err)
	}
	jobs := make([]river.InsertManyParams, 0, len(ids))
	for _, id := range ids {
		jobs = append(jobs, river.InsertManyParams{Args: drainArgs{Installation: id}})
	}
	return s.wakeAll(ctx, tx, jobs)
}
